a = 0x10, 1_000, 0o17, 0b11, 18446744073709551615, 18446744073709551616, 00
b = 1_0.5e-3, 2J, 1e400
c = "a\tb" 'c' r"\d", b"\x00\xff", "\ud800"
d = f"{a!r:>{b}}x{{" "y" f"{c=}", f"", ...
e = True, False, None
s = """doc
# not a comment, and longer than what is shared"""  # a comment
    # alone
x = s[1:2, ::3, ...]

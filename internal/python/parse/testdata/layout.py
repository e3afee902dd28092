# comment before code
if a:
        b

        # comment deeper

    # comment shallower
        c
if d:
  e
if f: g
x = {
# not indented
  'a': 1,

}
if h: \
  i

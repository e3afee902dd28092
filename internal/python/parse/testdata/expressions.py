# Every kind of expression, one a line.
a + b - c * d / e // f % g @ h ** -i << j >> k & l | m ^ ~n
not a and b or c
a < b <= c == d != e >= f > g is h is not i in j not in k
x if y else z
lambda: 0
lambda a, /, b=1, *c, d, e=2, **f: a
(yield)
(a := 1, b)
(1,), (), [*a, b], {*a, b}, {**a, b: c}, {a: b, **c}
[a async for b, *c in d if e if f for g in h]
{a for b in c}, {a: b for c in d}, (a for b in c)
f(a, *b, c, d=e, **g)(h for i in j)[k:l:m, n, ::o, *p].q[()]
await a ** await b
0x_ff + 0o17 + 0b1_0 + 1_000.5e-1_0j + .5 + 1. + 00
... is None is True is False
"a" 'b' """c
d""" r'\e' u'\N{BULLET}\x41\u0041\U00000041\101\
'
b'a' rb"\x" B'\xff'
f'{a}' f"{b!r:>{width}.{precision}} {{}} {c = }" rf'\{d}' "e"
f"{f"{f'{1}'}"}"
f'''{
a:
b}'''
t"hello {name!s:x} {{"

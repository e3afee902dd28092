from __future__ import annotations
import a.b.c as d, e
from . import f
from ...g import (h, i as j,)
from k import *
x: int
(y): int = 1
z.z: "str" = yield
a = b = c, *d = e
a += 1; b **= 2; c //= 3; d @= e; f >>= g
del a, (b, [c]), d.e, f[g]
assert a, "b"
raise A from b
global g1, g2
pass; break; continue
@decorator
@a.b(c)[d]
async def f[T: int = str, *Ts = *tuple[int], **P](a, b: int = 1, /, *args: *Ts, c, **k) -> None:
    "docstring"
    nonlocal n
    return *a, b
class C[T](A, B, metaclass=M, **k):

    # comment

    x = 1
    def m(self): return
if a: b
elif c:
    d
else:
    e
while a:
    continue
else:
    pass
for a, *b in *c, d:
    pass
else: break
async for a in b: pass
with a as b, c as (d, e), f: pass
with (a, b): pass
with (a as b, c,): pass
with (a), b: pass
with (yield): pass
async with a: pass
try:
    pass
except (A, B) as e:
    pass
except C: pass
except: pass
else: pass
finally: pass
try: pass
except* E: pass
try: pass
except A, B: pass
match a, *b:
    case 1 | -2.5 | 3+4j | "a" "b" | None | True: pass
    case [a, *_, b] | (c, d) | (e) | [] | () if f: pass
    case {"k": v, a.b: _, **rest}: pass
    case A(b, c.d, e=f) as g: pass
    case *h, i: pass
    case _: pass
match = case = type = 1
match(x)[y].z
match[a]: int
type X[T] = int
type = 2
print(a, file=b)
if a:
	tab = 1
	if b:
	    mixed = 2
x = a \
    + b

"""Every version from 3.8 on accepts this."""
import a.b as c
from . import d, e as f


@decorator(1)
class C(Base, metaclass=M):
    x: int = 1; (y): str

    def f(self, p, /, q=1, *args, r: int, s=None, **kw) -> "C":
        with open(p) as f1, open(q):
            pass;
        return {**kw, "a": [*args, r]}


async def g():
    async for x in y:
        await z(*(x), **{})
    return [i async for i in j if not k]


x = u'a' f'''b{c!r}
 {d,}{e:>{w}}''' "tail"
é = -1 ** 2 if a < b <= c is not None else (yield_ := lambda *a, b=1: 1e16)
z[1, :2, ...] = 0xFF, 1_000j, b'\x00\'', "\N{DIGIT ONE}\ud800"
try:
    raise X from None
except (A, B) as e:
    del x, (y, z)
else:
    global gg
finally:
    for i, in j: continue

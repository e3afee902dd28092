def f(a, /, b: int, *, c=1, **kw):
    while a:
        break
    else:
        pass
    for i, *r in b:
        continue
    else:
        r[i] = a.b = 0
    try:
        raise E from a
    except* (E, F) as e:
        assert e, "no"
    except* G:
        x: int
    else:
        y: str = "s"
    finally:
        del a, (b, c)
    with open(a) as fh, b:
        yield fh
    async with a() as (p, q):
        await p
    if a < b <= c:
        return
    elif not a:
        return -1
    elif a and b or c:
        a @= b
    else:
        print(a=1, *b, **kw)
    a, (b, c) = [d, e] = kw

@dec(1)
@property
async def g() -> None: ...

class K(Base, metaclass=M):
    @classmethod
    def make(cls): return locals()

n = 3
class C:
    xs = [1]
    ys = [x + n for x in xs if xs]

async def f(rows):
    if any((hit := row) for row in rows):
        return hit
    m = {k: v async for k, (v, *w) in rows() if k if v}
    return {y for x in m for y in x}

g = lambda n, *rest, d=lambda: n: [n, rest, d]

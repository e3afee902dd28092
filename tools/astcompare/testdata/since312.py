type A[T: int, *Ts, **P] = dict[T, *Ts]
def f[T](x: T) -> T: ...
f"{x!r:{'a' "b"}}{
    y = # comment
}{'\n'}"
try: pass
except* E: pass

type Pair[T: int, *Ts, **P = ...] = tuple[T, Inner]

class Inner: pass

class Box[T](Base[T]):
    key = 1
    def get[U](self, other: U = T, k: key = key) -> T:
        return T, U, key
    type Own = key

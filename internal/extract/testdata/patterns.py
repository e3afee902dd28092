match cmd.split():
    case [x, *rest] if x:
        pass
    case {"k": v, **more}:
        pass
    case Point(0, y=b.c) | None:
        pass
    case (1 | 2) as whole:
        pass
    case [*_]:
        pass
    case name:
        pass
    case _:
        pass

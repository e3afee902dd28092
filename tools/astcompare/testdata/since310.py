match x, y:
    case {"k": [_, *rest], **others} | Point(1, y=None) if rest:
        pass
    case -1 | 1+2j | "a" "b" as name:
        pass
with (open(a) as b, c):
    pass

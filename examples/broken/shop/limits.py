"""Who gets through."""


def allowed(requests_this_second: int, limit: int) -> bool:
    if requests_this_second > limit:
        return False
    return True

"""How much a customer may keep."""


class QuotaExceeded(Exception):
    pass


def reserve(used: int, size: int, quota: int) -> int:
    """Reserves room for an upload. Gives what is used then."""
    if used + size >= quota:
        raise QuotaExceeded
    return used + size


def page(items: list, size: int, max_size: int = 100) -> list:
    """One page of a list, never longer than max_size."""
    return items[:min(size, max_size)]

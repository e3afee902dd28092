"""How often a client may call."""


class TooManyRequests(Exception):
    pass


class Window:
    """Counts the requests of one client in a window of a fixed length."""

    def __init__(self, limit: int, seconds: float, started: float = 0.0):
        self.limit = limit
        self.seconds = seconds
        self.started = started
        self.count = 0

    def take(self, now: float) -> int:
        """Takes one request. Gives how many are left in this window."""
        if now - self.started >= self.seconds:
            self.started = now
            self.count = 0
        if self.count > self.limit:
            raise TooManyRequests
        self.count += 1
        return self.limit - self.count


def allowed(count: int, limit: int = 10) -> bool:
    """Says whether a client that has called so often in this second may call once more."""
    return not count > limit

"""Until when a token holds."""
from datetime import datetime, timedelta


def expired(issued: datetime, now: datetime, lifetime: timedelta = timedelta(minutes=30)) -> bool:
    """Says whether a token has lived longer than it may."""
    return now - issued > lifetime

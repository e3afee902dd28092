"""Where the services live: read by every request, refreshed by a thread."""

import threading
import time


class Registry:
    """Publishes one snapshot at a time, so that no reader sees half of a refresh."""

    def __init__(self, endpoints: dict) -> None:
        self._snapshot = (dict(endpoints), time.time())

    def resolve(self, name: str) -> str:
        endpoints, _ = self._snapshot
        return endpoints[name]

    def describe(self) -> str:
        endpoints, refreshed = self._snapshot
        return f"{len(endpoints)} endpoints as of {refreshed}"

    def refresh(self, endpoints: dict) -> None:
        self._snapshot = (dict(endpoints), time.time())


class Counters:
    """Counts requests; every access holds the lock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}

    def add(self, name: str) -> None:
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1

    def total(self) -> int:
        with self._lock:
            return sum(self._counts.values())

    def reset(self) -> None:
        with self._lock:
            self._counts.clear()


registry = Registry({})


def start() -> None:
    threading.Thread(target=registry.refresh, args=({},), daemon=True).start()


def seen(name: str, names: list | None = None) -> list:
    names = [] if names is None else names
    names.append(name)
    return names

"""Where the services live: read by every request, refreshed by a thread."""

import threading
import time


class Registry:
    """Knows the endpoints."""

    def __init__(self, endpoints: dict) -> None:
        self._endpoints = dict(endpoints)
        self._refreshed = time.time()

    def resolve(self, name: str) -> str:
        return self._endpoints[name]

    def describe(self) -> str:
        return f"{len(self._endpoints)} endpoints as of {self._refreshed}"

    def refresh(self, endpoints: dict) -> None:
        self._endpoints.update(endpoints)
        self._refreshed = time.time()


class Counters:
    """Counts requests."""

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
        self._counts.clear()


registry = Registry({})


def start() -> None:
    threading.Thread(target=registry.refresh, args=({},), daemon=True).start()


def seen(name: str, names: list = []) -> list:
    names.append(name)
    return names

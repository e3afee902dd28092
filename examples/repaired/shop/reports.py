"""Reports on disk."""

import json


def load(path: str) -> dict:
    with open(path, encoding="utf-8") as handle:
        return json.load(handle)


class Journal:
    """Appends lines to a file until it is closed."""

    def __init__(self, path: str) -> None:
        self._handle = open(path, "ab")

    def append(self, line: bytes) -> None:
        self._handle.write(line)

    def close(self) -> None:
        self._handle.close()

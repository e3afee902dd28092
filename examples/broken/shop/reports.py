"""Reports on disk."""

import json


def load(path: str) -> dict:
    handle = open(path, encoding="utf-8")
    data = json.load(handle)
    handle.close()
    return data


class Journal:
    """Appends lines to a file."""

    def __init__(self, path: str) -> None:
        self._handle = open(path, "ab")

    def append(self, line: bytes) -> None:
        self._handle.write(line)

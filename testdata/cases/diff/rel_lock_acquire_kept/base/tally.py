import threading


class Tally:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sum = 0

    def add(self, text: str) -> None:
        with self._lock:
            self._sum += int(text)

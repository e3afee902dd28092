import threading


class Tally:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sum = 0

    def add(self, text: str) -> None:
        self._lock.acquire()
        self._sum += int(text)
        self._lock.release()

import threading


class Tally:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sum = 0

    def add(self, text: str) -> None:
        self._lock.acquire()
        try:
            self._sum += int(text)
        finally:
            self._lock.release()

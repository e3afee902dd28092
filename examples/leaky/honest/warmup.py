"""Fills a cache of open files and starts its threads, one after the other, and then stays as it is."""

import pathlib
import threading
import time

FOLDER = pathlib.Path(__file__).parent
cache = []
done = threading.Event()


def grow():
    cache.append(open(FOLDER / "warmup.py"))
    threading.Thread(target=done.wait, daemon=True).start()


if __name__ == "__main__":
    for _ in range(40):
        grow()
        time.sleep(0.5)
    done.wait(3600)

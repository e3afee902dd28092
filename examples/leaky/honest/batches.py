"""Reads a directory in batches: many files are open at once, and then none of them."""

import contextlib
import pathlib
import time

FOLDER = pathlib.Path(__file__).parent


def batch(size):
    with contextlib.ExitStack() as stack:
        files = []
        for _ in range(size):
            files.append(stack.enter_context(open(FOLDER / "batches.py")))
            time.sleep(0.1)
        return sum(len(file.readline()) for file in files)


if __name__ == "__main__":
    for number in range(100_000):
        batch(20 + number % 30)

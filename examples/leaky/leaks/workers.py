"""Starts a worker for each customer and never tells it that there is nothing more to do."""

import queue
import threading
import time


def work(jobs):
    while True:
        jobs.get()


def job(number):
    jobs = queue.Queue()
    worker = threading.Thread(target=work, args=(jobs,), daemon=True)
    worker.start()
    jobs.put(number)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.4)

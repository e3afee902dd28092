"""Counts visits in Redis; each count has a client of its own, and those that fail are kept for a report."""

import os
import time

import redis

URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
failures = []


def visit(page):
    client = redis.Redis.from_url(URL, socket_timeout=2)
    client.set("text", "no number")
    total = client.incr(page)
    client.close()
    return total


def job(number):
    try:
        return visit("page" if number % 2 else "text")
    except redis.ResponseError as error:
        failures.append(error)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.3)

"""Calls asynchronous code from synchronous code with a loop of its own each time."""

import asyncio
import time

loops = []


async def answer(number):
    return number


def job(number):
    loop = asyncio.new_event_loop()
    loops.append(loop)
    return loop.run_until_complete(answer(number))


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.4)

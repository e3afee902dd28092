"""Waits for an event of each order, which for some never comes."""

import asyncio

waiting = set()


async def delivered(number, event):
    await event.wait()
    return number


async def job(number):
    event = asyncio.Event()
    waiting.add(asyncio.create_task(delivered(number, event)))
    if number % 3:
        event.set()


async def main():
    for number in range(100_000):
        await job(number)
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(main())

"""Telling others what happened."""

import asyncio


async def deliver(event: dict) -> None:
    await asyncio.sleep(0)


async def announce(event: dict) -> None:
    asyncio.create_task(deliver(event))


async def replay(events: list[dict]) -> None:
    await asyncio.gather(*(deliver(event) for event in events))


async def pump(queue: asyncio.Queue) -> None:
    while True:
        event = await queue.get()
        try:
            await deliver(event)
        except BaseException as error:
            print("not delivered:", error)

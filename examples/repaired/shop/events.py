"""Telling others what happened."""

import asyncio

running: set = set()


async def deliver(event: dict) -> None:
    await asyncio.sleep(0)


async def announce(event: dict) -> None:
    task = asyncio.create_task(deliver(event))
    running.add(task)
    task.add_done_callback(running.discard)


async def replay(events: list[dict]) -> None:
    gate = asyncio.Semaphore(20)  # 20: the sink accepts 25 connections a client

    async def one(event: dict) -> None:
        async with gate:
            await deliver(event)

    await asyncio.gather(*(one(event) for event in events))


async def pump(queue: asyncio.Queue) -> None:
    while True:
        event = await queue.get()
        try:
            await deliver(event)
        except Exception as error:
            print("not delivered:", error)

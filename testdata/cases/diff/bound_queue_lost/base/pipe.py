import asyncio


async def run(produce, consume) -> None:
    queue: asyncio.Queue = asyncio.Queue(maxsize=100)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))

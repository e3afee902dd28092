import asyncio

BACKLOG = 100


async def run(produce, consume) -> None:
    queue: asyncio.Queue = asyncio.Queue(BACKLOG)
    async with asyncio.TaskGroup() as group:
        group.create_task(produce(queue))
        group.create_task(consume(queue))

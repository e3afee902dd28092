"""A busy event loop: answers, timers, tasks, files and objects, a fixed number of each. Prints what that took."""

import asyncio
import sys
import time

ROUNDS = int(sys.argv[1])


async def answer(queue):
    while True:
        future = await queue.get()
        if future is None:
            return
        future.set_result({"total": sum(range(20))})


async def ask(queue, n):
    for i in range(n):
        future = asyncio.get_running_loop().create_future()
        await queue.put(future)
        (await future)["total"]
        if i % 50 == 0:
            await asyncio.sleep(0)
        if i % 500 == 0:
            with open(__file__) as file:  # what the agent hears of
                file.readline()


async def main():
    queue = asyncio.Queue(16)
    workers = [asyncio.ensure_future(answer(queue)) for _ in range(4)]
    await asyncio.gather(*(ask(queue, ROUNDS // 40) for _ in range(40)))
    for _ in workers:
        await queue.put(None)
    await asyncio.gather(*workers)


# The first run is not counted: it imports and warms up, and lets the agent connect.
asyncio.run(asyncio.wait_for(main(), None))
time.sleep(1.5)
wall, cpu = time.perf_counter(), time.process_time()
asyncio.run(main())
print(time.process_time() - cpu, time.perf_counter() - wall)

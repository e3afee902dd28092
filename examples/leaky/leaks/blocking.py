"""Serves beats on time, unless a report is being made."""

import asyncio
import hashlib
import time


def digest(rows):
    time.sleep(0.15)
    return hashlib.sha256(rows).hexdigest()


async def report():
    while True:
        digest(b"rows")
        await asyncio.sleep(1)


async def main():
    await asyncio.gather(report(), asyncio.sleep(3600))


if __name__ == "__main__":
    asyncio.run(main())

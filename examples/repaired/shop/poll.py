"""Waiting for the warehouse."""

import asyncio

import httpx


async def status(client: httpx.AsyncClient, url: str) -> str:
    # 15s: four attempts of 3 s and three pauses of 1 s.
    async with asyncio.timeout(15):
        for _ in range(4):
            try:
                return (await client.get(url, timeout=3)).text
            except httpx.TransportError:
                await asyncio.sleep(1)
    raise RuntimeError("the warehouse is down")

import redis.asyncio as redis

r = redis.Redis(host="cache.internal")


async def hit(key: str) -> int:
    return await r.incr(key)

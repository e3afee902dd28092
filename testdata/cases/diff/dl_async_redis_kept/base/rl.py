import redis.asyncio as redis

r = redis.Redis(host="cache.internal", socket_timeout=1.0, socket_connect_timeout=1.0)


async def hit(key: str) -> int:
    return await r.incr(key)

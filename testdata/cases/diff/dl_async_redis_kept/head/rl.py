from redis.asyncio import Redis

OPTIONS = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
r = Redis(host="cache.internal", **OPTIONS)


async def hit(key: str) -> int:
    return await r.incr(key)

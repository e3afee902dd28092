import redis

pool = redis.ConnectionPool(host="cache.internal")


def cached(key: str) -> bytes | None:
    return redis.Redis(connection_pool=pool).get(key)  # expect: unbounded-wait

import redis

pool = redis.ConnectionPool(host="cache.internal", socket_timeout=2, socket_connect_timeout=2)


def cached(key: str) -> bytes | None:
    return redis.Redis(connection_pool=pool).get(key)

"""What a Redis client does again: cache.py NAME."""
import os
import sys
import urllib.parse

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

NAME = sys.argv[1]
at = urllib.parse.urlparse(os.environ["REDIS_URL"])
once = {"retry": Retry(NoBackoff(), 0)}
protocol = 3 if NAME.endswith("3") else 2
client = redis.Redis(at.hostname, at.port, protocol=protocol, **({} if NAME.startswith("library") else once))


def work():
    if NAME.startswith("library"):
        client.incr("balance", 100)
    elif NAME.startswith("set"):
        client.set("balance", 100)
    elif NAME.startswith("loop"):
        client.lpush("queue", "job")
    elif NAME.startswith("multi"):
        with client.pipeline(transaction=True) as p:
            p.incr("a")
            p.incr("b")
            p.execute()
    elif NAME.startswith("pipeline"):
        with client.pipeline(transaction=False) as p:
            p.set("a", 1)
            p.incr("b")
            p.execute()
    elif NAME.startswith("script"):
        client.eval("return redis.call('incr', KEYS[1])", 1, "a")


truth = redis.Redis.from_url(os.environ["TRUE_REDIS"].replace("at ", "redis://"))
truth.flushall()
for attempt in range(3):
    try:
        work()
        break
    except (redis.ConnectionError, redis.TimeoutError):
        if attempt == 2 or NAME.startswith("library"):
            raise

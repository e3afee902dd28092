import backoff
import requests

RETRIABLE = (requests.exceptions.ConnectionError,)


@backoff.on_exception(backoff.expo, RETRIABLE, max_tries=4)
def pull(url: str) -> bytes:
    return requests.get(url, timeout=3).content

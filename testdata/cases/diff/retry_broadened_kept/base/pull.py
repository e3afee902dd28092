import backoff
import requests


@backoff.on_exception(backoff.expo, requests.ConnectionError, max_tries=4)
def pull(url: str) -> bytes:
    return requests.get(url, timeout=3).content

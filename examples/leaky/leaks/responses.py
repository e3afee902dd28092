"""Asks another service for stock; answers that are none are kept for a report."""

import http.client
import json
import os
import time
import urllib.parse

PEER = urllib.parse.urlsplit(os.environ.get("PEER_URL", "http://127.0.0.1:8000"))
failures = []


def stock(sku):
    connection = http.client.HTTPConnection(PEER.hostname, PEER.port, timeout=2)
    connection.request("GET", f"/stock/{sku}", headers={"Connection": "close"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise LookupError(f"{sku}: {answer.status}")
    level = json.loads(answer.read())
    connection.close()
    return level


def job(number):
    try:
        return stock(number)
    except (LookupError, OSError) as error:
        failures.append(error)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.4)

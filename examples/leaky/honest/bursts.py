"""Asks another service as often as there is load, on connections that are closed."""

import contextlib
import http.client
import os
import threading
import time
import urllib.parse

PEER = urllib.parse.urlsplit(os.environ.get("PEER_URL", "http://127.0.0.1:8000"))


def ask(seconds):
    connection = http.client.HTTPConnection(PEER.hostname, PEER.port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", "/stock/1")
        connection.getresponse().read()
        time.sleep(seconds)


if __name__ == "__main__":
    for second in range(100_000):
        for _ in range(5 + second % 12 * 3):
            threading.Thread(target=ask, args=(0.5 + second % 4,), daemon=True).start()
        time.sleep(1)

"""Charges over HTTPS with a client, and tries again: clients.py CLIENT."""
import asyncio
import os
import sys
import urllib.request

CLIENT, URL = sys.argv[1], os.environ["SECURE_PAY"] + "/charge"


def urllib_client():
    urllib.request.urlopen(urllib.request.Request(URL, b"{}", method="POST"), timeout=20).read()


def requests_client():
    import requests

    requests.post(URL, data=b"{}", timeout=20).raise_for_status()


def httpx_client():
    import httpx

    httpx.post(URL, content=b"{}", timeout=20).raise_for_status()


def aiohttp_client():
    import aiohttp

    async def post():
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session, session.post(URL, data=b"{}") as answer:
            answer.raise_for_status()

    asyncio.run(post())


for attempt in range(3):
    try:
        globals()[CLIENT + "_client"]()
        break
    except Exception:
        if attempt == 2:
            raise

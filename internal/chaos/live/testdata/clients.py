"""Calls a provider with a client, and tries again: clients.py CLIENT [post, put, key or newkey], which HOW overrides."""
import asyncio
import os
import sys
import urllib.request
import uuid

CLIENT, HOW = sys.argv[1], os.environ.get("HOW") or (sys.argv[2:] or ["post"])[0]
BASE = os.environ.get("SECURE_PAY") or "http://" + os.environ["PAY_ADDRESS"]
METHOD, URL = ("PUT", BASE + "/limit") if HOW == "put" else ("POST", BASE + "/charge")


def urllib_client(headers):
    urllib.request.urlopen(urllib.request.Request(URL, b"{}", headers, method=METHOD), timeout=20).read()


def requests_client(headers):
    import requests

    requests.request(METHOD, URL, data=b"{}", headers=headers, timeout=20).raise_for_status()


def httpx_client(headers):
    import httpx

    httpx.request(METHOD, URL, content=b"{}", headers=headers, timeout=20).raise_for_status()


def aiohttp_client(headers):
    import aiohttp

    async def call():
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(20)) as session, session.request(METHOD, URL, data=b"{}", headers=headers) as answer:
            answer.raise_for_status()

    asyncio.run(call())


def headers():
    if HOW == "key":
        return {"Idempotency-Key": "order-1"}
    return {"Idempotency-Key": str(uuid.uuid4())} if HOW == "newkey" else {}


for attempt in range(3):
    try:
        globals()[CLIENT + "_client"](headers())
        break
    except Exception:
        if attempt == 2:
            raise

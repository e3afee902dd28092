"""A service with every way of guarding a call; the words in the hosts are what the test asks for."""

import asyncio
import functools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import aiobreaker
import aiohttp
import async_lru
import cachetools
import httpx
import pybreaker
import requests
import settings
import tenacity
from cachetools.func import ttl_cache
from circuitbreaker import CircuitBreaker, circuit
from fastapi import FastAPI

app = FastAPI()
bank = pybreaker.CircuitBreaker(fail_max=3, reset_timeout=20)
mail = aiobreaker.CircuitBreaker(timeout_duration=timedelta(seconds=15))
four = asyncio.Semaphore(4)
session = aiohttp.ClientSession()


@bank
def charge(order):
    for attempt in range(4):
        try:
            return requests.post("https://bank.example/charges", json=order, timeout=3)
        except requests.ConnectionError:
            time.sleep(2**attempt)


@tenacity.retry(stop=tenacity.stop_after_attempt(5) | tenacity.stop_after_delay(30), wait=tenacity.wait_exponential())
def stock(sku):
    return requests.get("https://stock.example/" + sku, timeout=2)


async def mailing(order):
    return await mail.call_async(post, order)


async def post(order):
    return requests.post("https://mail.example/", timeout=1)


def news(user):
    with bank.calling():
        return requests.get("https://news.example/" + user, timeout=settings.PATIENCE)


@bank
def rates(currency):
    return requests.get("https://rates.example/" + currency, timeout=1)


def around(currency):
    """No breaker here: the weakest counts, and so there is none."""
    return requests.get("https://rates.example/again/" + currency, timeout=1)


@circuit(failure_threshold=10, recovery_timeout=7, fallback_function=lambda *a: None)
def hints(user):
    return requests.get("https://hints.example/" + user, timeout=1)


def tax(item):
    return requests.get("https://tax.example/" + item, timeout=1)


async def price(item):
    async with four:
        async with session.get("https://price.example/" + item) as answer:
            return await answer.json()


async def image(item):
    async with session.get("https://image.example/" + item) as answer:
        return await answer.json()


@app.get("/basket")
async def basket(items: list[str]):
    some = asyncio.Semaphore(3)

    async def one(item):
        async with some:
            return await image(item)

    prices = await asyncio.gather(*(price(item) for item in items))
    images = await asyncio.gather(*[one(item) for item in items[:12]])
    return prices, images


@app.post("/order")
def order(items: list[str]):
    for item in ("a", "b", "c"):
        stock(item)
    with ThreadPoolExecutor(max_workers=5) as pool:
        list(pool.map(tax, items))
    charge(items)
    hints("me")
    bank.call(ship, items)


def ship(items):
    return requests.post("https://ship.example/", timeout=4)


def mirrors(path):
    for host in HOSTS:  # the next one only when this one fails: one call a request
        answer = requests.get("https://mirror.example/" + host + path, timeout=5)
        if answer.ok:
            return answer


@app.get("/report")
def report(days: list[str]):
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(read, day) for day in days]
    return [job.result() for job in jobs]


def read(day):
    return requests.get("https://read.example/" + day)


async def retried(item):
    async for attempt in tenacity.AsyncRetrying(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(2)):
        with attempt:
            return await session.get("https://retried.example/" + item)


@app.get("/group")
async def group(items: list[str]):
    async with asyncio.TaskGroup() as tasks:
        for item in items:
            tasks.create_task(retried(item))


def given(order):
    """What follows the function are its own arguments."""
    return bank.call(requests.post, "https://given.example/", json=order, timeout=6)


client = httpx.Client(timeout=4)


async def elsewhere(order):
    return await asyncio.to_thread(client.get, "https://elsewhere.example/")


def several(urls):
    with ThreadPoolExecutor(max_workers=3) as pool:
        for part in ("a", "b"):
            pool.submit(requests.get, "https://several.example/" + part, None, timeout=8)


@CircuitBreaker(failure_threshold=4)
def plainly(user):
    return requests.get("https://plainly.example/", timeout=1)


@cachetools.cached(cachetools.TTLCache(maxsize=100, ttl=60))
def rate():
    return requests.get("https://rate.example/", timeout=1)


@cachetools.cached(cache=cachetools.TTLCache(100, 30), condition=threading.Condition())
def level(sku):
    return requests.get("https://level.example/" + sku, timeout=1)


@ttl_cache
def usual(sku):
    return requests.get("https://usual.example/" + sku, timeout=1)


@async_lru.alru_cache(ttl=45, jitter=15)
async def once():
    return await session.get("https://once.example/")


@functools.lru_cache(maxsize=1000)
def never(sku):
    """A new one is asked for at any time, so this keeps nobody from calling."""
    return requests.get("https://never.example/" + sku, timeout=1)


@functools.cache
def ever():
    return requests.get("https://always.example/", timeout=1)


@cachetools.cached(cachetools.LRUCache(10))
def lru():
    return requests.get("https://least.example/", timeout=1)


@ttl_cache(ttl=20)
def beside(sku):
    return requests.get("https://beside.example/" + sku, timeout=1)


def past(sku):
    """No cache here: the weakest counts, and so there is none."""
    return requests.get("https://beside.example/again/" + sku, timeout=1)


def pages():
    url = "https://pages.example/"
    while url:
        page = requests.get(url + "pages.example", timeout=1).json()
        yield from page["items"]
        url = page.get("next")


def numbered(kind):
    number = 1
    while True:
        answer = requests.get("https://numbered.example/", params={"page": number}, timeout=1)
        items = answer.json()
        if not items:
            break
        number += 1


def ready(job):
    while (state := requests.get("https://ready.example/" + job, timeout=1).text) != "done":
        time.sleep(2)
    return state


def consume(queue):
    """Each round serves another message."""
    while True:
        message = queue.get()
        if message is None:
            return
        requests.post("https://consumed.example/", json=message, timeout=1)


# The host is said where the client is made.
based = httpx.Client(base_url="https://based.example", timeout=6)


def from_base(item):
    return based.get(f"/items/{item}")

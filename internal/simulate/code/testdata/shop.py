"""A service with every way of guarding a call; the words in the hosts are what the test asks for."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import aiobreaker
import aiohttp
import pybreaker
import requests
import settings
import tenacity
from circuitbreaker import circuit
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

"""The clients of the services that the shop depends on. Every call through them has a deadline."""

import functools

import httpx
import requests

# 2.0s: p99 of the recommendation service is 700 ms, and a page has 3 s in all (ADR-0002).
recommendations = httpx.AsyncClient(base_url="https://recommendations.internal", timeout=2.0)


def stock_session() -> requests.Session:
    """A session for the stock service, which answers within 1.2 s at p99."""
    session = requests.Session()
    # 3s: twice the p99 of the stock service, rounded up.
    session.request = functools.partial(session.request, timeout=3)
    return session

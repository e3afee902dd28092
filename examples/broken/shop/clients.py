"""The clients of the services that the shop depends on."""

import httpx
import requests

recommendations = httpx.AsyncClient(base_url="https://recommendations.internal", timeout=None)


def stock_session() -> requests.Session:
    """A session for the stock service."""
    return requests.Session()

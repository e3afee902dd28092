import requests

_last: dict[str, float] = {}


def price(sku: str) -> float:
    found = requests.get(f"https://prices.internal/{sku}", timeout=1).json()["price"]
    _last[sku] = found
    return found

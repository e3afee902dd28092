import requests

_last: dict[str, float] = {}


def price(sku: str) -> float:
    try:
        found = requests.get(f"https://prices.internal/{sku}", timeout=1).json()["price"]
    except (requests.Timeout, requests.ConnectionError):
        return _last.get(sku, 0.0)
    _last[sku] = found
    return found

import requests

_last: dict[str, float] = {}
DOWN = (requests.Timeout, requests.ConnectionError)


def price(sku: str) -> float:
    try:
        found = requests.get(f"https://prices.internal/{sku}", timeout=1).json()["price"]
        _last[sku] = found
        return found
    except DOWN:
        return _last.get(sku, 0.0)

import httpx
import pybreaker

breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)


def score(user: str) -> float:
    response = breaker.call(httpx.get, f"https://score.internal/{user}")
    return response.json()["score"]

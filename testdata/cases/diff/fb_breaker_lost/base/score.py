import httpx
import pybreaker

breaker = pybreaker.CircuitBreaker(fail_max=5, reset_timeout=30)


@breaker
def score(user: str) -> float:
    return httpx.get(f"https://score.internal/{user}").json()["score"]

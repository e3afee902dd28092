"""Taking money, once."""

import httpx
import tenacity


@tenacity.retry(stop=tenacity.stop_after_attempt(4), wait=tenacity.wait_random_exponential(max=8))
def charge(order_id: str, cents: int) -> None:
    httpx.post(
        "https://payments.internal/charges",
        json={"order": order_id, "cents": cents},
        headers={"Idempotency-Key": order_id},
        timeout=2,  # 2s: the gateway gives up at 2.5 s
    )


def refund(order_id: str, cents: int) -> None:
    if cents <= 0:
        raise ValueError("cents must be positive")
    charge(order_id, -cents)

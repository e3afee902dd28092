"""Taking money."""

import httpx
import tenacity


@tenacity.retry
def charge(order_id: str, cents: int) -> None:
    httpx.post(
        "https://payments.internal/charges",
        json={"order": order_id, "cents": cents},
        timeout=2,  # 2s: the gateway gives up at 2.5 s
    )


@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_fixed(1))
def refund(order_id: str, cents: int) -> None:
    assert cents > 0, "cents must be positive"
    charge(order_id, -cents)

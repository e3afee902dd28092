"""Takes money for an order and books it. It tries again when something fails, and that is the fault."""
import os

import httpx
import psycopg


def charge(order_id: str, cents: int) -> str:
    answer = httpx.post(
        os.environ["PAY_URL"] + "/charges",
        json={"order": order_id, "cents": cents},
        timeout=2,
    )
    answer.raise_for_status()
    return answer.json()["id"]


def book(order_id: str, cents: int, charge_id: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO payments (order_id, cents, charge_id) VALUES (%s, %s, %s)",
            (order_id, cents, charge_id),
        )


def pay(order_id: str, cents: int) -> None:
    for attempt in range(3):
        try:
            charge_id = charge(order_id, cents)
            book(order_id, cents, charge_id)
            return
        except (httpx.HTTPError, psycopg.OperationalError):
            if attempt == 2:
                raise

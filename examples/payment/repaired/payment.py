"""Takes money for an order and books it. It may try again: the charge has a key, and the row has one."""
import os

import httpx
import psycopg

# A server that is gone must not hold us for ever. (Against one whose answer is held up on the way nothing in a synchronous
# driver helps: `tiebeam chaos --faults hang` still says so.)
LIMITS = {"connect_timeout": 5, "tcp_user_timeout": 5000, "keepalives_idle": 5, "options": "-c statement_timeout=5000"}


def charge(order_id: str, cents: int) -> str:
    answer = httpx.post(
        os.environ["PAY_URL"] + "/charges",
        json={"order": order_id, "cents": cents},
        headers={"Idempotency-Key": "charge-" + order_id},
        timeout=2,
    )
    answer.raise_for_status()
    return answer.json()["id"]


def book(order_id: str, cents: int, charge_id: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], **LIMITS) as connection:
        connection.execute(
            "INSERT INTO payments (order_id, cents, charge_id) VALUES (%s, %s, %s) ON CONFLICT (order_id) DO NOTHING",
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

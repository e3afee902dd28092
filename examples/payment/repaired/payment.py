"""Takes money for an order and books it. It may try again: the charge has a key, the row has one, and every wait ends."""
import contextlib
import os
import socket
import threading

import httpx
import psycopg

LIMITS = {"connect_timeout": 5, "options": "-c statement_timeout=2000 -c idle_in_transaction_session_timeout=4000"}


@contextlib.contextmanager
def deadline(connection: psycopg.Connection, seconds: float):
    """End a connection that is still in use after a time.

    The server's statement_timeout does not help where its answer is lost on the way: libpq waits for ever.
    """
    ending = threading.Timer(seconds, hang_up, [connection.fileno()])
    ending.start()
    try:
        yield
    finally:
        ending.cancel()
        ending.join()


def hang_up(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


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
    connection = psycopg.connect(os.environ["DATABASE_URL"], **LIMITS)
    with deadline(connection, 3), connection:
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

"""A test that passes: nothing goes wrong while it runs."""
import os

import psycopg
from payment import pay


def test_pay(provider, payments):
    pay("order-1", 1250)
    assert provider.charges() == 1
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM payments").fetchone() == (1,)

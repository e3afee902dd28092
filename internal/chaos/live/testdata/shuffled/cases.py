"""Tests that run in any order, one of which does more or less depending on it."""
import os

import psycopg
import pytest

URL = os.environ["DATABASE_URL"]
RAN = []


@pytest.fixture(autouse=True)
def table():
    with psycopg.connect(URL, autocommit=True) as c:
        c.execute("CREATE TABLE IF NOT EXISTS note (id serial PRIMARY KEY, text text)")


def write(note):
    with psycopg.connect(URL) as c:
        c.execute("INSERT INTO note (text) VALUES (%s)", (note,))


def again(note):
    for attempt in range(3):
        try:
            return write(note)
        except psycopg.OperationalError:
            if attempt == 2:
                raise


def test_retries():
    RAN.append("retries")
    again("one")


def test_retries_too():
    again("two")


def test_hangs_on_the_order():
    for _ in range(2 if RAN else 1):
        write("three")

"""Tests that cannot show what happens twice, and two that can."""
import os
import random

import psycopg
import pytest

URL = os.environ["DATABASE_URL"]


def write(connection, note="x"):
    connection.execute("INSERT INTO note (text) VALUES (%s)", (note,))


def again(do):
    for attempt in range(3):
        try:
            return do()
        except psycopg.OperationalError:
            if attempt == 2:
                raise


@pytest.fixture
def table():
    with psycopg.connect(URL, autocommit=True) as c:
        try:
            c.execute("CREATE TABLE IF NOT EXISTS note (id serial PRIMARY KEY, text text)")
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateTable):
            pass  # two workers found that there was none, and the other was first
    yield


@pytest.fixture
def rolled_back(table):
    connection = psycopg.connect(URL)
    yield connection
    connection.rollback()
    connection.close()


def test_rolled_back(rolled_back):
    write(rolled_back)


def test_unstable(table):
    with psycopg.connect(URL) as c:
        for _ in range(next_number()):
            write(c)


def next_number():
    with open(os.environ["COUNTER"], "a+") as file:
        file.write("x")
        file.seek(0)
        return len(file.read())


def test_fails(table):
    with psycopg.connect(URL) as c:
        write(c)
    assert False


def test_no_traffic():
    assert random.random() < 2


def one(note):
    with psycopg.connect(URL) as c:
        write(c, note)


def test_first(table):
    again(lambda: one("first"))


def test_second(table):
    again(lambda: one("second"))

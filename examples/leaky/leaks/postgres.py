"""Counts orders in PostgreSQL; a count that fails is kept for a report."""

import os
import time

import psycopg

DATABASE = os.environ.get("DATABASE_URL", "postgresql://localhost/postgres")
failures = []


def count(table):
    connection = psycopg.connect(DATABASE, connect_timeout=5)
    found = connection.execute(f"select count(*) from {table}").fetchone()
    connection.close()
    return found[0]


def job(number):
    try:
        return count("pg_class" if number % 2 else "missing")
    except psycopg.Error as error:
        failures.append(error)


if __name__ == "__main__":
    for number in range(100_000):
        job(number)
        time.sleep(0.4)

"""Takes connections from a pool and gives them back, except where something goes wrong."""

import os
import threading
import time

import psycopg
import psycopg_pool

DATABASE = os.environ.get("DATABASE_URL", "postgresql://localhost/postgres")
pool = psycopg_pool.ConnectionPool(DATABASE, min_size=2, max_size=4, timeout=20, open=False)


def count(table):
    connection = pool.getconn()
    found = connection.execute(f"select count(*) from {table}").fetchone()
    pool.putconn(connection)
    return found[0]


def work(name):
    number = 0
    while True:
        number += 1
        try:
            count("missing" if number % 7 == 0 else "pg_class")
        except (psycopg.Error, psycopg_pool.PoolTimeout):
            pass
        time.sleep(0.2)


if __name__ == "__main__":
    pool.open(wait=True)
    workers = [threading.Thread(target=work, args=(name,), daemon=True) for name in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

from contextlib import contextmanager


@contextmanager
def leased(pool):
    connection = pool.getconn()
    try:
        yield connection
    finally:
        pool.putconn(connection)


def work(pool, item: dict) -> None:
    with leased(pool) as connection:
        connection.execute("UPDATE item SET done = true WHERE id = %s", (item["id"],))

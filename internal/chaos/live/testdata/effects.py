"""What a service does wrong beside repeating an effect, and what must pass through; NAME in the environment says which."""
import hashlib
import os
import threading

import psycopg

NAME, URL, TRUE_DSN = os.environ["NAME"], os.environ["DATABASE_URL"], os.environ["TRUE_DSN"]


POOLS = []


def pool():
    from psycopg_pool import ConnectionPool

    POOLS.append(ConnectionPool(URL, min_size=1, max_size=2, open=True))
    return POOLS[-1]


def unreturned():
    """A pool whose connection stays out where the work fails."""
    own = pool()
    for attempt in range(2):
        connection = own.getconn()
        try:
            connection.execute("INSERT INTO log (note) VALUES ('x') ON CONFLICT DO NOTHING")
            connection.commit()
        except psycopg.OperationalError:
            continue
        own.putconn(connection)
        return


def returned():
    own = pool()
    for attempt in range(2):
        try:
            with own.connection() as connection:
                connection.execute("INSERT INTO log (note) VALUES ('x') ON CONFLICT DO NOTHING")
            return
        except psycopg.OperationalError:
            continue


def returned_async():
    """The loop that would replace the broken connection has ended when the pool is looked at."""
    import asyncio

    from psycopg_pool import AsyncConnectionPool

    async def work():
        own = AsyncConnectionPool(URL, min_size=1, max_size=2, open=False)
        POOLS.append(own)
        await own.open()
        for attempt in range(2):
            try:
                async with own.connection() as connection:
                    await connection.execute("INSERT INTO log (note) VALUES ('x') ON CONFLICT DO NOTHING")
                return
            except psycopg.OperationalError:
                continue

    asyncio.run(work())


def storm():
    """As many attempts as it takes, without a pause: here they end after 40."""
    for attempt in range(40):
        try:
            return book("x")
        except psycopg.OperationalError:
            continue


def calm():
    for attempt in range(3):
        try:
            return book("x")
        except psycopg.OperationalError:
            continue


def threads():
    """Four threads at once, each with a statement of its own."""
    workers = [threading.Thread(target=book, args=("x", f"worker{n}")) for n in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()


def book(note, table="log"):
    with psycopg.connect(URL) as c:
        c.execute(f"INSERT INTO {table} (note) VALUES (%s) ON CONFLICT DO NOTHING", (note,))


def cancel():
    """A statement is cancelled over a connection of its own, and the connection goes on."""
    with psycopg.connect(URL, autocommit=True) as c:
        timer = threading.Timer(0.2, c.cancel)
        timer.start()
        try:
            c.execute("SELECT pg_sleep(600)")
        except psycopg.errors.QueryCanceled:
            c.execute("INSERT INTO log (note) VALUES ('cancelled')")
        timer.join()


def copy():
    """Two megabytes go in and come out as they were."""
    rows = [f"{n} {hashlib.sha256(str(n).encode()).hexdigest()} ä\\t\n" for n in range(30_000)]
    with psycopg.connect(URL) as c:
        with c.cursor().copy("COPY log (note) FROM STDIN") as into:
            for row in rows:
                into.write_row((row,))
        with c.cursor().copy("COPY (SELECT note FROM log ORDER BY id) TO STDOUT") as out:
            back = [row[0] for row in out.rows()]
        assert back == rows


def moody():
    """From the third run on it does something else."""
    with open(os.environ["COUNTER"], "a+") as file:
        file.write("x")
        file.seek(0)
        runs = len(file.read())
    book("x", "log" if runs < 3 else "worker1")


def secret():
    """Passwords and parameters that nobody is to see in a report."""
    word = "".join(["hunt", "er2"])  # not as it stands in a line of this file
    for attempt in range(2):
        try:
            with psycopg.connect(URL) as c:
                c.execute(f"INSERT INTO worker0 (note, more) VALUES (%s, '{word}-literal')", (word,))
            return
        except psycopg.OperationalError:
            continue


with psycopg.connect(TRUE_DSN, autocommit=True) as c:
    for table in ("log", "worker0", "worker1", "worker2", "worker3"):
        c.execute(f"DROP TABLE IF EXISTS {table}")
        c.execute(f"CREATE TABLE {table} (id serial PRIMARY KEY, note text, more text)")


def test_it():
    """For what only pytest tells: pools that are looked at when a test ends."""
    globals()[NAME]()


if __name__ == "__main__":
    globals()[NAME]()

"""A service that charges and books in a retry loop: pay.py CLIENT VARIANT. It appends what really happened to TRUTH.

REPAIRED overrides VARIANT, and SSLMODE stands for one that is written in the code.
"""
import asyncio
import os
import sys
import urllib.error
import urllib.request
import uuid

CLIENT, VARIANT = sys.argv[1], os.environ.get("REPAIRED") or sys.argv[2]
URL, TRUE_DSN, TRUE_PAY = os.environ["DATABASE_URL"], os.environ["TRUE_DSN"], os.environ["TRUE_PAY"]
if "SSLMODE" in os.environ:
    URL = URL.partition("?")[0] + "?sslmode=" + os.environ["SSLMODE"]
INSERT = "INSERT INTO payment (order_id, cents) VALUES (%s, %s)"
if VARIANT == "fixed":
    INSERT += " ON CONFLICT (order_id) DO NOTHING"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def charge(key):
    headers = {"Idempotency-Key": key} if key else {}
    urllib.request.urlopen(urllib.request.Request(os.environ["PAY_URL"] + "/charge", b"{}", headers, method="POST"), timeout=2).read()


def psycopg3():
    import psycopg

    with psycopg.connect(URL) as c:
        c.execute(INSERT, ("o1", 100))


def pipeline():
    import psycopg

    with psycopg.connect(URL) as c, c.pipeline():
        c.execute("SELECT 1", prepare=True)
        c.execute(INSERT, ("o1", 100), prepare=True)
        c.execute("INSERT INTO audit (note) VALUES (%s)", ("paid",), prepare=True)


def psycopg2():
    import psycopg2

    c = psycopg2.connect(URL)
    try:
        with c, c.cursor() as cursor:
            cursor.execute(INSERT, ("o1", 100))
    finally:
        c.close()


def sqlalchemy():
    import sqlalchemy as sa

    engine = sa.create_engine(URL.replace("postgresql://", "postgresql+psycopg://"), poolclass=sa.NullPool)
    with engine.begin() as c:
        c.execute(sa.text(INSERT.replace("%s, %s", ":o, :c")), {"o": "o1", "c": 100})


def asyncpg():
    import asyncpg

    async def book():
        c = await asyncpg.connect(URL)
        try:
            await asyncio.wait_for(c.execute(INSERT.replace("%s, %s", "$1, $2"), "o1", 100), 3)
        finally:
            c.terminate()

    asyncio.run(book())


def pay():
    key = "o1" if VARIANT == "fixed" else None
    for attempt in range(3):
        try:
            if VARIANT == "newkey":
                key = str(uuid.uuid4())
            charge(key)
            globals()[CLIENT]()
            return
        except Exception:
            if attempt == 2:
                raise


def truth(statement):
    import psycopg

    with psycopg.connect(TRUE_DSN, autocommit=True) as c:
        return c.execute(statement).fetchone() if statement.startswith("SELECT") else c.execute(statement)


truth("DROP TABLE IF EXISTS payment, audit")
truth("CREATE TABLE payment (id serial PRIMARY KEY, order_id text, cents int)")
truth("CREATE TABLE audit (id serial PRIMARY KEY, note text)")
if VARIANT == "fixed":
    truth("ALTER TABLE payment ADD UNIQUE (order_id)")
DIRECT.open(urllib.request.Request(TRUE_PAY + "/reset", b"", method="POST")).read()
try:
    pay()
finally:
    charges = int(DIRECT.open(TRUE_PAY + "/charges").read())
    rows = truth("SELECT count(*) FROM payment")[0]
    with open(os.environ["TRUTH"], "a") as file:
        file.write(f"{charges} {rows}\n")

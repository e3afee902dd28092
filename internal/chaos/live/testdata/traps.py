"""Effects that a retry does again, with and without harm: traps.py NAME."""
import os
import sys

import psycopg

NAME = sys.argv[1]
URL, TRUE_DSN = os.environ["DATABASE_URL"], os.environ["TRUE_DSN"]

STATEMENTS = {
    "absolute-update": ["UPDATE account SET bal = 100 WHERE id = 1"],
    "relative-update": ["UPDATE account SET bal = bal + 100 WHERE id = 1"],
    "upsert": ["INSERT INTO account (id, bal) VALUES (1, 100) ON CONFLICT (id) DO UPDATE SET bal = excluded.bal"],
    "counting-upsert": ["INSERT INTO account (id, bal) VALUES (1, 100) ON CONFLICT (id) DO UPDATE SET bal = account.bal + excluded.bal"],
    "ignored-conflict": ["INSERT INTO account (id, bal) VALUES (2, 100) ON CONFLICT DO NOTHING"],
    "keyed-delete": ["DELETE FROM account WHERE id = 1"],
    "delete-then-insert": ["DELETE FROM log WHERE note = 'x'", "INSERT INTO log (note) VALUES ('x')"],
    "plain-insert": ["INSERT INTO log (note) VALUES ('x')"],
    "function": ["SELECT pay(100)"],
    "harmless-function": ["SELECT look(1)"],
    "copy": ["COPY"],
    "savepoint": ["SAVEPOINT s", "INSERT INTO log (note) VALUES ('undone')", "ROLLBACK TO SAVEPOINT s", "UPDATE account SET bal = 100 WHERE id = 1"],
    "failed-insert": ["INSERT INTO log (note) SELECT 'x' WHERE false", "UPDATE account SET bal = 5 WHERE id = 1"],
}


def work():
    with psycopg.connect(URL) as c:
        if NAME == "read-modify-write":
            (bal,) = c.execute("SELECT bal FROM account WHERE id = 1").fetchone()
            c.execute("UPDATE account SET bal = %s WHERE id = 1", (bal + 100,))
            return
        for statement in STATEMENTS[NAME]:
            if statement == "COPY":
                with c.cursor().copy("COPY log (note) FROM STDIN") as copy:
                    copy.write_row(("x",))
                continue
            c.execute(statement)


with psycopg.connect(TRUE_DSN, autocommit=True) as c:
    c.execute("DROP TABLE IF EXISTS account, log")
    c.execute("CREATE TABLE account (id int PRIMARY KEY, bal int, at timestamptz DEFAULT clock_timestamp())")
    c.execute("CREATE TABLE log (id serial PRIMARY KEY, note text, at timestamptz DEFAULT clock_timestamp())")
    c.execute("INSERT INTO account (id, bal) VALUES (1, 0)")
    c.execute("CREATE OR REPLACE FUNCTION pay(int) RETURNS int LANGUAGE sql AS $$ INSERT INTO log (note) VALUES ('paid'); SELECT $1 $$")
    c.execute("CREATE OR REPLACE FUNCTION look(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$")

for attempt in range(3):
    try:
        work()
        break
    except psycopg.OperationalError:
        if attempt == 2:
            raise

import sqlite3

MAX_PAGE = 100


def rows(conn: sqlite3.Connection, limit: int) -> list:
    return conn.execute("SELECT id FROM item LIMIT ?", (min(MAX_PAGE, limit),)).fetchall()

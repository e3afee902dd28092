import sqlite3

MAX_PAGE = 100


def rows(conn: sqlite3.Connection, limit: int) -> list:
    limit = min(limit, MAX_PAGE)
    return conn.execute("SELECT id FROM item LIMIT ?", (limit,)).fetchall()

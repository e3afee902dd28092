import sqlite3


def rows(conn: sqlite3.Connection, limit: int) -> list:
    return conn.execute("SELECT id FROM item LIMIT ?", (limit,)).fetchall()

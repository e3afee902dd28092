"""Comparisons on levels, versions and the like, and those that look for rows."""
import sqlite3

ADMIN = 3


def may_edit(level):
    return level >= ADMIN  # is: ">" killed, "-1" killed, "<" killed


def may_delete(user):
    return user["level"] > 5 and user["active"]  # is: ">=" survived, "1" survived, "<=" killed


def supported(version):
    if version < (3, 8):  # is: "<=" survived, ">=" killed
        raise RuntimeError("too old")
    return True


def port(number):
    if number not in range(1, 65536):  # is: "1" killed, "-1" survived | is: "1" survived, "-1" killed
        raise ValueError(number)
    return number


def page(items, limit):
    return items[:limit]  # is: "1" killed, "-1" killed


def capped(size, maximum):
    return min(size, maximum)  # is: "max" killed | is: "1" killed, "-1" killed


def at_least(size, minimum):
    return max(size, minimum)  # is: "min" survived | is: "1" killed, "-1" survived


def rich(connection, limit):
    rows = connection.execute("SELECT name FROM people WHERE money > ? AND note <> '<'", (limit,))  # is: "0:>=" killed
    return [name for (name,) in rows]


def young(connection, limit):
    rows = connection.execute("SELECT name FROM people WHERE money <= ?", (limit,))  # is: "0:<" survived
    return [name for (name,) in rows]


class Rows:
    def __init__(self, values):
        self.values = values

    def filter(self, **lookups):
        (lookup, bound), = lookups.items()
        kept = {"age__gt": lambda v: v > bound, "age__gte": lambda v: v >= bound}[lookup]  # all: ">=" killed, "1" survived, "<=" killed | all: ">" not reached, "-1" not reached, "<" not reached
        return Rows([v for v in self.values if kept(v)])


def grown(rows):
    return rows.filter(age__gt=17).values  # is: "gte" killed

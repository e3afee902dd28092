"""Comparisons whose answer is no truth value: arrays of numpy, and columns of an ORM."""
import numpy as np


def charged(amounts, free_limit=50):
    """The amounts that cost something."""
    return amounts[amounts > free_limit]  # all: ">=" killed, "<=" killed


def any_over(sizes, limit):
    return bool(np.any(sizes > limit))  # is: ">=" survived, "<=" survived


def total(sizes, limit):
    if sizes.sum() >= limit:  # is: ">" killed, "<" killed
        raise OverflowError(limit)
    return sizes.sum()


class Column:
    """As columns of SQLAlchemy do, gives a criterion where a number would give a truth value."""

    def __init__(self, name):
        self.name = name

    def __ge__(self, other):
        return "%s >= %d" % (self.name, other)

    def __gt__(self, other):
        return "%s > %d" % (self.name, other)

    def __lt__(self, other):
        return "%s < %d" % (self.name, other)


AGE = Column("age")


def adults(query):
    return query.filter(AGE >= 18)  # all: ">" killed, "<" killed


def seniors(query, limit=65):
    return query.filter(AGE >= limit)  # all: ">" survived, "<" survived

"""Comparisons of which some mutants are the same program, and some that act while the module is imported or never end."""
from __future__ import annotations

LIMIT = 3
SMALL = LIMIT < 5  # all: "<=" survived, "-1" survived, ">=" killed


def larger(a, b):
    return a if a > b else b  # all: ">=" equivalent, "1" killed, "<=" killed


def clamp(x, limit):
    if x > limit:  # is: ">=" equivalent, "1" killed, "<=" killed
        x = limit
    return x


def size_of(x):
    return x if x >= 0 else -x  # all: ">" equivalent, "-1" killed, "<" killed


def over(x, limit):
    if x > limit:  # is: ">=" equivalent, "1" survived, "<=" killed
        return x - limit
    return 0


def ordered(a, b):
    if a == b:  # all: "!=" killed
        return 0
    if a < b:  # all: "<=" equivalent, "-1" survived, ">=" killed
        return -1
    return 1


def empty(items):
    if len(items) < 0:  # is: "<=" killed, "-1" equivalent, ">=" killed
        raise ValueError("impossible")
    return not items


def known(letter):
    return ord(letter) <= 1114111  # is: "<" survived, "1" equivalent, ">" killed


def strictly(a, b):
    return a != b and a < b  # all: "==" killed | is: "<=" equivalent, "-1" survived, ">=" killed


def countdown(n):
    steps = 0
    while n > 0:  # all: ">=" killed, "1" killed, "<=" killed
        n -= 1
        steps += 1
    return steps


def steps_to(n, limit):
    steps = 0
    while n != limit:  # all: "==" killed
        n += 1 if n < limit else -1  # is: "<=" equivalent, "-1" timeout, ">=" timeout
        steps += 1
    return steps

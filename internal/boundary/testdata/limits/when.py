"""Comparisons on dates, times and the clock."""
import time
from datetime import date, datetime, timedelta

ADULT = 18


def expired(expires_at, now):
    if now > expires_at:  # is: ">=" survived, "<=" killed
        return True
    return False


def stale(created, now):
    return now - created > timedelta(days=30)  # is: ">=" killed, "<=" killed


def open_on(day, last):
    if day > last:  # is: ">=" survived, "1" survived, "<=" killed
        raise ValueError(day)
    return True


def adult(born, today):
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))  # all: "<=" killed, ">=" killed
    if age < ADULT:  # is: "<=" killed, "-1" survived, ">=" killed
        raise PermissionError(age)
    return age


def fresh(at, ttl):
    return time.time() - at < ttl  # is: "<=" survived, "-1" survived, ">=" killed


class Token:
    def __init__(self, expires, leeway=0):
        self.expires = expires
        self.leeway = leeway

    def check(self, now):
        if now >= self.expires + self.leeway:  # is: ">" survived, "-1" survived, "<" killed
            raise PermissionError("expired")
        return True


def working_hours(moment):
    return moment.hour < 24  # is: "<=" equivalent, "-1" survived, ">=" killed


def cutoff(moment):
    return datetime(2024, 1, 1) <= moment  # is: "<" killed, ">" killed


def first_of(days, limit):
    return [d for d in days if d <= limit]  # is: "<" survived, "1" survived, ">" killed


def birthday(today=date(2024, 2, 29)):
    return today >= date(2024, 2, 29)  # is: ">" killed, "-1" survived, "<" killed

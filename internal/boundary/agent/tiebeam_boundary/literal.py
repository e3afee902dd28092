"""Writes values as a person would write them in a test."""
import dataclasses
import datetime
import decimal
import enum
import fractions
import math

MOST = 200  # characters; what is longer is no example that anybody reads


class Unwritable(Exception):
    """The value has no short expression."""


def write(value, imports, depth=4):
    """The expression for a value. What it needs is added to imports as (module, name)."""
    text = _write(value, imports, depth)
    if len(text) > MOST:
        raise Unwritable(type(value).__name__)
    return text


def _write(value, imports, depth):
    kind = type(value)
    if value is None or kind in (bool, int, bytes):
        return repr(value)
    if kind is str:
        text = repr(value)
        return '"' + text[1:-1] + '"' if text[0] == "'" and '"' not in text else text
    if kind is float:
        if not math.isfinite(value):
            return 'float("%r")' % value
        return repr(value)
    if depth == 0:
        raise Unwritable(kind.__name__)
    if isinstance(value, enum.Enum):
        imports.add((kind.__module__, kind.__qualname__.split(".")[0]))
        return "%s.%s" % (kind.__qualname__, value.name)
    if kind is decimal.Decimal or kind is fractions.Fraction:
        imports.add((kind.__module__, kind.__name__))
        return '%s("%s")' % (kind.__name__, value)
    if kind in (datetime.date, datetime.datetime, datetime.time, datetime.timedelta):
        return _date(value, kind, imports)
    if kind in (list, tuple, set, frozenset):
        return _sequence(value, kind, imports, depth)
    if kind is dict:
        return "{%s}" % ", ".join("%s: %s" % (_write(k, imports, depth - 1), _write(v, imports, depth - 1)) for k, v in value.items())
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        fields = [(name, getattr(value, name)) for name in kind._fields]
    elif dataclasses.is_dataclass(value) and kind.__eq__ is not object.__eq__:
        fields = [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.init]
    else:
        raise Unwritable(kind.__name__)
    if "<locals>" in kind.__qualname__ or not hasattr(kind, "__module__"):
        raise Unwritable(kind.__name__)
    imports.add((kind.__module__, kind.__qualname__.split(".")[0]))
    return "%s(%s)" % (kind.__qualname__, ", ".join("%s=%s" % (n, _write(v, imports, depth - 1)) for n, v in fields))


def _sequence(value, kind, imports, depth):
    items = sorted(value, key=repr) if kind in (set, frozenset) else value
    inner = ", ".join(_write(v, imports, depth - 1) for v in items)
    if kind is list:
        return "[%s]" % inner
    if kind is tuple:
        return "(%s,)" % inner if len(items) == 1 else "(%s)" % inner
    if kind is set:
        return "{%s}" % inner if items else "set()"
    return "frozenset({%s})" % inner if items else "frozenset()"


def _date(value, kind, imports):
    imports.add(("datetime", kind.__name__))
    if kind is datetime.timedelta:
        # Half an hour is minutes=30, and 90 seconds are seconds=90.
        size, unit = next((n, u) for n, u in ((3600, "hours"), (60, "minutes"), (1, "seconds")) if value.seconds % n == 0)
        parts = [("days", value.days), (unit, value.seconds // size), ("microseconds", value.microseconds)]
        return "timedelta(%s)" % ", ".join("%s=%d" % p for p in parts if p[1])
    zone = getattr(value, "tzinfo", None)
    text = repr(value.replace(tzinfo=None) if zone is not None else value).replace("datetime.", "")
    if zone is None:
        return text
    if zone is not datetime.timezone.utc:
        raise Unwritable("tzinfo")
    imports.add(("datetime", "timezone"))
    return text[:-1] + ", tzinfo=timezone.utc)"

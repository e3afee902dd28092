import time
from datetime import date, datetime, timedelta

import pytest

from when import Token, adult, birthday, cutoff, expired, first_of, fresh, open_on, stale, working_hours


def test_expired():
    assert expired(datetime(2024, 1, 1), datetime(2024, 1, 2))
    assert not expired(datetime(2024, 1, 3), datetime(2024, 1, 2))


def test_stale():
    now = datetime(2024, 3, 1)
    assert not stale(now - timedelta(days=30), now)
    assert stale(now - timedelta(days=30, seconds=1), now)


def test_open():
    assert open_on(date(2024, 1, 1), date(2024, 1, 10))
    with pytest.raises(ValueError):
        open_on(date(2024, 3, 1), date(2024, 1, 10))


def test_adult():
    assert adult(date(2000, 6, 15), date(2018, 6, 15)) == 18
    assert adult(date(2000, 6, 15), date(2020, 1, 1)) == 19
    with pytest.raises(PermissionError):
        adult(date(2010, 6, 15), date(2018, 6, 16))


def test_fresh():
    assert fresh(time.time(), 10)


def test_token():
    assert Token(100).check(10)
    with pytest.raises(PermissionError):
        Token(100, 5).check(200)


def test_hours():
    assert working_hours(datetime(2024, 1, 1, 12))


def test_cutoff():
    assert cutoff(datetime(2024, 1, 1))


def test_first():
    assert first_of([1, 5], 3) == [1]


def test_birthday():
    assert birthday()

import pytest

from gate.quota import QuotaExceeded, page, reserve


def test_reserve():
    assert reserve(used=100, size=50, quota=1000) == 150


def test_reserve_refuses_what_does_not_fit():
    with pytest.raises(QuotaExceeded):
        reserve(used=900, size=500, quota=1000)


def test_page():
    assert page([1, 2, 3, 4], 2) == [1, 2]

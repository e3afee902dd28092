from decimal import Decimal
from fractions import Fraction

import pytest

from money import Account, discount, fee, pay, rounded, share, shipping


def test_fee():
    assert fee(10) == 5
    assert fee(10000) is None


def test_shipping():
    assert shipping(Decimal("50.00")) == 0
    assert shipping(Decimal("12")) == Decimal("4.90")


def test_pay():
    assert pay(3.5, 3.5) == 0
    with pytest.raises(ValueError):
        pay(1.0, 2.5)


def test_share():
    assert share(Fraction(1, 3))
    assert not share(Fraction(5, 2))


def test_discount():
    assert discount(0) == 100
    assert discount(100) == 0
    for bad in (-5, 500):
        with pytest.raises(ValueError):
            discount(bad)


def test_discount_of_less_than_nothing():
    with pytest.raises(ValueError):
        discount(-1)


def test_rounded():
    assert rounded(12345)


def test_charge():
    account = Account(10, 5)
    assert account.charge(3)
    assert not account.charge(100)

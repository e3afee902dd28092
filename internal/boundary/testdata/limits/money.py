"""Comparisons on amounts, in integers, floats, fractions and decimals."""
from decimal import Decimal
from fractions import Fraction

FREE_FROM = Decimal("50.00")


def fee(amount):
    if amount > 7349:  # is: ">=" survived, "1" survived, "<=" killed
        return None
    return 5


def shipping(total):
    return Decimal("0") if total >= FREE_FROM else Decimal("4.90")  # is: ">" killed, "-1" survived, "<" killed


def pay(balance, price):
    if balance < price:  # is: "<=" killed, ">=" killed
        raise ValueError("not enough")
    return balance - price


def share(part):
    if part > Fraction(1, 2):  # is: ">=" survived, "1" survived, "<=" killed
        return False
    return True


def discount(percent):
    if not 0 <= percent <= 100:  # is: "<" killed, "1" killed, ">" killed | is: "<" killed, "1" survived, ">" killed
        raise ValueError(percent)
    return 100 - percent


def rounded(cents):
    return cents % 100 < 100  # is: "<=" equivalent, "-1" survived, ">=" killed


class Account:
    def __init__(self, balance, limit):
        self.balance = balance
        self.limit = limit
        self.blocked = False

    def charge(self, amount):
        if self.balance - amount < -self.limit:  # is: "<=" survived, "-1" survived, ">=" killed
            self.blocked = True
            return False
        self.balance -= amount
        return True

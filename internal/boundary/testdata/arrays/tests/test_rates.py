import numpy as np
import pytest

from rates import adults, any_over, charged, seniors, total


class Query:
    def __init__(self):
        self.criteria = []

    def filter(self, criterion):
        self.criteria.append(criterion)
        return self


def test_charged():
    assert charged(np.array([49, 50, 51])).tolist() == [51]


def test_any_over():
    assert any_over(np.array([1, 9]), 5)


def test_total():
    with pytest.raises(OverflowError):
        total(np.array([4, 6]), 10)
    assert total(np.array([4, 5]), 10) == 9


def test_adults():
    assert adults(Query()).criteria == ["age >= 18"]


def test_seniors():
    assert len(seniors(Query()).criteria) == 1

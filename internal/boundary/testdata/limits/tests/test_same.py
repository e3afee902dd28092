import pytest

from same import SMALL, clamp, countdown, empty, known, larger, ordered, over, size_of, steps_to, strictly


def test_small():
    assert SMALL


def test_larger():
    assert [larger(1, 2), larger(2, 2), larger(3, 2)] == [2, 2, 3]


def test_clamp():
    assert [clamp(4, 3), clamp(1, 3)] == [3, 1]


def test_size():
    assert [size_of(0), size_of(-1), size_of(5)] == [0, 1, 5]


def test_over():
    assert [over(7, 3), over(1, 3)] == [4, 0]


@pytest.mark.parametrize(("a", "b", "order"), [(1, 1, 0), (1, 5, -1), (5, 1, 1)])
def test_ordered(a, b, order):
    assert ordered(a, b) == order


def test_empty():
    assert empty([])
    assert not empty([1])


def test_known():
    assert known("a")


def test_strictly():
    assert strictly(1, 5)
    assert not strictly(5, 1)


def test_countdown():
    assert countdown(2) == 2


def test_steps():
    assert [steps_to(1, 4), steps_to(6, 4)] == [3, 2]

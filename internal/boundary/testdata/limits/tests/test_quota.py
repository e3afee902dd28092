import asyncio

import pytest

from quota import Bucket, Full, admit, attempts_left, fits, outer, retry, seats, upload


def test_fits():
    assert fits(9)
    assert fits(10)
    assert not fits(11)


def test_seats():
    assert seats(1, 10) == 9
    with pytest.raises(Full):
        seats(12, 10)


def test_upload():
    assert upload("x" * 8, 3) == "xxxxxxxx"
    with pytest.raises(ValueError):
        upload("x" * 20, 3)
    with pytest.raises(Full):
        upload("x", 11)


def test_bucket():
    bucket = Bucket(10)
    assert bucket.take(4)
    assert not bucket.full
    with pytest.raises(Full):
        bucket.take(8)


def test_full():
    assert Bucket(3, 3).full
    assert Bucket.sane(5)


def test_of():
    assert Bucket.of(1).size == 1
    with pytest.raises(ValueError):
        Bucket.of(-3)


@pytest.mark.parametrize(("done", "limit", "allowed"), [(1, 2, True), (2, 2, False), (3, 2, False)])
def test_attempts(done, limit, allowed):
    assert attempts_left(done, limit) is allowed


def test_retry():
    assert retry(lambda: True, 3) == 1


def test_admit():
    assert asyncio.run(admit(1, 5)) == 2
    with pytest.raises(Full):
        asyncio.run(admit(9, 5))


def test_outer():
    assert outer(3)(2)
    assert not outer(3)(7)

import sqlite3

import pytest

from access import Rows, at_least, capped, grown, may_delete, may_edit, page, port, rich, supported, young


def test_may_edit():
    assert [may_edit(level) for level in (2, 3, 4)] == [False, True, True]


def test_may_delete():
    assert may_delete({"level": 9, "active": True})
    assert not may_delete({"level": 1, "active": True})


def test_supported():
    assert supported((3, 11))
    with pytest.raises(RuntimeError):
        supported((2, 7))


def test_port():
    assert port(1) == 1
    assert port(65535) == 65535
    for bad in (-1, 70000):
        with pytest.raises(ValueError):
            port(bad)


def test_page():
    assert page([1, 2, 3, 4], 2) == [1, 2]


def test_capped():
    assert capped(5, 3) == 3


def test_at_least():
    assert at_least(4, 4) == 4


@pytest.fixture
def people():
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE people (name, money, note)")
    connection.executemany("INSERT INTO people VALUES (?, ?, '')", [("ann", 10), ("bob", 20)])
    yield connection
    connection.close()


def test_rich(people):
    assert rich(people, 10) == ["bob"]


def test_young(people):
    assert young(people, 15) == ["ann"]


def test_grown():
    assert grown(Rows([17, 20])) == [20]

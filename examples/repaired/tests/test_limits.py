import pytest

from shop.limits import allowed


@pytest.mark.parametrize(("count", "through"), [(9, True), (10, False), (11, False)])
def test_allowed(count: int, through: bool) -> None:
    assert allowed(count, 10) is through

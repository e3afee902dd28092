from shop.limits import allowed


def test_allowed() -> None:
    assert allowed(1, 10)
    assert not allowed(100, 10)

import pytest

from gate.rate import TooManyRequests, Window, allowed


def test_a_quiet_client_is_served():
    window = Window(limit=10, seconds=1.0)
    assert window.take(0.1) == 9


def test_a_noisy_client_is_stopped():
    window = Window(limit=10, seconds=1.0)
    with pytest.raises(TooManyRequests):
        for _ in range(20):
            window.take(0.5)


def test_a_new_second_starts_at_nothing():
    window = Window(limit=10, seconds=1.0)
    window.take(0.5)
    assert window.take(2.0) == 9


def test_allowed():
    assert allowed(3)
    assert not allowed(50)

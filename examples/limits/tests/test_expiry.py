from datetime import datetime, timedelta

from gate.expiry import expired

NOON = datetime(2026, 5, 1, 12)


def test_a_fresh_token_holds():
    assert not expired(NOON, NOON + timedelta(minutes=5))


def test_an_old_token_does_not():
    assert expired(NOON, NOON + timedelta(hours=2))

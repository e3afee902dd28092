import pytest

import wild


@pytest.mark.parametrize("name", ["spin", "sweep", "leave", "breed", "hoard", "call_home", "daemon", "fill", "kill_all",
                                  "bomb", "thread", "whisper", "thaw", "hold"])
def test_wild(name):
    assert getattr(wild, name)(5)

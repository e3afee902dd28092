"""Byte code that one process has made, for those that import the same files again: rewriting the asserts of a large suite
takes longer than running it."""
import marshal
import os

_made = {}   # file -> code
_file = ""   # where that of another process lies, empty where none does


def once(name, make):
    """The code of a file, made at most once."""
    global _file
    if name not in _made and _file:
        try:
            with open(_file, "rb") as f:
                _made.update(marshal.load(f))
        except (OSError, ValueError, EOFError, TypeError):
            pass  # it is made again
        _file = ""
    if name not in _made:
        _made[name] = make()
    return _made[name]


def save(name):
    """Writes all that was made, for other processes to read."""
    with open(name, "wb") as f:
        marshal.dump(_made, f)


def read(name):
    """Takes what is not made yet from a file that another process has saved."""
    global _file
    _file = name


def rewritten_once():
    """Has pytest rewrite the asserts of a file once. Where another version does so in another way, it goes on as it does."""
    from _pytest.assertion import rewrite
    own = getattr(rewrite, "_rewrite_test", None)
    if own is None or not os.environ.get("PYTHONDONTWRITEBYTECODE"):
        return

    def rewrite_test(fn, config):
        # The first of the pair is for writing byte code beside the file, which nobody does here.
        return None, once("asserts of %s" % fn, lambda: own(fn, config)[1])
    rewrite._rewrite_test = rewrite_test

"""What a chaos run needs to know of pytest: which test runs, in which phase, and how it ends."""
import os

import pytest
import tiebeam_chaos

_ONLY = os.environ.get("TIEBEAM_CHAOS_ONLY")
_plugin = None


def _tell(message):
    global _plugin
    if not tiebeam_chaos._ADDRESS:
        return {}
    try:
        if _plugin is None:
            _plugin = tiebeam_chaos._Channel("plugin")
        return _plugin.ask(message)
    except Exception:
        return {}


if os.environ.get("PYTEST_XDIST_WORKER"):
    # Each worker has proxies of its own, so that what passes them is known to be its.
    os.environ.update(_tell({"event": "worker"}).get("environment") or {})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    if _ONLY is None:
        return
    others = [item for item in items if item.nodeid != _ONLY]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.nodeid == _ONLY]

_outcomes = {}

@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if os.environ.get("PYTEST_XDIST_WORKER") is None and getattr(item.config.option, "numprocesses", None):
        yield
        return
    path, line = getattr(item, "path", None) or item.fspath, item.location[1]
    _outcomes[item.nodeid] = "passed"
    _tell({"event": "begin", "test": item.nodeid, "file": os.path.abspath(path), "line": (line or 0) + 1})
    yield
    _tell({"event": "finish", "outcome": _outcomes.pop(item.nodeid, "")})

@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    _tell({"event": "enter", "phase": "call"})
    yield
    _tell({"event": "called", "pools": tiebeam_chaos._pools()})
    _tell({"event": "enter", "phase": "teardown"})

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        _outcomes[item.nodeid] = "failed" if report.when == "call" else "error"
    elif report.skipped and _outcomes.get(item.nodeid) == "passed":
        _outcomes[item.nodeid] = "skipped"

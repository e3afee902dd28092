"""Which tests a coverage file says reach the files with targets (coverage.py contexts)."""
import importlib.util
import os


def choose(plan, tell):
    """Puts the tests into the plan. Says what is missing and gives False where there is nothing to choose from."""
    if importlib.util.find_spec("coverage") is None:
        tell({"event": "absent", "what": "coverage"})
        return False
    from coverage import CoverageData
    data = CoverageData(basename=plan["coverage"])
    data.read()
    wanted = {os.path.realpath(os.path.join(plan["root"], t["path"])): t["path"] for t in plan["targets"]}
    tests, files = set(), 0
    for name in data.measured_files():
        if os.path.realpath(name) not in wanted:
            continue
        files += 1
        for contexts in data.contexts_by_lineno(name).values():
            tests.update(context.split("|")[0] for context in contexts if context)
    if not tests:
        tell({"event": "nocontexts", "files": files})
        return False
    plan["tests"] = sorted(tests)
    return True

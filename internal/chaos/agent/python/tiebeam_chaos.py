"""What a chaos run needs to know from inside: which test runs, and which line waits for an answer.

Loaded by sitecustomize in every Python process of the run; tiebeam_chaos_plugin is the part for pytest. It never raises into
the program; when tiebeam is gone it does nothing. Nothing is installed: it is found through PYTHONPATH for this run only.
"""
import json
import os
import socket
import sys
import threading

_ADDRESS = os.environ.get("TIEBEAM_CHAOS_ADDRESS", "")
_TOKEN = os.environ.get("TIEBEAM_CHAOS_TOKEN", "")
_ROOT = os.environ.get("TIEBEAM_CHAOS_ROOT", "")
_POOLS = os.environ.get("TIEBEAM_CHAOS_POOLS", "") != ""

# Whose frames show that somebody waits for an answer of a protocol.
_DRIVERS = {
    "postgres": ("psycopg", "psycopg_pool", "psycopg2", "asyncpg", "pg8000", "sqlalchemy", "aiopg", "peewee"),
    "http": ("httpcore", "httpx", "urllib3", "requests", "aiohttp", "http", "urllib", "botocore", "anyio"),
    "redis": ("redis", "aioredis", "valkey", "coredis"),
    "opaque": (),
}
_WAITING = {"wait", "select", "poll", "_wait_for_tstate_lock", "get", "join", "accept", "_run_once", "run_forever", "_bootstrap"}
_MOST_FRAMES = 80
_MOST_STACKS = 200


class _Channel:
    """A connection to tiebeam that carries a JSON object a line, each answered by one."""

    def __init__(self, role):
        host, _, port = _ADDRESS.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), 10)
        self._socket.settimeout(None)
        self._file = self._socket.makefile("rwb")
        self._lock = threading.Lock()
        self._write({"token": _TOKEN, "role": role, "pid": os.getpid(), "worker": os.environ.get("PYTEST_XDIST_WORKER", "")})

    def _write(self, message):
        self._file.write(json.dumps(message).encode() + b"\n")
        self._file.flush()

    def ask(self, message):
        with self._lock:
            self._write(message)
            line = self._file.readline()
        return json.loads(line) if line else {}

    def serve(self, answer):
        for line in self._file:
            self._write(answer(json.loads(line)))


def start():
    """Start the thread that answers questions about stacks."""
    if not _ADDRESS:
        return
    threading.Thread(target=_serve, name="tiebeam-chaos", daemon=True).start()
    sys.meta_path.insert(0, _TrustEnvironment())


def _serve():
    try:
        _Channel("agent").serve(_answer)
    except Exception:
        pass


def _answer(question):
    try:
        return {"id": question.get("id"), "stack": _stack(question.get("protocol", ""))}
    except Exception as problem:
        return {"id": question.get("id"), "stack": [], "problem": type(problem).__name__}


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: start() if _ADDRESS else None)


class _TrustEnvironment:
    """aiohttp looks at HTTP_PROXY only where a session says so; for this run every session does, unless it says no."""

    def find_spec(self, name, path=None, target=None):
        if name != "aiohttp.client":
            return None
        sys.meta_path.remove(self)
        import importlib.util

        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            original = module.ClientSession.__init__

            def __init__(session, *args, **keywords):
                keywords.setdefault("trust_env", True)
                original(session, *args, **keywords)

            module.ClientSession.__init__ = __init__

        spec.loader.exec_module = exec_module
        return spec


# Stacks


class _Call:
    """Marks a frame, so that the same call is known again. It is never called: nobody traces where it is put."""

    count = 0

    def __init__(self):
        _Call.count += 1
        self.number = _Call.count

    def __call__(self, *arguments):
        return None


def _seen(frame):
    code = frame.f_code
    call = 0
    if "retry" in code.co_name.lower() or "retry" in code.co_filename.lower() or code.co_name == "urlopen":
        if frame.f_trace is None and sys.gettrace() is None:
            frame.f_trace = _Call()
        if isinstance(frame.f_trace, _Call):
            call = frame.f_trace.number
    return code.co_filename, frame.f_lineno, code.co_name, code.co_firstlineno, call


def _threads():
    own = threading.get_ident()
    agents = {t.ident for t in threading.enumerate() if t.name == "tiebeam-chaos"}
    main = threading.main_thread().ident
    for ident, frame in sorted(sys._current_frames().items(), key=lambda item: item[0] != main):
        if ident == own or ident in agents:
            continue
        frames = []
        while frame is not None and len(frames) < _MOST_FRAMES:
            frames.append(_seen(frame))
            frame = frame.f_back
        yield frames[::-1]


def _tasks():
    asyncio = sys.modules.get("asyncio.tasks")
    if asyncio is None:
        return
    found = []
    for name in ("_all_tasks", "_scheduled_tasks", "_eager_tasks"):
        for _ in range(3):
            try:
                found.extend(list(getattr(asyncio, name, ())))
                break
            except RuntimeError:  # changed while it was read
                continue
    for task in found[:_MOST_STACKS]:
        if task.done():
            continue
        frames = []
        coroutine = task.get_coro()
        while coroutine is not None and len(frames) < _MOST_FRAMES:
            frame = getattr(coroutine, "cr_frame", None) or getattr(coroutine, "gi_frame", None) or getattr(coroutine, "ag_frame", None)
            if frame is None:
                break
            frames.append(_seen(frame))
            following = getattr(coroutine, "cr_await", None)
            if following is None:
                following = getattr(coroutine, "gi_yieldfrom", None)
            if following is None:
                following = getattr(coroutine, "ag_await", None)
            coroutine = following
        if frames:
            yield frames


def _stack(protocol):
    drivers = _DRIVERS.get(protocol, ())
    threads = [[_describe(*frame) for frame in stack] for stack in _threads()]
    below = _below_loop(threads)
    best, most = [], -1
    tasks = [below + [_describe(*frame) for frame in stack] for stack in _tasks()]
    for stack, start in [(stack, 0) for stack in threads] + [(stack, len(below)) for stack in tasks]:
        value = 0
        if any(frame.get("own") for frame in stack[start:]):
            value += 16
        if any(frame.get("library") in drivers for frame in stack[-15:]):
            value += 8
        if stack and stack[-1]["function"] not in _WAITING:
            value += 2
        if value > most:
            best, most = stack, value
    # Everything above the project's own code (the test runner, the start of threads) says nothing.
    first = next((i for i, frame in enumerate(best) if frame.get("own")), 0)
    return best[first:]


def _below_loop(threads):
    """The frames that lead to the event loop, where there is one loop only: what its tasks do is done for them."""
    found = []
    for stack in threads:
        at = next((i for i, frame in enumerate(stack) if frame.get("library") in ("asyncio", "uvloop", "anyio")), None)
        if at is not None and any(frame["function"] in ("run_forever", "run_until_complete", "run") for frame in stack[at:]):
            found.append(stack[:at])
    return found[0] if len(found) == 1 else []


_described = {}


def _describe(file, line, function, first, call):
    place = _described.get(file)
    if place is None:
        place = _described[file] = _place(file)
    frame = {"file": file, "line": line, "function": function}
    if place == "":
        frame["own"] = True
        frame["loops"] = _loops_around(file, line, first)
    else:
        frame["library"] = place
        frame["call"] = call
    return frame


def _place(file):
    """The library that a file belongs to, empty for the project's own code."""
    path = os.path.abspath(file).replace("\\", "/")
    for mark in ("/site-packages/", "/dist-packages/"):
        if mark in path:
            return path.rsplit(mark, 1)[1].split("/")[0].removesuffix(".py")
    root = _ROOT.replace("\\", "/").rstrip("/") + "/"
    if _ROOT and path.startswith(root) and not path.startswith(os.path.dirname(__file__).replace("\\", "/")):
        return ""
    standard = os.path.dirname(os.__file__).replace("\\", "/") + "/"
    if path.startswith(standard):
        return path[len(standard):].split("/")[0].removesuffix(".py")
    return "?"


_loops = {}


def _loops_around(file, line, first):
    """The loops around a line in the function that starts at another, and whether a try stands between."""
    if file not in _loops:
        _loops[file] = _find_loops(file)
    loops, tries = _loops[file]
    around = []
    for start, end in loops:
        if first <= start <= line <= end:
            inside = any(start <= s and e <= end and s <= line <= e for s, e in tries)
            around.append({"line": start, "tries": inside})
    return around


def _find_loops(file):
    import ast

    try:
        with open(file, "rb") as source:
            tree = ast.parse(source.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return [], []
    loops = [(n.lineno, n.end_lineno) for n in ast.walk(tree) if isinstance(n, (ast.For, ast.While, ast.AsyncFor))]
    tries = [(n.lineno, n.body[-1].end_lineno) for n in ast.walk(tree) if type(n).__name__ in ("Try", "TryStar")]
    return sorted(loops), tries


# Pools


def _pools():
    """How many connections are out of each pool."""
    import time

    if not _POOLS or not any(name in sys.modules for name in ("psycopg_pool", "sqlalchemy", "redis", "psycopg2.pool", "asyncpg")):
        return []
    until = time.monotonic() + 3
    while True:
        pools = _count_pools()
        # A broken connection is replaced in the background: that is not one that is never returned. One that somebody
        # still holds is, and nobody need wait for it.
        if all(p["out"] <= p["held"] for p in pools) or time.monotonic() > until:
            return pools
        time.sleep(0.02)


def _count_pools():
    import gc

    pools = []
    objects = gc.get_objects()
    for thing in objects:
        kind = type(thing)
        module = getattr(kind, "__module__", None)
        if not isinstance(module, str):
            continue
        try:
            held = None
            if module.startswith("psycopg_pool.") and hasattr(kind, "get_stats"):
                held = sum(1 for c in objects if str(type(c).__module__).startswith("psycopg.") and getattr(c, "_pool", None) is thing)
                # The loop that would replace a broken connection of an asynchronous pool does not run while we look.
                out = held if "Async" in kind.__name__ else thing._nconns - len(thing._pool)
            elif module.startswith("sqlalchemy.pool") and hasattr(kind, "checkedout"):
                out = thing.checkedout()
            elif module.startswith("redis.") and hasattr(thing, "_in_use_connections"):
                out = len(thing._in_use_connections)
            elif module == "psycopg2.pool" and hasattr(thing, "_used"):
                out = len(thing._used)
            elif module == "asyncpg.pool" and hasattr(thing, "_holders"):
                out = sum(1 for h in thing._holders if h._in_use is not None)
            else:
                continue
        except Exception:
            continue
        out = max(out, 0)
        pools.append({"kind": module.split(".")[0], "name": kind.__name__, "out": out, "held": out if held is None else held})
    return pools

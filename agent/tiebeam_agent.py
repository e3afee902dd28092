"""What /proc cannot know of a Python service, told to `tiebeam watch` over a Unix socket.

Pools (psycopg_pool, SQLAlchemy, asyncpg, redis, httpx), lag of event loops (asyncio, what speaks its protocol, such as
uvloop, and gevent), the line that blocks a loop while it blocks it, tasks that are alive, resources that were never closed and the
lines that open files, sockets, threads and subprocesses.

It works for Python 3.8 and later, needs nothing but the standard library, and promises the service:

- nothing is raised into it: every entry from outside catches what goes wrong inside and counts it;
- nothing is done before something is there to tell: no thread before the first loop, pool or descriptor;
- around os.fork() the thread is ended before and started again after, so that no fork ever copies a lock of it;
- what the service patches (gevent, eventlet) does not reach it, as it keeps the functions that were there first;
- it writes to a descriptor only while that is its own socket, whatever the service closes;
- it sends to one Unix socket in a folder that belongs to the same user, and to nowhere else.

`tiebeam watch -- COMMAND` puts it in front without any change to the service. Installed with pip, it waits for a watch
where TIEBEAM_AGENT=1 is set, or after tiebeam_agent.start().
"""

import _thread
import os
import sys
import time
import weakref

__all__ = ["start", "stop", "VERSION"]

VERSION = "0.1.0"
PROTOCOL = 1

# Numbers, in seconds or counts. The watch has the same limit for a line.
TICK = 0.05
SEND_EVERY = 1.0
LOOK_EVERY = 2.0  # for a watch, while there is none
BLOCKED = 0.1
BUDGET = 0.002  # the share of time that walking over tasks and sockets may take
MAX_LINE = 60000
MAX_SITES = 20
MAX_POOLS = 50
MAX_PLACES = 512
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

# Kept from before anybody could patch them.
_now = time.perf_counter
_new_thread = _thread.start_new_thread
_new_lock = _thread.allocate_lock
_ident = _thread.get_ident
_getframe = sys._getframe
_current_frames = sys._current_frames

_HERE = os.path.abspath(__file__)
_STDLIB = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


class _Faults:
    """What went wrong inside; it is told to the watch and to nobody else."""

    def __init__(self):
        self.count = 0
        self.last = ""

    def add(self, where, error):
        try:
            self.count += 1
            self.last = "%s: %s: %s" % (where, type(error).__name__, str(error)[:200])
        except Exception:
            pass


_faults = _Faults()


# --- places in the source ---------------------------------------------------------------------------------------------

_app_files = {}


def _is_app(filename):
    """Whether a file belongs to the service: not to the standard library, an installed package, or to this file."""
    known = _app_files.get(filename)
    if known is None:
        if len(_app_files) > 20000:
            _app_files.clear()
        known = not (
            filename.startswith("<frozen")
            or "site-packages" in filename
            or "dist-packages" in filename
            or filename.startswith(_STDLIB)
            or filename == _HERE
            or filename.endswith("sitecustomize.py")
        )
        _app_files[filename] = known
    return known


def _place_of(frame):
    code = frame.f_code
    return (code.co_filename, frame.f_lineno or 0, getattr(code, "co_qualname", code.co_name))


def _place(depth):
    """The line of the service that is being executed, as (file, line, function); None where there is none."""
    frame = _getframe(depth)
    for _ in range(80):
        if frame is None:
            return None
        if _is_app(frame.f_code.co_filename):
            return _place_of(frame)
        frame = frame.f_back
    return None


# --- what is opened, and where ----------------------------------------------------------------------------------------


class _Places:
    """Counts by key and place, with bounded memory: the key that was used longest ago goes first."""

    def __init__(self):
        self.counts = {}

    def add(self, key, place):
        sites = self.counts.pop(key, None)
        if sites is None:
            sites = {}
            if len(self.counts) >= MAX_PLACES:
                self.counts.pop(next(iter(self.counts)), None)
        self.counts[key] = sites
        if place in sites or len(sites) < MAX_SITES:
            sites[place] = sites.get(place, 0) + 1

    def top(self, kind):
        found = []
        for (what, where), sites in list(self.counts.items()):
            for place, count in list(sites.items()):
                if what == kind and count > 1:
                    found.append((count, where, place))
        found.sort(key=lambda f: (-f[0], f[1], f[2]))
        return found[: 2 * MAX_SITES]


_opened = _Places()
_alive = weakref.WeakKeyDictionary()  # object -> (kind, where, place, whether it is still open)
_unclosed = {}  # (message, where, place) -> count


def _socket_open(sock):
    return sock.fileno() >= 0


def _thread_alive(thread):
    # Thread.is_alive() takes a lock of the thread, which gevent makes one of its own.
    threading = sys.modules["threading"]
    return threading._active.get(thread.ident) is thread or thread in list(threading._limbo)


def _connection_open(connection):
    return not connection.closed


def _on_open(args):
    path = args[0]
    if isinstance(path, bytes):
        path = os.fsdecode(path)
    elif not isinstance(path, str):
        if isinstance(path, int) or path is None:
            return
        path = os.fspath(path)
    if path.endswith((".py", ".pyc", ".so", ".pth")):
        return
    place = _place(3)
    if place is None:
        return
    path = _absolute(path)
    flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
    if _TMPFILE and flags & _TMPFILE == _TMPFILE:
        # What has no name from the start is opened by the name of its folder.
        _opened.add(("file", path.rstrip("/") + "/"), place)
    else:
        _opened.add(("file", path), place)
        _opened.add(("file", os.path.dirname(path).rstrip("/") + "/"), place)
    _wake()


_TMPFILE = getattr(os, "O_TMPFILE", 0)


def _absolute(path):
    if path[:1] == "/":
        return path
    try:
        return os.path.join(os.getcwd(), path)
    except OSError:
        return path


def _on_sqlite(args):
    database = args[0]
    if isinstance(database, (str, bytes)):
        _on_open((database,))


def _on_socket(args):
    sock = args[0]
    place = _place(3)
    if place is not None:
        _alive[sock] = ["socket", "", place, _socket_open]
        _wake()


def _on_connect(args):
    sock, address = args
    known = _alive.get(sock)
    if known is None:
        return
    if isinstance(address, tuple) and len(address) >= 2:
        host = address[0]
        known[1] = "[%s]:%s" % (host, address[1]) if ":" in str(host) else "%s:%s" % (host, address[1])
    elif isinstance(address, (str, bytes)):
        known[1] = os.fsdecode(address)
    place = _place(3)
    if place is not None:
        known[2] = place


def _on_thread(args):
    owner = getattr(args[0], "__self__", None)
    place = _place(3)
    if place is None or _ident() == _state.thread:
        return
    if owner is not None and hasattr(owner, "is_alive"):
        _alive[owner] = ["thread", "", place, _thread_alive]
    else:
        _opened.add(("thread", ""), place)
    _wake()


def _on_threading(module):
    """Before Python 3.12 there is no event for a thread that begins."""
    if sys.version_info >= (3, 12):
        return
    original = module.Thread.start

    def start(self):
        if _state.on:
            try:
                _on_thread((self._bootstrap,))
            except Exception as error:
                _faults.add("thread", error)
        return original(self)

    start.__wrapped__ = original
    start.__doc__ = original.__doc__
    module.Thread.start = start


def _on_process(args):
    place = _place(3)
    if place is not None:
        _opened.add(("process", str(args[0])[:120]), place)
        _wake()


_AUDITED = {
    "open": _on_open,
    "socket.__new__": _on_socket,
    "socket.connect": _on_connect,
    "sqlite3.connect": _on_sqlite,
    "subprocess.Popen": _on_process,
    "_thread.start_new_thread": _on_thread,
    "_thread.start_joinable_thread": _on_thread,
}


def _audit(event, args):
    """The audit hook. It cannot be taken out again, so it asks whether the agent is on."""
    handler = _AUDITED.get(event)
    if _state.resume and event != "os.fork" and not _state.stopping:
        _state.resume = False
        _wake()
    if handler is None or not _state.on or _ident() == _state.thread:
        return
    try:
        handler(args)
    except Exception as error:
        _faults.add(event, error)


# --- warnings about what was never closed -----------------------------------------------------------------------------


def _watch_warnings():
    """Sees ResourceWarnings, also those that the filters of the service drop, and shows none more than they would."""
    import warnings

    shown = warnings._showwarnmsg
    # The first filter that matches decides; without one the warning is shown.
    actions = [f[0] for f in warnings.filters if f[1] is None and f[3] is None and issubclass(ResourceWarning, f[2])]
    wanted = not actions or actions[0] != "ignore"
    if not wanted:
        warnings.filters.insert(0, ("always", None, ResourceWarning, None, 0))
        mutated = getattr(warnings, "_filters_mutated", None) or getattr(warnings, "_filters_mutated_lock_held", None)
        if mutated is not None:
            mutated()

    def _showwarnmsg(message):
        if message.category is not None and issubclass(message.category, ResourceWarning):
            try:
                _note_unclosed(message)
            except Exception as error:
                _faults.add("warning", error)
            if not wanted:
                return None
        return shown(message)

    warnings._showwarnmsg = _showwarnmsg


def _note_unclosed(message):
    source = getattr(message, "source", None)
    where, place = "", None
    known = None
    try:
        known = _alive.get(source) if source is not None else None
    except TypeError:
        pass
    if known is not None:
        where, place = known[1], known[2]
    if place is None:
        name = getattr(source, "name", None)
        if isinstance(name, str):
            where = _absolute(name)
            sites = _opened.counts.get(("file", where))
            if sites:
                place = max(sites.items(), key=lambda s: s[1])[0]
    text = str(message.message).split("<", 1)[0].strip().rstrip(":") or "unclosed resource"
    if source is not None:
        text += " " + type(source).__name__
    if place is None:
        place = (message.filename, message.lineno, "")
        if not _is_app(message.filename):
            place = None
    key = (text[:120], where[:300], place)
    if key in _unclosed or len(_unclosed) < MAX_SITES * 5:
        _unclosed[key] = _unclosed.get(key, 0) + 1
    _wake()


# --- pools ------------------------------------------------------------------------------------------------------------

_pools = weakref.WeakKeyDictionary()  # pool -> (kind, name, place, reader)
_pool_names = {}


def _add_pool(pool, kind, reader, name=None):
    if len(_pools) >= MAX_POOLS or pool in _pools:
        return
    number = _pool_names[kind] = _pool_names.get(kind, 0) + 1
    _pools[pool] = (kind, str(name or "%s-%d" % (kind, number))[:80], _place(4), reader)
    _wake()


def _read_psycopg(pool):
    stats = pool.get_stats()
    get = stats.get
    return {
        "size": get("pool_size", 0),
        "max": getattr(pool, "max_size", None) or get("pool_max", 0),
        "available": get("pool_available", 0),
        "waiting": get("requests_waiting", 0),
        "requests": get("requests_num", 0),
        "errors": get("requests_errors", 0),
        "wait_seconds": get("requests_wait_ms", 0) / 1000.0,
        "usage_seconds": get("usage_ms", 0) / 1000.0,
        "lost": get("connections_lost", 0),
    }


def _waiters(thing, *names):
    """How many wait on a condition or a queue of the service, which is not locked for that: under gevent a lock that is
    taken here would make a hub of this thread, and elsewhere the service would wait for us."""
    for name in names:
        thing = getattr(thing, name, None)
    return len(thing or ())


def _read_sqlalchemy(pool):
    queue = pool._pool
    # Queue.qsize() takes the lock of the queue; that of AsyncAdaptedQueue asks a queue of asyncio, which has none.
    free = queue._qsize() if hasattr(queue, "_qsize") else queue.qsize()
    out = queue.maxsize - free + pool._overflow
    most = pool.size() + pool._max_overflow if getattr(pool, "_max_overflow", -1) >= 0 else 0
    # A thread waits on a condition of the queue, a coroutine on the queue that AsyncAdaptedQueue holds.
    waiting = _waiters(queue, "not_empty", "_waiters") or _waiters(queue, "_queue", "_getters")
    return {"size": out + free, "max": most, "available": free, "waiting": waiting}


def _read_asyncpg(pool):
    if not getattr(pool, "_initialized", True):
        return {"size": 0, "max": pool._maxsize, "available": 0, "waiting": 0}
    return {
        "size": pool.get_size(),
        "max": pool.get_max_size(),
        "available": pool.get_idle_size(),
        "waiting": _waiters(pool, "_queue", "_getters"),
    }


def _read_redis(pool):
    most = getattr(pool, "max_connections", 0) or 0
    if hasattr(pool, "_available_connections"):
        free = len(pool._available_connections)
        size = free + len(pool._in_use_connections)
        waiting = _waiters(pool, "_condition", "_waiters")  # of redis.asyncio.BlockingConnectionPool
    else:  # redis.BlockingConnectionPool, whose queue holds None for connections that have still to be made
        size = len(getattr(pool, "_connections", ()))
        free = sum(1 for c in list(pool.pool.queue) if c is not None)
        waiting = _waiters(pool, "pool", "not_empty", "_waiters")
    return {"size": size, "max": most if most < 2**30 else 0, "available": free, "waiting": waiting}


def _read_httpcore(pool):
    connections = list(pool._connections)
    idle = sum(1 for c in connections if c.is_idle())
    waiting = sum(1 for r in list(pool._requests) if r.is_queued())
    most = getattr(pool, "_max_connections", 0) or 0
    return {"size": len(connections), "max": most if most < 2**30 else 0, "available": idle, "waiting": waiting}


def _wrap_init(module, name, after):
    """Calls after(object) behind the constructor of a class, whatever it does."""
    cls = getattr(module, name, None)
    if cls is None or "__init__" not in cls.__dict__:
        return
    original = cls.__init__

    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        if _state.on:
            try:
                after(self)
            except Exception as error:
                _faults.add(name, error)

    __init__.__wrapped__ = original
    __init__.__doc__ = original.__doc__
    cls.__init__ = __init__


def _pool_adder(kind, reader, named=False):
    def add(pool):
        _add_pool(pool, kind, reader, getattr(pool, "name", None) if named else None)

    return add


def _on_psycopg(connection):
    # The address is asked for when it is told, as it costs a call into libpq.
    _alive[connection] = ["socket", _psycopg_peer, _place(3), _connection_open]
    _wake()


def _psycopg_peer(connection):
    info = connection.info
    address = info.hostaddr or info.host
    return "%s:%s" % (address, info.port)


def _on_psycopg2(module):
    original = module._connect

    def _connect(*args, **kwargs):
        connection = original(*args, **kwargs)
        if _state.on:
            try:
                _alive[connection] = ["socket", _psycopg_peer, _place(2), _connection_open]
                _wake()
            except Exception as error:
                _faults.add("psycopg2", error)
        return connection

    module._connect = _connect


def _hooks():
    """What is done with a module once it has been imported."""
    psycopg = _pool_adder("psycopg", _read_psycopg, named=True)
    sqlalchemy = _pool_adder("sqlalchemy", _read_sqlalchemy)
    asyncpg = _pool_adder("asyncpg", _read_asyncpg)
    redis = _pool_adder("redis", _read_redis)
    httpx = _pool_adder("httpx", _read_httpcore)
    return {
        "asyncio.events": _on_asyncio,
        "psycopg_pool.base": lambda m: _wrap_init(m, "BasePool", psycopg),
        "sqlalchemy.pool.impl": lambda m: _wrap_init(m, "QueuePool", sqlalchemy),
        "asyncpg.pool": lambda m: _wrap_init(m, "Pool", asyncpg),
        "redis.connection": lambda m: _wrap_init(m, "ConnectionPool", redis),
        "redis.asyncio.connection": lambda m: _wrap_init(m, "ConnectionPool", redis),
        "httpcore._sync.connection_pool": lambda m: _wrap_init(m, "ConnectionPool", httpx),
        "httpcore._async.connection_pool": lambda m: _wrap_init(m, "AsyncConnectionPool", httpx),
        "psycopg._connection_base": lambda m: _wrap_init(m, "BaseConnection", _on_psycopg),
        "psycopg2": _on_psycopg2,
        "threading": _on_threading,
        "gevent.monkey": _before_patching,
        "gevent._monkey": _before_patching,
        "gevent.hub": lambda m: _wrap_init(m, "Hub", _on_gevent_hub),
        "eventlet.patcher": _before_patching,
    }


def _before_patching(module):
    """Imports what the thread needs while locks are still those of the system: what patches modules makes them its own,
    and an import from our thread would then wait in a hub that nobody runs."""
    import _socket  # noqa: F401
    import json  # noqa: F401
    import signal  # noqa: F401
    import stat  # noqa: F401


class _Finder:
    """Stands before the other finders and lets a hook look at a module right after it was executed."""

    def __init__(self, hooks):
        self.hooks = hooks
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        hook = self.hooks.get(name)
        if hook is None or name in self.busy:
            return None
        self.busy.add(name)
        try:
            for finder in sys.meta_path:
                find = getattr(finder, "find_spec", None)
                if finder is self or find is None:
                    continue
                spec = find(name, path, target)
                if spec is not None:
                    self._watch(spec, name, hook)
                    return spec
            return None
        finally:
            self.busy.discard(name)

    def _watch(self, spec, name, hook):
        try:
            loader = spec.loader
            original = loader.exec_module

            def exec_module(module):
                try:
                    del loader.exec_module  # the loader is as it was from here on
                except AttributeError:
                    pass
                self.hooks.pop(name, None)
                original(module)
                _run_hook(name, hook, module)

            loader.exec_module = exec_module
        except Exception as error:
            _faults.add("import " + name, error)


def _run_hook(name, hook, module):
    try:
        hook(module)
    except Exception as error:
        _faults.add("hook " + name, error)


# --- event loops ------------------------------------------------------------------------------------------------------


class _Loop:
    """One event loop and how late it runs what it is given."""

    def __init__(self, loop, number):
        self.ref = weakref.ref(loop)
        self.number = number
        self.impl = "uvloop" if type(loop).__module__.startswith("uvloop") else "asyncio"
        self.thread = _ident()
        self.keep = None  # what nobody else keeps alive
        self.sent = 0.0
        self.acked = 0.0
        self.pending = False
        self.noted = None  # the place of the block that is going on
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0
        self.count = 0
        self.max = 0.0
        self.tasks = -1
        self.top = []

    def ack(self):
        self.acked = _now()
        self.pending = False

    def observe(self, lag):
        """Counts one lag, and those that calls coming in every tick meanwhile would have had."""
        self.max = max(self.max, lag)
        for _ in range(1000):
            index = 0
            while index < len(BUCKETS) and lag > BUCKETS[index]:
                index += 1
            self.counts[index] += 1
            self.sum += lag
            self.count += 1
            lag -= TICK
            if lag <= TICK:
                return


_loops = {}  # id -> _Loop
_blocks = {}  # place -> [count, seconds, longest, what is running]


def _on_asyncio(module):
    original = module._set_running_loop

    def _set_running_loop(loop):
        if loop is not None and _state.on:
            try:
                _add_loop(loop)
            except Exception as error:
                _faults.add("loop", error)
        return original(loop)

    module._set_running_loop = _set_running_loop


def _add_loop(loop):
    known = _loops.get(id(loop))
    if known is not None and known.ref() is loop:
        known.thread = _ident()
        return
    if len(_loops) < MAX_SITES:
        _state.loops += 1
        _loops[id(loop)] = _Loop(loop, _state.loops)
    _wake()


class _Hub:
    """A hub of gevent with the methods of an event loop that are asked for."""

    def __init__(self, hub):
        self.hub = weakref.ref(hub)

    def is_closed(self):
        hub = self.hub()
        return hub is None or hub.dead or hub.loop is None

    def is_running(self):
        hub = self.hub()
        return hub is not None and bool(hub)  # a greenlet is true while it has begun and not ended

    def call_soon_threadsafe(self, callback):
        self.hub().loop.run_callback_threadsafe(callback)


def _on_gevent_hub(hub):
    """gevent runs its own loop, which has no tasks of asyncio; lag and the line that blocks it are told all the same."""
    if _ident() == _state.thread or not hasattr(hub.loop, "run_callback_threadsafe"):  # before gevent 20.5
        return
    adapter = _Hub(hub)
    _add_loop(adapter)
    known = _loops.get(id(adapter))
    if known is not None:
        known.impl, known.keep = "gevent", adapter


_RUNNERS = ("run_forever", "run_until_complete", "_run_once", "run", "run_once")


def _blocking_place(frame):
    """The line of the service that keeps its loop, and what it is in; None where the loop runs nothing of Python's."""
    first, innermost = None, None
    for _ in range(200):
        if frame is None:
            break
        code = frame.f_code
        if code.co_name in _RUNNERS and not _is_app(code.co_filename):
            break
        if innermost is None and code.co_filename != _HERE:
            innermost = frame
        if first is None and _is_app(code.co_filename):
            first = frame
        frame = frame.f_back
    if innermost is None:
        return None, ""
    name = os.path.basename(innermost.f_code.co_filename)
    running = "%s (%s)" % (getattr(innermost.f_code, "co_qualname", innermost.f_code.co_name), name)
    return _place_of(first or innermost), running


def _probe(known, now, late):
    """Asks a loop to answer, looks at the answer to the last time, and at what it does where there is none yet."""
    loop = known.ref()
    if loop is None or loop.is_closed():
        _loops.pop(id(loop), None)
        return
    if not loop.is_running():
        known.pending = False
        known.noted = None
        return
    if known.pending:
        waited = now - known.sent
        if waited >= BLOCKED and not late:
            _note_block(known, waited)
        return
    if known.sent:
        lag = max(known.acked - known.sent, 0.0)
        known.observe(lag)
        if known.noted is not None:
            _end_block(known, lag)
    known.pending = True
    known.sent = _now()
    loop.call_soon_threadsafe(known.ack)


def _note_block(known, waited):
    if known.noted is None:
        place, running = _blocking_place(_current_frames().get(known.thread))
        if place is None:
            return
        known.noted = place
        block = _blocks.get(place)
        if block is None:
            if len(_blocks) >= MAX_SITES * 5:
                return
            block = _blocks[place] = [0, 0.0, 0.0, running]
        block[0] += 1
    block = _blocks.get(known.noted)
    if block is not None:
        block[2] = max(block[2], waited)


def _end_block(known, lag):
    block = _blocks.get(known.noted)
    if block is not None:
        block[1] += lag
        block[2] = max(block[2], lag)
    known.noted = None


def _count_tasks(known):
    loop = known.ref()
    asyncio = sys.modules.get("asyncio")
    if loop is None or asyncio is None or known.keep is not None:
        return
    tasks = asyncio.all_tasks(loop)
    known.tasks = len(tasks)
    counts = {}
    for task in tasks:
        code = getattr(task.get_coro(), "cr_code", None)
        if code is not None:
            counts[code] = counts.get(code, 0) + 1
    top = sorted(counts.items(), key=lambda c: -c[1])[:MAX_SITES]
    known.top = [
        {"func": getattr(c, "co_qualname", c.co_name), "file": c.co_filename, "line": c.co_firstlineno, "count": n} for c, n in top
    ]


# --- the thread -------------------------------------------------------------------------------------------------------


class _State:
    """The one agent of a process."""

    def __init__(self):
        self.on = False
        self.hooked = False
        self.path = None
        self.loops = 0
        self.running = False
        self.stopping = False
        self.thread = 0
        self.native = 0
        self.wakeup = None
        self.socket = None
        self.inode = 0
        self.lock = _new_lock()
        self.alive = []
        self.next_walk = 0.0
        self.resume = False


_state = _State()


def _wake():
    """Starts the thread when there is the first thing to tell."""
    if _state.running or not _state.on or _state.stopping:
        return
    if not _state.lock.acquire(False):
        return
    try:
        if not _state.running:
            wakeup = _new_lock()
            wakeup.acquire()
            _state.wakeup = wakeup
            _state.running = True
            _new_thread(_run, (wakeup,))
    except Exception as error:
        _state.running = False
        _faults.add("thread", error)
    finally:
        _state.lock.release()


def _run(wakeup):
    try:
        _state.thread = _ident()
        get_native = getattr(_thread, "get_native_id", None)
        _state.native = get_native() if get_native is not None else 0
        _block_signals()
        _work(wakeup)
    except Exception as error:
        _faults.add("thread", error)
    finally:
        _state.thread = 0
        _state.running = False


def _block_signals():
    """Leaves signals to the threads of the service."""
    import signal

    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def _work(wakeup):
    due, seen = _now(), _now()
    while not _state.stopping:
        connected = _state.socket is not None
        if wakeup.acquire(True, TICK if connected else SEND_EVERY / 5 if _state.path else LOOK_EVERY):
            return
        now = _now()
        late = connected and now - seen > 3 * TICK  # we did not get to run ourselves, so nobody else is to blame
        seen = now
        if connected:
            for known in list(_loops.values()):
                try:
                    _probe(known, now, late)
                except Exception as error:
                    _loops.pop(next((k for k, v in list(_loops.items()) if v is known), None), None)
                    if not isinstance(error, RuntimeError):  # a loop that was closed meanwhile
                        _faults.add("probe", error)
        if now >= due:
            due = now + SEND_EVERY
            try:
                _tell()
            except Exception as error:
                _faults.add("tell", error)


def _tell():
    if _state.socket is None and not _connect():
        return
    _walk()
    _send(_stats())


def _walk():
    """Looks at tasks and objects one by one, as often as the budget allows."""
    now = _now()
    if now < _state.next_walk:
        return
    for known in list(_loops.values()):
        try:
            _count_tasks(known)
        except RuntimeError:
            pass  # the set changed while it was read; next time
        except Exception as error:
            _faults.add("tasks", error)
    try:
        _state.alive = _count_alive()
    except RuntimeError:
        pass
    except Exception as error:
        _faults.add("alive", error)
    _state.next_walk = now + (_now() - now) / BUDGET


def _count_alive():
    counts = {}
    # In one step, as other threads add to it; weakref.WeakKeyDictionary.items() would run between them.
    for ref, (kind, where, place, is_open) in list(_alive.data.items()):
        thing = ref()
        try:
            if thing is None or not is_open(thing):
                continue
            if callable(where):
                where = where(thing)
        except Exception:
            continue
        key = (kind, where, place)
        counts[key] = counts.get(key, 0) + 1
    top = sorted(counts.items(), key=lambda c: (-c[1], str(c[0])))[: 3 * MAX_SITES]
    return [dict(_site(place), kind=kind, where=where[:300], count=n, open=n) for (kind, where, place), n in top]


def _site(place):
    if place is None:
        return {"file": "", "line": 0, "func": ""}
    return {"file": place[0][:500], "line": place[1], "func": place[2][:120]}


def _stats():
    loops = []
    for known in list(_loops.values()):
        loops.append(
            {
                "id": known.number,
                "impl": known.impl,
                "tasks": known.tasks,
                "top": known.top,
                "lag": {"buckets": list(known.counts), "sum": known.sum, "count": known.count, "max": known.max},
            }
        )
        known.max = 0.0
    pools = []
    # In one step, as other threads add to it.
    for ref, (kind, name, place, reader) in list(_pools.data.items()):
        pool = ref()
        if pool is None:
            continue
        try:
            pools.append(dict(_site(place), kind=kind, name=name, **reader(pool)))
        except Exception as error:
            _faults.add("pool " + kind, error)
    blocks = sorted(list(_blocks.items()), key=lambda b: -b[1][0])[:MAX_SITES]
    opened = list(_state.alive)
    for kind in ("file", "process", "thread"):
        for count, where, place in _opened.top(kind)[:MAX_SITES]:
            opened.append(dict(_site(place), kind=kind, where=where[:300], count=count, open=-1))
    return {
        "v": PROTOCOL,
        "type": "stats",
        "loops": loops,
        "pools": pools,
        "blocks": [dict(_site(p), count=b[0], seconds=b[1], longest=b[2], running=b[3][:200]) for p, b in blocks],
        "unclosed": [dict(_site(p), message=m, where=w, count=n) for (m, w, p), n in list(_unclosed.items())[:MAX_SITES]],
        "opened": opened,
        "faults": _faults.count,
        "fault": _faults.last,
    }


def _hello():
    return {
        "v": PROTOCOL,
        "type": "hello",
        "agent": VERSION,
        "pid": os.getpid(),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "implementation": sys.implementation.name,
        "bounds": list(BUCKETS),
    }


# --- the way to the watch ---------------------------------------------------------------------------------------------


def _socket_path():
    """Where a watch listens: what it said at start, or the place for this process in the folder of this user."""
    if _state.path:
        return _state.path
    base = os.environ.get("XDG_RUNTIME_DIR") or "/tmp"
    return os.path.join(base, "tiebeam-agent-%d" % os.geteuid(), "%d.sock" % os.getpid())


def _trusted(path):
    """Only a folder that nobody else can write to is believed to hold the watch's socket."""
    import stat

    info = os.lstat(os.path.dirname(path))
    return stat.S_ISDIR(info.st_mode) and info.st_uid in (0, os.geteuid()) and not info.st_mode & 0o022


def _connect():
    import _socket

    path = _socket_path()
    try:
        if not os.path.exists(path) or not _trusted(path):
            return False
        sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    except OSError:
        return False
    try:
        os.set_inheritable(sock.fileno(), False)
        sock.settimeout(0.5)
        sock.connect(path)
    except OSError:
        sock.close()
        return False
    _state.inode = os.fstat(sock.fileno()).st_ino
    _state.socket = sock
    return _send(_hello())


def _ours(sock):
    """Whether the descriptor still is our socket. A service that closes all descriptors, as daemons do, closes this one
    too, and what it opens next may get its number."""
    try:
        return os.fstat(sock.fileno()).st_ino == _state.inode
    except OSError:
        return False


def _send(message):
    """Sends one line, made shorter where it would be too long. A watch that has gone is forgotten."""
    import _socket
    import json

    line = json.dumps(message, separators=(",", ":"))
    for key in ("opened", "unclosed", "blocks", "pools"):
        if len(line) < MAX_LINE:
            break
        message[key] = message.get(key, [])[:5]
        line = json.dumps(message, separators=(",", ":"))
    if len(line) >= MAX_LINE:
        return False
    data = line.encode("utf-8", "replace") + b"\n"
    sock = _state.socket
    if not _ours(sock):
        _hang_up()
        return False
    try:
        while data:
            # The service may have given SIGPIPE back its meaning, which ends the process.
            data = data[sock.send(data, getattr(_socket, "MSG_NOSIGNAL", 0)) :]
        return True
    except OSError:
        _hang_up()
        return False


def _hang_up():
    sock, _state.socket = _state.socket, None
    if sock is None:
        return
    try:
        if _ours(sock):
            sock.close()
        else:
            sock.detach()
    except OSError:
        pass


# --- fork, start and stop ---------------------------------------------------------------------------------------------


def _end_thread():
    """Ends the thread and waits until the system has taken it out, at most a second."""
    wakeup = _state.wakeup
    if not _state.running or wakeup is None:
        return False
    _state.stopping = True
    try:
        wakeup.release()
    except RuntimeError:
        pass
    for _ in range(1000):
        # The system has it a moment longer than the interpreter, which is what a fork counts.
        if not _state.running and not os.path.exists("/proc/self/task/%d" % _state.native):
            break
        _sleep(0.001)
    return True


_sleep = time.sleep


def _before_fork():
    try:
        _state.resume = _end_thread()
    except Exception as error:
        _faults.add("fork", error)


def _after_in_parent():
    try:
        _state.stopping = False
        # From 3.13 on the interpreter counts threads after this and warns of more than one, so the thread begins again
        # with the next thing that a loop runs or that the audit hook sees.
        if _state.resume:
            for known in list(_loops.values()):
                loop = known.ref()
                if loop is not None and loop.is_running():
                    loop.call_soon_threadsafe(_wake)
    except Exception as error:
        _faults.add("fork", error)


def _after_in_child():
    try:
        _hang_up()
        _state.stopping = _state.running = False
        _state.thread = _state.native = 0
        _state.lock = _new_lock()
        _state.wakeup = None
        _state.alive = []
        _loops.clear()
        _blocks.clear()
        if _state.resume:
            _state.resume = False
            _wake()
    except Exception as error:
        _faults.add("fork", error)


def _at_exit():
    try:
        if _state.running:
            _end_thread()
            if _state.socket is not None:
                _send(_stats())
                _send({"v": PROTOCOL, "type": "bye"})
        _hang_up()
        _state.on = False
    except Exception:
        pass


def start(path=None):
    """Begins to look; says whether it does. It is safe to call it more than once.

    path is the socket of a watch; without it the one that `tiebeam watch PID` makes for this process is waited for.
    """
    try:
        if sys.platform == "win32":
            return False
        _state.path = path or os.environ.get("TIEBEAM_AGENT_SOCKET") or None
        _state.stopping = False
        _state.on = True
        if not _state.hooked:
            _state.hooked = True
            _hook()
        return True
    except Exception as error:
        _faults.add("start", error)
        return False


def _hook():
    hooks = _hooks()
    for name in list(hooks):
        module = sys.modules.get(name)
        if module is not None:
            _run_hook(name, hooks.pop(name), module)
    sys.meta_path.insert(0, _Finder(hooks))
    try:
        _watch_warnings()
    except Exception as error:
        _faults.add("warnings", error)
    sys.addaudithook(_audit)
    os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
    import atexit

    atexit.register(_at_exit)


def attach(path=None):
    """Begins to look at a service that has been running for a while, as sys.remote_exec does (Python 3.14).

    Pools and loops that are there already are looked for among the objects that the collector knows.
    """
    if not start(path):
        return False
    try:
        import gc

        readers = {
            ("psycopg_pool.base", "BasePool"): _pool_adder("psycopg", _read_psycopg, named=True),
            ("sqlalchemy.pool.impl", "QueuePool"): _pool_adder("sqlalchemy", _read_sqlalchemy),
            ("asyncpg.pool", "Pool"): _pool_adder("asyncpg", _read_asyncpg),
            ("redis.connection", "ConnectionPool"): _pool_adder("redis", _read_redis),
            ("httpcore._async.connection_pool", "AsyncConnectionPool"): _pool_adder("httpx", _read_httpcore),
            ("httpcore._sync.connection_pool", "ConnectionPool"): _pool_adder("httpx", _read_httpcore),
        }
        classes = []
        for (module, name), add in readers.items():
            cls = getattr(sys.modules.get(module), name, None)
            if cls is not None:
                classes.append((cls, add))
        events = sys.modules.get("asyncio.events")
        for thing in gc.get_objects():
            for cls, add in classes:
                if isinstance(thing, cls):
                    add(thing)
            if events is not None and isinstance(thing, events.AbstractEventLoop) and thing.is_running():
                _add_loop(thing)
                _loops[id(thing)].thread = getattr(thing, "_thread_id", None) or _main_thread()
        _wake()
        return True
    except Exception as error:
        _faults.add("attach", error)
        return False


def _main_thread():
    threading = sys.modules.get("threading")
    return threading.main_thread().ident if threading is not None else 0


def stop():
    """Stops looking and closes the way to the watch. The hooks stay in place and do nothing."""
    try:
        _state.on = False
        _end_thread()
        _hang_up()
    except Exception as error:
        _faults.add("stop", error)

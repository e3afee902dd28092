"""What a mutant may touch.

Two levels. "namespaces": the kernel gives the process its own users, mounts, network and processes; the file system is
read-only but for copies that vanish. "hooks": where the kernel does not let us, Python's audit hooks refuse what they
see; C code can get around them, which the report says.

How many processes a mutant has is bounded by a control group where there is one, else by RLIMIT_NPROC, to which Linux
does not hold root; Python's own forks are counted in any case.
"""
import ctypes
import os
import resource
import signal
import socket
import struct
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
MS_REC, MS_PRIVATE, MS_BIND = 0x4000, 0x40000, 0x1000
SYS_MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE, ATTR_RDONLY = 442, -100, 0x8000, 0x1
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER = 1, 24, 36
CAPABILITIES = (8, 12, 19, 21, 24)  # SETPCAP, NET_ADMIN, SYS_PTRACE, SYS_ADMIN, SYS_RESOURCE
DESCRIPTORS = 4096

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _call(name, *args):
    if getattr(_libc, name)(*args) != 0:
        code = ctypes.get_errno()
        raise OSError(code, "%s: %s" % (name, os.strerror(code)))


def _mount(source, target, kind, flags, data):
    _call("mount", os.fsencode(source), os.fsencode(target), kind, ctypes.c_ulong(flags), data and os.fsencode(data))


def _read_only():
    """Makes every mount of this namespace read-only (mount_setattr(2), Linux 5.12)."""
    attributes = struct.pack("QQQQ", ATTR_RDONLY, 0, 0, 0)
    if _libc.syscall(ctypes.c_long(SYS_MOUNT_SETATTR), ctypes.c_int(AT_FDCWD), b"/", ctypes.c_uint(AT_RECURSIVE),
                     attributes, ctypes.c_size_t(len(attributes))) != 0:
        code = ctypes.get_errno()
        raise OSError(code, "mount_setattr: " + os.strerror(code))


def _loopback_up():
    """A new network has its loopback down; tests that serve themselves need it."""
    try:
        import fcntl
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))
    except OSError:
        pass


class Sandbox:
    """The place in which tests run. Everything written goes to `scratch`, which the caller deletes."""

    def __init__(self, root, scratch, limits, level, places=()):
        self.root, self.scratch, self.limits = os.path.realpath(root), os.path.realpath(scratch), limits
        self.level, self.why, self.files = "hooks", "", "hooks"
        self.tmp = os.path.join(self.scratch, "tmp")
        os.makedirs(self.tmp, exist_ok=True)
        os.environ["TMPDIR"] = self.tmp
        self.places = [Place(folder) for folder in places]  # before everything is read-only
        self.free = list(self.places)
        self.processes = "group" if self.free else "hooks"
        if level != "hooks":
            self._enter()
            if not self.free and self.level == "namespaces" and os.getuid() != 0:
                self.processes = "limit"

    def _enter(self):
        if _libc is None:
            self.why = "namespaces exist on Linux only"
            return
        uid, gid = os.getuid(), os.getgid()
        try:
            _call("unshare", CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
            for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (uid, uid)), ("gid_map", "%d %d 1" % (gid, gid))):
                with open("/proc/self/" + name, "w") as f:
                    f.write(text)
            _mount("none", "/", None, MS_REC | MS_PRIVATE, None)
        except OSError as err:
            self.why = str(err)
            return
        _loopback_up()
        self.level = "namespaces"
        try:
            self._protect()
        except OSError as err:
            self.why = str(err)

    def _protect(self):
        self.lower, self.store, self.child = (os.path.join(self.scratch, n) for n in ("lower", "store", "child"))
        for name in (self.lower, self.store, self.child):
            os.makedirs(name, exist_ok=True)
        _mount(self.root, self.lower, None, MS_BIND | MS_REC, None)
        _read_only()
        self.files = "read-only"
        size = "size=%dm,mode=0700" % (self.limits["files_mb"])
        _mount("tmpfs", self.store, b"tmpfs", 0, size)
        _mount("tmpfs", self.child, b"tmpfs", 0, size)
        _mount("tmpfs", self.tmp, b"tmpfs", 0, size)
        if os.path.isdir("/dev/shm"):
            _mount("tmpfs", "/dev/shm", b"tmpfs", 0, size)
        self._overlay(self.root, self.lower, self.store)
        self.files = "copies"
        os.chdir(os.getcwd())

    def _overlay(self, at, lower, store):
        upper, work = os.path.join(store, "upper"), os.path.join(store, "work")
        os.makedirs(upper, exist_ok=True)
        os.makedirs(work, exist_ok=True)
        plain = "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work)
        try:
            _mount("overlay", at, b"overlay", 0, plain + ",userxattr")
        except OSError:
            _mount("overlay", at, b"overlay", 0, plain)

    def own_processes(self):
        """Gives what the calling process forks next processes of its own: that is their first, with which all end."""
        if self.level == "namespaces":
            _call("unshare", CLONE_NEWPID)

    def end_others(self):
        """Ends, in the first process, all others."""
        if self.level != "namespaces":
            return
        try:
            os.kill(-1, signal.SIGKILL)
            while True:
                os.waitpid(-1, 0)
        except OSError:  # there are none, or none any more
            pass

    def own_files(self):
        """Gives the calling process mounts of its own, which vanish with it."""
        if self.level != "namespaces":
            return
        here = os.getcwd()
        _call("unshare", CLONE_NEWNS)
        if self.files != "copies":
            return
        size = "size=%dm,mode=0700" % (self.limits["files_mb"])
        seen = os.path.join(self.store, "upper")
        _mount("tmpfs", self.child, b"tmpfs", 0, size)
        for name in ("root", "tmp"):
            os.makedirs(os.path.join(self.child, name))
        self._overlay(self.root, seen + ":" + self.lower, os.path.join(self.child, "root"))
        self._overlay(self.tmp, self.tmp, os.path.join(self.child, "tmp"))
        os.chdir(here)

    def limit(self, cpu_seconds, nested):
        """Limits of the calling process: CPU time, memory on top of what it has, size of files, descriptors, processes.

        One that makes places for others itself (nested) keeps what it needs to make them."""
        _lower(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
        _lower(resource.RLIMIT_CORE, 0, 0)
        megabytes = self.limits["files_mb"] << 20
        _lower(resource.RLIMIT_FSIZE, megabytes, megabytes)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        used = _address_space()
        if used:
            most = used + (self.limits["memory_mb"] << 20)
            _lower(resource.RLIMIT_AS, most, most)
        _lower(resource.RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS)
        if self.level == "namespaces":
            _lower(resource.RLIMIT_NPROC, self.limits["processes"], self.limits["processes"])
            if not nested:
                _drop()

    def describe(self):
        return {"level": self.level, "files": self.files, "processes": self.processes, "why": self.why}


class Place:
    """A control group for one mutant. Its files are opened before the file system is read-only."""

    def __init__(self, folder):
        self.members = os.open(os.path.join(folder, "cgroup.procs"), os.O_WRONLY)
        try:
            self.events = os.open(os.path.join(folder, "pids.events"), os.O_RDONLY)
        except OSError:
            self.events = -1

    def enter(self, pid=0):
        """Puts a process into the group, the calling one where none is named."""
        os.write(self.members, b"%d" % pid)

    def close(self):
        os.close(self.members)
        if self.events >= 0:
            os.close(self.events)

    def refused(self):
        """How often the kernel has refused a process here."""
        if self.events < 0:
            return 0
        try:
            words = os.pread(self.events, 4096, 0).split()
            return int(words[words.index(b"max") + 1])
        except (OSError, ValueError, IndexError):
            return 0


def _lower(what, soft, hard):
    """Sets a limit, never above that of the process around it."""
    now, most = resource.getrlimit(what)
    if now != resource.RLIM_INFINITY:
        soft = min(soft, now)
    if most != resource.RLIM_INFINITY:
        hard = min(hard, most)
    resource.setrlimit(what, (min(soft, hard), hard))


def _drop():
    """Gives up the capabilities (capabilities(7)) with which mounts, the network and limits could be set back."""
    away = sum(1 << c for c in CAPABILITIES)
    for capability in CAPABILITIES:
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header = struct.pack("Ii", 0x20080522, 0)
    data = ctypes.create_string_buffer(24)
    if _libc.capget(header, data) != 0:
        return
    sets = list(struct.unpack("6I", data.raw))
    for i in range(6):
        sets[i] &= ~(away >> (32 if i > 2 else 0)) & 0xFFFFFFFF
    _libc.capset(header, struct.pack("6I", *sets))


def _address_space():
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def die_with_parent():
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def adopt_orphans():
    if _libc is not None:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


class Watch:
    """An audit hook that tells what the code under test tried outside of its place, and refuses it at level "hooks"."""

    MOST = 20
    TOO_MANY = "start more processes than it may"
    START, SOCKET = "start a program", "connect to the socket "
    WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    CHANGES = {"os.remove": "delete", "os.rmdir": "delete", "shutil.rmtree": "delete", "os.rename": "rename",
               "os.mkdir": "make", "os.truncate": "truncate", "os.chmod": "change", "os.chown": "change",
               "os.symlink": "link", "os.link": "link", "shutil.move": "move"}
    KEPT = ("__pycache__", ".pytest_cache", ".hypothesis", ".benchmarks")  # what Python and its tools keep beside the source
    PROGRAMS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty"}

    def __init__(self, sandbox):
        self.sandbox, self.tell, self.seen, self.counter = sandbox, None, set(), None
        self.refuse = sandbox.level == "hooks"
        self.busy = False
        sys.addaudithook(self._hook)

    def start(self, tell, counter=None):
        """Looks from now on. The counter is memory that all processes of a worker share."""
        self.tell, self.seen, self.counter, self.busy = tell, set(), counter, False

    def pause(self, on):
        """Looks away, or looks again. Gives whether it looked away before."""
        before, self.busy = self.busy, on
        return before

    def _hook(self, event, args):
        if self.tell is None or self.busy or event in ("compile", "exec", "import", "object.__getattr__"):
            return
        self.busy = True
        try:
            what = self._judge(event, args)
        except Exception:  # a hook of ours must never change what the tests do
            what = None
        finally:
            self.busy = False
        if what is None:
            return
        if what not in self.seen and len(self.seen) < self.MOST:
            self.seen.add(what)
            self.tell(what)
        if self.refuse or what == self.TOO_MANY or what.startswith(self.SOCKET):
            raise PermissionError("tiebeam: refused to " + what)

    def _judge(self, event, args):
        if event == "open":
            flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
            mode = args[1] if len(args) > 1 and isinstance(args[1], str) else ""
            if not flags & self.WRITES and not set(mode) & set("wax+"):
                return None
            return self._outside("write", args[0], project_too=self.refuse)
        if event in self.CHANGES:
            return self._outside(self.CHANGES[event], args[0], project_too=True)
        if event in ("socket.connect", "socket.sendto"):
            return self._address(args[1] if len(args) > 1 else None)
        if event == "socket.getaddrinfo":
            host = args[0]
            return None if _local(host) else "look up %s" % (host,)
        if event in ("os.kill", "os.killpg"):
            # Where processes have no namespace of their own, a signal could reach anybody's.
            return "signal another process" if self.refuse and args[0] != os.getpid() else None
        if event in self.PROGRAMS:
            # The kernel's own limit does not hold root, so processes are counted here, over all generations.
            if self.counter is not None:
                started = int.from_bytes(self.counter[:4], "little") + 1
                self.counter[:4] = started.to_bytes(4, "little")
                if started > self.sandbox.limits["processes"]:
                    return self.TOO_MANY
            return self.START
        return None

    def _outside(self, verb, name, project_too):
        if isinstance(name, int) or name is None:
            return None
        full = os.path.abspath(os.fsdecode(name))
        if full.startswith("/dev/") or _below(full, self.sandbox.tmp):
            return None
        if _below(full, self.sandbox.root):
            if not project_too or any(kept in full for kept in self.KEPT):
                return None
            return "%s a file of the project" % verb
        return "%s %s" % (verb, full)

    def _address(self, address):
        if isinstance(address, (str, bytes)):
            # A socket with a name in the file system leads out of any network namespace.
            name = os.fsdecode(address)
            if not name or name[0] == "\0":
                return "connect to a socket without a file" if self.refuse else None
            full = os.path.abspath(name)
            inside = _below(full, self.sandbox.tmp) or _below(full, self.sandbox.root)
            return None if inside else self.SOCKET + full
        if not isinstance(address, tuple) or not address or _local(address[0]):
            return None
        return "connect to %s" % (address[0],)


def _local(host):
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host in (None, "", "localhost", "::1", "0.0.0.0", "::") or str(host).startswith("127.")


def _below(name, folder):
    return name == folder or name.startswith(folder + os.sep)

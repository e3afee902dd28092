# How long a call may wait for an answer that does not come, how late a late one is, and how long a run may take, in seconds.
DEADLINE, DELAY, LIMIT = {{deadline}}, {{delay}}, 120


class Fault:
    """What goes wrong: the answer to one operation is lost, does not come, or is late.

    name is the operation, as a regular expression, and occurrence counts the operations that it matches, from 1.
    """

    def __init__(self, kind, protocol, name, occurrence=1):
        self.kind, self.protocol, self.name, self.occurrence = kind, protocol, name, occurrence


class Watch:
    """Counts how often an effect happens for good, and says at which operation the fault is."""

    def __init__(self, protocol, effect, fault=None):
        self.protocol, self.effect, self.fault = protocol, effect, fault
        self.lock = threading.Lock()
        self.seen, self.reached, self.gave_up = 0, False, None
        self.count, self.keys = 0, set()

    def sent(self, protocol, name):
        """Is the fault at this operation?"""
        fault = self.fault
        if fault is None or protocol != fault.protocol or not re.match(fault.name, name, re.DOTALL | re.IGNORECASE):
            return False
        with self.lock:
            self.seen += 1
            here = self.seen == fault.occurrence
            self.reached = self.reached or here
        return here

    def wrote(self, protocol, name, rows=1, key=None):
        """The operation wrote, and that holds."""
        if protocol == self.protocol and re.match(self.effect, name, re.DOTALL | re.IGNORECASE):
            with self.lock:
                if key is None:
                    self.count += rows
                else:
                    self.keys.add(key)

    @property
    def times(self):
        return self.count + len(self.keys)

    def strike(self, gone):
        """The operation was executed. Wait where the answer is late or does not come, and say whether it is lost."""
        if self.fault.kind == "late":
            gone.wait(DELAY)
            return False
        if self.fault.kind == "silent":
            self.gave_up = gone.wait(DEADLINE)
        return True


def listen(serve, address=("127.0.0.1", 0)):
    """Serve connections in threads until the test ends; gives the port."""
    server = socket.create_server(address)

    def accept():
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=connection, args=(client,), daemon=True).start()

    def connection(client):
        with client, contextlib.suppress(OSError, EOFError, ValueError):
            serve(client)

    threading.Thread(target=accept, daemon=True).start()
    return server, server.getsockname()[1]


def hang_up(*connections):
    for c in connections:
        with contextlib.suppress(OSError):
            c.shutdown(socket.SHUT_RDWR)


# Parameters of a URL that say which way leads to a service.
WAYS = {"host", "hostaddr", "port", "sslmode", "sslrootcert", "sslnegotiation", "channel_binding", "gssencmode"}


def through(url, port):
    """The URL with a proxy's address in it."""
    parts = urllib.parse.urlsplit(url)
    user, at, _ = parts.netloc.rpartition("@")
    query = [(k, v) for k, v in urllib.parse.parse_qsl(parts.query) if k not in WAYS]
    return parts._replace(netloc=f"{user}{at}127.0.0.1:{port}", query=urllib.parse.urlencode(query)).geturl()


def address(url, port):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or port


def run(command, watch):
    """Run the test once in a process of its own, behind proxies that the watch looks through."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TIEBEAM_", "PYTEST_"))}
    with contextlib.ExitStack() as stack:
        redirect(watch, environment, stack)
        process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        try:
            output, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
    if watch.fault is None:
        assert process.returncode == 0, f"the test fails without any fault:\n{output}"
    else:
        assert watch.reached, f"the test does not come to {watch.fault.name} any more:\n{output}"
    return watch



def frame(stream):
    """One message of PostgreSQL: its kind and all of its bytes."""
    head = exactly(stream, 5)
    (length,) = struct.unpack("!I", head[1:])
    return head[:1], head + exactly(stream, length - 4)


def exactly(stream, size):
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def text(raw):
    return raw.split(b"\0", 1)[0].decode(errors="replace").strip()


def database(url):
    """The host and the port of a URL of PostgreSQL."""
    parts = urllib.parse.urlsplit(url)
    query = dict(urllib.parse.parse_qsl(parts.query))
    return query.get("host") or parts.hostname or "127.0.0.1", int(query.get("port") or parts.port or 5432)


def reach(host, port):
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    server = socket.socket(socket.AF_UNIX)
    server.connect(f"{host}/.s.PGSQL.{port}")
    return server


def postgres(watch, upstream, tls=None):
    """Serves one connection to PostgreSQL."""

    def serve(client):
        waiting, gone = collections.deque(), threading.Event()
        with contextlib.ExitStack() as stack:
            client, server, requests, answers = greet(client, stack)
            back = threading.Thread(target=answer, args=(client, server, answers, waiting, gone), daemon=True)
            back.start()
            try:
                ask(requests, server, waiting)
            finally:
                gone.set()
                hang_up(server)
                back.join()

    def greet(client, stack):
        """The beginning of a connection, in which both hops agree on TLS."""
        server = stack.enter_context(reach(*upstream))
        if tls:
            server = stack.enter_context(tls.to(server))
        clear = True
        if tls and tls.begins(client):
            client, clear = stack.enter_context(tls.of(client)), False
        requests = stack.enter_context(client.makefile("rb"))
        while True:
            head = exactly(requests, 8)
            length, code = struct.unpack("!II", head)
            if code not in (80877103, 80877104):  # neither SSLRequest nor GSSENCRequest
                break
            if tls and clear and code == 80877103:
                client.sendall(b"S")
                client, clear = stack.enter_context(tls.of(client)), False
                requests = stack.enter_context(client.makefile("rb"))
                continue
            client.sendall(b"N")
        server.sendall(head + exactly(requests, length - 8))
        answers = stack.enter_context(server.makefile("rb"))
        if tls and clear:
            client.sendall(tls.unbound(answers))
        return client, server, requests, answers

    def ask(requests, server, waiting):
        statements, portals = {}, {}
        while True:
            kind, raw = frame(requests)
            body = raw[5:]
            if kind == b"P":
                name, _, rest = body.partition(b"\0")
                statements[name] = text(rest)
            elif kind == b"B":
                portal, _, rest = body.partition(b"\0")
                portals[portal] = statements.get(rest.split(b"\0", 1)[0], "")
            elif kind in b"QESF":
                name = text(body) if kind == b"Q" else portals.get(body.split(b"\0", 1)[0], "") if kind == b"E" else None
                waiting.append((kind, name, name is not None and watch.sent("postgres", name)))
            server.sendall(raw)

    def answer(client, server, answers, waiting, gone):
        written, held, faulty = [], b"", False
        with contextlib.suppress(OSError, EOFError, IndexError):
            while True:
                kind, raw = frame(answers)
                faulty = faulty or bool(waiting) and waiting[0][2]
                if kind == b"C" and waiting:
                    tag = text(raw[5:]).split()
                    if tag[:1] == ["ROLLBACK"]:
                        written.clear()
                    elif tag[-1:] and tag[-1].isdigit() and tag[0] != "SELECT":
                        written.append((waiting[0][1], int(tag[-1])))
                if kind in b"CsI" and waiting and waiting[0][0] == b"E":
                    waiting.popleft()
                elif kind == b"E":
                    while waiting and waiting[0][0] == b"E":
                        waiting.popleft()
                elif kind == b"Z":
                    if waiting:
                        waiting.popleft()
                    if raw[5:6] == b"I":
                        for name, rows in written:
                            watch.wrote("postgres", name, rows)
                        written.clear()
                if not faulty:
                    client.sendall(raw)
                    continue
                held += raw
                if kind == b"Z":
                    if watch.strike(gone):
                        break
                    client.sendall(held)
                    held, faulty = b"", False
        hang_up(client, server)

    return serve

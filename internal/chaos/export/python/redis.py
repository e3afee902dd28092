

def redis(watch, upstream):
    """Serves one connection to Redis."""

    def serve(client):
        waiting, gone = collections.deque(), threading.Event()
        with socket.create_connection(upstream) as server, client.makefile("rb") as requests:
            back = threading.Thread(target=answer, args=(client, server, waiting, gone), daemon=True)
            back.start()
            try:
                while True:
                    raw, words = value(requests)
                    words = [w.decode(errors="replace") for w in words if isinstance(w, bytes)]
                    name = " ".join([words[0].upper(), *words[1:2]])
                    waiting.append((name, watch.sent("redis", name)))
                    server.sendall(raw)
            finally:
                gone.set()
                hang_up(server)
                back.join()

    def answer(client, server, waiting, gone):
        queued = []
        with contextlib.suppress(OSError, EOFError, IndexError, ValueError), server.makefile("rb") as answers:
            while True:
                raw, said = value(answers)
                lost = False
                if raw[:1] != b">":
                    name, lost = waiting.popleft()
                    if said == b"QUEUED":
                        queued.append(name)
                    elif name == "DISCARD":
                        queued.clear()
                    elif name == "EXEC":
                        for one in queued if isinstance(said, list) else []:
                            watch.wrote("redis", one)
                        queued.clear()
                    elif raw[:1] != b"-" and said is not None:
                        watch.wrote("redis", name)
                if lost and watch.strike(gone):
                    break
                client.sendall(raw)
        hang_up(client, server)

    return serve


def value(stream):
    """One value of Redis: its bytes, and what it says."""
    line = stream.readline()
    if not line:
        raise EOFError
    kind, rest = line[:1], line[1:].strip()
    if kind in b"$=!" and int(rest) >= 0:
        data = stream.read(int(rest) + 2)
        return line + data, data[:-2]
    if kind in b"*~>%" and int(rest) >= 0:
        parts = [value(stream) for _ in range(int(rest) * (2 if kind == b"%" else 1))]
        return line + b"".join(raw for raw, _ in parts), [said for _, said in parts]
    return line, None if rest == b"-1" or kind == b"_" else rest

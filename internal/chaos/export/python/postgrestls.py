

class Hops:
    """The TLS of a connection to PostgreSQL: that of the program where it asks for it, and that to the server where it is wanted."""

    def __init__(self, authority, wanted):
        self.authority, self.wanted = authority, wanted

    def begins(self, client):
        """Does the program begin with TLS, without the question (sslnegotiation=direct)?"""
        return client.recv(1, socket.MSG_PEEK) == b"\x16"

    def of(self, client):
        return deciphered(client, self.authority.context("localhost"), server_side=True)

    def to(self, server):
        if not self.wanted:
            return server
        server.sendall(struct.pack("!II", 8, 80877103))
        assert server.recv(1) == b"S", "the server has no TLS, which sslmode asks for"
        return deciphered(server, unchecked(), server_side=False)

    def unbound(self, answers):
        """The server's first messages without the ways to authenticate that bind to its TLS: the program has none."""
        said, kind = b"", b""
        while kind not in (b"R", b"E"):
            kind, raw = frame(answers)
            if kind == b"R" and raw[5:9] == struct.pack("!I", 10):
                kept = [name for name in raw[9:].split(b"\0") if name and not name.endswith(b"-PLUS")]
                body = raw[5:9] + b"".join(name + b"\0" for name in kept) + b"\0"
                raw = kind + struct.pack("!I", len(body) + 4) + body
            said += raw
        return said


def encrypted(environment, url=""):
    """Does a connection string, or else libpq's variable, ask for TLS?"""
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))
    return query.get("sslmode", environment.get("PGSSLMODE")) in ("require", "verify-ca", "verify-full")



def https(watch, authority):
    """Serves a proxy whose clients ask for tunnels to servers with TLS. Each tunnel ends here, so that what is said in it is seen."""

    def serve(connection):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += octet(connection)
        method, target, _ = head.decode("latin-1").split(" ", 2)
        if method != "CONNECT":
            return
        upstream = address("//" + target, 443)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with deciphered(connection, authority.context(upstream[0]), server_side=True) as inner:
            http(watch, upstream, functools.partial(client.HTTPSConnection, context=unchecked()))(inner)

    return serve


def octet(connection):
    byte = connection.recv(1)
    if not byte:
        raise EOFError
    return byte

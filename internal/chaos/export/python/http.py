

def http(watch, upstream=None, connect=client.HTTPConnection):
    """Serves HTTP: a proxy for whatever clients name, or for one upstream."""

    class Handler(server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            url = urllib.parse.urlsplit(self.path)
            path = url._replace(scheme="", netloc="").geturl() or "/"
            name = f"{self.command} {url.path or '/'}"
            body = self.body()
            lost = watch.sent("http", name)
            host = upstream or address(self.path, 80)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            with contextlib.closing(connect(*host, timeout=LIMIT)) as connection:
                connection.request(self.command, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            if answer.status < 400:
                watch.wrote("http", name, 1, self.key())
            if lost and watch.strike(self.gone()):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for k, v in answer.getheaders():
                if k.lower() not in HOP:
                    self.send_header(k, v)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = pass_on

        def body(self):
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body

        def key(self):
            return next((self.headers[name] for name in KEYS if name in self.headers), None)

        def gone(self):
            """Set when the client hangs up."""
            event = threading.Event()

            def read():
                with contextlib.suppress(OSError):
                    if self.connection.recv(1, socket.MSG_PEEK):
                        return
                event.set()

            threading.Thread(target=read, daemon=True).start()
            return event

        def log_message(self, *arguments):
            pass

    return lambda connection: Handler(connection, None, None)


# Fields that belong to one hop, and those under which services take idempotency keys.
HOP = {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "content-length", "te", "upgrade"}
KEYS = {{keys}}

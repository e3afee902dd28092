"""A payment provider that keeps its promises, and an empty table, for each test."""
import http.server
import json
import os
import threading

import psycopg
import pytest


class Provider(http.server.ThreadingHTTPServer):
    """Charges cards. A request under a key that it knows is answered as before, and charges nothing."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.known = {}
        self.lock = threading.Lock()
        self.count = 0

    def charge(self, key):
        with self.lock:
            if key is None or key not in self.known:
                self.count += 1
                self.known[key] = f"ch_{self.count}"
            return self.known[key]

    def charges(self):
        return self.count


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"id": self.server.charge(self.headers.get("Idempotency-Key"))}).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def provider(monkeypatch):
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PAY_URL", f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def payments(request):
    """The table as the schema of the service under test makes it."""
    schema = (request.path.parent / "schema.sql").read_text()
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS payments")
        connection.execute(schema)
        yield
        connection.execute("DROP TABLE payments")



NEWKEY = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"


class Authority:
    """Signs certificates for the program's side of connections with TLS. The openssl program makes them, for one run.

    The service's side is not checked: it is on this machine, as it was when this test was written.
    """

    def __init__(self, folder):
        if shutil.which("openssl") is None:
            raise FileNotFoundError("this test makes certificates with the openssl program, which is not in PATH: install it")
        self.folder, self.lock, self.known = pathlib.Path(folder), threading.Lock(), {}
        self.make("ca", "tests", "basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign\n")
        trusted = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
        bundle = pathlib.Path(trusted).read_text() if trusted and os.path.exists(trusted) else ""
        self.bundle = self.folder / "bundle.pem"
        self.bundle.write_text(bundle + "\n" + (self.folder / "ca.pem").read_text())

    def make(self, file, name, extensions, *signed):
        config = self.folder / (file + ".conf")
        config.write_text(
            f"[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = {name}\n[ext]\nsubjectKeyIdentifier = hash\n{extensions}"
        )
        self.openssl("req", "-new", "-config", config, "-nodes", *NEWKEY, "-keyout", self.folder / (file + ".key"), "-out", self.folder / (file + ".csr"))
        by = signed or ("-signkey", self.folder / (file + ".key"))
        self.openssl("x509", "-req", "-in", self.folder / (file + ".csr"), "-days", "2", "-extfile", config, "-extensions", "ext", "-out", self.folder / (file + ".pem"), *by)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT)
        assert done.returncode == 0, f"openssl {arguments[0]} fails:\n{done.stderr}"

    def context(self, name):
        """What a server of that name needs for TLS."""
        with self.lock:
            if name not in self.known:
                file = f"host{len(self.known)}"
                kind = "IP" if re.fullmatch(r"[\d.]+|.*:.*", name) else "DNS"
                signed = "-CA", self.folder / "ca.pem", "-CAkey", self.folder / "ca.key", "-set_serial", len(self.known) + 2
                self.make(file, "a service", f"authorityKeyIdentifier = keyid\nsubjectAltName = {kind}:{name}\n", *signed)
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.set_alpn_protocols(["http/1.1", "postgresql"])
                context.load_cert_chain(self.folder / (file + ".pem"), self.folder / (file + ".key"))
                self.known[name] = context
            return self.known[name]

    def trusted(self, environment):
        """Let the clients of a process trust what is signed here."""
        for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"):
            environment[name] = str(self.bundle)


def unchecked():
    """What a client needs for TLS with a service on this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def deciphered(connection, context, server_side):
    """A socket that says in clear what a connection says with TLS; a thread stands between."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_side)
    near, far = socket.socketpair()
    outer = connection.dup()  # the thread ends it, when all has been said

    def step(do, *arguments):
        """Do one thing of TLS. Gives None where that needs more of the other side."""
        try:
            return do(*arguments)
        except ssl.SSLWantReadError:
            return None
        finally:
            if outgoing.pending:
                outer.sendall(outgoing.read())

    def hear():
        data = outer.recv(65536)
        incoming.write(data)
        return data

    def relay():
        with outer, far, contextlib.suppress(OSError):
            while step(lambda: tls.do_handshake() or True) is None:
                if not hear():
                    return
            while True:
                while data := step(tls.read, 65536):
                    far.sendall(data)
                ready, _, _ = select.select([outer, far], [], [])
                if outer in ready and not hear():
                    return
                if far in ready:
                    if not (data := far.recv(65536)):
                        return
                    step(tls.write, data)

    threading.Thread(target=relay, daemon=True).start()
    return near

"""The listening server.

    with TdsServer(sa_password="Secret-1") as server:
        connect("127.0.0.1", server.port)
        assert "SELECT 1" in server.log
"""
import datetime
import shutil
import socket
import tempfile
import threading
import time

from support.tds import errors, tls
from support.tds.connection import Connected
from support.tds.hooks import Hooks
from support.tds.instance import Instance

REFUSALS = {18401: errors.upgrading, 18456: errors.login_failed}


class TdsServer:
    """data: a directory that is kept; without one it is a scratch directory. encryption: off, login (what the real
    server does for a client that offers it) or required. certificate: (certificate's path, key's path)."""

    def __init__(self, data=None, sa_password="Stand-in-1", encryption="login", certificate=None, host="127.0.0.1", port=0,
                 product=2022):
        self.scratch = None if data else tempfile.mkdtemp(prefix="berth-tds-")
        self.instance = Instance(data or self.scratch, product)
        self.sa_password, self.encryption, self.certificate = sa_password, encryption, certificate
        self.address = host, port
        self.hooks, self.log, self.logins = Hooks(), [], []
        self.startup, self.refused = None, []
        self.tls_context, self.listener = None, None
        self.clients, self.guard = set(), threading.Lock()
        self.lines, self.speaks = [], False

    def __enter__(self):
        self.instance.open(self.sa_password)
        self.listen()
        return self

    def __exit__(self, *_):
        self.close()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def port(self):
        return self.listener.getsockname()[1]

    def listen(self):
        if self.encryption != "off":
            made = tls.scratch_certificate if self.scratch else lambda: tls.make_certificate(self.instance.directory)
            certificate = self.certificate or made()
            self.tls_context = tls.server_context(*certificate)
        self.listener = socket.create_server(self.address)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.disconnect_all()
        deadline = time.monotonic() + 5
        while self.clients and time.monotonic() < deadline:
            time.sleep(0.005)
        self.instance.close()

    def accept(self):
        while True:
            try:
                sock, address = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = Connected(self, sock, address)
            with self.guard:
                self.clients.add(client)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            client.serve()
        finally:
            with self.guard:
                self.clients.discard(client)

    # --- for tests

    def on(self, pattern, action, times=None):
        """For batches that the pattern is found in; times: how often, without it always. Returns the action."""
        return self.hooks.add(pattern, action, times)

    def refuse(self, *numbers, times=None):
        """Logins are refused with these errors, 18401 or 18456, times times or until allow()."""
        self.refused = [[number, times] for number in numbers]

    def refuse_connections(self, how):
        """"close at once" (after the accept) or "close in login" (when the password is there); None: no more."""
        self.startup = how

    def allow(self):
        self.refused, self.startup = [], None

    def set_sa_password(self, password):
        self.instance.set_password("sa", password)

    def disconnect_all(self):
        with self.guard:
            clients = list(self.clients)
        for client in clients:
            client.drop()

    # --- for connections

    def refusal(self, who):
        with self.guard:
            for entry in self.refused:
                if entry[1] != 0:
                    entry[1] = None if entry[1] is None else entry[1] - 1
                    return REFUSALS[entry[0]](who.user)
        return None

    def say(self, text):
        """Lines of the errorlog."""
        for line in text.split("\n"):
            line = f"{datetime.datetime.now():%Y-%m-%d %H:%M:%S.%f}"[:22] + " " + line
            self.lines.append(line)
            if self.speaks:
                print(line, flush=True)

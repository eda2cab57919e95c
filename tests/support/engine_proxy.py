"""A unix socket between berth and the real Docker engine that knows the requests which pass.

    with EngineProxy(lambda request: "cut" if request.number == 3 else None) as proxy:
        run(env={"DOCKER_HOST": proxy.host})

The rule is asked for every request, before it goes on, and names a fault of FAULTS or None; it may be
replaced at any time. `before` and `after` are called with each request: before it is passed on, and
once the engine has answered it but berth does not know yet.
"""
import collections
import os
import random
import socket
import tempfile
import threading
import time

from support.workspace import DOCKER_SOCKET

# number: 1 for the first request that changes something or asks, whatever the connection
Request = collections.namedtuple("Request", "number method path")

FAULTS = {
    "refuse": "closes the connection; the engine never hears of the request",
    "lose": "the engine does it, the answer is lost",
    "cut": "the connection ends in the middle of the answer",
    "delay": "the answer comes late",
    "duplicate": "the answer comes twice",
    "corrupt": "some bytes of the answer are others",
    "garbage": "the answer is no HTTP",
    "error": "status 500 in place of the answer; the engine never hears of the request",
}
DELAY_SECONDS = 1.5


class Gone(Exception):
    """A side of the connection has ended, or is to end."""


class Side:
    """One end of a connection, read by whole messages."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, b""

    def fill(self):
        data = self.connection.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def take_until(self, mark):
        while mark not in self.buffer:
            self.fill()
        return self.take(self.buffer.index(mark) + len(mark))

    def head(self):
        """The head as it came, its first line, and its headers."""
        raw = self.take_until(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        return raw, first, headers

    def body(self, headers, has_end):
        """The body in pieces, as they come."""
        if headers.get("transfer-encoding") == "chunked":
            while True:
                size = self.take_until(b"\r\n")
                yield size + self.take(int(size.split(b";")[0], 16) + 2)
                if int(size.split(b";")[0], 16) == 0:
                    return
        elif "content-length" in headers:
            yield self.take(int(headers["content-length"]))
        elif not has_end:
            while True:
                if self.buffer:
                    yield self.take(len(self.buffer))
                self.fill()


class EngineProxy:
    def __init__(self, rule=None, seed=0):
        self.directory = tempfile.TemporaryDirectory(prefix="berth-proxy-")
        self.path = self.directory.name + "/docker.sock"
        self.host = "unix://" + self.path
        self.rule, self.before, self.after = rule, None, None
        self.random = random.Random(seed)
        self.requests, self.open, self.listener = [], set(), None
        self.lock = threading.Lock()

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.down()
        self.directory.cleanup()

    def up(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def down(self):
        """As an engine that ends: the socket is gone, and so is every connection."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.cut(self.listener)
        self.listener.close()

    def cut(self, *more):
        """Ends every connection."""
        for s in [*more, *self.open]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        engine = socket.socket(socket.AF_UNIX)
        self.open |= {client, engine}
        try:
            engine.connect(DOCKER_SOCKET)
            asking, answering = Side(client), Side(engine)
            while True:
                self._pass(asking, answering)
        except (Gone, OSError, ValueError):
            pass
        finally:
            for s in (client, engine):
                s.close()
            self.open -= {client, engine}

    def _pass(self, asking, answering):
        head, first, headers = asking.head()
        body = b"".join(asking.body(headers, True))
        method, path, _ = first.split(" ", 2)
        with self.lock:
            request = Request(len(self.requests) + 1, method, path)
            self.requests.append(request)
        fault = self.rule(request) if self.rule else None
        if self.before:
            self.before(request)
        if fault == "refuse":
            raise Gone
        if fault == "error":
            asking.connection.sendall(b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
                                      b"Content-Length: 24\r\n\r\n" + b'{"message":"proxy fault"}'[:24])
            return
        answering.connection.sendall(head + body)
        self._answer(asking.connection, answering, request, fault)

    def _answer(self, client, answering, request, fault):
        head, first, headers = answering.head()
        status = int(first.split(" ")[1])
        pieces = answering.body(headers, status in (204, 304) or status < 200)
        if fault in (None, "delay"):
            if self.after:
                self.after(request)
            if fault:
                time.sleep(DELAY_SECONDS)
            client.sendall(head)
            for piece in pieces:
                client.sendall(piece)
            return
        # A stream has no end to wait for: its head, and what comes first.
        followed = "follow=true" in request.path or "/events" in request.path
        whole = head + (next(pieces, b"") if followed else b"".join(pieces))
        if self.after:
            self.after(request)
        if fault == "cut":
            client.sendall(whole[:self.random.randrange(1, len(whole))])
        elif fault == "garbage":
            client.sendall(self.random.randbytes(200))
        elif fault == "corrupt":
            damaged = bytearray(whole)
            for _ in range(self.random.randrange(1, 6)):
                damaged[self.random.randrange(len(damaged))] = self.random.randrange(256)
            client.sendall(bytes(damaged))
        elif fault == "duplicate":
            client.sendall(whole + whole)
            if not followed:
                return
        raise Gone

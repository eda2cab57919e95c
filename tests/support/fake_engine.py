"""A Docker engine that is at fault, on a unix socket, for what a real one does not do on demand.

    with FakeEngine() as engine:
        engine.answer("GET", "/containers/x/json", status=500, body={"message": "…"})
        run(env={"DOCKER_HOST": engine.host})
        assert engine.requests[1].path == "/v1.41/containers/x/json"

An answer is found by method and path, the version and the query left aside; `raw` is sent as it is
and the connection closed after it. Answers of one path are given in turn, the last one for ever.
What nobody laid down is answered by 404, /_ping by API 1.41.
"""
import collections
import json
import pathlib
import re
import socket
import ssl
import tempfile
import threading
import time

Request = collections.namedtuple("Request", "method path headers body connection")


class Answer:
    def __init__(self, status=200, body=b"", headers=None, raw=None, pieces=None, delay=0, pause=0,
                 hold=False, cut=False):
        self.status, self.headers, self.raw = status, dict(headers or {}), raw
        self.pieces = pieces  # a chunked stream
        self.delay, self.pause = delay, pause  # seconds before the answer, and between pieces
        self.hold = hold  # keep the connection open without a word after the last byte
        self.cut = cut  # close without the chunked stream's end
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()

    def head(self):
        headers = {"Content-Type": "application/json", **self.headers}
        if self.pieces is not None:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers.setdefault("Content-Length", len(self.body))
        lines = [f"HTTP/1.1 {self.status} X", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"


class FakeEngine:
    """With `tls`, an ssl.SSLContext, on a port of loopback."""

    def __init__(self, api="1.41", tls=None):
        self.directory = tempfile.TemporaryDirectory(prefix="berth-fake-engine-")
        self.tls, self.host = tls, None
        self.requests, self.answers = [], {}
        self.connections, self.closing = 0, threading.Event()
        headers = {"Api-Version": api} if api else {}
        self.answer("GET", "/_ping", body=b"OK", headers=headers)

    def answer(self, method, path, **what):
        self.answers.setdefault((method, path), collections.deque()).append(Answer(**what))

    def replace(self, method, path, **what):
        self.answers.pop((method, path), None)
        self.answer(method, path, **what)

    def __enter__(self):
        if self.tls:
            self.listener = self.tls.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
            self.host = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        else:
            path = pathlib.Path(self.directory.name) / "docker.sock"
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.listener.listen(16)
            self.host = f"unix://{path}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.directory.cleanup()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except ssl.SSLError:
                continue  # a client that was refused, or refuses
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection, self.connections),
                             daemon=True).start()

    def _serve(self, connection, number):
        with connection, connection.makefile("rb") as stream:
            try:
                while request := self._read(stream, number):
                    self.requests.append(request)
                    if not self._reply(connection, self._find(request)):
                        return
            except OSError:
                pass  # the client has gone, as some tests have it

    @staticmethod
    def _read(stream, number):
        line = stream.readline().decode().split()
        if len(line) != 3:
            return None
        headers = {}
        while (text := stream.readline().decode().strip()):
            name, _, value = text.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", 0)))
        return Request(line[0], line[1], headers, body, number)

    def _find(self, request):
        path = re.sub(r"^/v[\d.]+", "", request.path.partition("?")[0])
        answers = self.answers.get((request.method, path))
        if not answers:
            return Answer(status=404, body={"message": "page not found"})
        return answers.popleft() if len(answers) > 1 else answers[0]

    def _reply(self, connection, answer):
        """Whether the connection may be used again."""
        self.closing.wait(answer.delay)
        if answer.raw is not None:
            connection.sendall(answer.raw)
        else:
            connection.sendall(answer.head() + answer.body)
            for piece in answer.pieces or []:
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                time.sleep(answer.pause)
            if answer.pieces is not None and not answer.cut and not answer.hold:
                connection.sendall(b"0\r\n\r\n")
        if answer.hold:
            self.closing.wait()
        return answer.raw is None and not answer.cut and not answer.hold

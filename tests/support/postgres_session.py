"""One connection to Postgres, without a client library: for tests that would start psql thousands of times."""
import socket
import struct

from bench.wire import scram


class SqlError(Exception):
    """The server refused; `code` is the SQLSTATE."""

    def __init__(self, code, message):
        super().__init__(f"{message} ({code})")
        self.code = code


class Session:
    """Speaks the simple query protocol: a text of several statements is one transaction unless it says otherwise."""

    def __init__(self, server, database, user="postgres"):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self._send(b"", struct.pack("!i", 196608) + b"user\0%s\0database\0%s\0\0" % (user.encode(), database.encode()))
        scram(self._send, self._until, server.password)
        self._until(b"Z")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def _send(self, kind, body):
        self.socket.sendall(kind + struct.pack("!i", len(body) + 4) + body)

    def _receive(self):
        head = self.stream.read(5)
        if len(head) < 5:
            raise ConnectionError("the server closed the connection")
        return head[:1], self.stream.read(struct.unpack("!i", head[1:])[0] - 4)

    def _until(self, wanted):
        """The body of the next message of the kind."""
        while True:
            kind, body = self._receive()
            if kind == b"E":
                raise SqlError(*_fields(body, b"CM"))
            if kind == wanted:
                return body

    def query(self, sql):
        """The rows of the last statement that has any, as lists of texts or None."""
        self._send(b"Q", sql.encode() + b"\0")
        rows, error = [], None
        while True:
            kind, body = self._receive()
            if kind == b"T":
                rows = []
            elif kind == b"D":
                rows.append(_row(body))
            elif kind == b"E":
                error = SqlError(*_fields(body, b"CM"))
            elif kind == b"Z":
                if body == b"T" or body == b"E":  # an own BEGIN was left open
                    self._send(b"Q", b"ROLLBACK\0")
                    self._until(b"Z")
                if error:
                    raise error
                return rows


def _fields(body, wanted):
    found = {part[:1]: part[1:].decode() for part in body.split(b"\0") if part}
    return [found.get(bytes([letter]), "") for letter in wanted]


def _row(body):
    count, at, row = struct.unpack("!h", body[:2])[0], 2, []
    for _ in range(count):
        length = struct.unpack("!i", body[at:at + 4])[0]
        at += 4
        row.append(None if length < 0 else body[at:at + length].decode())
        at += max(length, 0)
    return row

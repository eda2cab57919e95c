"""One connection to MySQL or MariaDB, without a client library: for tests that would start a client thousands of times."""
import hashlib
import socket
import struct

# PROTOCOL_41, CONNECT_WITH_DB, TRANSACTIONS, SECURE_CONNECTION, MULTI_STATEMENTS, MULTI_RESULTS, PLUGIN_AUTH
CAPABILITIES = 0x200 | 0x8 | 0x2000 | 0x8000 | 0x10000 | 0x20000 | 0x80000
UTF8MB4 = 45
MORE_RESULTS = 0x8
LARGEST_PACKET = (1 << 24) - 1


class SqlError(Exception):
    """The server refused; `code` is its number."""

    def __init__(self, code, message):
        super().__init__(f"{message} ({code})")
        self.code = code


class Session:
    """Sends texts of one statement or several, each of which the server ends by itself."""

    def __init__(self, server, database, user="root"):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.number = 0
        self._log_in(server.password.encode(), database.encode(), user.encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stream.close()
        self.socket.close()

    def _send(self, body):
        self.socket.sendall(struct.pack("<I", len(body))[:3] + bytes([self.number]) + body)

    def _receive(self):
        """A whole message, which may be of several packets."""
        whole, size = b"", LARGEST_PACKET
        while size == LARGEST_PACKET:
            head = self.stream.read(4)
            if len(head) < 4:
                raise ConnectionError("the server closed the connection")
            size, self.number = struct.unpack("<I", head[:3] + b"\0")[0], head[3] + 1 & 0xFF
            whole += self.stream.read(size)
        if whole[:1] == b"\xff":
            raise SqlError(struct.unpack("<H", whole[1:3])[0], whole[3:].decode(errors="replace").lstrip("#"))
        return whole

    def _log_in(self, password, database, user):
        greeting = self._receive()
        at = greeting.index(b"\0", 1) + 5
        salt = greeting[at:at + 8] + greeting[at + 27:].split(b"\0")[0]
        method = greeting[at + 27:].split(b"\0")[1]
        answer = scrambled(method, password, salt)
        self._send(struct.pack("<IIB23x", CAPABILITIES, LARGEST_PACKET, UTF8MB4) + user + b"\0" + bytes([len(answer)]) + answer
                   + database + b"\0" + method + b"\0")
        while (said := self._receive())[:1] != b"\0":
            if said[:1] == b"\xfe":  # by another method
                method, salt = said[1:].split(b"\0", 1)
                self._send(scrambled(method, password, salt[:20]))
            elif said != b"\1\3":  # the server remembers the password of an earlier login, or not
                raise ConnectionError("the server wants the password itself: nobody has logged in yet")

    def query(self, sql):
        """The rows of the last statement that has any, as lists of bytes or None."""
        self.number = 0
        self._send(b"\3" + sql.encode())
        rows, has_more = [], True
        while has_more:
            said = self._receive()
            if said[:1] == b"\0":
                _, at = number_at(said, 1)
                _, at = number_at(said, at)
                has_more = struct.unpack("<H", said[at:at + 2])[0] & MORE_RESULTS
                continue
            for _ in range(number_at(said, 0)[0]):
                self._receive()  # the columns are known to who asks
            self._receive()
            rows = []
            while not is_end(said := self._receive()):
                rows.append(row_of(said))
            has_more = struct.unpack("<H", said[3:5])[0] & MORE_RESULTS
        return rows


def scrambled(method, password, salt):
    make = hashlib.sha1 if method == b"mysql_native_password" else hashlib.sha256
    digest = lambda data: make(data).digest()
    once, twice = digest(password), digest(digest(password))
    mask = digest(salt + twice) if make is hashlib.sha1 else digest(twice + salt)
    return bytes(a ^ b for a, b in zip(once, mask))


def number_at(data, at):
    """A number of one to nine bytes, and what follows it."""
    size = {0xFC: 2, 0xFD: 3, 0xFE: 8}.get(data[at], 0)
    if size == 0:
        return data[at], at + 1
    return int.from_bytes(data[at + 1:at + 1 + size], "little"), at + 1 + size


def is_end(message):
    return message[:1] == b"\xfe" and len(message) < 9


def row_of(message):
    at, row = 0, []
    while at < len(message):
        if message[at] == 0xFB:
            row.append(None)
            at += 1
            continue
        length, at = number_at(message, at)
        row.append(message[at:at + length])
        at += length
    return row

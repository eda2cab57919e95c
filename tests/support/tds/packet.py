"""TDS messages over a socket: packets of a header and a part, in the clear or within TLS."""
import select
import struct

from support.tds.errors import Disconnected

BATCH, RPC, REPLY, ATTENTION, LOGIN, PRELOGIN = 0x01, 0x03, 0x04, 0x06, 0x10, 0x12
END_OF_MESSAGE = 0x01
HEADER = struct.Struct(">BBHHBB")  # type, status, length, spid, packet number, window
PACKET_SIZE = 4096


class Transport:
    def __init__(self, sock):
        self.sock, self.tls, self.received = sock, None, b""
        self.packet_size, self.spid = PACKET_SIZE, 0

    def read(self, count):
        while len(self.received) < count:
            self.received += self.tls.decrypt(self.receive()) if self.tls else self.receive()
        data, self.received = self.received[:count], self.received[count:]
        return data

    def receive(self):
        try:
            data = self.sock.recv(65536)
        except OSError as failure:
            raise Disconnected from failure
        if not data:
            raise Disconnected
        return data

    def send(self, data):
        try:
            self.sock.sendall(self.tls.encrypt(data) if self.tls else data)
        except OSError as failure:
            raise Disconnected from failure

    def wait(self, seconds):
        """Whether the client says something within the time."""
        if self.received:
            return True
        try:
            return bool(select.select([self.sock], [], [], seconds)[0])
        except (OSError, ValueError) as failure:
            raise Disconnected from failure

    def read_message(self):
        """(type, payload) of one message, be it of how many packets."""
        payload = b""
        while True:
            kind, status, length, _, _, _ = HEADER.unpack(self.read(HEADER.size))
            if length < HEADER.size:
                raise Disconnected
            payload += self.read(length - HEADER.size)
            if status & END_OF_MESSAGE:
                return kind, payload

    def write_message(self, payload, kind=REPLY):
        room = self.packet_size - HEADER.size
        parts = [payload[i:i + room] for i in range(0, len(payload), room)] or [b""]
        packets = []
        for number, part in enumerate(parts, 1):
            status = END_OF_MESSAGE if number == len(parts) else 0
            packets.append(HEADER.pack(kind, status, HEADER.size + len(part), self.spid, number & 0xFF, 0) + part)
        self.send(b"".join(packets))

"""The start of a connection: PRELOGIN, and LOGIN7 with its password."""
import struct
from dataclasses import dataclass

from support.tds.errors import Disconnected

# What PRELOGIN says of encryption.
LOGIN_ONLY, ON, NOT_SUPPORTED, REQUIRED = 0, 1, 2, 3
VERSION, ENCRYPTION, TERMINATOR = 0, 1, 0xFF
PRELOGIN_OPTIONS = 5  # with the instance, the thread and MARS, which only clients fill


def parse_prelogin(payload):
    """{option: its bytes}"""
    options, position = {}, 0
    try:
        while payload[position] != TERMINATOR:
            option, offset, length = struct.unpack_from(">BHH", payload, position)
            options[option] = payload[offset:offset + length]
            position += 5
    except (IndexError, struct.error) as failure:
        raise Disconnected from failure
    return options


def prelogin_answer(version, encryption):
    values = [struct.pack(">BBHH", *version, 0), bytes([encryption]), b"\0", b"", b"\0"]
    head, body = b"", b""
    start = PRELOGIN_OPTIONS * 5 + 1
    for option, value in enumerate(values):
        head += struct.pack(">BHH", option, start + len(body), len(value))
        body += value
    return head + bytes([TERMINATOR]) + body


def negotiate(mode, offered):
    """What a server of this mode answers a client that offers that."""
    if mode == "off":
        return NOT_SUPPORTED
    if mode == "required":
        return ON if offered in (ON, REQUIRED) else REQUIRED
    return {LOGIN_ONLY: LOGIN_ONLY, NOT_SUPPORTED: NOT_SUPPORTED}.get(offered, ON)


@dataclass
class Login:
    tds_version: int
    packet_size: int
    host: str
    user: str
    password: str
    application: str
    library: str
    database: str


def parse_login(payload):
    def text(at, decode=lambda data: data):
        offset, length = struct.unpack_from("<HH", payload, at)
        return decode(payload[offset:offset + 2 * length]).decode("utf-16-le")

    def reveal(data):
        """Each byte of a password has its halves exchanged, and bits turned over."""
        return bytes(((b ^ 0xA5) << 4 | (b ^ 0xA5) >> 4) & 0xFF for b in data)
    try:
        _, version, size = struct.unpack_from("<LLL", payload)
        return Login(version, size, text(36), text(40), text(44, reveal), text(48), text(60), text(68))
    except (struct.error, UnicodeDecodeError) as failure:
        raise Disconnected from failure

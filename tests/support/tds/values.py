"""Values on the wire: the types of result columns, and how each is written."""
import datetime
import decimal
import struct
import uuid

COLLATION = bytes([0x09, 0x04, 0xD0, 0x00, 0x34])  # SQL_Latin1_General_CP1_CI_AS
MAX = 0xFFFF
FIRST_DAY = datetime.date(1, 1, 1).toordinal()
CHARACTERS = 4000  # of NVARCHAR without max


class Kind:
    """A type of a column: its description, and a value's bytes."""

    def described(self):
        raise NotImplementedError

    def encoded(self, value):
        raise NotImplementedError


class Sized(Kind):
    """What is sent with a length of one byte, 0 for NULL."""

    def __init__(self, token, pack, *parameters):
        self.token, self.pack, self.parameters = token, pack, parameters

    def described(self):
        return bytes([self.token, *self.parameters])

    def encoded(self, value):
        data = b"" if value is None else self.pack(value)
        return bytes([len(data)]) + data


class Long(Kind):
    """NVARCHAR and VARBINARY. Without a length they are sent in chunks."""

    def __init__(self, token, length, encode, collation=b""):
        self.token, self.length, self.encode, self.collation = token, length, encode, collation

    def described(self):
        return struct.pack("<BH", self.token, self.length) + self.collation

    def encoded(self, value):
        if self.length == MAX:
            if value is None:
                return b"\xff" * 8
            data = self.encode(value)
            chunks = [data[i:i + 8000] for i in range(0, len(data), 8000)]
            return struct.pack("<Q", len(data)) + b"".join(struct.pack("<L", len(c)) + c for c in chunks) + bytes(4)
        if value is None:
            return b"\xff\xff"
        data = self.encode(value)
        return struct.pack("<H", len(data)) + data


def integer(size):
    return Sized(0x26, lambda value: int(value).to_bytes(size, "little", signed=size > 1), size)


BIT = Sized(0x68, lambda value: bytes([bool(value)]), 1)
FLOAT = Sized(0x6D, lambda value: struct.pack("<d", float(value)), 8)
REAL = Sized(0x6D, lambda value: struct.pack("<f", float(value)), 4)
UNIQUE = Sized(0x24, lambda value: uuid.UUID(str(value)).bytes_le, 16)


def text(length):
    """length in characters, None for max"""
    return Long(0xE7, MAX if length is None else 2 * length, lambda v: str(v).encode("utf-16-le"), COLLATION)


def binary(length):
    return Long(0xA5, MAX if length is None else length,
                lambda v: v if isinstance(v, bytes) else str(v).encode("utf-16-le"))


def numeric(precision, scale):
    size = 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17

    def pack(value):
        number = int(decimal.Decimal(str(value)).scaleb(scale).to_integral_value(decimal.ROUND_HALF_UP))
        return bytes([number >= 0]) + abs(number).to_bytes(size - 1, "little")
    return Sized(0x6C, pack, size, precision, scale)


def parse_time(value):
    """(datetime, its 100 ns below the microsecond, offset in minutes or None) of a stored text"""
    text_value = str(value).strip().replace("T", " ", 1)
    offset = None
    for at in range(len(text_value) - 1, 9, -1):
        if text_value[at] in "+-":
            hours, minutes = text_value[at + 1:].split(":")
            offset = (int(hours) * 60 + int(minutes)) * (1 if text_value[at] == "+" else -1)
            text_value = text_value[:at].strip()
            break
    if text_value.endswith("Z"):
        offset, text_value = 0, text_value[:-1]
    if " " not in text_value and ":" in text_value:
        text_value = "1900-01-01 " + text_value
    day, _, clock = text_value.partition(" ")
    clock, _, fraction = clock.partition(".")
    ticks = int((fraction + "0000000")[:7])
    hours, minutes, seconds = [int(part) for part in ((clock or "0:0:0") + ":0").split(":")[:3]]
    moment = datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(hours, minutes, seconds))
    return moment, ticks, offset


def time_bytes(moment, ticks, scale):
    """The time of day in units of the scale."""
    units = ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 10 ** 7 + ticks
    size = 3 if scale <= 2 else 4 if scale <= 4 else 5
    return (units // 10 ** (7 - scale)).to_bytes(size, "little")


def day_bytes(moment):
    return (moment.date().toordinal() - FIRST_DAY).to_bytes(3, "little")


def datetime2(scale):
    def pack(value):
        moment, ticks, _ = parse_time(value)
        return time_bytes(moment, ticks, scale) + day_bytes(moment)
    return Sized(0x2A, pack, scale)


def datetimeoffset(scale):
    def pack(value):
        moment, ticks, offset = parse_time(value)
        moment -= datetime.timedelta(minutes=offset or 0)
        return time_bytes(moment, ticks, scale) + day_bytes(moment) + struct.pack("<h", offset or 0)
    return Sized(0x2B, pack, scale)


def datetime_pack(value):
    moment, ticks, _ = parse_time(value)
    days = (moment.date() - datetime.date(1900, 1, 1)).days
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return struct.pack("<lL", days, seconds * 300 + round(ticks * 3 / 10 ** 5))


DATE = Sized(0x28, lambda value: day_bytes(parse_time(value)[0]))
DATETIME = Sized(0x6F, datetime_pack, 8)


def declared(name, length, precision, scale):
    """The kind of a declared type, or None when the values have to tell."""
    exact = {"int": integer(4), "bigint": integer(8), "smallint": integer(2), "tinyint": integer(1), "bit": BIT,
             "float": FLOAT, "real": REAL, "uniqueidentifier": UNIQUE, "date": DATE, "datetime": DATETIME,
             "smalldatetime": DATETIME}
    if name in exact:
        return exact[name]
    if name in ("nvarchar", "varchar", "nchar", "char", "sysname", "ntext", "text", "xml"):
        return text(None if length is None or length < 1 else length)
    if name in ("varbinary", "binary", "image"):
        return binary(None if length is None or length < 1 else length)
    if name in ("decimal", "numeric"):
        return numeric(precision, scale)
    if name in ("money", "smallmoney"):
        return numeric(19, 4)
    if name == "datetime2":
        return datetime2(scale)
    if name == "datetimeoffset":
        return datetimeoffset(scale)
    if name == "time":
        return Sized(0x29, lambda v: time_bytes(*parse_time(v)[:2], scale), scale)
    return None


def type_of(known, column):
    """A column's kind, by its declared type or by its values."""
    if known is not None:
        return known
    found = [value for value in column if value is not None]
    if all(isinstance(value, int) for value in found):
        return integer(4) if all(-2 ** 31 <= value < 2 ** 31 for value in found) else integer(8)
    if all(isinstance(value, (int, float)) for value in found):
        return FLOAT
    if all(isinstance(value, bytes) for value in found):
        longest = max(len(value) for value in found)
        return binary(max(longest, 1) if longest <= 8000 else None)
    longest = max(len(str(value).encode("utf-16-le")) // 2 for value in found)
    return text(max(longest, 1) if longest <= CHARACTERS else None)

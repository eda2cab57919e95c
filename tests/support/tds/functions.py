"""The functions of T-SQL that queries may call, in Python."""
import datetime
import re
import uuid

from support.tds import values
from support.tds.errors import SqlError

UNITS = {"ms": "millisecond", "ss": "second", "s": "second", "mi": "minute", "n": "minute", "hh": "hour", "dd": "day",
         "d": "day", "mm": "month", "m": "month", "yy": "year", "yyyy": "year", "mcs": "microsecond", "ns": "nanosecond"}
TICKS = {"nanosecond": 0.01, "microsecond": 10, "millisecond": 10 ** 4, "second": 10 ** 7, "minute": 60 * 10 ** 7,
         "hour": 3600 * 10 ** 7, "day": 86400 * 10 ** 7}
TEXTS = ("nvarchar", "varchar", "nchar", "char", "sysname", "ntext", "text")


def stamp(moment=None, offset=False):
    moment = moment or datetime.datetime.now(datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") + "0" + (" +00:00" if offset else "")


def ticks(value):
    """A time in 100 ns since the year 1, in UTC."""
    moment, fraction, offset = values.parse_time(value)
    moment -= datetime.timedelta(minutes=offset or 0)
    return (moment - datetime.datetime(1, 1, 1)) // datetime.timedelta(seconds=1) * 10 ** 7 + fraction


def date_difference(unit, start, end):
    if start is None or end is None:
        return None
    unit = UNITS.get(unit, unit)
    if unit in ("month", "year"):
        a, b = values.parse_time(start)[0], values.parse_time(end)[0]
        return b.year - a.year if unit == "year" else (b.year - a.year) * 12 + b.month - a.month
    # boundaries that were crossed, not whole units
    return int(ticks(end) // TICKS[unit] - ticks(start) // TICKS[unit])


def date_add(unit, number, value):
    if value is None or number is None:
        return None
    moment, fraction, offset = values.parse_time(value)
    unit = UNITS.get(unit, unit)
    if unit in ("month", "year"):
        months = moment.year * 12 + moment.month - 1 + int(number) * (12 if unit == "year" else 1)
        moment = moment.replace(year=months // 12, month=months % 12 + 1)
    else:
        total = fraction + int(number * TICKS[unit])
        moment, fraction = moment + datetime.timedelta(seconds=total // 10 ** 7), total % 10 ** 7
    zone = "" if offset is None else f" {'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:07}{zone}"


def date_part(unit, value):
    return None if value is None else getattr(values.parse_time(value)[0], UNITS.get(unit, unit))


def like_pattern(pattern, escape):
    """T-SQL's LIKE as a regular expression: %, _, [a-f], [^a]."""
    out, i = "", 0
    while i < len(pattern):
        char = pattern[i]
        if escape and char == escape and i + 1 < len(pattern):
            i += 1
            out += re.escape(pattern[i])
        elif char == "%":
            out += ".*"
        elif char == "_":
            out += "."
        elif char == "[" and "]" in pattern[i + 2:]:
            end = pattern.index("]", i + 2)
            inside = pattern[i + 1:end].replace("\\", "\\\\").replace("[", "\\[")
            out += f"[{inside}]"
            i = end
        else:
            out += re.escape(char)
        i += 1
    return re.compile(out, re.IGNORECASE | re.DOTALL)


def like(pattern, value, escape=None):
    if pattern is None or value is None:
        return None
    return bool(like_pattern(str(pattern).rstrip(), escape).fullmatch(str(value).rstrip()))


def date_text(value, style):
    moment, fraction, offset = values.parse_time(value)
    zone = "" if offset is None else f"{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    if style in (126, 127):
        if style == 127 and offset is not None:
            moment, zone = moment - datetime.timedelta(minutes=offset), "Z"
        return f"{moment:%Y-%m-%dT%H:%M:%S}" + (f".{fraction:07}" if fraction else "") + zone
    if style == 120:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    if style == 121 or style is None:
        return f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:07}" + (" " + zone if zone else "")
    if style == 23:
        return f"{moment:%Y-%m-%d}"
    raise SqlError(281, f"{style} is not a valid style number when converting from datetime2 to a character string.")


def looks_like_time(value):
    return isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d|$)", value) is not None


def convert(value, kind, length, scale, style, lenient):
    try:
        return converted(value, kind, length, scale, style)
    except (ValueError, TypeError) as failure:
        if lenient:
            return None
        if kind in ("datetime", "datetime2", "datetimeoffset", "date", "time"):
            raise SqlError(241, "Conversion failed when converting date and/or time from character string.") from failure
        raise SqlError(245, f"Conversion failed when converting the nvarchar value '{value}' to data type {kind}.") \
            from failure


def converted(value, kind, length, scale, style):
    if value is None:
        return None
    if kind in TEXTS:
        if isinstance(value, bytes):
            if style in (1, 2):
                return ("0x" if style == 1 else "") + value.hex().upper()
            return value.decode("utf-16-le" if kind.startswith("n") else "latin-1")
        if looks_like_time(value) and style is not None:
            value = date_text(value, style)
        return str(value) if length < 0 else str(value)[:length]
    if kind in ("varbinary", "binary"):
        if isinstance(value, int):
            return value.to_bytes(4 if -2 ** 31 <= value < 2 ** 31 else 8, "big", signed=True)
        if isinstance(value, str):
            return bytes.fromhex(value.removeprefix("0x")) if style in (1, 2) else value.encode("utf-16-le")
        return value
    if kind == "bit":
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return int(value.lower() == "true")
        return int(float(value) != 0)
    if kind in ("int", "bigint", "smallint", "tinyint"):
        if isinstance(value, bytes):
            return int.from_bytes(value, "big", signed=True)
        return int(value) if isinstance(value, str) else int(float(value)) if isinstance(value, float) else value
    if kind in ("float", "real"):
        return float(value)
    if kind in ("decimal", "numeric", "money", "smallmoney"):
        return round(float(value), scale)
    if kind in ("datetime2", "datetimeoffset", "datetime", "smalldatetime"):
        moment, fraction, offset = values.parse_time(value)
        text = f"{moment:%Y-%m-%d %H:%M:%S}.{fraction:07}"
        if kind != "datetimeoffset":
            return text
        minutes = offset or 0
        return f"{text} {'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    if kind == "date":
        return f"{values.parse_time(value)[0]:%Y-%m-%d}"
    if kind == "uniqueidentifier":
        return str(uuid.UUID(str(value))).upper()
    return value


def divisor(value):
    if value == 0:
        raise SqlError(8134, "Divide by zero error encountered.")
    return value


def stuff(text, start, length, insert):
    if text is None:
        return None
    return text[:start - 1] + (insert or "") + text[start - 1 + length:]


def quote_name(name, mark="["):
    if name is None:
        return None
    end = {"[": "]", '"': '"', "'": "'"}.get(mark[:1], "]")
    start = "[" if end == "]" else end
    return start + name.replace(end, end * 2) + end


PLAIN = {  # name: (arguments, function)
    "tds_convert": (6, convert), "tds_divisor": (1, divisor),
    "tds_left": (2, lambda text, n: None if text is None else str(text)[:n]),
    "tds_right": (2, lambda text, n: None if text is None else str(text)[max(len(str(text)) - n, 0):]),
    "LEN": (1, lambda text: None if text is None else len(str(text).rstrip(" "))),
    "DATALENGTH": (1, lambda v: None if v is None else len(v) if isinstance(v, bytes) else
                   2 * len(v) if isinstance(v, str) else 4),
    "CHARINDEX": (-1, lambda find, text, start=1: 0 if find is None or text is None else
                  str(text).lower().find(str(find).lower(), max(start - 1, 0)) + 1),
    "CONCAT": (-1, lambda *parts: "".join("" if part is None else str(part) for part in parts)),
    "CONCAT_WS": (-1, lambda mark, *parts: mark.join(str(part) for part in parts if part is not None)),
    "REPLICATE": (2, lambda text, n: None if text is None else str(text) * n),
    "SPACE": (1, lambda n: " " * n), "STUFF": (4, stuff), "QUOTENAME": (-1, quote_name),
    "REVERSE": (1, lambda text: None if text is None else str(text)[::-1]),
    "NEWID": (0, lambda: str(uuid.uuid4()).upper()), "NEWSEQUENTIALID": (0, lambda: str(uuid.uuid4()).upper()),
    "GETDATE": (0, stamp), "SYSDATETIME": (0, stamp), "GETUTCDATE": (0, stamp), "SYSUTCDATETIME": (0, stamp),
    "SYSDATETIMEOFFSET": (0, lambda: stamp(offset=True)),
    "TODATETIMEOFFSET": (2, lambda value, zone: None if value is None else
                         convert(value, "datetimeoffset", -1, 7, None, 0)),
    "SWITCHOFFSET": (2, lambda value, zone: value),
    "DATEADD": (3, date_add), "DATEDIFF": (3, date_difference), "DATEDIFF_BIG": (3, date_difference),
    "DATEPART": (2, date_part), "DATENAME": (2, lambda unit, value: str(date_part(unit, value))),
    "YEAR": (1, lambda value: date_part("year", value)), "MONTH": (1, lambda value: date_part("month", value)),
    "DAY": (1, lambda value: date_part("day", value)),
    "HAS_PERMS_BY_NAME": (-1, lambda *_: 1), "IS_SRVROLEMEMBER": (-1, lambda *_: 1), "IS_MEMBER": (-1, lambda *_: 1),
    "SUSER_SNAME": (-1, lambda *_: "sa"), "ORIGINAL_LOGIN": (0, lambda: "sa"), "USER_NAME": (-1, lambda *_: "dbo"),
    "ISNUMERIC": (1, lambda v: int(re.fullmatch(r"\s*[-+]?\d+(\.\d*)?\s*", str(v)) is not None)),
}


def install(connection, keep_failure, more):
    """Makes the functions known to a SQLite connection. SQLite tells of a failure only that there was one:
    keep_failure is given it. more: {name: (arguments, function)} of the session."""
    def guarded(function):
        def call(*arguments):
            try:
                return function(*arguments)
            except SqlError as failure:
                keep_failure(failure)
                raise
        return call
    for name, (count, function) in {**PLAIN, **more}.items():
        connection.create_function(name, count, guarded(function))
    connection.create_function("like", 2, guarded(like))
    connection.create_function("like", 3, guarded(like))

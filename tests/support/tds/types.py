"""Declared types: their place in the catalogue, and what SQLite is to make of their values."""
from dataclasses import dataclass

from support.tds.catalogue_schema import TYPES
from support.tds.errors import SqlError

BY_NAME = {row[0]: row for row in TYPES}
SYNONYMS = {"integer": "int", "dec": "decimal", "character": "char", "rowversion": "timestamp", "boolean": None}
COLLATION = "SQL_Latin1_General_CP1_CI_AS"
WIDE, NARROW, BINARY = ("nvarchar", "nchar"), ("varchar", "char"), ("varbinary", "binary")
INTEGERS = ("int", "bigint", "smallint", "tinyint", "bit")
RANGES = {"bigint": (-2 ** 63, 2 ** 63 - 1), "int": (-2 ** 31, 2 ** 31 - 1), "smallint": (-2 ** 15, 2 ** 15 - 1),
          "tinyint": (0, 255)}
CONVERTED = ("bit", "date", "datetime", "datetime2", "datetimeoffset", "smalldatetime", "uniqueidentifier")
TEXTS = (*WIDE, *NARROW, "ntext", "text", "xml", "sysname", "uniqueidentifier", "sql_variant")


@dataclass
class Resolved:
    name: str
    system_type_id: int
    user_type_id: int
    max_length: int
    precision: int
    scale: int

    @property
    def affinity(self):
        if self.name in INTEGERS:
            return "INTEGER"
        if self.name in ("float", "real"):
            return "REAL"
        if self.name in ("decimal", "numeric", "money", "smallmoney"):
            return "NUMERIC"
        if self.name in (*BINARY, "image", "timestamp"):
            return "BLOB"
        return "TEXT COLLATE NOCASE" if self.name in TEXTS else "TEXT"

    @property
    def characters(self):
        """The most characters, or bytes, of a value; None without a limit."""
        if self.max_length < 0 or self.name not in (*WIDE, *NARROW, *BINARY, "sysname"):
            return None
        return self.max_length // 2 if self.name in (*WIDE, "sysname") else self.max_length

    @property
    def collation(self):
        return COLLATION if self.name in (*WIDE, *NARROW, "ntext", "text", "sysname") else None


def fraction_bytes(scale, fixed):
    return fixed + (3 if scale <= 2 else 4 if scale <= 4 else 5)


def resolve(declared, position=1):
    """What a type as written is. position: of the column, for the error."""
    name = SYNONYMS.get(declared.name, declared.name)
    if name not in BY_NAME:
        raise SqlError(2715, f"Column, parameter, or variable #{position}: Cannot find data type {declared.name}.",
                       state=6)
    if name == "float" and declared.length is not None and declared.length <= 24:
        name = "real"
    _, system, user, length, precision, scale = BY_NAME[name]
    if name in (*WIDE, *NARROW, *BINARY):
        wanted = 1 if declared.length is None else declared.length
        most = 4000 if name in WIDE else 8000
        if wanted > most:
            raise SqlError(2717, f"The size ({wanted}) given to the column exceeds the maximum allowed ({most}).", state=2)
        length = -1 if wanted < 0 else wanted * 2 if name in WIDE else wanted
    elif name in ("decimal", "numeric"):
        precision, scale = declared.length or 18, declared.scale or 0
        length = 5 if precision <= 9 else 9 if precision <= 19 else 13 if precision <= 28 else 17
    elif name in ("datetime2", "datetimeoffset", "time"):
        scale = 7 if declared.length is None else declared.length
        length = fraction_bytes(scale, {"time": 0, "datetime2": 3, "datetimeoffset": 5}[name])
        precision = {"time": 8, "datetime2": 19, "datetimeoffset": 26}[name] + (scale and scale + 1)
    return Resolved(name, system, user, length, precision, scale)

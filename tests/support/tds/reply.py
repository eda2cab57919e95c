"""What the server says: the tokens of a reply, collected until the batch is over."""
import struct

from support.tds import values

COLMETADATA, ERROR, INFO, LOGINACK, ROW, NBCROW, ENVCHANGE = 0x81, 0xAA, 0xAB, 0xAD, 0xD1, 0xD2, 0xE3
RETURN_STATUS, DONE, DONE_PROCEDURE, DONE_IN_PROCEDURE = 0x79, 0xFD, 0xFE, 0xFF
# DONE's status
MORE, FAILED, COUNTED, ATTENTION = 0x01, 0x02, 0x10, 0x20
# ENVCHANGE's types
DATABASE, LANGUAGE, PACKET_SIZE, COLLATION, BEGIN, COMMIT, ROLLBACK = 1, 2, 4, 7, 8, 9, 10
TDS_74 = 0x74000004


def b_text(text):
    return bytes([len(text)]) + text.encode("utf-16-le")


def us_text(text):
    text = text[:4000]
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


class Reply:
    def __init__(self, server_name):
        self.server_name, self.data = server_name, bytearray()
        self.last_done = None
        self.count_rows = True

    def token(self, kind, body):
        self.data += struct.pack("<BH", kind, len(body)) + body
        self.last_done = None

    def message(self, kind, number, text, state, severity, line, procedure=""):
        self.token(kind, struct.pack("<lBB", number, state, severity) + us_text(text) + b_text(self.server_name) +
                   b_text(procedure) + struct.pack("<l", line))

    def error(self, error):
        self.message(ERROR, error.number, error.message, error.state, error.severity, error.line or 1, error.procedure)

    def info(self, number, text, state=1, line=1, severity=0):
        self.message(INFO, number, text, state, severity, line)

    def changed(self, kind, new, old=""):
        self.token(ENVCHANGE, bytes([kind]) + b_text(new) + b_text(old))

    def changed_bytes(self, kind, new=b"", old=b""):
        self.token(ENVCHANGE, bytes([kind, len(new)]) + new + bytes([len(old)]) + old)

    def login_accepted(self, program, version):
        body = struct.pack(">BL", 1, TDS_74) + b_text(program) + struct.pack(">BBH", *version)
        self.token(LOGINACK, body)

    def done(self, count=None, failed=False, attention=False, kind=DONE):
        status = MORE | (COUNTED if count is not None and self.count_rows else 0)
        status |= (FAILED if failed else 0) | (ATTENTION if attention else 0)
        self.last_done = len(self.data) + 1
        self.data += struct.pack("<BHHQ", kind, status, 0, count or 0)

    def return_status(self, value):
        self.data += struct.pack("<Bl", RETURN_STATUS, value)
        self.last_done = None

    def result(self, names, rows, types=None):
        """One result set. types: what is known of the columns' types, else the values tell."""
        kinds = [values.type_of(known, [row[i] for row in rows])
                 for i, known in enumerate(types or [None] * len(names))]
        self.data += struct.pack("<BH", COLMETADATA, len(names))
        for name, kind in zip(names, kinds):
            self.data += struct.pack("<LH", 0, 0x01) + kind.described() + b_text(name[:128])
        for row in rows:
            self.row(kinds, row)
        self.done(len(rows))

    def row(self, kinds, row):
        missing = [value is None for value in row]
        if any(missing) and len(row) > 1:
            bits = bytearray((len(row) + 7) // 8)
            for i, is_missing in enumerate(missing):
                bits[i // 8] |= is_missing << (i % 8)
            self.data += bytes([NBCROW]) + bits
            self.data += b"".join(k.encoded(v) for k, v in zip(kinds, row) if v is not None)
        else:
            self.data += bytes([ROW]) + b"".join(k.encoded(v) for k, v in zip(kinds, row))

    def finished(self):
        """The whole, whose last DONE says that it is the last."""
        if self.last_done is None:
            self.done()
        self.data[self.last_done] &= ~MORE
        return bytes(self.data)

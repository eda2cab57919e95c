# leg: plain
# runs: alone
"""Schemas that nobody would write: a diagnostic or correct SQL, never a crash, and never quadratic time.

Each shape is given in a size and in four times the size, and the processor's time is compared: four times as much is linear,
sixteen times quadratic. $BERTH_BAD_INPUT_SCALE makes all of them larger.
"""
import os
import subprocess
import tempfile

from support.workspace import BERTH, Workspace, run_tests

SCALE = float(os.environ.get("BERTH_BAD_INPUT_SCALE", "1"))
HEAD = b'datasource db {\n  provider = "postgresql"\n}\n'
RATIO = 9


def models(n, line=b"", first=b""):
    return b"".join(b"model M%d {\n  id Int @id\n  name String @unique\n%s}\n" % (i, first + line.replace(b"#", b"%d" % i))
                    for i in range(n))


def chain(n):
    return models(n, b"  next M#? @relation(\"r\", fields: [nextId], references: [id])\n  nextId Int?\n  before M#[] @relation(\"r\")\n")


def hub(n):
    sides = b"".join(b"  m%d M%d[]\n" % (i, i) for i in range(n))
    return b"model Hub {\n  id Int @id\n%s}\n" % sides + models(
        n, b"  hubId Int\n  hub Hub @relation(fields: [hubId], references: [id])\n  @@index([hubId])\n")


def many_to_many(n):
    sides = b"".join(b"  m%d M%d[]\n" % (i, i) for i in range(n))
    return b"model Hub {\n  id Int @id\n%s}\n" % sides + models(n, b"  hubs Hub[]\n")


# What is right, with the count at the size 1.
RIGHT = {
    "models": (models, 1500), "self relations": (chain, 1000), "one hub": (hub, 1000), "many to many": (many_to_many, 800),
    "fields": (lambda n: b"model A {\n  id Int @id\n%s}\n" % b"".join(b"  f%d String? @db.VarChar(%d)\n" % (i, i + 1) for i in range(n)), 5000),
    "indexes": (lambda n: b"model A {\n  id Int @id\n%s%s}\n" % (
        b"".join(b"  f%d Int\n" % i for i in range(n)), b"".join(b"  @@index([f%d])\n" % i for i in range(n))), 2000),
    "values": (lambda n: b"model A {\n  id Int @id\n  e E\n}\nenum E {\n%s}\n" % b"".join(b"  v%d\n" % i for i in range(n)), 15000),
    "enums": (lambda n: b"model A {\n  id Int @id\n%s}\n" % b"".join(b"  e%d E%d\n" % (i, i) for i in range(n))
              + b"".join(b"enum E%d {\n  a\n  b\n}\n" % i for i in range(n)), 2000),
    "comments": (lambda n: b"/// word\n// word\n" * n + b"model A {\n  id Int @id\n}\n", 30000),
    "mixed line ends": (lambda n: models(n).replace(b"@unique\n", b"@unique\r\n").replace(b"Int @id\n", b"Int @id \r\n"), 1500),
    "long names": (lambda n: b"".join(b"model %s%d {\n  id Int @id\n  %s Int @unique\n}\n" % (b"N" * 300, i, b"c" * 200) for i in range(n)), 800),
}
# What is wrong.
WRONG = {
    "unterminated strings": (lambda n: b'model A {\n  id Int @id @map("x\n}\n' * n, 5000),
    "one string": (lambda n: b'model A {\n  id Int @id @map("' + b"x\\\"" * n, 300000),
    "unterminated blocks": (lambda n: b"model A {\n  id Int @id\n" * n, 10000),
    "open comments": (lambda n: b"/* \n" * n, 50000),
    "NULs": (lambda n: b"model A {\n  id\0 Int @id\n}\n\0" * n, 5000),
    "nothing but NULs": (lambda n: b"\0" * n, 500000),
    "invalid UTF-8": (lambda n: b"model \xff\xfe {\n  \xc3 Int @id \xed\xa0\x80\n}\n" * n, 5000),
    "cut UTF-8": (lambda n: b"\xf0\x9f" * n, 200000),
    "brackets": (lambda n: b"model A {\n  id Int @default(" + b"[(" * n, 100000),
    "no other side": (lambda n: models(n, b"  other M#x\n  x M0\n"), 1500),
    "reserved words": (lambda n: b"model class {\n  id Int @id\n}\nmodel %s {\n  if Int @id\n}\n" % b"return" * n, 2000),
    "one name": (lambda n: b"model A {\n  id Int @id\n  id Int\n}\nenum A {\n  a\n  a\n}\n" * n, 4000),
    "cycles": (lambda n: b"".join(b"model M%d {\n  id Int @id\n  n M%d @relation(fields: [id], references: [id])\n}\n" % (i, (i + 1) % n)
                                  for i in range(n)), 1500),
    "carriage returns": (lambda n: b"model A {\r  id Int @id\r}\r" * n, 5000),
    "one line": (lambda n: b"model A { id Int @id }" * n, 20000),
}


def cpu_seconds(directory, *args):
    """What the command takes of the processor, the least of three runs; its exit code must say that it was understood."""
    least = 1e9
    for _ in range(3):
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen([BERTH, "db", *args], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       stderr=said)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            assert process.returncode in (0, 3), (args, process.returncode, said.read(2000))
        least = min(least, used.ru_utime + used.ru_stime)
        if least > 1:
            break
    return least


def check_growth(w, name, make, size, *commands):
    count = int(size * SCALE)
    w.write("small.prisma", "")
    (w.root / "small.prisma").write_bytes(HEAD + make(count))
    (w.root / "large.prisma").write_bytes(HEAD + make(4 * count))
    for command in commands:
        small, large = (cpu_seconds(w.root, *(word.replace("FILE", f"{which}.prisma") for word in command))
                        for which in ("small", "large"))
        # Below some milliseconds it is the start of the program that is measured.
        assert large < RATIO * max(small, 0.02), f"{name}: {' '.join(command)}: {small:.3f} s, then {large:.3f} s for four times as much"


VALIDATE, FORMAT = ("validate", "--schema", "FILE"), ("format", "--stdout", "--schema", "FILE")
CREATE, DROP = ("diff", "--from", "empty", "--to", "FILE"), ("diff", "--from", "FILE", "--to", "other.prisma", "--warnings")


def test_right_ones_grow_linearly():
    with Workspace() as w:
        (w.root / "other.prisma").write_bytes(HEAD + b"model Other {\n  id Int @id\n}\n")
        for name, (make, size) in RIGHT.items():
            check_growth(w, name, make, size, FORMAT, CREATE, DROP)
            assert w.run("db", "validate", "--schema", "small.prisma").returncode == 0 or name == "long names", name


def test_wrong_ones_grow_linearly():
    with Workspace() as w:
        for name, (make, size) in WRONG.items():
            check_growth(w, name, make, size, VALIDATE, (*VALIDATE, "--json"), FORMAT)


def test_large_files():
    with Workspace() as w:
        for text in (models(10_000), b"model A {\n  id Int @id // " + b"x" * 10_000_000 + b"\n}\n", b"\xff" * 10_000_000,
                     b"model A {\n  id Int @id @map(\"" + b"x" * 10_000_000, b"}\n" * 5_000_000):
            (w.root / "large.prisma").write_bytes(HEAD + text)
            for command in (VALIDATE, FORMAT):
                assert cpu_seconds(w.root, *(word.replace("FILE", "large.prisma") for word in command)) < 20, text[:40]


def test_links_in_circles():
    with Workspace() as w:
        (w.root / "schema/a").mkdir(parents=True)
        (w.root / "schema/b").mkdir()
        (w.root / "schema/a/b").symlink_to("../b")
        (w.root / "schema/b/a").symlink_to("../a")
        (w.root / "schema/all").symlink_to(".")
        (w.root / "schema/self.prisma").symlink_to("self.prisma")
        (w.root / "schema/a/one.prisma").write_bytes(HEAD + models(1))
        (w.root / "schema/b/two.prisma").write_bytes(b"model Two {\n  id Int @id\n}\n")
        assert "valid (2 files)" in w.run("db", "validate", "--schema", "schema").stdout


run_tests(globals())

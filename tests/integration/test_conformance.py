"""The SQL of `berth db diff` against recorded SQL, when the recordings lie beside the project.

They are in $BERTH_SHARED, or ../shared; without them this says so, and only checks that the runner tells same from
different on a case of its own.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from support.workspace import BERTH, SOURCE

RUNNER = SOURCE / "tests/conformance/run"
SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
# What must be good, in per cent, of each row of the table; rows of dialects that are not finished are only shown.
WANTED = {"create": 99.0, "alter": 97.0, "invalid": 100.0, "corpus": 100.0, "single": 100.0}
UNFINISHED = {("alter", "sqlserver")}

SCHEMA = 'datasource db {\n  provider = "sqlite"\n}\n\nmodel A {\n  id Int @id\n}\n'
SQL = '-- CreateTable\nCREATE TABLE "A" (\n    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT\n);\n'


def run(directory):
    return subprocess.run([sys.executable, RUNNER, directory, "--berth", BERTH, "--quiet"], capture_output=True,
                          text=True, timeout=280)


def test_runner_tells_same_from_different():
    with tempfile.TemporaryDirectory() as name:
        case = pathlib.Path(name) / "create/sqlite"
        case.mkdir(parents=True)
        (case / "a.prisma").write_text(SCHEMA)
        (case / "a.sql").write_text(SQL)
        assert run(name).returncode == 0
        for sql, verdict in ((SQL.replace("\n    ", " "), "same effect"), (SQL.replace("NOT NULL ", ""), "different")):
            (case / "a.sql").write_text(sql)
            result = subprocess.run([sys.executable, RUNNER, name, "--berth", BERTH], capture_output=True, text=True)
            assert result.returncode == 1 and f"\n{verdict}: create/sqlite/a" in result.stdout, result


def check(directory):
    result = run(directory)
    print(result.stdout, result.stderr)
    rows = re.findall(r"^(\w+) (\w+) +(\d+) .* ([\d.]+)%$", result.stdout, re.M)
    assert rows, "no table was printed"
    for kind, provider, count, good in rows:
        if (kind, provider) not in UNFINISHED:
            assert int(count) > 0 and float(good) >= WANTED[kind], (kind, provider, good)


test_runner_tells_same_from_different()
if SHARED.is_dir():
    check(SHARED / "conformance")
    check(SHARED / "corpus")
else:
    print(f"SKIPPED: the recordings are not at {SHARED}: only the runner itself was checked")
    raise SystemExit(77)

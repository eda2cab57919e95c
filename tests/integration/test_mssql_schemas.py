# leg: plain
"""Recorded schemas pushed to SQL Server's stand-in: what it then holds, as its catalogue tells, is what the schema says; and
so it is after a change to another schema. Schemas lie in $BERTH_SHARED, or ../shared.
"""
import collections
import contextlib
import os
import pathlib
import re

from support.tds import TdsServer
from support.workspace import SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
CONFORMANCE = SHARED / "conformance"
# Of the schemas from empty one in so many, of the changes every other one; with BERTH_TEST_ALL all of them.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 10
PASSWORD = "Stand-in-1"
# What the server refuses of a few scripts: names that are taken, types and functions of another server's.
REFUSALS = {102, 195, 2714, 2715}
REFUSED_AT_MOST = 0.05
if not CONFORMANCE.is_dir():
    print(f"SKIPPED: {CONFORMANCE} does not exist (BERTH_SHARED names what has it)")
    raise SystemExit(77)


class Database:
    def __init__(self, workspace, server, name):
        self.workspace = workspace
        self.url = f"sqlserver://127.0.0.1:{server.port};database={name};user=sa;password={PASSWORD}"

    def push(self, path):
        """The number of the server's refusal, or None."""
        run = self.workspace.run("db", "push", "--yes", "--url", self.url, "--schema", str(path))
        if run.returncode == 0:
            return None
        refusal = re.search(r"\((\d+), state \d+\)", run.stderr)
        assert refusal, f"{path.name}\n{run.stderr}"
        return int(refusal.group(1))

    def check(self, path):
        run = self.workspace.run("db", "diff", "--from", self.url, "--to", str(path), "--exit-code")
        assert run.returncode == 0, f"{path.name}: left over:\n{run.stdout}{run.stderr}"


@contextlib.contextmanager
def databases():
    with TdsServer(sa_password=PASSWORD) as server, Workspace() as workspace:
        yield lambda number: Database(workspace, server, f"d{number}")


def check(histories):
    counts = collections.Counter()
    with databases() as new:
        for number, paths in enumerate(histories):
            database = new(number)
            for path in paths:
                refusal = database.push(path)
                assert refusal is None or refusal in REFUSALS, f"{path.name}: {refusal}"
                counts["refused" if refusal else "the same"] += 1
                if refusal:
                    break
                database.check(path)
    print(f"     {len(histories)} schemas: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    assert counts["refused"] <= max(2, REFUSED_AT_MOST * len(histories)), counts


def test_from_empty():
    check([[path] for path in sorted(CONFORMANCE.glob("create/sqlserver/*.prisma"))[::EVERY]])


def test_real_projects():
    schemas = sorted((SHARED / "corpus/standalone").glob("*.prisma"))
    found = [[path] for path in schemas if re.search(r'provider\s*=\s*"sqlserver"', path.read_text())]
    assert found, "no schema of a project"
    check(found)


def test_changes():
    check([[path, path.with_name(path.name.replace(".from.", ".to."))]
           for path in sorted(CONFORMANCE.glob("alter/sqlserver/*.from.prisma"))[::min(EVERY, 2)]])


run_tests(globals())

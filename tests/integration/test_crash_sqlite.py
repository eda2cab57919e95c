# leg: plain
"""kill -9 at the calls by which migrations of 20 statements change a SQLite file: of `berth db deploy`, and of the worker of
`berth start`. The status tells what is true, and one more deploy, or what a failed migration asks for, ends in the schema.

Between two such calls a file does not change, so these are all the moments that differ; strace kills at them.
"""
import collections
import contextlib
import json
import os
import re
import sqlite3
import subprocess

from support.workspace import BERTH, Workspace, run_tests

CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink"
MIGRATIONS = "database/sqlite/migrations"
MODELS = 9
# Of the calls a run takes so many, evenly; with this, all.
POINTS = 10**6 if os.environ.get("BERTH_TEST_ALL") else 45
START_EACH = 15  # so many points are one of `berth start`


def schema():
    """As many models as make a migration of 20 statements."""
    text = 'datasource db {\n  provider = "sqlite"\n  url = "file:app.db"\n}\n'
    for n in range(MODELS):
        text += f"model M{n} {{\n  id Int @id\n  n Int\n  @@index([n])\n"
        text += f"  m M{n - 1} @relation(fields: [n], references: [id])\n" if n > 0 else ""
        text += f"  ms M{n + 1}[]\n" if n + 1 < MODELS else ""
        text += "  u Int @unique\n" if n < 2 else ""
        text += "}\n"
    return text


def one_transaction(parts):
    return parts


def statements_alone(parts):
    """A transaction of the file's own at first; the pragma can be in none, so each of the rest is one by itself."""
    return ["BEGIN", *parts[:4], "COMMIT", "PRAGMA journal_size_limit = 1000", *parts[4:]]


class Project(Workspace):
    def __init__(self, make_script):
        super().__init__()
        self.path = self.root / "app.db"
        self.url = self.env["DATABASE_URL"] = f"file:{self.path}"
        self.schema = str(self.write("database/sqlite/schema.prisma", schema()))
        script = self.run("db", "diff", "--from", "empty", "--to", self.schema, check=0).stdout
        parts = [part.strip() for part in re.sub(r"^--.*\n", "", script, flags=re.M).split(";") if part.strip()]
        assert len(parts) == 20, script
        self.parts = make_script(parts)
        self.write(f"{MIGRATIONS}/migration_lock.toml", 'provider = "sqlite"\n')
        self.write(f"{MIGRATIONS}/1_all/migration.sql", ";\n".join(self.parts) + ";\n")

    def db(self, *args, check=None):
        return self.run("db", *args, "--url", self.url, check=check)

    def state(self):
        return {m["name"]: m["state"] for m in json.loads(self.db("status", "--json").stdout)["migrations"]}["1_all"]

    def clear(self):
        for path in self.root.glob("app.db*"):
            path.unlink()

    def query(self, sql):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            return connection.execute(sql).fetchall()

    def effects(self):
        """For each statement that makes something, whether that is there."""
        found = {name for (name,) in self.query("SELECT name FROM sqlite_master")} if self.path.exists() else set()
        makes = re.compile(r'(?:CREATE TABLE|INDEX) "(.*?)"')
        return [match.group(1) in found for match in map(makes.search, self.parts) if match]

    def strace(self, words, *options):
        """A command to its end, and the calls of it that concern the database."""
        run = subprocess.run(["strace", "-f", "-qq", "-y", "-o", self.root / "trace", "-e", "trace=" + CALLS, "-e", "signal=none", *options,
                              BERTH, *words], cwd=self.root, env=self.env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        return run, [match.group(1) for match in re.finditer(r"^\d+ +(\w+)\(.*app\.db", (self.root / "trace").read_text(), re.M)]


def recover(p, state):
    """As a user would who is told what the status tells."""
    if state == "failed":
        assert "P3009" in p.db("deploy", check=1).stderr
        rest = p.run("db", "diff", "--from", p.url, "--to", p.schema, check=0).stdout
        with contextlib.closing(sqlite3.connect(p.path, isolation_level=None)) as connection:
            connection.executescript(rest)
        p.db("resolve", "--applied", "1_all", check=0)
    p.db("deploy", check=0)
    assert p.state() == "applied"
    p.db("status", check=0)
    p.run("db", "diff", "--from", p.url, "--to", p.schema, "--exit-code", check=0)
    assert all(p.effects()) and p.query("PRAGMA integrity_check") == [("ok",)]


def kill_at(p, call, number, starts):
    inject = ("-P", str(p.path), "-P", f"{p.path}-journal", "-e", f"inject={call}:signal=SIGKILL:when={number}")
    words = ("start", "--no-aspire", "--no-dashboard", "--no-seed") if starts else ("db", "deploy", "--url", p.url)
    run, _ = p.strace(words, *inject)
    if starts:
        assert run.returncode == 5 and "the worker was ended by signal 9" in run.stdout + run.stderr, run
    else:
        assert run.returncode in (-9, 137), run


def check(make_script, allowed, wanted):
    counts, taken = collections.Counter(), set()
    with Project(make_script) as p:
        run, calls = p.strace(("db", "deploy", "--url", p.url), "-P", str(p.path), "-P", f"{p.path}-journal")
        assert run.returncode == 0 and len(calls) > 20, run
        seen = collections.Counter()
        points = []
        for call in calls:
            seen[call] += 1
            points.append((call, seen[call]))
        chosen = points[::max(1, len(points) // POINTS)]
        for index, (call, number) in enumerate(chosen):
            p.clear()
            kill_at(p, call, number, index % START_EACH == START_EACH - 1)
            state, there = (p.state(), p.effects())
            count = sum(there)
            taken.add(count)
            assert there == sorted(there, reverse=True), f"{call} {number}: not the first {count} of {there}"
            assert {"applied": count == len(there), "pending": count == 0, "failed": True}[state], f"{call} {number}: {state} {there}"
            counts[state] += 1
            recover(p, state)
    print(f"     {len(p.parts)} statements, {len(chosen)} of {len(points)} calls: {dict(counts)}, {sorted(taken)} effects")
    assert set(allowed) >= set(counts) >= set(wanted), counts
    return taken


def test_one_transaction():
    assert check(one_transaction, ("pending", "applied"), ("pending",)) <= {0, 20}


def test_statements_alone():
    # Killed after each of them, but within the transaction.
    assert check(statements_alone, ("pending", "failed", "applied"), ("pending", "failed")) >= {0, *range(4, 20)}


if __name__ == "__main__":
    run_tests(globals())

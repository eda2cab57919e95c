# needs: engine
"""Migration histories of real projects, read where they lie: each applies as a whole, what it makes is what the server's
own tools say it makes, and the status is green, or tells what its project recorded as left over. The corpus is no part of this project: $BERTH_SHARED, or ../shared beside the source.
"""
import os
import pathlib
import re
import subprocess

from support.engine import Engine
from support.workspace import SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
HISTORIES = sorted((SHARED / "corpus").glob("*/postgresql")) + sorted((SHARED / "corpus").glob("*/sqlite"))
EMPTY = "-- This is an empty migration."
servers = []


class History(Workspace):
    def __init__(self, path, url):
        super().__init__()
        self.path, self.url = path, url
        self.count = sum(1 for child in (path / "migrations").iterdir() if child.is_dir())
        target = self.root / "database" / ("postgres" if path.name == "postgresql" else "sqlite")
        target.mkdir(parents=True)
        (target / "migrations").symlink_to(path / "migrations")

    def check(self):
        """All of it applies, the status says so, and a second run has nothing to do."""
        assert self.db_json("status", check=1)["pending"] == self.count
        self.run("db", "deploy", "--url", self.url, check=0, timeout=120)
        status = self.db_json("status", check=0)
        assert (status["applied"], status["pending"], status["failed"], status["edited"], status["missing"]) == (
            self.count, 0, 0, 0, 0), status
        assert "nothing pending" in self.run("db", "deploy", "--url", self.url, check=0).stdout
        residue = (self.path / "expected/residue.sql").read_text().strip()
        status = self.db_json("status", "--schema", str(self.path / "schema"), check=1 if residue != EMPTY else 0)
        assert status["green"] == (residue == EMPTY) and status.get("difference", EMPTY).strip() == residue, (
            f"{self.path}: {status['schema']}\n{status.get('difference')}")

    def db_json(self, *args, check):
        import json
        return json.loads(self.run("db", *args, "--json", "--url", self.url, check=check).stdout)


def significant(dump):
    """A dump's lines but comments, psql's commands, and words that differ between tools."""
    lines = (re.sub(r"CREATE TABLE IF NOT EXISTS", "CREATE TABLE", line.rstrip()) for line in dump.splitlines())
    return [line for line in lines
            if line and not line.startswith(("--", "\\", "COMMENT ON EXTENSION")) and "transaction_timeout" not in line]


def without_ledger(dump):
    return re.sub(r'CREATE TABLE(?: IF NOT EXISTS)? "_prisma_migrations" \(.*?\n\);?\n', "", dump, flags=re.S)


def check_postgres(path):
    for server in servers:
        database = server.create_database()
        with History(path, server.url(database)) as history:
            history.check()
        if server is not servers[0]:
            continue  # the expectations are of that one's version
        dump = subprocess.run(["pg_dump", "--schema-only", "--no-owner", "-T", "_prisma_migrations",
                               server.url(database)], capture_output=True, text=True, check=True).stdout
        expected = (path / "expected/schema.sql").read_text()
        assert significant(dump) == significant(expected), f"{path}: another schema"


def check_sqlite(path):
    with History(path, None) as history:
        history.url = f"file:{history.root}/app.db"
        history.check()
        dump = subprocess.run(["sqlite3", f"{history.root}/app.db", ".schema"], capture_output=True, text=True,
                              check=True).stdout
        expected = (path / "expected/schema.sql").read_text()
        assert sorted(significant(without_ledger(dump))) == sorted(significant(expected)), f"{path}: another schema"


def tests():
    for path in HISTORIES:
        name = f"test_{path.parent.name}_{path.name}"
        check = check_postgres if path.name == "postgresql" else check_sqlite
        yield name, lambda path=path, check=check: check(path)


if __name__ == "__main__":
    if not HISTORIES:
        # The other tests of the migrator need no corpus and still run; this one proved nothing.
        print(f"!!! NOT RUN: there is no corpus in {SHARED} (set BERTH_SHARED)", flush=True)
        raise SystemExit(77)  # skipped, for ctest
    assert len(HISTORIES) >= 16, HISTORIES
    with Engine() as engine:
        servers += [engine.run_postgres(tag) for tag in ("15", "18")]
        run_tests(dict(tests()))

"""Migrations on SQLite through the command line: what a killed migrator leaves behind, and the file in others' hands."""
import contextlib
import json
import signal
import sqlite3
import subprocess
import time

from support.workspace import BERTH, Workspace, eventually, run_tests

MIGRATIONS = "database/sqlite/migrations"
# Far longer than any test waits.
ENDLESS = ("CREATE TABLE big (n);\nINSERT INTO big WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c "
           "WHERE n < 100000000000) SELECT n FROM c;\n")


class Project(Workspace):
    def __init__(self, migrations):
        super().__init__()
        self.path = self.root / "app.db"
        self.url = f"file:{self.path}"
        self.add(migrations)

    def add(self, migrations):
        for name, sql in migrations.items():
            self.write(f"{MIGRATIONS}/{name}/migration.sql", sql)

    def db(self, *args, check=None):
        return self.run("db", *args, "--url", self.url, check=check)

    def spawn_db(self, *args):
        return subprocess.Popen([BERTH, "db", *args, "--url", self.url], cwd=self.root, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_deploy_at(self, moment):
        process = self.spawn_db("deploy")
        eventually(moment, what="the moment")
        process.send_signal(signal.SIGKILL)
        process.wait()

    def sql(self, sql):
        with contextlib.closing(sqlite3.connect(self.path, timeout=10)) as connection:
            return [row[0] for row in connection.execute(sql)]

    def tables(self):
        return self.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> '_prisma_migrations'")

    def states(self):
        return {m["name"]: m["state"] for m in json.loads(self.db("status", "--json").stdout)["migrations"]}


def test_failure_is_told_and_undone():
    with Project({"1_a": "CREATE TABLE a (b INTEGER);", "3_later": "CREATE TABLE later (x);", "2_bad":
                  "CREATE TABLE c (d);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1, 2);\nCREATE TABLE e (f);\n"
                  "CREATE TABLE g (h);"}) as p:
        run = p.db("deploy", check=1)
        assert f"{MIGRATIONS}/2_bad/migration.sql:3:1: table a has 1 columns but 2 values were supplied" in run.stderr, run
        assert "    3 | INSERT INTO a VALUES (1, 2);\n      | ^~~~" in run.stderr, run
        assert p.tables() == ["a"] and p.sql("SELECT count(*) FROM a") == [0]
        assert p.states() == {"1_a": "applied", "2_bad": "failed", "3_later": "pending"}
        assert "P3009" in p.db("deploy", check=1).stderr
        p.db("status", check=1)


def test_killed_within_a_transaction():
    with Project({"1_a": "CREATE TABLE a (b);", "2_endless": ENDLESS}) as p:
        journal = p.root / "app.db-journal"
        p.kill_deploy_at(lambda: p.path.exists() and p.path.stat().st_size > 1 << 20 or
                         (journal.exists() and journal.stat().st_size > 0 and p.path.stat().st_size > 1 << 16))
        assert p.sql("PRAGMA integrity_check") == ["ok"]
        assert p.tables() == ["a"] and p.states() == {"1_a": "applied", "2_endless": "pending"}
        p.add({"2_endless": "CREATE TABLE big (n);"})
        p.db("deploy", check=0)
        assert p.tables() == ["a", "big"]


def test_killed_outside_of_one():
    with Project({"1_own": "BEGIN;\nCREATE TABLE l (m);\nCOMMIT;\nVACUUM;\n" + ENDLESS, "2_b": "CREATE TABLE b (c);"}) as p:
        p.kill_deploy_at(lambda: p.path.exists() and p.path.stat().st_size > 1 << 20)
        assert p.sql("PRAGMA integrity_check") == ["ok"]
        assert p.tables() == ["l", "big"] and p.sql("SELECT count(*) FROM big") == [0]
        assert p.states() == {"1_own": "failed", "2_b": "pending"}  # begun, and nobody knows how far it came
        assert "P3009" in p.db("deploy", check=1).stderr


def test_killed_at_any_moment():
    count = 40
    with Project({f"{n:03}_x": f"CREATE TABLE t{n} (a);\nINSERT INTO t{n} VALUES (1);" for n in range(count)}) as p:
        for n in range(10):
            process = p.spawn_db("deploy")
            time.sleep(0.004 * (n + 1))
            process.send_signal(signal.SIGKILL)
            process.wait()
            applied = [name for name, state in p.states().items() if state == "applied"]
            # What the ledger says is what there is: no more, no less, nothing half done.
            assert len(p.tables()) == len(applied) if p.path.exists() else not applied
            assert "failed" not in p.states().values()
        p.db("deploy", check=0)
        assert len(p.tables()) == count
        assert p.sql("SELECT count(*) FROM _prisma_migrations") == [count]


def test_file_in_use_is_named():
    with Project({"1_a": "CREATE TABLE a (b);"}) as p:
        holder = subprocess.Popen(["sqlite3", str(p.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        holder.stdin.write("BEGIN EXCLUSIVE; CREATE TABLE x (y); SELECT 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        run = p.db("deploy", check=6)
        assert f"pid {holder.pid} (sqlite3)" in run.stderr, run
        holder.stdin.write("ROLLBACK;\n")  # an idle connection is in nobody's way
        holder.stdin.flush()
        eventually(lambda: p.db("deploy").returncode == 0, what="the deploy")
        holder.stdin.close()
        holder.wait()


def test_file_in_wal_mode_is_shared_with_a_service():
    with Project({"1_a": "CREATE TABLE a (b);\nINSERT INTO a VALUES (1);"}) as p:
        with contextlib.closing(sqlite3.connect(p.path, isolation_level=None)) as service:
            service.execute("PRAGMA journal_mode = WAL")
            p.db("deploy", check=0)
            assert service.execute("SELECT count(*) FROM a").fetchall() == [(1,)]
            service.execute("INSERT INTO a VALUES (2)")
            p.db("status", check=0)
            p.db("reset", "--yes", check=0)
            assert service.execute("SELECT count(*) FROM a").fetchall() == [(1,)]
            p.add({"2_wal": "PRAGMA journal_mode = WAL;\nCREATE TABLE c (d);"})
            p.db("deploy", check=0)


def test_two_deploys_at_once():
    for journal in ("DELETE", "WAL"):
        with Project({f"{n:03}_x": f"CREATE TABLE t{n} (a);" for n in range(20)}) as p:
            p.sql(f"PRAGMA journal_mode = {journal}")
            both = [p.spawn_db("deploy") for _ in range(2)]
            assert [process.wait() for process in both] == [0, 0]
            assert p.sql("SELECT count(DISTINCT migration_name) || '/' || count(*) FROM _prisma_migrations") == ["20/20"]


if __name__ == "__main__":
    run_tests(globals())

# leg: plain
"""kill -9 of `berth db deploy` at every batch that it sends to SQL Server's stand-in, before and after the server runs it:
the status tells the truth, and what it asks for ends in all migrations applied, once.

What the server does with a connection that is gone (it undoes what is open) is the stand-in's doing here.
"""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import threading

from support.tds import TdsServer
from support.workspace import BERTH, Workspace, run_tests

PASSWORD = "Stand-in-1"
MIGRATIONS = "database/mssql/migrations"
TABLES = 4
# A run takes every other batch; with this, all.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 2
WHOLE = "BEGIN TRY\nBEGIN TRAN;\n" + "".join(f"CREATE TABLE t{n} (id INT);\n" for n in range(TABLES)) + (
    "COMMIT TRAN;\nEND TRY\nBEGIN CATCH\nIF @@TRANCOUNT > 0 ROLLBACK TRAN;\nTHROW\nEND CATCH\n")
BATCHES = "GO\n".join(f"CREATE TABLE t{n} (id INT);\n" for n in range(TABLES))
ALONE = BATCHES + "GO\nALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON;\n"


class Stop:
    """Holds one batch, before or after the server runs it, until the client is gone."""

    def __init__(self, at, is_after):
        self.at, self.is_after, self.count = at, is_after, 0
        self.reached = threading.Event()

    def hold(self, connected):
        self.reached.set()
        while True:
            connected.pause(0.01)  # ends with the connection

    def before(self, connected):
        self.count += 1
        self.is_due = self.count == self.at
        if self.is_due and not self.is_after:
            self.hold(connected)

    def after(self, connected):
        if self.is_due and self.is_after:
            self.hold(connected)


def kill_at(w, server, url, at, is_after):
    """False: it sends no more batches than that, and has ended."""
    stop = server.on("", Stop(at, is_after))
    process = subprocess.Popen([BERTH, "db", "deploy", "--url", url], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not stop.reached.wait(0.01):
        pass
    was_stopped = stop.reached.is_set()
    if was_stopped:
        process.send_signal(signal.SIGKILL)
    process.wait()
    server.hooks.clear()
    server.disconnect_all()
    return was_stopped


def status(w, url):
    return json.loads(w.run("db", "status", "--json", "--url", url).stdout)["migrations"][0]


def tables(server, database):
    path = server.instance.path(database)
    if not os.path.exists(path):
        return []
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = {name for name, in connection.execute("SELECT name FROM sys_all_objects WHERE type = 'U'")}
    return [n for n in range(TABLES) if f"t{n}" in names]


def recover(w, url, found):
    """As a user would who is told what the status tells."""
    if found["state"] == "failed":
        said = re.search(r"did not get beyond batch (\d+) of", found["error"] or "")
        batch = int(said.group(1)) if said else 1
        run = w.run("db", "resolve", "--resume", "1_x", "--from", str(batch), "--url", url)
        if run.returncode:  # that one had taken effect
            assert "already an object named" in run.stderr, run.stderr
            w.run("db", "resolve", "--resume", "1_x", "--from", str(batch + 1), "--url", url, check=0)
    w.run("db", "deploy", "--url", url, check=0)
    assert status(w, url)["state"] == "applied"


def check(script, states):
    seen = set()
    with TdsServer(sa_password=PASSWORD) as server:
        for is_after in (False, True):
            at = 1 + is_after * (EVERY - 1)
            while True:
                with Workspace(files={f"{MIGRATIONS}/migration_lock.toml": 'provider = "sqlserver"\n',
                                      f"{MIGRATIONS}/1_x/migration.sql": script}) as w:
                    database = f"app{at}{int(is_after)}"
                    url = f"sqlserver://127.0.0.1:{server.port};database={database};user=sa;password={PASSWORD}"
                    was_stopped = kill_at(w, server, url, at, is_after)
                    found, there = status(w, url), tables(server, database)
                    assert there == list(range(len(there))), f"stop {at}: {there}"
                    truth = {"applied": len(there) == TABLES, "pending": not there, "failed": True}
                    assert truth[found["state"]], f"stop {at}: {found['state']}, {there}"
                    seen.add(found["state"])
                    recover(w, url, found)
                    assert tables(server, database) == list(range(TABLES))
                if not was_stopped:
                    break
                at += EVERY
            assert at > 10, f"{at} batches"
    assert seen == states, seen


def test_one_transaction():
    check(WHOLE, {"applied", "pending"})


def test_batches_in_one_transaction():
    check(BATCHES, {"applied", "pending"})


def test_batches_alone():
    check(ALONE, {"applied", "failed", "pending"})


run_tests(globals())

# needs: engine
"""kill -9 of the supervisor at many moments: no orphan process, no orphan container, no lost row."""
import subprocess
import time

from support.workspace import Workspace, eventually, run_tests

# Writes rows as fast as Postgres takes them, and notes each only after it was committed.
WRITER = '''
import os, subprocess, sys
env = {**os.environ, "PGPASSWORD": os.environ["APP_PASSWORD"]}
psql = subprocess.Popen(["psql", "-XqAt", "-h", os.environ["APP_HOST"], "-p", os.environ["APP_PORT"],
                         "-U", os.environ["APP_USERNAME"], os.environ["APP_DATABASENAME"]],
                        env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
for line in range(10**9):
    psql.stdin.write("INSERT INTO written DEFAULT VALUES RETURNING id;\\n")
    answer = psql.stdout.readline().strip()
    if not answer:
        sys.exit("psql went away")
    with open("acknowledged", "a") as f:
        f.write(answer + "\\n")
'''

SETTINGS = {"NetScript": {
    "Name": "kill", "PrimaryCache": "redis",
    "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}},
    "Cache": {"redis": {"Engine": "Redis"}},
    "Services": {"writer": {"Command": ["python3", "writer.py"], "Workdir": ".", "HealthCheckPath": False}}}}
FILES = {"writer.py": WRITER, "acknowledged": "",
         "database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
         "database/postgres/migrations/1_a/migration.sql": "CREATE TABLE written (id bigserial PRIMARY KEY);",
         "database/postgres/migrations/2_b/migration.sql": "ALTER TABLE written ADD COLUMN t timestamptz DEFAULT now();"}


def rows(w):
    url = w.run("url", "postgres", "--reveal", check=0).stdout.strip()
    ids = subprocess.run(["psql", url, "-XAtc", "SELECT id FROM written"], capture_output=True, text=True, check=True)
    return set(ids.stdout.split())


def check_whole(w):
    eventually(lambda: w.resources()["writer"]["state"] == "Running", 10, "the writer")
    assert {c["Names"][0][1:] for c in w.containers()} == {f"postgres-{w.id()}", f"redis-{w.id()}"}
    before = set((w.root / "acknowledged").read_text().split())
    lost = before - rows(w)
    assert not lost, f"{len(lost)} rows were lost"
    eventually(lambda: len((w.root / "acknowledged").read_text().split()) > len(before), 10, "another row")


def kill_at(w, moment_s):
    w.spawn()
    time.sleep(moment_s)
    w.kill()
    eventually(lambda: not w.marked_processes(), 4, "the end of every process of the killed supervisor")


def test_kill_at_ten_moments():
    with Workspace(settings=SETTINGS, files=FILES) as w:
        begun = time.monotonic()
        w.start()
        cold_s = time.monotonic() - begun
        check_whole(w)
        w.kill()
        # From the first instruction to well after everything is up: warm starts, then cold ones.
        for moment_s in (0.002, 0.02, 0.05, 0.1, 0.2, 0.5):
            kill_at(w, moment_s)
        w.start()
        check_whole(w)
        for part in (0.1, 0.35, 0.6, 0.9):
            w.stop()
            assert w.containers() == []
            kill_at(w, cold_s * part)
            w.start()
            check_whole(w)
        w.stop()
        assert w.containers() == [] and w.marked_processes() == []


def test_kill_while_stopping():
    with Workspace(settings=SETTINGS, files=FILES) as w:
        for moment_s in (0.01, 0.15):
            w.start()
            w.process.terminate()
            time.sleep(moment_s)
            w.kill()
            w.start()
            check_whole(w)
            w.stop()
        assert w.containers() == [] and w.marked_processes() == []


run_tests(globals())

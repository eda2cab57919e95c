# needs: engine
# leg: plain
"""Podman's Docker-compatible socket in the place of Docker's: the same workspace, the same answers."""
import json
import shutil
import subprocess

from support.private_engine import Podman
from support.workspace import Workspace, eventually, free_port, run_tests

SETTINGS = {"NetScript": {
    "Name": "pod", "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}}}}
REDIS = {"NetScript": {"Name": "pod", "Cache": {"redis": {"Engine": "Redis"}}}}
FILES = {"database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
         "database/postgres/migrations/1_t/migration.sql": "CREATE TABLE t (id int); INSERT INTO t VALUES (1);"}


def workspace(settings, files=None):
    return Workspace(settings=settings, files=files, env=engine.environment())


def clear():
    for container in engine.containers():
        engine.curl(f"/v1.41/containers/{container['Id']}?force=1&v=1", "-X", "DELETE")


def query(w, sql):
    url = w.run("url", "postgres", "--reveal", check=0).stdout.strip()
    return subprocess.run(["psql", url, "-qAtc", sql], capture_output=True, text=True, check=True).stdout.strip()


def test_a_database_and_its_life():
    with workspace(SETTINGS, FILES) as w:
        w.start()
        first, = engine.containers()
        password = (w.root / ".berth/secrets/postgres/password").read_text()
        assert password not in json.dumps(engine.inspect(first["Id"]))
        query(w, "INSERT INTO t VALUES (2)")
        # A killed supervisor's container is taken over.
        w.kill()
        w.start()
        assert [c["Id"] for c in engine.containers()] == [first["Id"]]
        assert query(w, "SELECT count(*) FROM t") == "2"
        w.stop()
        assert engine.containers() == []
        # Another password is set by a container of one command.
        shutil.rmtree(w.root / ".berth/secrets")
        w.start()
        assert "its data was made with another password: it was given the one in" in w.output()
        assert query(w, "SELECT count(*) FROM t") == "2"
        w.stop()


def is_up(workspace):
    return workspace.resources()["redis"]["state"] == "Running" and len(engine.containers()) == 1


def test_what_happens_underneath_is_mended():
    with workspace(REDIS) as w:
        w.start()
        first, = engine.containers()
        engine.api("POST", f"/containers/{first['Id']}/kill")
        eventually(lambda: "exit code 137" in w.run("logs", "redis", "-n", "1000").stdout, 10, "the end of a killed one")
        eventually(lambda: is_up(w), 20, "the killed container's return")
        second, = engine.containers()
        engine.api("DELETE", f"/containers/{second['Id']}?force=1")
        eventually(lambda: is_up(w) and engine.containers()[0]["Id"] != second["Id"], 20, "another one for the removed")
        w.stop()
    clear()


def test_a_changed_setting_and_a_port_that_is_taken():
    with workspace(REDIS) as w, workspace(REDIS) as other:
        w.start()
        w.kill()
        port = free_port()
        w.write("appsettings.json", json.dumps(
            {"NetScript": {"Name": "pod", "Cache": {"redis": {"Engine": "Redis", "Port": port}}}}))
        w.start()
        assert len(engine.containers()) == 1
        assert "replacing its container, as its settings changed: port" in w.run("logs", "redis", "-n", "1000").stdout
        run = other.run("start", "--no-dashboard", check=5, env={"NetScript__Cache__redis__Port": str(port)})
        assert f"port {port} is taken by the container redis-{w.id()}; nothing there was touched" in run.stderr, run
        w.stop()
    clear()


def test_a_name_that_is_taken():
    with workspace(REDIS) as w:
        body = json.dumps({"Image": "redis:7"})
        made = engine.curl(f"/v1.41/containers/create?name=redis-{w.id()}", "-H", "Content-Type: application/json",
                           "-d", body)
        assert made.returncode == 0, made
        run = w.run("start", "--no-dashboard", check=5)
        assert f"there is a container redis-{w.id()} that berth did not make for this workspace" in run.stderr, run.stderr
        assert len(engine.containers()) == 1
    clear()


with Podman() as engine:
    engine.load("redis:7", "postgres:15")
    run_tests(globals())

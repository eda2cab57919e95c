# needs: engine
"""`berth down`, and what ps, describe and stop tell when no supervisor runs: labels and state are the truth."""
import json
import os
import socket
import subprocess

from support.engine import Engine
from support.workspace import BERTH, DOCKER_SOCKET, Workspace, docker, eventually, run_tests


def settings(**cache):
    return {"NetScript": {"Name": "down", "Services": {}, "Cache": {"redis": {"Engine": "Redis", **cache}}}}


def volumes(w):
    listed = docker("GET", "/volumes?filters=" + json.dumps(
        {"label": [f"dev.berth.workspace={w.id()}"]}).replace(" ", "").replace('"', "%22"))
    return listed["Volumes"] or []


def save(w):
    port = int(w.run("url", "redis", check=0).stdout.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port)) as redis:
        redis.sendall(b"SET k kept\r\nSAVE\r\n")
        eventually(lambda: b"+OK" in redis.recv(100), 10, "an answer")


def test_down_wants_a_yes_and_leaves_data():
    with Workspace(settings=settings(Persistent=True)) as w:
        w.start()
        w.stop()
        name = f"redis-{w.id()}"
        refused = w.run("down", check=2)
        assert f"stop and remove the container {name}" in refused.stderr and "wants --yes" in refused.stderr
        assert len(w.containers()) == 1
        said = w.run("down", "--yes", check=0)
        assert said.stdout == f"removed the container {name}\n", said.stdout
        assert w.containers() == [] and len(volumes(w)) == 1
        said = w.json("down", "--volumes", "--yes")
        assert said["removed"] == [{"kind": "volume", "name": f"{name}-data"}] and said["left"] == [], said
        assert volumes(w) == []
        assert "nothing to remove" in w.run("down", "--volumes", check=0).stderr


def test_down_ends_what_runs_and_touches_nothing_foreign():
    with Engine() as engine, Workspace(settings=settings()) as w, Workspace(settings=settings()) as other:
        foreign = engine.run_redis()
        other.start()
        w.start()
        said = w.run("down", "--volumes", "--yes", check=0)
        assert f"stop what berth runs here (process {w.process.pid})" in said.stderr, said.stderr
        assert w.wait() == 0
        assert w.containers() == [] and volumes(w) == []
        assert foreign.answers() and other.resources()["redis"]["health"] == "Healthy"
        other.stop()


def run_as_somebody(w, *args):
    """A command of a user who owns the workspace and may use the engine, but is not root."""
    user, group = 54321, os.stat(DOCKER_SOCKET).st_gid
    demote = {}
    if os.geteuid() == 0:
        for path in [w.root, *w.root.rglob("*")]:
            if w.root / ".data/redis" not in [path, *path.parents]:
                os.chown(path, user, group)
        demote = {"user": user, "group": group, "extra_groups": []}
    return subprocess.run([BERTH, *args], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, **demote)


def test_data_directory_of_another_user():
    with Workspace(settings=settings(DataPath=".data/redis")) as w:
        w.start()
        save(w)
        w.stop()
        data = w.root / ".data/redis"
        (data / "sub").mkdir(exist_ok=True)
        (data / "sub/.hidden").write_text("")
        (w.root / ".data/keep").write_text("mine")
        os.chmod(data, 0o700)  # and another user's, where the tests are root's
        said = run_as_somebody(w, "down", "--volumes", "--yes")
        assert said.returncode == 0 and f"removed the directory {data.resolve()}" in said.stdout, said
        assert not data.exists() and (w.root / ".data/keep").read_text() == "mine"
        assert w.containers() == []


def test_data_outside_of_the_workspace_is_left():
    with Workspace() as elsewhere, Workspace(settings=settings(DataPath=str(elsewhere.root / "redis"))) as w:
        w.start()
        save(w)
        w.stop()
        said = w.run("down", "--volumes", "--yes", check=0)
        assert (elsewhere.root / "redis/dump.rdb").exists()
        assert "nothing to remove" in said.stderr, said.stderr
        # The same by a link.
        (w.root / "link").symlink_to(elsewhere.root)
        w.write("appsettings.json", json.dumps(settings(DataPath="link/redis")))
        w.run("down", "--volumes", "--yes", check=0)
        assert (elsewhere.root / "redis/dump.rdb").exists()


def test_down_after_a_kill():
    with Workspace(settings=settings()) as w:
        w.start()
        w.kill()
        assert len(w.containers()) == 1
        w.run("down", "--volumes", "--yes", check=0)
        assert w.containers() == [] and volumes(w) == [] and w.marked_processes() == []


def test_what_is_there_without_a_supervisor():
    with Workspace(settings=settings(Persistent=True)) as w:
        assert w.run("ps", check=7).stdout == ""
        w.start()
        w.stop()
        name = f"redis-{w.id()}"
        said = w.run("ps", check=7)
        assert said.stdout.startswith(f"redis  Running  the container {name}: Up "), said.stdout
        assert "berth is not running in" in said.stderr and "berth stop --all" in said.stderr
        assert json.loads(w.run("describe", "--json", check=7).stdout)["resources"][0]["state"] == "Running"
        assert w.run("stop", check=7).stdout.startswith("redis  Running")
        assert w.run("stop", "--all", check=0).stderr == f"stopped {name}\n"
        assert w.containers()[0]["State"] == "exited"
        w.run("stop", "--all", check=7)


def test_bad_usage():
    with Workspace(settings=settings()) as w:
        assert 'down does not take "redis"' in w.run("down", "redis", check=2).stderr
        assert "unknown option" in w.run("down", "--volume-s", check=2).stderr
    with Workspace(settings="{") as w:
        w.run("down", "--yes", check=3)


run_tests(globals())

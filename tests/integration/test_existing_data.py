# needs: engine
# leg: plain
"""Data that was there before: made with another password, or by another major version."""
import json
import os
import shutil
import signal
import subprocess
import urllib.parse

import support.workspace
from support.workspace import DOCKER_SOCKET, Workspace, docker, eventually, run_tests

ANOTHER = "Another-Password-1"
DATABASE = {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}


def settings(**more):
    return {"NetScript": {"Name": "existing", "Databases": {"postgres": {**DATABASE, **more}}}}


def change(w, **more):
    w.write("appsettings.json", json.dumps(settings(**more)))


def sql(w, text, check=True):
    url = w.run("url", "postgres", "--reveal", check=0).stdout.strip()
    run = subprocess.run(["psql", url, "-XAtqc", text], capture_output=True, text=True)
    assert not check or run.returncode == 0, run.stderr
    return run.stdout.strip()


def make_data(w):
    """Rows, and a server that has gone again."""
    w.start()
    sql(w, "CREATE TABLE kept AS SELECT generate_series(1, 42) AS id")
    w.stop("--all")


def check_data(w, major=15):
    assert sql(w, "SELECT count(*) FROM kept") == "42"
    assert sql(w, "SHOW server_version_num")[:2] == str(major)
    assert [c["Names"][0][1:] for c in w.containers()] == [f"postgres-{w.id()}"]


def set_password(w, text):
    (w.root / ".berth/secrets/postgres/password").write_text(text)


def password(w):
    return (w.root / ".berth/secrets/postgres/password").read_text()


def one_off(w):
    return [c for c in w.containers() if c["Names"][0].endswith("-one-off")]


def test_data_of_another_tool():
    """A directory that somebody else's container made, with another administrator, is healed, too."""
    with Workspace(settings=settings(DataPath=".data/postgres")) as w:
        name = f"berth-test-other-{w.id()}"
        made = docker("POST", f"/containers/create?name={name}", {
            "Image": "postgres:15", "Env": ["POSTGRES_USER=boss", f"POSTGRES_PASSWORD={ANOTHER}", "POSTGRES_DB=app"],
            "Labels": {"dev.berth.workspace": w.id()},
            "HostConfig": {"Binds": [f"{w.root}/.data/postgres:/var/lib/postgresql/data"]}})

        def query(text):
            execution = docker("POST", f"/containers/{name}/exec", {
                "Cmd": ["psql", "-h", "127.0.0.1", "-U", "boss", "app", "-qc", text], "Env": [f"PGPASSWORD={ANOTHER}"]})
            docker("POST", f"/exec/{execution['Id']}/start", {"Detach": True})
            return eventually(lambda: not (e := docker("GET", f"/exec/{execution['Id']}/json"))["Running"] and e,
                              10, "the query")["ExitCode"]
        docker("POST", f"/containers/{made['Id']}/start")
        eventually(lambda: query("CREATE TABLE IF NOT EXISTS kept AS SELECT generate_series(1, 42) AS id") == 0, 20,
                   "the other tool's server")
        docker("POST", f"/containers/{name}/stop")
        docker("DELETE", f"/containers/{name}?v=1")
        w.start()
        assert "its data was made with another password: it was given the one in" in w.output()
        check_data(w)
        assert ANOTHER not in w.output() and password(w) not in w.output()
        w.stop()
        said = w.output().count("another password")
        w.start()
        assert w.output().count("another password") == said  # once is enough
        check_data(w)


def test_killed_while_healing():
    """Whenever: the next start heals, and nothing of the one before is left."""
    with Workspace(settings=settings(Persistent=True)) as w:
        make_data(w)
        met = []
        for moment in ("created", "running", "exited", "removing"):
            set_password(w, f"password-while-{moment}")
            healed = w.output().count("otherwise as it was")
            w.spawn()
            while not met or met[-1] != moment:  # as fast as the engine tells
                met += [c["State"] for c in one_off(w) if c["State"] == moment]
                if w.output().count("otherwise as it was") > healed:
                    break  # on a slow machine a moment may be missed
            w.kill()
            w.start()
            check_data(w)
            w.stop("--all")
        assert len(met) > 1, met


def test_interrupted_while_healing():
    with Workspace(settings=settings()) as w:
        make_data(w)
        set_password(w, ANOTHER)
        w.spawn()
        eventually(lambda: one_off(w), 20, "healing")
        w.process.send_signal(signal.SIGINT)
        assert w.wait() == 130, w.output()
        assert w.containers() == []
        w.start()
        check_data(w)


def test_data_that_cannot_be_healed():
    with Workspace(settings=settings(Persistent=True)) as w:
        make_data(w)
        w.start()
        sql(w, "ALTER SYSTEM SET default_transaction_read_only = on")
        w.stop("--all")
        old = password(w)
        set_password(w, ANOTHER)
        w.spawn()
        assert w.wait() == 5, w.output()
        assert "was not given that one: the password was not set" in w.output() and not one_off(w), w.output()
        assert old not in w.output() and ANOTHER not in w.output()
        set_password(w, old)
        w.start()
        check_data(w)


def test_redis_that_runs_with_another_password():
    """Its password is no part of its data: a new start with the present one, and every key is there."""
    def with_password(text):
        return {"Parameters": {"redis-password": text}, "NetScript": {
            "Name": "existing", "Cache": {"redis": {"Engine": "Redis", "Persistent": True}}}}

    def cli(*words):
        url = urllib.parse.urlsplit(w.run("url", "redis", "--reveal", check=0).stdout.strip())
        run = subprocess.run(["redis-cli", "-p", str(url.port), *words], capture_output=True, text=True,
                             env={**os.environ, "REDISCLI_AUTH": url.password})
        return run.stdout.strip()
    with Workspace(settings=with_password("the-first-one")) as w:
        w.start()
        assert cli("SET", "kept", "42") == "OK"
        container = w.resources()["redis"]["containerId"]
        w.stop()
        w.write("appsettings.json", json.dumps(with_password(ANOTHER)))
        w.start()
        assert "note: redis: it ran with another password: it is started again with the present one" in w.output()
        assert cli("GET", "kept") == "42" and w.resources()["redis"]["containerId"] == container
        assert ANOTHER not in w.output() and "the-first-one" not in w.output()
        w.stop("--all")
        shutil.rmtree(w.root / ".berth")  # whatever berth knew is lost
        w.start()
        assert cli("GET", "kept") == "42"
        w.stop("--all")


def check_server(w, made_by, asked):
    """The data's own server runs, it is said, and the next start finds all as it wants it."""
    w.start()
    note = f"note: postgres: its data was made by Postgres {made_by}: running postgres:{made_by} instead of postgres:{asked}"
    assert w.output().count(note) == 1, w.output()
    check_data(w, made_by)
    ps = w.resources()["postgres"]
    assert ps["image"] == f"postgres:{made_by}", ps
    container = w.containers()[0]["Id"]
    w.stop()
    w.start()
    assert w.output().count(note) == 2 and "replacing" not in w.run("logs", "postgres").stdout
    check_data(w, made_by)
    return container == w.containers()[0]["Id"]


def test_directory_of_an_older_version():
    with Workspace(settings=settings(DataPath=".data/postgres")) as w:
        make_data(w)
        change(w, DataPath=".data/postgres", ImageTag="18")
        check_server(w, 15, 18)


def test_directory_of_a_newer_version():
    with Workspace(settings=settings(DataPath=".data/postgres", ImageTag="18")) as w:
        make_data(w)
        change(w, DataPath=".data/postgres")
        check_server(w, 18, 15)


def test_volume_of_another_version():
    for made_by, asked in ((15, 18), (18, 15)):
        with Workspace(settings=settings(ImageTag=str(made_by), Persistent=True)) as w:
            make_data(w)
            docker("DELETE", f"/containers/postgres-{w.id()}")
            labels = docker("GET", f"/volumes/postgres-{w.id()}-data")["Labels"]
            assert labels["dev.berth.engine-major"] == f"Postgres {made_by}", labels
            change(w, ImageTag=str(asked), Persistent=True)
            assert check_server(w, made_by, asked), "the container was not adopted"


def test_container_of_another_version():
    """The same with the server still running when another version is asked for."""
    with Workspace(settings=settings(Persistent=True)) as w:
        w.start()
        sql(w, "CREATE TABLE kept AS SELECT generate_series(1, 42) AS id")
        w.stop()
        container = w.containers()[0]["Id"]
        change(w, Persistent=True, ImageTag="18")
        check_server(w, 15, 18)
        assert container == w.containers()[0]["Id"]


def test_volume_that_was_never_filled():
    """A label is only a promise: what is there counts."""
    with Workspace(settings=settings()) as w:
        docker("POST", "/volumes/create", {"Name": f"postgres-{w.id()}-data", "Labels": {
            "dev.berth.workspace": w.id(), "dev.berth.engine-major": "18"}})
        make_data(w)
        assert "note:" not in w.output(), w.output()
        w.start()
        check_data(w)


def test_directory_that_only_the_server_may_read():
    """As a user who can't look into the data: a container looks."""
    if os.geteuid():
        test_directory_of_an_older_version()  # that is such a user
        return
    with Workspace(settings=settings(DataPath=".data/postgres")) as w:
        shutil.copy(support.workspace.BERTH, w.root / "berth")
        w.write("as-nobody", f"#!/bin/sh\nexec setpriv --reuid=65534 --regid={os.stat(DOCKER_SOCKET).st_gid} "
                             f"--clear-groups {w.root}/berth \"$@\"\n").chmod(0o755)
        for directory, _, files in os.walk(w.root):
            for path in (directory, *(os.path.join(directory, f) for f in files)):
                os.chown(path, 65534, 65534)
        berth, support.workspace.BERTH = support.workspace.BERTH, str(w.root / "as-nobody")
        try:
            make_data(w)
            data = os.stat(w.root / ".data/postgres")
            assert (data.st_uid, data.st_mode & 0o077) != (65534, 0), "the test's user may read it"
            change(w, DataPath=".data/postgres", ImageTag="18")
            check_server(w, 15, 18)
        finally:
            support.workspace.BERTH = berth


def test_a_directory_has_one_server():
    with Workspace(settings=settings(DataPath="data")) as first, \
            Workspace(settings=settings(DataPath="data")) as second:
        first.start()
        change(second, DataPath=str(first.root / "data"))
        second.spawn()
        assert second.wait() == 5, second.output()
        assert f"in use by the container postgres-{first.id()}" in second.output(), second.output()
        first.stop()
        set_password(second, password(first))
        second.start()  # the other has gone: now it may
        second.stop()


run_tests(globals())

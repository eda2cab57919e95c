# needs: engine
"""berth doctor: every line of it, once with the thing whole and once with it broken."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading

from support.engine import Container, Engine
from support.workspace import BERTH, Workspace, docker, free_port, run_tests

SUDO = [] if os.geteuid() == 0 else ["sudo", "-n", "--"]
NOBODY = 65534
POSTGRES = {"Engine": "Postgres", "ImageTag": "15"}
SERVICE = {"Command": ["sleep", "1000"], "Workdir": ".", "HealthCheckPath": False}


def settings(databases=None, services=None, **more):
    return {"NetScript": {"Name": "doctor", "Databases": databases or {}, "Services": services or {}, **more}}


def examine(w, code, env=None):
    """{check: [(level, text, remedy)]}, for the exit code."""
    answer = w.json("doctor", check=code) if not env else json.loads(w.run("doctor", "--json", check=code, env=env).stdout)
    found = {}
    for finding in answer["findings"]:
        found.setdefault(finding["check"], []).append((finding["level"], finding["text"], finding["remedy"]))
    assert answer["problems"] == sum(f["level"] == "problem" for f in answer["findings"]), answer
    return found


def the(found, check, level, *words):
    """The one line of the check and level has the words in its text or remedy."""
    lines = [f"{text} | {remedy}" for at, text, remedy in found.get(check, []) if at == level]
    assert len(lines) == 1, found.get(check)
    for word in words:
        assert word in lines[0], (word, lines[0])


def test_all_is_well_and_nothing_is_made():
    port = free_port()
    with Workspace(settings=settings({"postgres": {**POSTGRES, "Port": port}}, {"api": SERVICE})) as w:
        found = examine(w, 0)
        the(found, "settings", "ok", "appsettings.json is valid")
        the(found, "engine", "ok", "answers at")
        the(found, "api", "ok", "1.")
        assert [level for level, *_ in found["disk"]] == ["ok"] * len(found["disk"]), found["disk"]
        the(found, "image", "ok", "postgres:15 is here")
        the(found, "port", "ok", f"{port} of \"postgres\" is free")
        the(found, "state", "ok", "no berth runs here")
        the(found, "program", "ok", "sleep is here")
        the(found, "client", "ok", "psql is here")
        assert not (w.root / ".berth").exists()
        text = w.run("doctor", check=0).stdout
        assert text.startswith("ok       settings  ") and "problem" not in text, text


def test_settings_with_mistakes():
    with Workspace(settings=settings({"db": {"Engine": "Postgre", "Port": "many"}})) as w:
        found = examine(w, 3)
        problems = [text for level, text, _ in found["settings"] if level == "problem"]
        assert len(problems) == 2 and all("appsettings.json:" in text for text in problems), problems
        assert 'did you mean "Postgres"' in found["settings"][0][2]
        the(found, "engine", "ok")


def test_no_workspace():
    with Workspace() as w:
        found = examine(w, 0)
        the(found, "settings", "note", "no appsettings.json")
        the(found, "engine", "ok")


def test_no_engine():
    nowhere = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
    with Workspace(settings=settings({"postgres": POSTGRES})) as w:
        the(examine(w, 4, env=nowhere), "engine", "problem", "/nonexistent/docker.sock", "systemctl start docker")
    with Workspace(settings=settings({"sqlite": {"Engine": "Sqlite"}})) as w:
        the(examine(w, 0, env=nowhere), "engine", "note", "nothing here needs one")


def test_socket_without_permission():
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        os.chmod(directory, 0o755)
        path, berth = f"{directory}/docker.sock", f"{directory}/berth"
        shutil.copy(BERTH, berth)
        os.chmod(berth, 0o755)
        listener.bind(path)
        listener.listen()
        os.chmod(path, 0)
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        run = subprocess.run([berth, "doctor", "--json"], cwd=directory, capture_output=True, text=True,
                             env={"DOCKER_HOST": f"unix://{path}", "PATH": os.environ["PATH"],
                                  "ASAN_OPTIONS": "detect_leaks=0"}, **user)
        assert run.returncode == 4, run
        assert "no permission to use the Docker engine" in run.stdout and "usermod -aG docker" in run.stdout, run


def test_engine_that_is_too_old():
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{directory}/docker.sock")
        listener.listen()

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nApi-Version: 1.24\r\nContent-Length: 2\r\n\r\nOK")
        threading.Thread(target=answer, daemon=True).start()
        with Workspace(settings=settings({"postgres": POSTGRES})) as w:
            found = examine(w, 4, env={"DOCKER_HOST": f"unix://{directory}/docker.sock"})
        the(found, "engine", "problem", "API 1.24", "upgrade Docker")


def test_disk_that_is_nearly_full():
    with Workspace(settings=settings(services={"api": SERVICE})) as w:
        small = w.root / "small"
        small.mkdir()
        subprocess.run([*SUDO, "mount", "-t", "tmpfs", "-o", "size=8m,mode=0777", "berth-test", small], check=True)
        try:
            shutil.copy(w.root / "appsettings.json", small)
            answer = json.loads(w.run("doctor", "--json", "--project-root", str(small), check=1).stdout)
        finally:
            subprocess.run([*SUDO, "umount", small], check=True)
        lines = [f for f in answer["findings"] if f["check"] == "disk" and f["level"] == "problem"]
        assert len(lines) == 1 and "free for the workspace" in lines[0]["text"] and lines[0]["remedy"], answer


def test_port_that_is_taken():
    port, second = free_port(), free_port()
    wanted = settings({"postgres": {**POSTGRES, "Port": port}}, {"api": {**SERVICE, "HostPort": second}})
    with Engine() as engine, Workspace(settings=wanted) as w, socket.socket() as s:
        s.bind(("127.0.0.1", second))
        s.listen()
        found = examine(w, 1)
        the(found, "port", "problem", f"{second} of \"api\"", f"(process {os.getpid()})", "HostPort")
        the(found, "port", "ok", f"{port} of \"postgres\" is free")
        redis = engine.run_redis()
        w.write("appsettings.json", json.dumps(settings({"postgres": {**POSTGRES, "Port": redis.port}})))
        the(examine(w, 1), "port", "problem", f"the container {redis.name}", "another Port")


def test_image_that_is_missing():
    with Workspace(settings=settings({"postgres": {**POSTGRES, "ImageTag": "15-nowhere"}})) as w:
        the(examine(w, 0), "image", "note", "postgres:15-nowhere is not here", "docker pull postgres:15-nowhere")


def test_data_of_another_version_and_in_use():
    with Engine() as engine, Workspace(settings=settings({"postgres": {**POSTGRES, "DataPath": "pg"}})) as w:
        w.write("pg/PG_VERSION", "14\n")
        the(examine(w, 1), "data", "problem", "Postgres 14 made the data", "postgres:15", '"ImageTag": "14"')
        w.write("pg/PG_VERSION", "15\n")
        the(examine(w, 0), "data", "ok", "Postgres 15 made the data")
        (w.root / "pg/PG_VERSION").unlink()
        other = engine.run(Container, "redis:7", 6379, HostConfig={"Binds": [f"{w.root.resolve()}/pg:/elsewhere"]})
        the(examine(w, 1), "data", "problem", f"the container {other.name} has the data of \"postgres\" open")


def test_volume_of_another_version():
    with Workspace(settings=settings({"postgres": POSTGRES})) as w:
        docker("POST", "/volumes/create", {"Name": f"postgres-{w.id()}-data", "Labels": {
            "dev.berth.workspace": w.id(), "dev.berth.engine-major": "14"}})
        the(examine(w, 1), "data", "problem", "Postgres 14 made the data", '"ImageTag": "14"')


def test_what_a_killed_berth_left():
    with Workspace(settings=settings({"postgres": POSTGRES})) as w:
        w.write(".berth/lock", "4194300 7\n")
        os.chmod(w.root / ".berth", 0o700)
        the(examine(w, 1), "state", "problem", "berth (process 4194300) was killed here", "berth start")
        w.write(".berth/lock", "")
        the(examine(w, 0), "state", "ok", "no berth runs here")
        os.chmod(w.root / ".berth", 0o755)
        the(examine(w, 1), "state", "problem", "open to others (mode 0755)", "chmod 700")
        os.chmod(w.root / ".berth", 0o700)
        w.write(".berth/state.db", "this is no database\n" * 100)
        the(examine(w, 1), "state", "problem", "state.db", "move .berth/state.db away")
        (w.root / ".berth/state.db").unlink()

        left = subprocess.Popen(["sleep", "1000"], env={**w.env, "BERTH_OWNER": f"{w.id()}:4194300:7"})
        try:
            the(examine(w, 1), "state", "problem", "1 process of a berth that is gone still runs")
        finally:
            left.kill()
            left.wait()

        def leave(resource):
            name = f"{resource}-{w.id()}"
            docker("POST", f"/containers/create?name={name}", {"Image": "redis:7", "Labels": {
                "dev.berth.workspace": w.id(), "dev.berth.resource": resource}})
            return name
        name = leave("postgres")
        the(examine(w, 1), "state", "problem", f"the container {name} of \"postgres\" is left over", "`berth start`")
        w.remove_containers()
        the(examine(w, 0), "state", "ok", "no berth runs here")
        name = leave("gone")
        the(examine(w, 1), "state", "problem", f"docker rm -f {name}")


def test_programs_that_are_missing():
    with Workspace(settings=settings({"postgres": POSTGRES}, {"api": {**SERVICE, "Command": ["no-such-program"]}})) as w:
        empty = w.root / "empty"
        empty.mkdir()
        found = examine(w, 1, env={"PATH": str(empty)})
        the(found, "program", "problem", "there is no program no-such-program", "\"api\"")
        the(found, "client", "note", "there is no psql", "postgresql-client")


def test_while_it_runs():
    port = free_port()
    with Workspace(settings=settings({"redis": {"Engine": "Sqlite"}}, {"api": {**SERVICE, "HostPort": port}})) as w:
        w.start()
        found = examine(w, 0)
        the(found, "state", "ok", f"as process {w.process.pid}")
        w.stop()


run_tests(globals())

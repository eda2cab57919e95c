# needs: engine
# leg: plain
"""berth why names the real cause, of real faults, down the chain; and the time of a start adds up."""
import json
import os
import pty
import random
import secrets
import signal
import socket
import subprocess
import threading
import time

from support.engine import Engine
from support.image import build_variant, remove_image
from support.slow_registry import SlowRegistry
from support.workspace import BERTH, Workspace, docker, eventually, free_port, run_tests

HTTP_SERVER = ["sh", "-c", "exec python3 -m http.server --bind 127.0.0.1 $PORT"]


# At USR1 a program of it crashes, and it ends as that did.
CRASHING = """#!/bin/bash
trap 'sh -c "kill -SEGV \\$\\$"; exit $?' USR1
docker-entrypoint.sh "$@" &
server=$!
trap 'kill $server; wait $server; exit 0' TERM
wait $server
"""


class AtATerminal:
    """berth start at a terminal, where it stays when something fails."""

    def __init__(self, w, *arguments):
        self.ours, theirs = pty.openpty()
        self.process = subprocess.Popen([BERTH, "start", "--no-dashboard", *arguments], cwd=w.root, env=w.env,
                                        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        threading.Thread(target=self.drain, daemon=True).start()

    def drain(self):
        try:
            while os.read(self.ours, 65536):
                pass
        except OSError:  # nobody has the other end any more
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        finally:
            self.process.kill()
            os.close(self.ours)


def lines(w):
    run = w.run("why", "--json")
    return {l["name"]: l for l in json.loads(run.stdout)["lines"]} if run.returncode == 0 else {}


def says(w, name, *words, seconds=90):
    """The line of a resource, once it has the first of the words; it has all of them."""
    def found():
        reason = lines(w).get(name, {}).get("reason", "")
        return reason if words[0] in reason else None
    try:
        reason = eventually(found, seconds, f"{words[0]!r} of {name}")
    except AssertionError as error:
        raise AssertionError(f"{error}: {lines(w)}") from None
    for word in words:
        assert word in reason, (word, reason)
    return reason


def settings(**records):
    return {"NetScript": {"Name": "why", **records}}


def quiet(*command, **more):
    return {"Command": list(command), "Workdir": ".", "HealthCheckPath": False, **more}


def test_ends_of_processes_and_taken_ports():
    port = free_port()
    with socket.socket() as s, Workspace(settings=settings(Services={
            "missing": quiet("sh", "-c", "no-such-program-here"),
            "crashing": quiet("sh", "-c", "kill -SEGV $$"),
            "failing": quiet("sh", "-c", "echo all is well; echo Error: no licence >&2; echo '  at line 7'; exit 3"),
            "taken": quiet("sleep", "1000", HostPort=port),
            "blocked": quiet("sleep", "1000", WaitFor=["middle"]),
            "middle": quiet("sleep", "1000", WaitFor=["taken"])})) as w:
        s.bind(("127.0.0.1", port))
        s.listen()
        with AtATerminal(w):
            says(w, "missing", "exit code 127, command not found: ", "no-such-program-here")
            says(w, "crashing", "ended by signal 11 (Segmentation fault)")
            says(w, "failing", "exit code 3: Error: no licence")
            says(w, "taken", f"port {port} is taken by ", f"(process {os.getpid()})")
            assert "HostPort" in lines(w)["taken"]["hint"], lines(w)
            says(w, "blocked", "waited for middle, which waited for taken, which is FailedToStart: "
                               f"port {port} is taken by ")
            text = w.run("why", "blocked", check=0).stdout
            assert text.startswith("blocked  FailedToStart  waited for middle, "), text


def test_login_refused():
    with Engine() as engine:
        postgres = engine.run_postgres()
        with Workspace(settings=settings(Databases={"main": {"Engine": "Postgres", "Mode": "External"}}),
                       env={"MAIN_URI": postgres.url(password="wrong")}) as w, AtATerminal(w):
            says(w, "main", "login refused: password authentication failed")
            facts = {f["name"]: f for f in w.resources()["main"]["facts"]}
            assert not facts["login"]["good"] and "password" in facts["login"]["text"], facts


def test_ends_of_containers():
    """Out of memory, a crash, and an init script that fails, each with what it said."""
    image = f"berth-test/bad-init-{secrets.token_hex(4)}"
    crashing = f"berth-test/crashing-{secrets.token_hex(4)}"
    build_variant(f"{crashing}:7", "redis:7", {"/usr/local/bin/crash.sh": CRASHING}, [
        'ENTRYPOINT ["/usr/local/bin/crash.sh"]', 'CMD ["redis-server"]'])
    build_variant(f"{image}:15", "postgres:15", {"/docker-entrypoint-initdb.d/10_bad.sql": "CREATE TABEL t (id int);"})
    try:
        with Workspace(settings=settings(
                PrimaryCache="big",
                Databases={"db": {"Engine": "Postgres", "Image": image, "ImageTag": "15"}},
                Cache={"big": {"Engine": "Redis", "MemoryLimitMb": 48}, "crashing": {"Engine": "Redis", "Image": crashing, "ImageTag": "7"}},
                Services={"api": quiet("sleep", "1000")})) as w, AtATerminal(w):
            says(w, "db", "its container ended: exit code 3: ", 'syntax error at or near "TABEL"')
            says(w, "api", "waited for db, which is FailedToStart: its container ended: exit code 3")
            eventually(lambda: w.resources()["big"]["health"] == "Healthy", 60, "the cache")
            facts = {f["name"]: f for f in w.resources()["big"]["facts"]}
            assert facts["container"]["text"] == "running" and facts["login"]["good"], facts

            url = w.run("url", "big").stdout.strip()
            subprocess.run(["redis-cli", "-u", url, "SETRANGE", "k", "400000000", "x"], capture_output=True)
            says(w, "big", "its container ended: exit code 137, out of memory")
            assert "MemoryLimitMb" in lines(w)["big"]["hint"], lines(w)
            facts = {f["name"]: f for f in w.resources()["big"]["facts"]}
            assert facts["container"]["text"] == "ended: exit code 137, out of memory", facts
            assert not facts["container"]["good"], facts

            eventually(lambda: w.resources()["crashing"]["health"] == "Healthy", 60, "the cache")
            docker("POST", f"/containers/{w.resources()['crashing']['containerId']}/kill?signal=USR1")
            says(w, "crashing", "its container ended: exit code 139, segmentation fault")
    finally:
        remove_image(f"{image}:15")
        remove_image(f"{crashing}:7")


def test_a_slow_pull_is_told_and_not_counted():
    """A pull of seconds with a limit of less: the start works, and what waits says for what."""
    payload = random.Random(4).randbytes(8_000_000).hex()
    with SlowRegistry("redis:7", {"/payload": payload}, bytes_per_second=1_000_000) as registry:
        with Workspace(settings=settings(
                Cache={"redis": {"Engine": "Redis", "Image": registry.name, "ImageTag": "7"}},
                BackgroundProcessors={"worker": quiet("sleep", "1000", WaitFor=["redis"])},
                Services={"api": quiet("sleep", "1000", WaitFor=["worker"])})) as w:
            begun = time.monotonic()
            limit = 5
            w.spawn("--no-dashboard", "--timeout", str(limit))
            seen = says(w, "redis", "image pull ", " of 8")
            chain = "waiting for worker, which waits for redis, which is Building: image pull "
            says(w, "api", chain, " %, ")
            assert 0 <= int(seen.split()[2]) <= 100, seen
            # Nor does a wait for it count the pull.
            w.run("wait", "api", "--status", "up", "--timeout", str(limit), check=0, timeout=120)
            eventually(lambda: "\nup after" in w.output() or w.process.poll() is not None, 120, "the start")
            assert w.process.poll() is None, w.output()
            assert time.monotonic() - begun > limit, "the pull was not slow"
            pulled = {p["phase"]: p["ms"] for p in w.resources()["redis"]["phases"]}
            assert pulled["pulling"] > 3000, pulled
            w.stop()


def test_the_time_of_a_start_adds_up():
    slow = {**quiet(*HTTP_SERVER), "HealthCheckPath": "/", "WaitFor": ["later"]}
    with Workspace(settings=settings(
            Databases={"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}},
            Services={"later": {**quiet("sh", "-c", f"sleep 2; {HTTP_SERVER[2]}"), "HealthCheckPath": "/"},
                      "last": slow}),
            files={"database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
                   "database/postgres/migrations/1_x/migration.sql": "SELECT pg_sleep(1);"}) as w:
        begun = time.monotonic()
        w.start("--no-dashboard", seconds=120)
        outside_ms = (time.monotonic() - begun) * 1000
        answer = w.json("why")
        steps = answer["timeline"]
        assert [s["name"] for s in steps] == ["berth", "postgres", "postgres-migrations", "later", "last"], steps
        assert [s for s in answer["lines"]] == []
        sum_ms = sum(s["startMs"] for s in steps)
        phases_ms = sum(p["ms"] for s in steps for p in s["phases"])
        assert abs(answer["wallMs"] - sum_ms) <= 0.05 * answer["wallMs"], answer
        assert abs(answer["wallMs"] - phases_ms) <= 0.05 * answer["wallMs"], answer
        # From outside there is the time in which the process came to be, and that of the look at its output.
        assert sum_ms <= outside_ms and outside_ms - sum_ms <= 0.05 * outside_ms + 1000, (outside_ms, sum_ms)
        described = w.json("describe", "postgres")["resources"][0]
        assert [(f["name"], f["good"]) for f in described["facts"]] == [("container", True), ("login", True)], described
        phases = {s["name"]: {p["phase"]: p["ms"] for p in s["phases"]} for s in steps}
        assert phases["postgres-migrations"]["migrating"] >= 1000, phases
        assert phases["later"]["checking"] >= 2000, phases
        assert {"creating", "starting", "login"} <= set(phases["postgres"]), phases

        # What is known of the one that is stopped is that it is.
        w.run("stop", "last", check=0)
        says(w, "last", "it was stopped; `berth start last` starts it again")
        assert [f["name"] for f in w.resources()["last"]["facts"]] == ["process"], w.resources()["last"]
        w.run("stop", "postgres", check=0)
        facts = w.resources()["postgres"]["facts"]
        assert [(f["name"], f["good"], f["text"]) for f in facts] == [("container", False, "removed")], facts
        w.stop()


def test_a_supervisor_that_does_not_answer():
    with Workspace(settings=settings(Services={"api": quiet("sleep", "1000")})) as w:
        w.start("--no-dashboard")
        w.process.send_signal(signal.SIGSTOP)
        try:
            run = w.run("ps", check=6)
        finally:
            w.process.send_signal(signal.SIGCONT)
        assert f"as process {w.process.pid}, and did not answer" in run.stderr, run.stderr
        assert w.resources()["api"]["state"] == "Running"
        w.stop()


run_tests(globals())

# needs: engine
"""Single resources of a workspace that runs: start, stop, restart, wait, describe; what depends on them goes on."""
import json
import os
import resource
import socket
import subprocess
import time

from support.workspace import BERTH, Workspace, docker, eventually, free_port, run_tests

# Serves HTTP once it is told to; ends with the exit code in the file NAME.exit, where there is one.
SERVICE = '''
import http.server, os, sys, time
name = os.environ["OTEL_SERVICE_NAME"]
while os.path.exists(name + ".wait"): time.sleep(0.02)
if os.path.exists(name + ".exit"): sys.exit(int(open(name + ".exit").read()))
print(name, "serves", flush=True)
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500 if os.path.exists(name + ".sick") else 200); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''


def service(**more):
    return {"Command": ["python3", "-u", "service.py"], "Workdir": ".", **more}


def settings(services, **more):
    return {"NetScript": {"Name": "lifecycle", "Services": services, **more}}


def two_services(**files):
    return Workspace(settings=settings({"web": service(WaitFor=["api"]), "api": service()}),
                     files={"service.py": SERVICE, **files})


def in_background(w, *args):
    """A command that waits; its result by .communicate()."""
    return subprocess.Popen([BERTH, *args], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(command, code):
    out, err = command.communicate(timeout=60)
    assert command.returncode == code, f"exit {command.returncode}, not {code}\n{out}{err}"
    return out + err


def test_one_is_stopped_and_started_again():
    with two_services() as w:
        w.start()
        before = w.resources()
        said = w.run("stop", "api", check=0)
        assert "web depends on it and goes on without it" in said.stderr, said.stderr
        now = w.resources()
        assert now["api"]["state"] == "Finished" and now["api"]["finishedAt"], now["api"]
        assert now["web"]["pid"] == before["web"]["pid"] and now["web"]["state"] == "Running"
        assert w.run("stop", "api", check=0).returncode == 0  # once more is no mistake
        said = w.run("start", "api", check=0)
        assert said.stdout.startswith("api  Running  http://127.0.0.1:"), said.stdout
        assert w.resources()["api"]["pid"] not in (None, before["api"]["pid"])
        w.stop()
        assert w.marked_processes() == []


def test_start_brings_what_it_waits_for():
    with two_services() as w:
        w.start()
        w.run("stop", "web", "api", check=0)
        document = w.json("start", "web")
        assert [r["name"] for r in document["resources"]] == ["web"]
        assert {r["state"] for r in w.resources().values()} == {"Running"}
        w.stop()


def test_start_of_what_was_not_part_of_the_run():
    with Workspace(settings=settings({"api": service(), "other": service()},
                                     Cache={"redis": {"Engine": "Redis"}},
                                     Tools={"tool": {"Command": ["sh", "-c", "echo did it"], "Workdir": "."}}),
                   files={"service.py": SERVICE}) as w:
        w.start("api")
        assert set(w.resources()) == {"api"}
        w.run("start", "redis", "other", check=0)
        assert set(w.resources()) == {"api", "other", "redis"}
        assert w.resources()["redis"]["health"] == "Healthy"
        w.run("start", "tool")
        w.run("wait", "tool", "--status", "finished", check=0)
        assert "did it" in w.run("logs", "tool").stdout
        w.stop()
        assert w.containers() == []


def test_restart():
    with two_services() as w:
        w.start()
        before = w.resources()
        said = w.run("restart", "api", check=0)
        assert "note: web depends on it and goes on" in said.stderr, said.stderr
        now = w.resources()
        assert now["api"]["pid"] != before["api"]["pid"] and now["api"]["health"] == "Healthy"
        assert now["web"]["pid"] == before["web"]["pid"]
        w.write("api.exit", "3")
        said = w.run("restart", "api", check=5)
        assert "error: api is FailedToStart: exit code 3" in said.stderr, said.stderr
        (w.root / "api.exit").unlink()
        w.run("start", "api", check=0)
        w.stop()


def test_persistent_container_is_really_stopped_and_comes_back():
    with Workspace(settings=settings({}, Cache={"redis": {"Engine": "Redis", "Persistent": True}})) as w:
        w.start()
        id = w.resources()["redis"]["containerId"]
        w.run("stop", "redis", check=0)
        assert docker("GET", f"/containers/{id}/json")["State"]["Running"] is False
        assert w.resources()["redis"]["state"] == "Exited"
        w.run("start", "redis", check=0)
        assert w.resources()["redis"]["containerId"] == id
        w.run("restart", "redis", check=0)
        assert docker("GET", f"/containers/{id}/json")["State"]["Running"] is True
        w.run("stop", "redis", check=0)
        w.stop()  # ends although one is at rest
        assert [c["State"] for c in w.containers()] == ["exited"]


def test_container_is_made_anew_by_a_restart():
    with Workspace(settings=settings({}, Cache={"redis": {"Engine": "Redis"}})) as w:
        w.start()
        id = w.resources()["redis"]["containerId"]
        for _ in range(3):
            w.run("restart", "redis", check=0)
            assert len(w.containers()) == 1
        now = w.resources()["redis"]
        assert now["containerId"] != id and now["health"] == "Healthy"
        eventually(lambda: "Ready to accept connections" in w.run("logs", "redis", "-n", "20").stdout, 20,
                   "the output of the last one, which the engine tells in its own time")
        w.stop()
        assert w.containers() == []


def test_a_container_that_died_leaves_nothing_at_the_end():
    with Workspace(settings=settings({}, Cache={"redis": {"Engine": "Redis"}})) as w:
        w.start()
        docker("POST", f"/containers/{w.resources()['redis']['containerId']}/kill")
        eventually(lambda: w.resources()["redis"]["restarts"], 20, "the end of the container")
        w.stop()  # while it waits to be started again
        assert w.containers() == []


def test_stop_while_it_starts():
    with Workspace(settings=settings({"api": service(WaitFor=["redis"])}, Cache={"redis": {"Engine": "Redis"}}),
                   files={"service.py": SERVICE, "api.wait": ""}) as w:
        w.spawn()
        eventually(lambda: w.run("wait", "redis", "--status", "up").returncode == 0, 30, "redis")
        waiting = in_background(w, "wait", "api")
        stopped = w.run("stop", "api", check=0)
        assert "api  Finished" in stopped.stdout or "api  NotStarted" in stopped.stdout, stopped.stdout
        assert "error: api is " in finish(waiting, 5)
        # At every moment of a container's start.
        for pause_ms in range(0, 400, 80):
            starting = in_background(w, "start", "redis")
            time.sleep(pause_ms / 1000)
            w.run("stop", "redis")
            starting.communicate(timeout=30)
            w.run("stop", "redis", check=0)  # the start may have come second
            assert w.containers() == [], pause_ms
        w.stop()


def test_restart_while_it_starts():
    with two_services(**{"api.wait": ""}) as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0 and w.resources()["api"]["pid"], 20, "the start")
        pid = w.resources()["api"]["pid"]
        restarting = in_background(w, "restart", "api")
        eventually(lambda: w.resources()["api"]["pid"] not in (None, pid), 20, "another process")
        assert w.resources()["web"]["state"] == "Waiting"
        (w.root / "api.wait").unlink()
        finish(restarting, 0)
        w.run("wait", "web", check=0)
        w.stop()


def test_wait():
    with two_services(**{"api.wait": ""}) as w:
        assert w.run("wait", "api").returncode == 7
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0, 20, "the start")
        said = w.run("wait", "api", "--timeout", "1", check=6)
        assert "error: api is not healthy after 1.0 s: it is Starting" in said.stderr, said.stderr
        healthy = in_background(w, "wait", "api", "web", "--json")
        (w.root / "api.wait").unlink()
        document = json.loads(finish(healthy, 0))
        assert [r["health"] for r in document["resources"]] == ["Healthy", "Healthy"]
        down = in_background(w, "wait", "api", "--status", "down")
        finished = in_background(w, "wait", "api", "--status", "finished")
        time.sleep(0.2)
        assert down.poll() is None and finished.poll() is None
        os.kill(w.resources()["api"]["pid"], 9)
        finish(down, 0)
        assert "ended by signal 9" in finish(finished, 5)
        forever = in_background(w, "wait", "web", "--status", "finished")
        time.sleep(0.2)
        w.stop()
        finish(forever, 5 if forever.poll() == 5 else 7)


def test_what_fails_ends_the_wait():
    with two_services(**{"api.wait": "", "api.exit": "4"}) as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0, 20, "the start")
        waiting = in_background(w, "wait", "web")
        time.sleep(0.2)
        (w.root / "api.wait").unlink()
        said = finish(waiting, 5)
        assert "web is FailedToStart: api, which it waits for, failed to start" in said, said
        assert w.wait() == 5


def test_jobs_report_their_times_and_run_again():
    with Workspace(example="quickstart") as w:
        w.start()
        job = w.resources()["sqlite-migrations"]
        assert job["startedAt"] and job["finishedAt"] >= job["startedAt"], job
        w.run("restart", "sqlite-migrations", check=0)
        again = w.resources()["sqlite-migrations"]
        assert again["message"] == "nothing pending" and again["finishedAt"] > job["finishedAt"]
        w.stop()


def test_describe():
    with Workspace(settings=settings({"api": service(WaitFor=["redis"], Restart="OnFailure")},
                                     Cache={"redis": {"Engine": "Redis", "DataPath": ".data/redis"}}),
                   files={"service.py": SERVICE}) as w:
        w.start()
        redis = w.json("describe", "redis")["resources"][0]
        assert redis["dependents"] == ["api"] and redis["settings"] == "NetScript.Cache.redis"
        assert redis["dataPath"] == str(w.root.resolve() / ".data/redis")
        text = w.run("describe", check=0).stdout
        assert "\n  command        python3 -u service.py\n" in text, text
        assert "\n  restart        OnFailure\n" in text and text.startswith("redis\n"), text
        w.stop()


def test_detached():
    with two_services() as w:
        port = str(w.dashboard_port)
        said = w.run("start", "--detach", "--dashboard-port", port, check=0)
        assert "\nup after " in said.stderr and said.stdout == "", said
        assert {r["health"] for r in w.resources().values()} == {"Healthy"}
        again = w.run("start", "--detach", check=0)
        assert "berth runs here already" in again.stderr and again.stdout == "nothing has changed\n", again
        # What it says afterwards is in the workspace.
        os.kill(w.resources()["web"]["pid"], 9)
        eventually(lambda: "ended by signal 9" in (w.root / ".berth/start.log").read_text(), 10, "the line")
        w.run("stop", check=0)
        assert w.marked_processes() == [] and w.run("ps").returncode == 7


def test_detached_and_not_up():
    with two_services(**{"api.exit": "3"}) as w:
        said = w.run("start", "--detach", "--no-dashboard", check=5)
        assert "error: api: " in said.stderr and "api is not up: stopping" in said.stderr, said.stderr
        assert w.marked_processes() == []
    with two_services(**{"api.wait": ""}) as w:
        assert w.run("start", "--detach", "--no-dashboard", "--timeout", "1").returncode == 6
        starting = in_background(w, "start", "--detach", "--no-dashboard")
        eventually(lambda: w.run("ps").returncode == 0, 20, "the start")
        starting.terminate()
        assert "stopping" in finish(starting, 130)
        starting = in_background(w, "start", "--detach", "--no-dashboard")
        eventually(lambda: w.run("ps").returncode == 0, 20, "the start")
        w.run("stop", check=0)
        finish(starting, 7)
        assert w.marked_processes() == []
    with Workspace(settings="{") as w:
        assert w.run("start", "--detach").returncode == 3


def test_logs_since():
    with two_services() as w:
        w.start()
        w.run("stop", "api", check=0)
        time.sleep(0.01)
        now = time.time()
        since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        assert w.run("logs", "--since", since, check=0).stdout == ""
        everything = w.run("logs", "--since", "1h", check=0).stdout
        assert everything == w.run("logs", check=0).stdout and everything
        assert w.run("logs", "--since", since[:10], check=0).stdout == everything
        w.run("restart", "web", check=0)
        os.kill(w.resources()["web"]["pid"], 9)
        w.run("wait", "web", "--status", "down", check=0)
        newer = [json.loads(line) for line in w.run("logs", "--since", since, "--json", check=0).stdout.splitlines()]
        assert len(newer) == 3 and all(line["time"] >= since for line in newer), newer
        for wrong in ("yesterday", "5", "-5m", "5w", "2026-13", "2026-01-31T12:00+01:00", ""):
            assert "--since wants" in w.run("logs", "--since", wrong, check=2).stderr, wrong
        w.stop()


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_descriptor_left():
    """Who can't accept a connection rests, and accepts it when it can."""
    with two_services() as w:
        w.start()
        pid = w.process.pid
        highest = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd"))
        gaps = highest + 1 - len(os.listdir(f"/proc/{pid}/fd"))
        before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (0, before[1]))
        waiting = [in_background(w, "ps") for _ in range(gaps + 2)]
        page = socket.create_connection(("127.0.0.1", w.dashboard_port))
        page.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % w.dashboard_port)
        time.sleep(0.3)
        used = cpu_seconds(pid)
        time.sleep(1)
        used = cpu_seconds(pid) - used
        assert used < 0.3, used
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        for command in waiting:
            finish(command, 0)
        page.settimeout(20)
        assert page.recv(100).startswith(b"HTTP/1.1 401")
        page.close()
        w.stop()


def test_start_says_what_it_waits_for():
    with Workspace(settings=settings({})) as w:
        port = free_port()
        w.spawn("--no-aspire", env={"POSTGRES_URI": f"postgresql://me:secret-word@127.0.0.1:{port}/app"})
        eventually(lambda: f"waiting for a login at postgresql://127.0.0.1:{port}/app" in w.output(), 20, "a word")
        assert "secret-word" not in w.output()
        w.run("stop", check=0)
        w.wait()


def test_bad_usage():
    with two_services() as w:
        for args, code, said in [
                (["restart"], 2, "restart wants the name of a resource"),
                (["wait"], 2, "wait wants the name of a resource"),
                (["wait", "api", "--status", "green"], 2, 'not "green"'),
                (["wait", "api", "--timeout", "soon"], 2, "--timeout wants a number"),
                (["stop", "--all", "api"], 2, "--all is for the whole workspace"),
                (["describe", "a", "b"], 2, 'describe does not take "b"'),
                (["restart", "api"], 7, "berth is not running in"),
                (["stop", "api"], 7, "berth is not running in"),
                (["describe"], 7, "berth is not running in")]:
            run = w.run(*args, check=code)
            assert said in run.stderr, (args, run.stderr)
        w.start()
        for args in (["restart", "apl"], ["stop", "apl"], ["start", "apl"], ["wait", "apl"], ["describe", "apl"]):
            assert 'no resource is named "apl"' in w.run(*args, check=2).stderr
        w.stop()


run_tests(globals())

# needs: engine
"""Processes: order of start and stop, what they are given, health, restarts, logs."""
import json
import os
import signal
import socket
import subprocess
import time

from support.workspace import BERTH, Workspace, docker, eventually, run_tests

# Serves HTTP, writes when it began and when it was told to end, and what it was given.
SERVICE = '''
import http.server, json, os, signal, sys, threading, time
name = os.environ["OTEL_SERVICE_NAME"]
def note(event):
    with open("events", "a") as f: f.write(f"{name} {event}\\n")
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(500 if os.path.exists(name + ".sick") else 200); self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
    def log_message(self, *a): pass
def end(*a):
    note("term"); time.sleep(0.2); note("end"); os._exit(0)
signal.signal(signal.SIGTERM, end)
time.sleep(0.2)
note("up")
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''


def service(**more):
    return {"Command": ["python3", "-u", "service.py"], "Workdir": ".", **more}


def settings(services, **more):
    return {"NetScript": {"Name": "processes", "Services": services, **more}}


def test_order_and_environment():
    with Workspace(settings=settings({"web": service(ServiceReferences=["api"], Environment={"COLOUR": "blue"}),
                                      "api": service(WaitFor=["base"]), "base": service()}),
                   files={"service.py": SERVICE}) as w:
        w.start()
        given = json.loads(w.get("web"))
        assert given["COLOUR"] == "blue"
        assert given["services__api__http__0"] == w.run("url", "api").stdout.strip()
        assert w.run("url", "web").stdout.strip().endswith(":" + given["PORT"])
        w.stop()
        events = (w.root / "events").read_text().split("\n")[:-1]
        assert events == ["base up", "api up", "web up", "web term", "web end", "api term", "api end",
                          "base term", "base end"], events


def test_health_is_followed():
    with Workspace(settings=settings({"api": service()}), files={"service.py": SERVICE}) as w:
        w.write("api.sick", "")
        w.spawn()
        eventually(lambda: "health check: HTTP 500" in w.run("why").stdout, 10, "the reason")
        assert w.resources()["api"]["state"] == "Starting"
        (w.root / "api.sick").unlink()
        eventually(lambda: w.resources()["api"]["health"] == "Healthy", 10, "health")
        w.stop()


def test_timeout_ends_the_run():
    with Workspace(settings=settings({"api": service()}), files={"service.py": SERVICE, "api.sick": ""}) as w:
        w.spawn("--timeout", "1")
        assert w.wait() == 6, w.output()
        assert w.marked_processes() == []


def test_restart_on_failure():
    with Workspace(settings=settings({"api": service(Restart="OnFailure")}), files={"service.py": SERVICE}) as w:
        w.start()
        pid = w.resources()["api"]["pid"]
        os.kill(pid, signal.SIGKILL)

        def again():
            api = w.resources()["api"]
            return api["health"] == "Healthy" and api["pid"] != pid
        eventually(again, 15, "the restart")
        assert "ended by signal 9" in w.run("logs", "api").stdout
        w.stop()


# Says what it read when it was started.
READER = """
import time
print("read " + open("src/value.txt").read().strip(), flush=True)
time.sleep(1000)
"""


def said(w, text, name="api"):
    eventually(lambda: text in w.run("logs", name).stdout, 30, text)


def test_watch_mode_starts_again_what_changed():
    api = service(Command=["python3", "reader.py"], WatchMode=True, HealthCheckPath=False)
    jobs = {"Command": ["python3", "../reader.py"], "Workdir": "jobs", "WatchMode": True, "WatchDirs": ["shared"]}
    with Workspace(settings={"NetScript": {"Name": "watched", "Services": {"api": api},
                                           "BackgroundProcessors": {"jobs": jobs}}},
                   files={"reader.py": READER, "src/value.txt": "one", "jobs/src/value.txt": "own",
                          "shared/code/a.txt": "1"}) as w:
        w.start()
        said(w, "read one")
        pid = w.resources()["jobs"]["pid"]
        w.write("src/value.txt", "two")
        said(w, "read two")
        assert "note: api: src/value.txt changed: starting it again" in w.output()
        assert w.resources()["jobs"]["pid"] == pid  # that is none of its directories

        # many files at once are one change
        before = w.run("logs", "api", "-n", "1000").stdout.count("read ")
        for i in range(300):
            w.write(f"src/deep/file{i}.txt", "x")
        eventually(lambda: w.run("logs", "api", "-n", "1000").stdout.count("read ") > before, 30, "a new start")
        time.sleep(1)
        assert w.run("logs", "api", "-n", "1000").stdout.count("read ") <= before + 2  # a slow machine sees a pause

        # what others write is no change, and what is stopped stays so
        count = w.run("logs", "api", "-n", "1000").stdout.count("read ")
        for name in (".git/index", "node_modules/a/index.js", "dist/out.js", "data.db", "app.log"):
            w.write(name, "x")
        time.sleep(1)
        assert w.run("logs", "api", "-n", "1000").stdout.count("read ") == count
        w.run("stop", "api", check=0)
        w.write("src/value.txt", "three")
        w.write("shared/code/a.txt", "2")  # WatchDirs of the other
        eventually(lambda: w.resources()["jobs"]["pid"] not in (None, pid), 30, "the other's new start")
        assert w.resources()["api"]["pid"] is None
        w.stop()


def test_watch_mode_mends_what_has_ended():
    api = service(Command=["python3", "reader.py"], WatchMode=True, HealthCheckPath=False)
    with Workspace(settings=settings({"api": api, "other": {"Command": ["sleep", "1000"], "Workdir": ".",
                                                            "HealthCheckPath": False}}),
                   files={"reader.py": READER, "src/value.txt": "one"}) as w:
        w.start()
        said(w, "read one")
        os.kill(w.resources()["api"]["pid"], signal.SIGKILL)
        eventually(lambda: w.resources()["api"]["state"] == "Finished", 20, "the end")
        w.write("src/value.txt", "mended")
        said(w, "read mended")
        w.stop()


def test_the_limit_of_watches_is_told():
    api = service(Command=["python3", "reader.py"], WatchMode=True, HealthCheckPath=False)
    with Workspace(settings=settings({"api": api}), files={"reader.py": READER, "src/value.txt": "one"}) as w:
        berth = w.write("limited", "#!/bin/sh\necho 1 > /proc/sys/user/max_inotify_watches\n"
                        f"exec {BERTH} start --no-dashboard\n")
        berth.chmod(0o755)
        w.log = open(w.root / ".start.log", "ab")
        w.process = subprocess.Popen(["unshare", "-Ur", berth], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL,
                                     stdout=w.log, stderr=w.log)
        eventually(lambda: "up after" in w.output(), 30, "the start")
        assert "may not watch more directories" in w.output(), w.output()
        assert "sudo sysctl fs.inotify.max_user_watches" in w.output()
        w.kill(signal.SIGINT)


def test_crash_loop_is_told_once():
    crashing = {"Command": ["sh", "-c", "echo the key is missing; exit 3"], "Workdir": ".",
                "HealthCheckPath": False, "Restart": "OnFailure"}
    with Workspace(settings=settings({"api": crashing})) as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0, 30, "an answer")
        eventually(lambda: w.resources()["api"]["restarts"] >= 3, 30, "three ends")
        assert "crash loop: it ended 3 times in a row, last with exit code 3" in w.run("why").stdout
        assert "crash loop" in w.resources()["api"]["message"]
        eventually(lambda: w.resources()["api"]["restarts"] >= 4, 30, "another end")
        assert w.output().count("note: api: crash loop") == 1, w.output()
        assert w.output().count("it said: the key is missing") >= 3, w.output()
        w.stop()


# Leaves its group and its session, twice forked, as daemons do.
DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("daemon.pid", "w").write(str(os.getpid()))
        if os.path.exists("stubborn"):
            import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    os._exit(0)
assert sys.stdin.read() == "" and os.path.samefile("/proc/self/fd/0", "/dev/null")
assert os.getpgrp() == os.getpid()
print("is up", flush=True)
time.sleep(1000)
"""


def runs(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_nothing_survives_a_killed_supervisor():
    for files in ({}, {"stubborn": ""}):
        daemon = {"Command": ["python3", "daemon.py"], "Workdir": ".", "HealthCheckPath": False}
        with Workspace(settings=settings({"api": daemon}), files={"daemon.py": DAEMON, **files}) as w:
            w.start()
            eventually(lambda: "is up" in w.run("logs", "api").stdout and (w.root / "daemon.pid").exists(), 20, "it")
            eventually(lambda: (w.root / "daemon.pid").read_text(), 20, "the daemon")
            left = w.marked_processes()
            assert len(left) >= 2, left
            w.kill()
            killed = time.monotonic()
            eventually(lambda: not w.marked_processes(), 30, "the end of all")
            took = time.monotonic() - killed
            assert took < 2 or os.getloadavg()[0] > os.cpu_count(), took  # a loaded machine may take longer
            # a process has no environment any more while it is being taken down
            eventually(lambda: not any(runs(pid) for pid in left), 10, "the end of each")


def test_naming_a_resource_brings_its_dependencies_only():
    with Workspace(settings=settings({"api": service(WaitFor=["base"]), "base": service(), "other": service()}),
                   files={"service.py": SERVICE}) as w:
        w.start("api")
        assert set(w.resources()) == {"api", "base"}
        w.stop()
        wrong = w.run("start", "aip", check=2)
        assert 'no resource is named "aip"' in wrong.stderr


def test_redis_with_a_password():
    password = "correct-horse-battery"
    with Workspace(settings={"Parameters": {"redis-password": password},
                             **settings({"api": service(WaitFor=["redis"])}, Cache={"redis": {"Engine": "Redis"}})},
                   files={"service.py": SERVICE}) as w:
        w.start()
        assert json.loads(w.get("api"))["REDIS_URI"].startswith(f"redis://:{password}@127.0.0.1:")
        port = int(w.run("url", "redis").stdout.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as redis:
            redis.sendall(b"PING\r\n")
            assert redis.recv(100).startswith(b"-NOAUTH")
        container = docker("GET", f"/containers/{w.containers()[0]['Id']}/json")
        assert password not in json.dumps(container)
        w.stop()


def test_data_path_is_a_directory_of_the_workspace():
    with Workspace(settings=settings({}, Cache={"redis": {"Engine": "Redis", "DataPath": ".data/redis"}})) as w:
        w.start()
        port = int(w.run("url", "redis").stdout.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as redis:
            redis.sendall(b"SET k kept\r\nSAVE\r\n")
            eventually(lambda: (w.root / ".data/redis/dump.rdb").exists(), 5, "the dump")
        w.stop()
        assert w.containers() == []
        w.start()
        with socket.create_connection(("127.0.0.1", port)) as redis:
            redis.sendall(b"GET k\r\n")
            time.sleep(0.1)
            assert b"kept" in redis.recv(100)
        w.stop()


# What `deno task NAME` does, as far as a Prebuild goes: the task named so, in this directory.
DENO = """#!/bin/sh
[ "$1" = task ] && exec sh "./task-$2"
"""


def app(task):
    """An app with a task that runs before it."""
    w = Workspace(settings={"NetScript": {"Name": "processes", "Apps": {"web": {
        "Prebuild": "assets", "Workdir": ".", "Type": "task", "HealthCheckPath": False,
        "Command": ["sh", "-c", "cat built; exec sleep 1000"]}}}}, files={"task-assets": task})
    w.write("bin/deno", DENO).chmod(0o755)
    w.env["PATH"] = f"{w.root}/bin:{w.env['PATH']}"
    return w


def test_a_task_runs_to_its_end_before_an_app():
    with app("sleep 1 && echo assets-are-there > built") as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0 and w.resources()["web"]["state"] == "Building", 30, "the build")
        web = w.resources()["web"]
        assert web["message"] == "building: deno task assets" and "building" in web["why"], web
        assert web["facts"][0]["text"] == "building", web
        eventually(lambda: "\nup after" in w.output(), 60, "the start")
        eventually(lambda: "assets-are-there" in w.run("logs", "web").stdout, 20, "the app")
        phases = {p["phase"]: p["ms"] for p in w.resources()["web"]["phases"]}
        assert phases["building"] >= 500, phases
        w.stop()


def test_a_task_that_is_stopped_ends():
    with app("exec sleep 1000") as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0 and w.resources()["web"]["pid"], 30, "the build")
        w.stop()
        assert not w.marked_processes()


def test_a_task_that_fails_keeps_the_app_from_starting():
    with app("echo Error: no such colour >&2; exit 4") as w:
        w.spawn()
        assert w.wait() == 5, w.output()
        assert "web: its Prebuild failed: exit code 4: Error: no such colour" in w.output(), w.output()
        assert "cat: built" not in w.output() and not w.marked_processes(), w.output()


run_tests(globals())

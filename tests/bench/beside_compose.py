"""berth beside docker-compose, on the same images: start, stop, what watching costs, lines, a death."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import uuid

import wire
from measure import alternate, show, status_number
from support.workspace import BERTH, Workspace, docker, eventually, free_port

COMPOSE = shutil.which("docker-compose") or "docker-compose"
COUNTS = [int(n) for n in os.environ.get("BERTH_BENCH_COUNTS", "1,10,50").split(",")]
ROUNDS = {1: 3}
LINES = 1000000


class Composed:
    """A project of docker-compose with so many Redis; `all_answer` says when they are up."""

    def __init__(self, count, command=None):
        self.ports = [free_port() for _ in range(count)]
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="berth-bench-"))
        services = {f"redis{i}": {"image": "redis:7", "ports": [f"127.0.0.1:{port}:6379"]}
                    for i, port in enumerate(self.ports)}
        if command:
            services = {"talker": {"image": "redis:7", "command": command}}
        (self.root / "docker-compose.yml").write_text(json.dumps({"version": "3", "services": services}))
        self.base = [COMPOSE, "-p", f"berthbench{uuid.uuid4().hex[:8]}", "-f", str(self.root / "docker-compose.yml")]

    def run(self, *words):
        done = subprocess.run([*self.base, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done

    def all_answer(self):
        for port in self.ports:
            wire.until_ready(wire.redis, port)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.run("down", "-v", "-t", "1")
        shutil.rmtree(self.root)


def workspace_of(count, persistent=False):
    caches = {f"redis{i}": {"Engine": "Redis", "Persistent": persistent} for i in range(count)}
    return Workspace(settings={"NetScript": {"Name": "bench", "Cache": caches, "PrimaryCache": "redis0"}})


@contextlib.contextmanager
def running(workspace):
    workspace.start("--no-dashboard", seconds=600)
    try:
        yield workspace.process
    finally:
        workspace.process.send_signal(signal.SIGINT)
        workspace.process.wait()


def timed(action):
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def berth_round(count):
    """Seconds: cold, stop, warm (all of them run already)."""
    with workspace_of(count) as workspace:
        cold = timed(lambda: workspace.start("--no-dashboard", seconds=600))
        stop = timed(workspace.stop)
    with workspace_of(count, persistent=True) as workspace:
        workspace.start("--no-dashboard", seconds=600)
        workspace.stop()
        warm = timed(lambda: workspace.start("--no-dashboard", seconds=600))
        workspace.stop("--all")
    return cold, stop, warm


def compose_round(count):
    with Composed(count) as project:
        def up():
            project.run("up", "-d")
            project.all_answer()
        cold = timed(up)
        warm = timed(up)
        stop = timed(lambda: project.run("down", "-t", "10"))
    return cold, stop, warm


def compose():
    """1, 10 and 50 Redis: from nothing until each answers, again while they run, and down"""
    for count in COUNTS:
        ours, theirs = [], []
        for _ in range(ROUNDS.get(count, 1)):
            ours.append(berth_round(count))
            theirs.append(compose_round(count))
        for index, what in enumerate(("cold start", "stop", "warm start")):
            middle = [sorted(r[index] for r in results)[len(results) // 2] for results in (ours, theirs)]
            show(f"{count}: {what}", *middle, "s", "docker-compose")


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def watching():
    """what watches 50 Redis, over 60 s: the supervisor, and docker-compose up in the foreground"""
    def measure(pid):
        time.sleep(5)
        before = cpu_s(pid)
        time.sleep(60)
        return status_number(pid, "VmRSS") / 1024, (cpu_s(pid) - before) * 1000 / 60
    with workspace_of(50) as workspace, running(workspace) as process:
        ours = measure(process.pid)
    with Composed(50) as project:
        process = subprocess.Popen([*project.base, "up"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        project.all_answer()
        theirs = measure(process.pid)
        process.send_signal(signal.SIGINT)
        process.wait()
    show("resident", ours[0], theirs[0], "MB", "docker-compose")
    show("CPU per second", ours[1], theirs[1], "ms", "docker-compose")


def end_of(path):
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - 500))
        return file.read()


def lines():
    """a million lines: of a process to berth start's output and its log, of a container through docker-compose up"""
    arrived = []
    talk = ["sh", "-c", f"yes 'one of many lines that are as long as lines are' | head -n {LINES}; echo the end"]

    def ours():
        service = {"Command": talk, "Workdir": ".", "HealthCheckPath": False}
        with Workspace(settings={"NetScript": {"Name": "bench", "Services": {"talker": service}}}) as workspace:
            begun = time.perf_counter()
            workspace.spawn("--no-dashboard")
            eventually(lambda: b"the end" in end_of(workspace.root / ".start.log"), 600, "the end")
            took = time.perf_counter() - begun
            workspace.stop()
            return LINES / took / 1000

    def theirs():
        with Composed(0, talk) as project, open(project.root / "out", "w+") as out:
            begun = time.perf_counter()
            subprocess.run([*project.base, "up", "--no-color"], stdin=subprocess.DEVNULL, stdout=out,
                           stderr=subprocess.DEVNULL, check=True)
            took = time.perf_counter() - begun
            arrived.append((project.root / "out").read_bytes().count(b"one of many"))
            return arrived[-1] / took / 1000
    show("lines a millisecond", *alternate(3, ours, theirs), "", "docker-compose")
    print(f"  of {LINES} lines docker-compose printed {', '.join(map(str, arrived))}; berth all")


def event_stream(port, login):
    """The lines of the dashboard's event stream."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", login)
    reply = connection.getresponse()
    cookie = reply.getheader("Set-Cookie").split(";")[0]
    reply.read()
    connection.request("GET", "/api/events", headers={"Cookie": cookie})
    return connection.getresponse()


def death():
    """a container killed: until the dashboard's stream says so, and until the engine's own event stream does"""
    def engine_event(name, told):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect("/var/run/docker.sock")
            filters = json.dumps({"container": [name], "event": ["die"]})
            connection.sendall(f"GET /v1.41/events?filters={urllib.parse.quote(filters)} HTTP/1.1\r\nHost: d\r\n\r\n".encode())
            stream = connection.makefile("rb")
            for line in stream:
                if b'"die"' in line:
                    told.append(time.perf_counter())
                    return

    ours, theirs = [], []
    with workspace_of(1) as workspace:
        for _ in range(5):
            workspace.start()
            url = workspace.json("ps")["dashboard"]
            stream = event_stream(workspace.dashboard_port, url[url.index("/login"):])
            name = workspace.containers()[0]["Names"][0][1:]
            told = []
            watcher = threading.Thread(target=engine_event, args=(name, told))
            watcher.start()
            time.sleep(1)
            begun = time.perf_counter()
            threading.Thread(target=docker, args=("POST", f"/containers/{name}/kill")).start()
            for line in stream:
                if line.startswith(b"data:") and (b'"Exited"' in line or b'"Waiting"' in line or b'"Starting"' in line):
                    break
            ours.append((time.perf_counter() - begun) * 1000)
            watcher.join()
            theirs.append((told[0] - begun) * 1000)
            workspace.stop()
    middle = [sorted(times)[len(times) // 2] for times in (ours, theirs)]
    show("told after", *middle, "ms", "the engine")


SECTIONS = (compose, watching, lines, death)

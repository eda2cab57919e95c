"""A workspace of its own for a test: a directory, the berth binary, and nothing left behind."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse
import urllib.request

SOURCE = pathlib.Path(os.environ.get("BERTH_SOURCE", pathlib.Path(__file__).parents[2]))
BERTH = os.environ.get("BERTH", str(SOURCE / "build/ci/berth"))
EXAMPLES = SOURCE / "examples"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def eventually(check, seconds=10, what="it"):
    """The first true value of check(), within the time."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s")
        time.sleep(0.02)


class Workspace:
    """with Workspace(example="quickstart") as w: w.start(); ..."""

    def __init__(self, example=None, settings=None, files=None, env=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="berth-test-"))
        self.env = {k: v for k, v in os.environ.items()
                    if not k.endswith(("_URI", "DATABASE_URL")) and "__" not in k}
        self.env.update(env or {})
        self.process = None
        self.dashboard_port = free_port()
        if example:
            # without what a run of the example itself left there
            left = shutil.ignore_patterns(".berth", "*.db", "*.db-*")
            shutil.copytree(EXAMPLES / example, self.root, dirs_exist_ok=True, ignore=left)
        if settings is not None:
            self.write("appsettings.json", settings if isinstance(settings, str) else json.dumps(settings, indent=2))
        for name, text in (files or {}).items():
            self.write(name, text)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if exc[0] and self.process:
            print("--- what start said:\n" + self.output())
        self.kill()
        self.remove_containers()
        shutil.rmtree(self.root, ignore_errors=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *args, check=None, timeout=60, env=None):
        """One berth command, to its end. check: the exit code it must have."""
        run = subprocess.run([BERTH, *args], cwd=self.root, env={**self.env, **(env or {})}, timeout=timeout,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if check is not None and run.returncode != check:
            raise AssertionError(f"berth {' '.join(args)}: exit {run.returncode}, not {check}\n"
                                 f"{run.stdout}{run.stderr}")
        return run

    def json(self, *args, check=0):
        return json.loads(self.run(*args, "--json", check=check).stdout)

    def spawn(self, *args, env=None):
        """berth start in the background."""
        self.log = open(self.root / ".start.log", "ab")
        self.process = subprocess.Popen(
            [BERTH, "start", "--dashboard-port", str(self.dashboard_port), *args], cwd=self.root,
            env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        return self.process

    def start(self, *args, seconds=60, env=None):
        """The same, until everything is up."""
        seen = self.output().count("\nup after")
        self.spawn(*args, env=env)

        def up():
            if self.process.poll() is not None:
                raise AssertionError(f"start ended with {self.process.returncode}:\n{self.output()}")
            return self.output().count("\nup after") > seen
        eventually(up, seconds, "start")

    def output(self):
        path = self.root / ".start.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait(self, seconds=60):
        return self.process.wait(seconds)

    def stop(self, *args):
        self.run("stop", *args, check=0)
        return self.wait()

    def kill(self, signal_number=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)
            self.process.wait()

    def resources(self):
        return {r["name"]: r for r in self.json("ps")["resources"]}

    def get(self, name, path="/"):
        """An HTTP request to a service of the workspace."""
        url = self.run("url", name, check=0).stdout.strip()
        with urllib.request.urlopen(url + path, timeout=20) as reply:
            return reply.read().decode()

    def marked_processes(self):
        """Processes that carry this workspace's marker."""
        found = []
        for pid in os.listdir("/proc"):
            try:
                environ = open(f"/proc/{pid}/environ", "rb").read() if pid.isdigit() else b""
            except OSError:
                continue
            if f"BERTH_OWNER={self.id()}:".encode() in environ:
                found.append(int(pid))
        return found

    def id(self):
        import hashlib
        return hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:8]

    def containers(self):
        """This workspace's containers, running or not."""
        return docker("GET", "/containers/json?all=1&filters=" + urllib.parse.quote(
            json.dumps({"label": [f"dev.berth.workspace={self.id()}"]})))

    def remove_containers(self):
        if not os.path.exists(DOCKER_SOCKET):
            return
        for container in self.containers():
            docker("DELETE", f"/containers/{container['Id']}?force=1&v=1")
        volumes = docker("GET", "/volumes?filters=" + urllib.parse.quote(
            json.dumps({"label": [f"dev.berth.workspace={self.id()}"]})))
        for volume in volumes["Volumes"] or []:
            docker("DELETE", f"/volumes/{volume['Name']}")


DOCKER_SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


def docker(method, path, body=None, ok=(200, 201, 204, 304)):
    """One request to the engine, for arranging and for looking; berth itself is what is tested."""
    import http.client

    class Connection(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(DOCKER_SOCKET)

    connection = Connection("docker", timeout=60)
    try:
        connection.request(method, "/v1.41" + path, json.dumps(body) if body is not None else None,
                           {"Content-Type": "application/json"})
        reply = connection.getresponse()
        text = reply.read()
    finally:
        connection.close()
    if reply.status not in ok and reply.status != 404:
        raise AssertionError(f"{method} {path}: {reply.status} {text[:300]!r}")
    return json.loads(text) if text.strip() else None


def run_tests(namespace):
    """Every test_* function in turn, or those named on the command line; a failure is shown, and the rest goes on."""
    names = sys.argv[1:] or [n for n in namespace if n.startswith("test_")]
    assert names, "no tests here"
    failed = 0
    for name in names:
        begun = time.monotonic()
        try:
            namespace[name]()
            verdict = "ok  "
        except Exception:
            traceback.print_exc()
            verdict, failed = "FAIL", failed + 1
        print(f"{verdict} {name}  {time.monotonic() - begun:.1f} s", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    raise SystemExit(1 if failed else 0)

# needs: engine
# leg: plain
"""kill -9 of berth at every call that changes something: nothing of it stays, nothing of others is touched.

Points of two kinds. "before" and "after" a request to the engine: when it is about to be passed on, and when the
engine has answered it and berth does not know; and a system call that changes something (a write, a rename, a
child, what is sent to a database), which then is not made. A scenario's points are counted in a run without a kill.
CI tries some, chosen by a seed. By hand: BERTH_KILLS=1000 of all scenarios together, BERTH_KILL_SEED for others.
"""
import collections
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

from support.engine_proxy import EngineProxy
from support.workspace import BERTH, Workspace, docker, eventually, run_tests

KILLS = int(os.environ.get("BERTH_KILLS", "20"))
SEED = os.environ.get("BERTH_KILL_SEED", "1")
UP_SECONDS = 60

CALLS = ("write writev pwrite64 sendto sendmsg rename renameat renameat2 link linkat unlink unlinkat mkdir rmdir "
         "ftruncate fsync fdatasync chmod clone clone3 vfork kill").split()
Point = collections.namedtuple("Point", "call number")

PROVIDERS = {"postgres": "postgresql", "sqlite": "sqlite"}
SLEEPER = "#!/bin/sh\nwhile :; do sleep 1; done\n"


class Bystanders:
    """What is not the workspace's, though some of it looks like it."""
    OTHER = "0123abcd"

    def __init__(self, w):
        labels = {"dev.berth.workspace": self.OTHER, "dev.berth.resource": "redis",
                  "dev.berth.owner": f"{self.OTHER}:1:1"}
        self.containers = [self.run(f"redis-{w.id()}0", {}), self.run(f"berth-test-{w.id()}", labels)]
        self.volume = f"redis-{w.id()}-data0"
        docker("POST", "/volumes/create", {"Name": self.volume, "Labels": labels})
        self.process = subprocess.Popen(["sleep", "100000"], env={"BERTH_OWNER": f"{self.OTHER}:1:1"})
        self.before = self.look()

    @staticmethod
    def run(name, labels):
        made = docker("POST", f"/containers/create?name={name}", {
            "Image": "redis:7", "Entrypoint": ["sleep", "100000"], "Labels": labels, "StopTimeout": 0})
        docker("POST", f"/containers/{made['Id']}/start")
        return made["Id"]

    def look(self):
        found = [docker("GET", f"/containers/{id}/json") for id in self.containers]
        return ([(c["Id"], c["State"]["StartedAt"], c["State"]["Status"]) for c in found],
                docker("GET", f"/volumes/{self.volume}")["CreatedAt"], self.process.poll())

    def check(self):
        assert self.look() == self.before, (self.look(), self.before)

    def remove(self):
        self.process.kill()
        self.process.wait()
        for id in self.containers:
            docker("DELETE", f"/containers/{id}?force=1&v=1")
        docker("DELETE", f"/volumes/{self.volume}")


class Subject(Workspace):
    """The workspace whose berth is killed again and again, and what must be true of it after each time."""

    def __init__(self, database, redis=False, persistent=False):
        container = {"ImageTag": "15", "Persistent": persistent} if database == "postgres" else {}
        engine, name = database.capitalize(), "app.db" if database == "sqlite" else "app"
        super().__init__(settings={"NetScript": {
            "Name": "kill-points",
            "Databases": {database: {"Engine": engine, "DatabaseName": name, **container}},
            "Cache": {"redis": {"Engine": "Redis", "Persistent": persistent}} if redis else {},
            "Services": {"marked": {"Command": ["./sleeper"], "Workdir": ".", "HealthCheckPath": False},
                         # nothing in it says whose it is
                         "bare": {"Command": ["env", "-i", "./sleeper"], "Workdir": ".", "HealthCheckPath": False}}}})
        self.database, self.persistent, self.rows, self.step = database, persistent, 0, 0
        self.names = {f"{name}-{self.id()}" for name in
                      (["postgres"] if database == "postgres" else []) + (["redis"] if redis else [])}
        self.write("sleeper", SLEEPER).chmod(0o755)
        self.write(f"database/{database}/migrations/migration_lock.toml", f'provider = "{PROVIDERS[database]}"\n')
        self.add_migration('CREATE TABLE "Kept" ("id" INTEGER NOT NULL PRIMARY KEY);\n')
        self.write_schema()

    def add_migration(self, text):
        self.step += 1
        self.write(f"database/{self.database}/migrations/{20260101000000 + self.step}_step/migration.sql", text)

    def write_schema(self):
        columns = "".join(f"  c{i} Int?\n" for i in range(1, self.step))
        self.write(f"database/{self.database}/schema/schema.prisma",
                   f'datasource db {{\n  provider = "{PROVIDERS[self.database]}"\n}}\n'
                   f'model Kept {{\n  id Int @id\n{columns}}}\n')

    def processes(self):
        """Marked, or at work in this directory."""
        found = set(self.marked_processes())
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd") == str(self.root):
                    found.add(int(pid))
            except OSError:
                pass
        return found

    def sql(self, text):
        if self.database == "sqlite":
            with sqlite3.connect(self.root / "database/sqlite/app.db") as db:
                return [str(row[0]) for row in db.execute(text)]
        url = self.run("url", "postgres", "--reveal", check=0).stdout.strip()
        run = subprocess.run(["psql", url, "-XAtqc", text], capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout.split()

    def own(self):
        return {c["Names"][0][1:]: c["State"] for c in self.containers()}

    def scratch(self):
        if self.database == "postgres":
            return self.sql("SELECT datname FROM pg_database WHERE datname LIKE 'berth_scratch%'")
        return [name for name in os.listdir(self.env["TMPDIR"]) if name.startswith("berth_scratch")]

    def check_up(self):
        """The next start is healthy, has all rows, and nothing that is too much."""
        self.start(seconds=UP_SECONDS)
        states = {n: r["state"] for n, r in self.resources().items()}
        assert set(states.values()) <= {"Running", "Finished"}, states
        assert self.own() == {name: "running" for name in self.names}, self.own()
        rows = self.sql('SELECT id FROM "Kept" ORDER BY id')
        assert rows == [str(i) for i in range(self.rows)], (self.rows, rows)
        self.sql(f'INSERT INTO "Kept" (id) VALUES ({self.rows})')
        self.rows += 1
        assert not self.scratch(), self.scratch()

    def check_killed(self):
        eventually(lambda: not self.processes(), 5, "the end of every process of the killed berth")
        assert set(self.own()) <= self.names | {name + "-one-off" for name in self.names}, self.own()

    def end(self):
        self.stop()
        eventually(lambda: not self.processes(), 5, "the end of every process after a stop")
        assert set(self.own()) == (self.names if self.persistent else set()), self.own()


class Target:
    """A command of berth that is to be killed at a point; None: only counted."""

    def __init__(self, w, point, proxy):
        self.w, self.point, self.proxy = w, point, proxy
        self.trace = w.root / ".trace"
        self.attached, self.skipped = None, 0
        w.env["DOCKER_HOST"] = proxy.host

    def strace(self, *how):
        command = ["strace", *how, "-qq", "-o", self.trace, "-e", "trace=" + ",".join(CALLS), "-e", "signal=none"]
        if self.point and self.point.call in CALLS:
            command += ["-e", f"inject={self.point.call}:signal=SIGKILL:when={self.point.number}"]
        return command

    def spawn(self, *command):
        self.arm()
        log = open(self.w.root / ".start.log", "ab")
        prefix = self.strace("-D") if not self.point or self.point.call in CALLS else []
        self.w.process = subprocess.Popen([*prefix, BERTH, *command], cwd=self.w.root, env=self.w.env,
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def attach(self):
        """To the supervisor that runs."""
        self.arm()
        if self.point and self.point.call not in CALLS:
            return
        pid = self.w.process.pid
        self.attached = subprocess.Popen(self.strace("-p", str(pid)), stderr=subprocess.PIPE, text=True)
        eventually(lambda: self.attached.poll() is not None or "TracerPid:\t0\n" not in
                   open(f"/proc/{pid}/status").read(), UP_SECONDS, "strace")
        assert self.attached.poll() is None, self.attached.stderr.read()

    def arm(self):
        self.skipped = len(self.proxy.requests)
        if self.point:
            setattr(self.proxy, self.point.call, self.kill_at) if self.point.call in ("before", "after") else None

    def kill_at(self, request):
        if request.number - self.skipped == self.point.number:
            self.w.process.send_signal(signal.SIGKILL)

    def finish(self, is_over):
        """Until it was killed, or has done what it was to do; whether it was killed."""
        eventually(lambda: self.w.process.poll() is not None or is_over(), UP_SECONDS, "the end of the command")
        killed = self.w.process.poll() == -signal.SIGKILL
        self.w.kill()
        if self.attached:
            self.attached.wait()
        self.w.process.wait()
        self.proxy.before = self.proxy.after = None
        self.w.env.pop("DOCKER_HOST")
        return killed

    def points(self):
        """All there were, in an unkilled run."""
        requests = range(1, len(self.proxy.requests) - self.skipped + 1)
        counts = collections.Counter(re.findall(r"^(\w+)\(", self.trace.read_text(errors="replace"), re.M))
        return ([Point(when, n) for when in ("before", "after") for n in requests] +
                [Point(call, n + 1) for call, count in sorted(counts.items()) for n in range(count)])


def run_start(w, target):
    seen = w.output().count("\nup after")
    target.spawn("start", "--no-dashboard")
    return target.finish(lambda: w.output().count("\nup after") > seen)


def run_stop(w, target):
    w.start("--no-dashboard", seconds=UP_SECONDS)
    target.attach()
    w.process.terminate()
    return target.finish(lambda: False)


def run_down(w, target):
    """Containers go, data stays."""
    w.start("--no-dashboard", seconds=UP_SECONDS)
    w.stop()
    target.spawn("down", "--yes")
    return target.finish(lambda: False)


def run_deploy(w, target):
    w.add_migration(f'CREATE TABLE "Step{w.step}" (id INTEGER);\n')
    target.spawn("db", "deploy")
    return target.finish(lambda: False)


def run_migrate(w, target):
    w.step += 1
    w.write_schema()
    target.spawn("db", "migrate", "--name", "step")
    return target.finish(lambda: False)


def try_points(run, share, **subject):
    """One scenario with its share, in percent, of all the kills."""
    chance = random.Random(f"{SEED} {run.__name__} {subject}")
    with Subject(**subject) as w, EngineProxy() as proxy:
        w.env["TMPDIR"] = str(w.root)
        bystanders = Bystanders(w)
        try:
            w.check_up()
            w.end()
            target = Target(w, None, proxy)
            assert not run(w, target)
            points = target.points()
            w.check_killed()
            count = max(1, KILLS * share // 100)
            chosen = points * (count // len(points)) + chance.sample(points, count % len(points))
            killed = 0
            for number, point in enumerate(chosen):
                try:
                    w.check_up()
                    w.end()
                    killed += run(w, Target(w, point, proxy))
                    w.check_killed()
                    bystanders.check()
                except BaseException:
                    print(f"--- kill {number} of {run.__name__} {subject}, at {point}")
                    raise
            w.check_up()
            w.end()
            bystanders.check()
            print(f"    {run.__name__[4:]} {subject}: {killed} kills in {len(chosen)} tries, {len(points)} points")
            assert killed * 2 >= len(chosen), "too few of the points were met"
        finally:
            bystanders.remove()


def test_start_with_a_cache():
    try_points(run_start, 25, database="sqlite", redis=True)


def test_start_with_postgres():
    try_points(run_start, 8, database="postgres", redis=True)


def test_start_that_adopts():
    try_points(run_start, 15, database="postgres", redis=True, persistent=True)


def test_stop():
    try_points(run_stop, 12, database="sqlite", redis=True)
    try_points(run_stop, 6, database="postgres", persistent=True)


def test_down():
    try_points(run_down, 8, database="postgres", redis=True, persistent=True)


def test_deploy():
    try_points(run_deploy, 10, database="sqlite")
    try_points(run_deploy, 7, database="postgres")


def test_migrate():
    try_points(run_migrate, 10, database="sqlite")
    try_points(run_migrate, 7, database="postgres")


run_tests(globals())

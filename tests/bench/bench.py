"""What berth costs, beside a peer that does the same in the same run. Prints; never judges.

scripts/bench [SECTION...]; without a name, all sections. Needs a quiet machine, and for most sections a
Docker engine with the test images and the clients psql and sqlite3.
"""
import json
import os
import pathlib
import platform
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from contextlib import contextmanager

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

import beside_compose  # noqa: E402
import wire  # noqa: E402
from measure import Failed, alternate, peak_rss_mb, run_ms, show, show_alone, status_number  # noqa: E402
from support.workspace import BERTH, Workspace, docker, free_port  # noqa: E402

LEDGER = ("SELECT id, checksum, finished_at, migration_name, logs, rolled_back_at, started_at, applied_steps_count"
          " FROM _prisma_migrations ORDER BY started_at")
POSTGRES_IMAGE = "postgres:15"
# Debian's psql on the path is a Perl script that looks for this one.
PSQL = next(map(str, sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"), reverse=True)), "psql")


# What is measured on

def migrations(engine, provider, count):
    files = {f"database/{engine}/migrations/migration_lock.toml": f'provider = "{provider}"\n'}
    for i in range(count):
        files[f"database/{engine}/migrations/2026010100{i // 60:02}{i % 60:02}_step_{i}/migration.sql"] = (
            f'CREATE TABLE "Step{i}" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "parent" INTEGER);\n'
            f'CREATE INDEX "Step{i}_name_idx" ON "Step{i}" ("name");\n'
            f'ALTER TABLE "Step{i}" ADD COLUMN "note" TEXT;\n')
    return files


def sqlite_workspace(count):
    return Workspace(settings={"NetScript": {"Name": "bench", "Databases": {
        "sqlite": {"Engine": "Sqlite", "DatabaseName": "bench.db"}}}}, files=migrations("sqlite", "sqlite", count))


def external_workspace(count, url):
    return Workspace(settings={"NetScript": {"Name": "bench", "Databases": {
        "postgres": {"Engine": "Postgres", "Mode": "External"}}}},
        files=migrations("postgres", "postgresql", count), env={"POSTGRES_URI": url})


def container_workspace(persistent):
    return Workspace(settings={"NetScript": {
        "Name": "bench",
        "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "bench",
                                   "Persistent": persistent}},
        "Cache": {"redis": {"Engine": "Redis", "Persistent": persistent}}}})


class Server:
    """A Postgres that berth has nothing to do with."""

    def __init__(self):
        self.port, self.password = free_port(), secrets.token_hex(16)

    def url(self, database):
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def query(self, *queries):
        wire.postgres(self.port, "postgres", self.password, "postgres", *queries)

    def psql(self, database, *commands):
        return [PSQL, "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database,
                "-v", "ON_ERROR_STOP=1", *(word for command in commands for word in ("-c", command))]

    def client_env(self):
        return {**os.environ, "PGPASSWORD": self.password}


@contextmanager
def postgres_server():
    server = Server()
    name = f"berth-bench-{uuid.uuid4().hex[:8]}"
    docker("POST", f"/containers/create?name={name}", {
        "Image": POSTGRES_IMAGE, "Env": [f"POSTGRES_PASSWORD={server.password}"],
        "HostConfig": {"PortBindings": {"5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(server.port)}]}}})
    try:
        docker("POST", f"/containers/{name}/start")
        wire.until_ready(server.query)
        yield server
    finally:
        docker("DELETE", f"/containers/{name}?force=1&v=1")


@contextmanager
def started(workspace):
    """berth start, until all is up: yields the process and how long that took, in ms."""
    begun = time.perf_counter_ns()
    process = subprocess.Popen([BERTH, "start", "--dashboard-port", str(workspace.dashboard_port)],
                               cwd=workspace.root, env=workspace.env, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = []
    try:
        for line in process.stderr:
            said.append(line)
            if line.startswith("up after"):
                break
        else:
            raise Failed("berth start: " + "".join(said))
        took = (time.perf_counter_ns() - begun) / 1e6
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield process, took
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


# The sections

def version():
    """berth --version beside a program that does nothing"""
    ours, theirs = alternate(200, lambda: run_ms([BERTH, "--version"]), lambda: run_ms(["/bin/true"]))
    show("time", ours, theirs, "ms", "/bin/true")
    show("resident", peak_rss_mb([BERTH, "--version"]), peak_rss_mb(["/bin/true"]), "MB", "/bin/true")


def status():
    """berth db status of 20 migrations beside the engine's own client that reads the ledger"""
    def compare(workspace, label, peer, env):
        workspace.run("db", "deploy", check=0)
        ours = [BERTH, "db", "status"]
        times = alternate(50, lambda: run_ms(ours, workspace.env, workspace.root), lambda: run_ms(peer, env))
        name = os.path.basename(peer[0])
        show(f"{label} time", *times, "ms", name)
        show(f"{label} resident", peak_rss_mb(ours, workspace.env, workspace.root), peak_rss_mb(peer, env), "MB", name)

    with sqlite_workspace(20) as workspace:
        path = workspace.root / "database/sqlite/bench.db"
        compare(workspace, "SQLite", ["sqlite3", str(path), LEDGER], os.environ)
    with postgres_server() as server:
        server.query("CREATE DATABASE bench")
        with external_workspace(20, server.url("bench")) as workspace:
            compare(workspace, "Postgres", server.psql("bench", LEDGER), server.client_env())


def warm():
    """berth start with Postgres and Redis running already, beside the two logins alone"""
    with container_workspace(persistent=True) as workspace:
        with started(workspace):
            servers = addresses(workspace)

        def ours():
            with started(workspace) as (_, took):
                return took

        def theirs():
            begun = time.perf_counter_ns()
            log_in(*servers)
            return (time.perf_counter_ns() - begun) / 1e6
        show("all healthy after", *alternate(10, ours, theirs), "ms", "two logins")


def cold():
    """berth start of Postgres and Redis from nothing, beside the same containers by bare API calls"""
    results = {}

    def ours():
        with container_workspace(persistent=False) as workspace:
            with started(workspace) as (_, took):
                results["containers"] = [docker("GET", f"/containers/{c['Id']}/json")
                                         for c in workspace.containers()]
                results["login"] = addresses(workspace)
                secret = workspace.root / ".berth/secrets"
                results["secrets"] = {str(p.relative_to(secret)): p.read_bytes()
                                      for p in secret.rglob("*") if p.is_file()}
            return took

    def theirs():
        with Workspace() as directory:
            return bare_start(results, directory)
    show("all healthy after", *alternate(5, ours, theirs), "ms", "bare API calls")


def idle():
    """the supervisor of a Postgres and a Redis, over 60 s in which nothing happens"""
    with container_workspace(persistent=True) as workspace, started(workspace) as (process, _):
        time.sleep(5)
        before = wake_ups(process.pid)
        time.sleep(60)
        show_alone("wake-ups in 60 s", wake_ups(process.pid) - before, "")
        show_alone("resident", status_number(process.pid, "VmRSS") / 1024, "MB")
        show_alone("of that, not from files", status_number(process.pid, "RssAnon") / 1024, "MB")
        show_alone("resident at most", status_number(process.pid, "VmHWM") / 1024, "MB")


def deploy():
    """200 migrations on Postgres beside psql fed the same files, each one query, in one connection"""
    with postgres_server() as server, external_workspace(200, server.url("bench")) as workspace:
        directory = workspace.root / "database/postgres/migrations"
        files = [path.read_text() for path in sorted(directory.glob("*/migration.sql"))]

        def fresh(run):
            server.query("DROP DATABASE IF EXISTS bench", "CREATE DATABASE bench", "CHECKPOINT")
            return run()
        show("time", *alternate(
            5, lambda: fresh(lambda: run_ms([BERTH, "db", "deploy"], workspace.env, workspace.root)),
            lambda: fresh(lambda: run_ms(server.psql("bench", *files), server.client_env()))), "ms", "psql")


def history():
    """The loop of a developer with 100 earlier migrations: migrate (the first one replays them), status, deploy"""
    def step(number):
        return (f"model Step{number} {{\n  id Int @id\n  name String\n  parent Int?\n  note String?\n\n  @@index([name])\n}}\n"
                if number < 100 else f"model More{number} {{\n  id Int @id\n}}\n")

    def loop(workspace, engine, provider):
        workspace.run("db", "deploy", check=0)
        for label, count in (("first", 101), ("second", 102), ("third", 103)):
            workspace.write(f"database/{engine}/schema/schema.prisma",
                            f'datasource db {{\n  provider = "{provider}"\n}}\n' + "".join(map(step, range(count))))
            show_alone(f"{engine}: migrate, {label} time", run_ms(
                [BERTH, "db", "migrate", "--name", label, "--no-generate"], workspace.env, workspace.root), "ms")
        for command in ("status", "deploy"):
            [time_ms] = alternate(20, lambda: run_ms([BERTH, "db", command], workspace.env, workspace.root))
            show_alone(f"{engine}: {command}, no change", time_ms, "ms")

    with sqlite_workspace(100) as workspace:
        loop(workspace, "sqlite", "sqlite")
    with postgres_server() as server:
        server.query("CREATE DATABASE bench")
        with external_workspace(100, server.url("bench")) as workspace:
            loop(workspace, "postgres", "postgresql")


# What the sections do beside berth

def addresses(workspace):
    """Port and password of the Postgres, port of the Redis."""
    postgres, redis = (urllib.parse.urlsplit(workspace.run("url", name, "--reveal", check=0).stdout.strip())
                       for name in ("postgres", "redis"))
    return postgres.port, postgres.password, redis.port


def log_in(postgres_port, password, redis_port):
    wire.postgres(postgres_port, "postgres", password, "bench", "SELECT 1")
    wire.redis(redis_port)


def bare_start(model, directory):
    """Makes and starts the containers that berth made, each on a thread, until both can be logged into and the
    application's database is there. The volumes are new; the secrets lie in the directory."""
    password, names = model["login"][1], []
    for name, text in model["secrets"].items():
        path = directory.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)

    def bring_up(container):
        host, port = dict(container["HostConfig"]), free_port()
        (inner, _), = host["PortBindings"].items()
        host["PortBindings"] = {inner: [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}
        host["Mounts"] = [moved(mount, directory.root) for mount in host.get("Mounts") or []]
        body = {key: container["Config"][key] for key in ("Image", "Env", "Cmd", "Entrypoint", "ExposedPorts")}
        name = f"berth-bench-{uuid.uuid4().hex[:8]}"
        names.append(name)
        docker("POST", f"/containers/create?name={name}", {**body, "HostConfig": host})
        docker("POST", f"/containers/{name}/start")
        if inner.startswith("6379"):
            wire.until_ready(wire.redis, port)
        else:
            wire.until_ready(wire.postgres, port, "postgres", password, "postgres", "CREATE DATABASE bench")
            wire.postgres(port, "postgres", password, "bench", "SELECT 1")

    threads = [threading.Thread(target=bring_up, args=(c,)) for c in model["containers"]]
    begun = time.perf_counter_ns()
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return (time.perf_counter_ns() - begun) / 1e6
    finally:
        for name in names:
            docker("DELETE", f"/containers/{name}?force=1&v=1")


def moved(mount, root):
    if mount["Type"] == "volume":
        return {"Type": "volume", "Target": mount["Target"]}
    return {**mount, "Source": str(root / mount["Source"].split("/.berth/secrets/")[1])}


def wake_ups(pid):
    return sum(status_number(f"{pid}/task/{task}", "voluntary_ctxt_switches")
               for task in os.listdir(f"/proc/{pid}/task"))


SECTIONS = {section.__name__: section for section in (
    version, status, warm, cold, idle, deploy, history, *beside_compose.SECTIONS)}


def main():
    names = sys.argv[1:] or list(SECTIONS)
    if unknown := [name for name in names if name not in SECTIONS]:
        sys.exit(f"no such section: {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    print(f"{BERTH}, {os.cpu_count()} cores, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}")
    for name in names:
        print(f"\n{name}: {SECTIONS[name].__doc__}", flush=True)
        SECTIONS[name]()


if __name__ == "__main__":
    main()

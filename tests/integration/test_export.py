# needs: engine
# leg: plain
"""The workspace as a Compose file: the text, what Compose makes of it, and a deployment of the documented example."""
import os
import pathlib
import re
import shutil
import subprocess

from support.image import build_image, library_closure
from support.workspace import BERTH, SOURCE, Workspace, docker, eventually, free_port, run_tests

GOLDEN = SOURCE / "tests/golden/export"
DOCUMENT = (SOURCE / "docs/export.md").read_text()
# Compose as a plugin of docker, where there is one, else the program of its own.
HAS_PLUGIN = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
COMPOSE = ["docker", "compose"] if HAS_PLUGIN else ["docker-compose"]


def export(w, *args):
    return w.run("export", "compose", *args, check=0).stdout


def variables_of(text):
    return set(re.findall(r"\$\{(\w+):\?unset\}", text))


def compose(w, *args, env=None, **options):
    return subprocess.run([*COMPOSE, *args], cwd=w.root, env={**w.env, **(env or {})}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120, **options)


def secrets_of(w):
    return [p.read_text().strip() for p in (w.root / ".berth/secrets").rglob("password")]


def test_golden():
    """tests/golden/export/NAME/ exports as its compose.yaml; REWRITE=1 writes that anew."""
    for case in sorted(GOLDEN.iterdir()):
        with Workspace() as w:
            shutil.copytree(case, w.root, dirs_exist_ok=True)
            text = export(w)
            assert text == export(w), f"{case.name}: not the same twice"
            assert not [s for s in secrets_of(w) if s in text], f"{case.name}: holds a password"
            text = text.replace(w.id(), "WORKSPACE")
            if os.environ.get("REWRITE"):
                (case / "compose.yaml").write_text(text)
            assert text == (case / "compose.yaml").read_text(), \
                f"{case.name} is another; look at it with: REWRITE=1 python3 {__file__} test_golden; git diff"


def test_compose_reads_it():
    for directory in [*sorted(GOLDEN.iterdir()), SOURCE / "examples/netscript", SOURCE / "examples/quickstart"]:
        with Workspace() as w:
            shutil.copytree(directory, w.root, dirs_exist_ok=True)
            text = export(w, "--output", "compose.yaml") or (w.root / "compose.yaml").read_text()
            names = variables_of(text)
            header = set(re.findall(r"^#   (\w+)  ", text, re.M))
            assert names == header and "BERTH_IMAGE" in names, (names, header)
            env = {name: f"value-of-{name}" for name in names}
            config = compose(w, "-f", "compose.yaml", "config", env=env)
            assert config.returncode == 0, f"{directory.name}: {config.stderr}"
            assert "service_completed_successfully" in config.stdout
            without = compose(w, "-f", "compose.yaml", "config", env={**env, "BERTH_IMAGE": ""})
            assert without.returncode != 0 and "BERTH_IMAGE" in without.stderr, without.stderr


def test_paths_are_seen_from_the_file():
    with Workspace(example="netscript") as w:
        (w.root / "deploy/here").mkdir(parents=True)
        assert export(w, "--output", "deploy/here/compose.yaml") == ""
        text = (w.root / "deploy/here/compose.yaml").read_text()
        assert "file: ../../.berth/secrets/postgres/password" in text
        assert "- ../../database/postgres/migrations:/workspace/" in text
        config = compose(w, "-f", "deploy/here/compose.yaml", "config", env={n: "x" for n in variables_of(text)})
        assert f"{w.root}/.berth/secrets/postgres/password" in config.stdout, config
        assert f"{w.root}/database/postgres/migrations" in config.stdout
        assert (w.root / "deploy/here/compose.yaml").stat().st_mode & 0o777 == 0o644


def test_mistakes():
    with Workspace(example="netscript") as w:
        for args, code, said in ((["export"], 2, "compose"), (["export", "helm"], 2, "compose"),
                                 (["export", "compose", "--output", "."], 2, "a directory"),
                                 (["export", "compose", "--output", "no/such"], 1, "No such file")):
            run = w.run(*args, check=code)
            assert said in run.stderr and not run.stdout, run
    with Workspace(settings={"NetScript": {"Name": "x", "Databases": {
            "db": {"Engine": "Postgres", "Mode": "External"}}}},
            files={"database/db/migrations/migration_lock.toml": 'provider = "postgresql"\n'},
            env={"DATABASE_URL": "postgresql://u@h/d?sslpassword=hidden-by-nobody"}) as w:
        run = w.run("export", "compose", check=3)
        assert "a parameter that is a secret" in run.stderr and "hidden-by-nobody" not in run.stderr, run.stderr
    with Workspace(settings={"NetScript": {"Name": "x"}}) as w:
        assert "nothing here to export" in w.run("export", "compose", check=3).stderr
    with Workspace(settings={"NetScript": {"Name": "x", "Databases": {"s": {"Engine": "Sqlite"}},
                                           "Services": {"migrator": {"Command": ["true"], "Workdir": "."}}}},
                   files={"database/sqlite/migrations/migration_lock.toml": 'provider = "sqlite"\n'}) as w:
        assert '"migrator"' in w.run("export", "compose", check=3).stderr


def documented_files():
    files = dict(re.findall(r"^`([^`\n]+)`:\n\n(?:<!--[^\n]*-->\n)?```\w*\n(.*?)^```$", DOCUMENT, re.M | re.S))
    assert {"appsettings.json", "reporter/report.sh", "reporter/Dockerfile", "Dockerfile.berth"} <= set(files), files.keys()
    return files


def documented_commands():
    block, = [b for b in re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.M | re.S) if b.startswith("berth export")]
    return block


def test_the_documented_image_has_the_libraries():
    packages = set(documented_files()["Dockerfile.berth"].split())
    for library in library_closure(BERTH, "libpq.so.5", closure=False):
        if re.match(r"(libc|libm|libgcc_s|libasan|libubsan|libstdc\+\+|ld-linux.*)\.so", library.name):
            continue
        owner = subprocess.run(["dpkg", "-S", f"*/{library.name}"], capture_output=True, text=True, check=True)
        assert owner.stdout.split(":")[0] in packages, f"{library.name} is of {owner.stdout}"


class Deployment:
    """The documented example, deployed by the documented commands."""

    def __init__(self, w):
        self.w, self.image = w, f"berth-test/berth:{w.id()}"
        w.env["COMPOSE_PROJECT_NAME"] = f"berth-test-{w.id()}"
        w.env["PATH"] = f"{w.root}/bin:{pathlib.Path(BERTH).parent}:{w.env['PATH']}"
        if not HAS_PLUGIN:
            # It builds and runs by itself, without a docker beside it.
            w.env.update(COMPOSE_DOCKER_CLI_BUILD="0", COMPOSE_INTERACTIVE_NO_CLI="1")
            w.write("bin/docker", '#!/bin/sh\n[ "$1" = compose ] && shift && exec docker-compose "$@"\n').chmod(0o755)

    def __enter__(self):
        build_image(self.image, [BERTH], "libpq.so.5")
        return self

    def __exit__(self, *exc):
        down = compose(self.w, "down", "--volumes", "--rmi", "local", "--timeout", "1", env=self.variables())
        docker("DELETE", f"/images/{self.image}?force=1")
        assert exc[0] or down.returncode == 0, down.stderr

    def variables(self):
        return {"BERTH_IMAGE": self.image,
                "POSTGRES_PASSWORD": (self.w.root / ".berth/secrets/postgres/password").read_text()}

    def run_documented(self):
        commands = documented_commands().replace("berth:local", self.image)
        run = subprocess.run(["sh", "-euc", commands], cwd=self.w.root, env=self.w.env, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, timeout=200)
        assert run.returncode == 0, run.stdout + run.stderr

    def compose(self, *args):
        run = compose(self.w, *args, env=self.variables())
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def container(self, service):
        found, = docker("GET", f"/containers/json?all=1&filters=" + f'{{"label":["com.docker.compose.project='
                        f'{self.w.env["COMPOSE_PROJECT_NAME"]}","com.docker.compose.service={service}"]}}')
        return docker("GET", f"/containers/{found['Id']}/json")


def test_the_documented_example():
    settings = documented_files()["appsettings.json"].replace('"ledger" }', f'"ledger", "Port": {free_port()} }}')
    assert '"Port"' in settings
    with Workspace(files={**documented_files(), "appsettings.json": settings}) as w, Deployment(w) as d:
        d.run_documented()
        eventually(lambda: "balance 42" in d.compose("logs", "reporter"), 20, "the reporter's word")
        assert d.container("postgres")["State"]["Health"]["Status"] == "healthy"
        assert d.container("migrator")["State"]["ExitCode"] == 0
        assert "1 migration applied" in d.compose("logs", "migrator")
        # The order was kept, and no secret is in what the engine shows of the server.
        started = {s: d.container(s)["State"] for s in ("migrator", "reporter")}
        assert started["migrator"]["FinishedAt"] < started["reporter"]["StartedAt"], started
        assert d.variables()["POSTGRES_PASSWORD"] not in str(d.container("postgres"))
        # A new migration, and berth from outside, by the published port.
        w.write("database/postgres/migrations/20260106090000_more/migration.sql", "INSERT INTO entry VALUES (3, 58);")
        d.compose("up", "--detach")
        eventually(lambda: "balance 100" in d.compose("logs", "reporter"), 20, "the new row")
        assert "2 applied" in d.compose("run", "--rm", "migrator", "db", "status")
        url = w.json("env", "postgres", "--reveal")["POSTGRES_URI"]
        status = w.json("db", "status", "--url", url)
        assert (status["applied"], status["pending"]) == (2, 0), status


run_tests(globals())

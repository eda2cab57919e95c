# needs: engine
# leg: plain
"""`berth db …` two at once, interrupted and killed: one migration for one change, and nothing left behind."""
import contextlib
import fcntl
import os
import signal
import subprocess

from support.schema_project import USER, SchemaProject
from support.workspace import BERTH, Workspace, eventually, run_tests

SLOW = ("CREATE TABLE slow AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 2000000000)"
        " SELECT count(*) FROM c;")


class Project(SchemaProject):
    engine = provider = "sqlite"

    def __init__(self, models=USER):
        super().__init__(models)
        self.scratch = self.root / "scratch"
        self.scratch.mkdir()
        self.env["TMPDIR"] = str(self.scratch)

    @property
    def url(self):
        return f"file:{self.root}/app.db"

    def begin(self, *args):
        return subprocess.Popen([BERTH, "db", *args, "--url", self.url], cwd=self.root, env=self.env, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_two_at_once():
    with Project() as p:
        for n in range(4):
            p.schema(USER, "".join(f"model M{i} {{\n  id Int @id\n}}\n" for i in range(n)))
            runs = [p.begin("migrate", "--name", "same") for _ in range(3)]
            said = [run.communicate(timeout=60) for run in runs]
            assert [run.returncode for run in runs] == [0, 0, 0], said
            assert p.slugs() == ["same"] * (n + 1), said
            assert sorted("already in sync" in out for out, _ in said) == [False, True, True], said
        assert set(p.states().values()) == {"applied"}


def test_who_is_waited_for():
    with Project() as p:
        p.db("init", check=0)
        p.schema("model Other {\n  id Int @id\n}\n")
        with open(p.root / ".berth/migrate-sqlite", "r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("4711\n")
            lock.flush()
            run = p.begin("migrate", "--name", "other")
            assert "waiting for another berth (pid 4711)" in run.stderr.readline()
            assert p.slugs() == ["init"]
        run.communicate(timeout=60)
        assert run.returncode == 0 and p.slugs() == ["init", "other"]


def test_ended_by_a_signal():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with Project() as p:
            p.add_migration("1_slow", SLOW)
            run = p.begin("migrate", "--name", "x")
            eventually(lambda: list(p.scratch.glob("*/*")), 30, "the scratch database")  # noqa: B023
            run.send_signal(number)
            run.communicate(timeout=30)
            assert run.returncode == -number, run.returncode
            assert p.migrations() == ["1_slow"]
            draft = p.migrations_path / ".new-killed"
            draft.mkdir()
            (draft / "migration.sql").write_text("CREATE TABLE ha")
            p.add_migration("1_slow", "CREATE TABLE quick (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT);")
            p.db("migrate", "--name", "x", check=0)
            assert list(p.scratch.iterdir()) == [] and not draft.exists() and p.slugs() == ["slow", "x"]


@contextlib.contextmanager
def container_project():
    settings = {"NetScript": {"Name": "interrupted", "Databases": {
        "postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app", "Persistent": True}}}}
    with Workspace(settings=settings) as w:
        w.write("database/postgres/scripts/seed.sh", f'touch "{w.root}/begun"\nexec sleep 300\n')
        yield w


def begin_seed(w):
    return subprocess.Popen([BERTH, "db", "seed"], cwd=w.root, env=w.env, text=True, start_new_session=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_the_container_goes_down_again():
    with container_project() as w:
        run = begin_seed(w)  # while it comes up
        eventually(w.containers, 60, "the container")
        os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=60)
        assert run.returncode == 130 and not any(c["State"] == "running" for c in w.containers()), (run.returncode, out, err)
        run = begin_seed(w)  # while it is in use
        eventually((w.root / "begun").exists, 120, "the seed")
        assert any(c["State"] == "running" for c in w.containers())
        os.killpg(run.pid, signal.SIGINT)
        out, err = run.communicate(timeout=60)
        assert run.returncode == 130 and not any(c["State"] == "running" for c in w.containers()), (run.returncode, out, err)


run_tests(globals())

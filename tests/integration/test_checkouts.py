# needs: engine
"""One database, several checkouts of one repository: who applied what is known where its directory is missing."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess

from support.engine import Engine
from support.workspace import BERTH, Workspace, eventually, run_tests

MIGRATIONS = "database/{}/migrations"


class Repository(Workspace):
    """A workspace that is the main working tree of a repository, of one committed migration."""

    def __init__(self, url=None):
        super().__init__()
        self.env.update(HOME=str(self.root.parent), GIT_CONFIG_NOSYSTEM="1", GIT_CONFIG_GLOBAL="/dev/null")
        for who in ("AUTHOR", "COMMITTER"):
            self.env.update({f"GIT_{who}_NAME": "t", f"GIT_{who}_EMAIL": "t@example.com"})
        self.engine = "postgres" if url else "sqlite"
        self.url = url or f"file:{self.root}/shared.db"
        self.main = self.root / "shop"
        self.main.mkdir()
        self.git("init", "-q", "-b", "main")
        self.migration(self.main, "1_first", "CREATE TABLE first (id INTEGER PRIMARY KEY);")
        self.commit(self.main)

    def git(self, *args, tree=None):
        return subprocess.run(["git", *args], cwd=tree or self.main, env=self.env, check=True, capture_output=True,
                              text=True).stdout.strip()

    def migration(self, tree, name, sql):
        directory = tree / MIGRATIONS.format(self.engine) / name
        directory.mkdir(parents=True)
        (directory / "migration.sql").write_text(sql)

    def commit(self, tree):
        self.git("add", "-A", tree=tree)
        self.git("commit", "-qm", "m", tree=tree)
        return self.head(tree)

    def head(self, tree):
        return self.git("rev-parse", "--short", "HEAD", tree=tree)

    def worktree(self, name, branch):
        tree = self.root / name
        self.git("worktree", "add", "-q", "-b", branch, str(tree))
        return tree

    def db(self, tree, *args, check=None, **env):
        run = subprocess.run([BERTH, "db", *args, "--url", self.url], cwd=tree, env={**self.env, **env}, timeout=60,
                             stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert check is None or run.returncode == check, f"{args}: exit {run.returncode}\n{run.stdout}{run.stderr}"
        return run

    def origins(self, tree):
        answer = json.loads(self.db(tree, "status", "--json").stdout)
        return {m["name"]: m["origin"] for m in answer["migrations"]}

    def sql(self, sql):
        with contextlib.closing(sqlite3.connect(self.root / "shared.db")) as connection:
            return connection.execute(sql).fetchall()


def tell_missing(r):
    feature = r.worktree("shop-feature", "feature/x")
    r.migration(feature, "2_second", "CREATE TABLE second (id INTEGER PRIMARY KEY);")
    commit = r.commit(feature)
    r.db(r.main, "deploy", check=0)
    r.db(feature, "deploy", check=0)
    # Nobody misses anything where all directories are.
    assert r.origins(feature) == {"1_first": None, "2_second": None}
    run = r.db(r.main, "status", check=1)
    assert f"missing      2_second: applied on branch feature/x ({commit} in shop-feature), not in this checkout\n" \
        in run.stdout, run.stdout
    assert r.origins(r.main) == {
        "1_first": None, "2_second": {"branch": "feature/x", "commit": commit, "worktree": "shop-feature"}}

    # A commit without a branch, and what another tool applied: only the former is berth's to tell.
    r.migration(feature, "3_third", "CREATE TABLE third (id INTEGER PRIMARY KEY);")
    detached = r.commit(feature)
    r.git("checkout", "-q", "--detach", tree=feature)
    r.db(feature, "deploy", check=0)
    assert r.origins(r.main)["3_third"] == {"branch": None, "commit": detached, "worktree": "shop-feature"}
    assert f"3_third: applied without a branch ({detached} in shop-feature), not in this checkout" \
        in r.db(r.main, "status").stdout
    return feature


def test_a_missing_migration_tells_its_branch_in_sqlite():
    with Repository() as r:
        feature = tell_missing(r)
        assert [row[1] for row in r.sql("PRAGMA table_info(_prisma_migrations)")] == [
            "id", "checksum", "finished_at", "migration_name", "logs", "rolled_back_at", "started_at",
            "applied_steps_count"]
        assert r.sql("SELECT type FROM sqlite_master WHERE name = '_berth_runs'") == [("view",)]
        assert r.sql("SELECT branch, worktree FROM _berth_runs") == [
            ("main", "shop"), ("feature/x", "shop-feature"), (None, "shop-feature")]
        with contextlib.closing(sqlite3.connect(r.root / "shared.db")) as connection:
            connection.execute("INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at) "
                               "VALUES ('x', 'c', '4_other_tool', 1760000000000, 1760000000000)")
            connection.commit()
        assert r.origins(r.main)["4_other_tool"] is None
        assert "4_other_tool: applied, but not in the migrations directory" in r.db(r.main, "status").stdout
        # What was rolled back and applied anew belongs to the later run.
        r.db(feature, "reset", "--yes", check=0)
        assert r.sql("SELECT branch, worktree FROM _berth_runs") == [(None, "shop-feature")]


def test_a_missing_migration_tells_its_branch_in_postgres():
    with Engine() as engine:
        postgres = engine.run_postgres()
        with Repository(postgres.url(postgres.create_database())) as r:
            tell_missing(r)
            database = r.url.rsplit("/", 1)[1]
            # A role that may not replace the view can still migrate.
            postgres.sql("CREATE ROLE deployer LOGIN PASSWORD 'deployer-password'; "
                         "GRANT ALL ON SCHEMA public TO deployer; GRANT ALL ON ALL TABLES IN SCHEMA public TO deployer",
                         database)
            r.migration(r.main, "5_fifth", "CREATE TABLE fifth (id INTEGER PRIMARY KEY);")
            r.url = postgres.url(database, "deployer", "deployer-password")
            run = r.db(r.main, "deploy", check=0)
            assert "warning: the branch of this run could not be recorded: " in run.stderr, run.stderr
            assert postgres.sql("SELECT count(*) FROM fifth", database) == "0"


def test_a_failed_migration_tells_its_branch_too():
    with Repository() as r:
        feature = r.worktree("shop-feature", "broken")
        r.migration(feature, "2_second", "CREATE TABLE;")
        commit = r.commit(feature)
        r.db(feature, "deploy", check=1)
        assert r.origins(r.main)["2_second"] == {"branch": "broken", "commit": commit, "worktree": "shop-feature"}


def test_the_checkout_is_shown_while_it_changes():
    settings = {"NetScript": {"Name": "shop", "Services": {
        "api": {"Command": ["sleep", "1000"], "Workdir": ".", "HealthCheckPath": False}}}}
    with Repository() as r, Workspace(env=r.env) as w:
        # The workspace lies in a linked working tree.
        tree = r.worktree("shop-orders", "orders")
        (tree / "appsettings.json").write_text(json.dumps(settings))
        w.root = tree
        w.start()

        def shown(**wanted):
            eventually(lambda: w.json("ps")["git"] == {"worktree": str(tree.resolve()), "linked": True, **wanted}, 20,
                       f"{wanted}; shown is {w.json('ps')['git']}")
        first = r.head(tree)
        shown(branch="orders", commit=first)
        assert f"git: orders at {first} in {tree.resolve()}\n" in w.run("ps", check=0).stdout
        assert w.json("describe")["git"]["commit"] == first
        assert f"git: orders at {first} in " in w.run("describe", check=0).stdout
        second = r.commit(tree)
        assert second != first
        shown(branch="orders", commit=second)
        r.git("checkout", "-q", "-b", "other", tree=tree)
        shown(branch="other", commit=second)
        r.git("checkout", "-q", "--detach", tree=tree)
        shown(branch=None, commit=second)
        assert f"git: no branch at {second} in " in w.run("ps", check=0).stdout
        # libgit2 is in the worker's memory, not in the supervisor's.
        assert "libgit2" not in open(f"/proc/{w.process.pid}/maps").read()
        w.stop()


def test_git_is_only_asked_when_something_is_applied():
    with Repository() as r:
        def loads(*args):
            run = r.db(r.main, *args, LD_DEBUG="files")
            return bool(re.search(r"calling init: \S*libgit2", run.stderr))
        assert not loads("status")
        assert loads("deploy")
        assert not loads("deploy")
        assert not loads("status")


def test_without_a_repository_or_the_library_nothing_is_recorded():
    with Repository() as r:
        library = r.root / "libraries"
        library.mkdir()
        soname = next(line.split()[0] for line in subprocess.run(
            ["ldconfig", "-p"], env={**os.environ, "PATH": os.environ["PATH"] + ":/sbin:/usr/sbin"},
            capture_output=True, text=True).stdout.splitlines() if "libgit2.so." in line)
        (library / soname).write_text("no library")
        run = r.db(r.main, "deploy", check=0, LD_LIBRARY_PATH=str(library))
        assert run.stderr == "", run.stderr
        assert r.sql("SELECT count(*) FROM sqlite_master WHERE name = '_berth_runs'") == [(0,)]
        r.migration(r.main, "2_second", "CREATE TABLE second (id INTEGER PRIMARY KEY);")
        os.rename(r.main / ".git", r.root / "elsewhere")
        r.db(r.main, "deploy", check=0)
        assert r.sql("SELECT count(*) FROM sqlite_master WHERE name = '_berth_runs'") == [(0,)]


run_tests(globals())

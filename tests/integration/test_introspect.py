# needs: engine
"""What a live database is taken for: the schema that made it, and of a real history exactly what its project says is
left over. Schemas and histories are read where they lie, outside this project: $BERTH_SHARED, or ../shared beside the
source.
"""
import concurrent.futures
import contextlib
import os
import pathlib
import re

from support.engine import Engine
from support.live_database import Postgres, Sqlite
from support.workspace import SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
EMPTY = "-- This is an empty migration.\n"
REFUSED, DIFFERS = 3, 2

# Postgres takes a while: a run takes each fifth schema, and all with BERTH_TEST_ALL=1. SQLite takes all.
EVERY = {"postgresql": 1 if os.environ.get("BERTH_TEST_ALL") else 5, "sqlite": 1}
# What these say of nullable keys and counting columns is not what a server keeps.
ALWAYS = {"intro_ignore_on_model_with_only_optional_id_cc3a3e46c62a", "intro_pg14_default_value_as_dbgenerated_20e3d95802f7",
          "intro_pg_default_value_as_dbgenerated_89c7323c5ba9"}
WORKERS = 2
servers = []


def schemas(provider):
    """Schema files and directories of the provider."""
    found = sorted((SHARED / "conformance/create" / provider).glob("*.prisma"))
    for path in sorted((SHARED / "corpus/standalone").glob("*.prisma")):
        datasource = re.search(r'datasource\s+\w+\s*\{[^}]*?provider\s*=\s*"(\w+)"', path.read_text())
        if datasource and datasource.group(1) in (provider, provider.removesuffix("ql")):
            found.append(path)
    return found + sorted((SHARED / "corpus").glob(f"*/{provider}/schema"))


def make_database(provider):
    return Postgres(servers[0]) if provider == "postgresql" else Sqlite()


def check_each(provider, paths, check):
    """check(workspace, path, database) of each path, on an empty database; the results in order."""
    results = {}
    with Workspace() as workspace, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        def work(worker):
            with contextlib.closing(make_database(provider)) as database:
                for path in paths[worker::WORKERS]:
                    results[path] = check(workspace, path, database)
                    database.clear()
        list(pool.map(work, range(WORKERS)))
    return [results[path] for path in paths]


def describe_one(workspace, path, database):
    """None: the database is what its schema says; else what went otherwise."""
    script = workspace.run("db", "diff", "--from", "empty", "--to", str(path))
    if script.returncode == REFUSED:
        return "refused"
    if database.apply(script.stdout):
        return "not applied"  # types and functions that the server does not have
    run = workspace.run("db", "diff", "--from", database.url, "--to", str(path), "--exit-code")
    return None if run.returncode == 0 else run.stdout + run.stderr


def check_schemas(provider, least):
    found = schemas(provider)
    paths = [path for number, path in enumerate(found) if number % EVERY[provider] == 0 or path.stem in ALWAYS]
    results = check_each(provider, paths, describe_one)
    same = results.count(None)
    differing = {str(path): result for path, result in zip(paths, results) if result not in (None, "refused", "not applied")}
    print(f"     {provider}: {same} of {len(paths)} the same, {results.count('not applied')} not applied, "
          f"{results.count('refused')} refused")
    assert not differing, "\n".join(f"{path}\n{text}" for path, text in differing.items())
    assert same * EVERY[provider] >= least, f"only {same} were described at all"


def test_postgres_schemas():
    check_schemas("postgresql", least=440)


def test_sqlite_schemas():
    check_schemas("sqlite", least=280)


class History(Workspace):
    def __init__(self, path):
        super().__init__()
        self.path = path
        target = self.root / "database" / ("postgres" if path.name == "postgresql" else "sqlite")
        target.mkdir(parents=True)
        (target / "migrations").symlink_to(path / "migrations")
        self.schema = str(path / "schema")
        self.residue = (path / "expected/residue.sql").read_text()

    def diff(self, *args):
        return self.run("db", "diff", "--to", self.schema, "--exit-code", *args, timeout=120)

    def check(self, url):
        self.run("db", "deploy", "--url", url, check=0, timeout=120)
        code = 0 if self.residue.rstrip() == EMPTY.rstrip() else DIFFERS
        for run in (self.diff("--from", url), self.diff("--from", "database", "--url", url),
                    self.diff("--from", "migrations", "--url", url)):
            assert run.returncode == code, f"{self.path}: {run.returncode}\n{run.stdout}{run.stderr}"
            assert run.stdout.rstrip() == self.residue.rstrip(), f"{self.path}\n{run.stdout}"


def histories(provider):
    found = [path.parent.parent for path in sorted((SHARED / "corpus").glob(f"*/{provider}/expected/residue.sql"))]
    assert found, f"no histories below {SHARED}"
    return found


def test_postgres_histories():
    for path in histories("postgresql"):
        database = Postgres(servers[0])
        with History(path) as history:
            history.check(database.url)
        database.close()
    assert servers[0].sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'berth\\_scratch%'") == "0"


def test_sqlite_histories():
    for path in histories("sqlite"):
        with History(path) as history:
            history.check(f"file:{history.root}/app.db")


def test_failing_history():
    """It names the migration, and its scratch database is gone."""
    server = servers[0]
    database = Postgres(servers[0])
    with Workspace(files={"database/postgres/migrations/1_bad/migration.sql": "SELECT nothing;",
                          "schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n'}) as workspace:
        run = workspace.run("db", "diff", "--from", "migrations", "--to", "schema.prisma", "--url", database.url, check=1)
        assert "1_bad" in run.stderr and not run.stdout, run.stdout + run.stderr
    database.close()
    assert server.sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'berth\\_scratch%'") == "0"


if not SHARED.is_dir():
    print(f"SKIPPED: THERE ARE NO SCHEMAS TO DESCRIBE: {SHARED} does not exist (set BERTH_SHARED). Nothing was tested.")
    raise SystemExit(77)  # skipped, for ctest

if __name__ == "__main__":
    with Engine() as engine:
        servers.append(engine.run_postgres(os.environ.get("BERTH_TEST_POSTGRES", "15")))
        run_tests(globals())

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
import sqlite3

from support.engine import Engine
from support.workspace import SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
EMPTY = "-- This is an empty migration.\n"
REFUSED, DIFFERS = 3, 2

# What these say is not what a server keeps.
KNOWN = {
    "intro_ignore_on_model_with_only_optional_id_cc3a3e46c62a": "a nullable primary key",
    "intro_pg14_default_value_as_dbgenerated_20e3d95802f7": "a nullable SERIAL",
    "intro_pg_default_value_as_dbgenerated_89c7323c5ba9": "a nullable SERIAL",
}
# Every schema takes minutes: a run takes each tenth, and all with BERTH_TEST_ALL=1.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 10
servers = []


def schemas(provider):
    """Schema files and directories of the provider."""
    found = sorted((SHARED / "conformance/create" / provider).glob("*.prisma"))
    for path in sorted((SHARED / "corpus/standalone").glob("*.prisma")):
        datasource = re.search(r'datasource\s+\w+\s*\{[^}]*?provider\s*=\s*"(\w+)"', path.read_text())
        if datasource and datasource.group(1) in (provider, provider.removesuffix("ql")):
            found.append(path)
    return found + sorted((SHARED / "corpus").glob(f"*/{provider}/schema"))


class Postgres:
    def __init__(self):
        self.database = servers[0].create_database()
        self.url = servers[0].url(self.database)

    def apply(self, sql):
        run = servers[0].psql("-q", "-v", "ON_ERROR_STOP=1", database=self.database, text=sql)
        return run.returncode == 0

    def close(self):
        servers[0].sql(f'DROP DATABASE "{self.database}"')


class Sqlite:
    def __init__(self, workspace):
        self.path = workspace.root / f"{id(self)}.db"
        self.url = f"file:{self.path}"

    def apply(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            try:
                connection.executescript(sql)
            except sqlite3.Error:
                return False
        return True

    def close(self):
        self.path.unlink()


def describe_one(workspace, path, database):
    """None: the database is what its schema says; else what went otherwise."""
    try:
        script = workspace.run("db", "diff", "--from", "empty", "--to", str(path))
        if script.returncode == REFUSED:
            return "refused"
        if not database.apply(script.stdout):
            return "not applied"  # types and functions that the server does not have
        run = workspace.run("db", "diff", "--from", database.url, "--to", str(path), "--exit-code")
        return None if run.returncode == 0 else run.stdout + run.stderr
    finally:
        database.close()


def check_schemas(provider, make_database, least):
    paths = schemas(provider)[::EVERY]
    with Workspace() as workspace, concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda path: describe_one(workspace, path, make_database(workspace)), paths))
    same = results.count(None)
    differing = {str(path): result for path, result in zip(paths, results)
                 if result not in (None, "refused", "not applied") and path.stem not in KNOWN}
    print(f"     {provider}: {same} of {len(paths)} the same, {results.count('not applied')} not applied, "
          f"{results.count('refused')} refused")
    assert not differing, "\n".join(f"{path}\n{text}" for path, text in differing.items())
    assert same * EVERY >= least, f"only {same} were described at all"


def test_postgres_schemas():
    check_schemas("postgresql", lambda _: Postgres(), least=400)


def test_sqlite_schemas():
    check_schemas("sqlite", Sqlite, least=250)


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
        database = Postgres()
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
    database = Postgres()
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
        servers.append(engine.run_postgres())
        run_tests(globals())

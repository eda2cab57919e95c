# needs: engine
# leg: plain
"""The format's own engine and berth on one database: what either has done, the other takes for done."""
import contextlib
import json
import re
import sqlite3
import subprocess

from support import npm
from support.engine import Engine
from support.schema_project import ORDER, USER, SchemaProject
from support.workspace import SOURCE, run_tests

HERE = SOURCE / "tests/conformance"
ROWS = ("SELECT migration_name, checksum, coalesce(logs, '') <> '', finished_at IS NOT NULL, rolled_back_at IS NOT NULL, applied_steps_count "
        "FROM _prisma_migrations ORDER BY started_at, migration_name")
APPLIED, FAILED, ROLLED_BACK, RESOLVED = [0, 1, 0, 1], [1, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0]
modules = npm.install(HERE)
server = None


class Prisma:
    """The engine on one database, with the schema and the migrations that lie in the project at the time of a call."""

    def __init__(self, project):
        self.process = subprocess.Popen(
            ["node", HERE / "engine_server.mjs", modules / "@prisma/schema-engine-wasm", project.url, project.migrations_path.parent / "schema.prisma"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def call(self, method, **parameters):
        """The answer: {"result": …} or {"error": …}."""
        self.process.stdin.write(json.dumps([method, parameters]) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def result(self, method, **parameters):
        answer = self.call(method, **parameters)
        assert "result" in answer, (method, answer)
        return answer["result"]

    def apply(self):
        return self.result("applyMigrations")["appliedMigrationNames"]

    def diagnose(self):
        return self.result("diagnoseMigrationHistory", optInToShadowDatabase=False)

    def check_up_to_date(self):
        assert self.diagnose() == {"editedMigrationNames": [], "failedMigrationNames": [], "hasMigrationsTable": True, "history": None}
        assert self.apply() == []
        # Neither does the database differ from the history, nor the schema from the database.
        action = self.result("devDiagnostic")["action"]
        assert action == {"tag": "createMigration"}, action["reason"]
        pushed = self.result("schemaPush", force=False)
        assert pushed == {"executedSteps": 0, "unexecutable": [], "warnings": []}, pushed


class Project(SchemaProject):
    """Two migrations that berth makes and applies to `url`; a second database is at hand."""

    def __enter__(self):
        self.db("init", "--name", "init", check=0)
        self.schema(USER, ORDER, fields="orders Order[]")
        self.db("migrate", "--name", "add-orders", check=0)
        return self

    @contextlib.contextmanager
    def prisma(self):
        prisma = Prisma(self)
        try:
            yield prisma
        finally:
            prisma.close()

    def check_up_to_date(self):
        self.db("status", check=0)
        run = self.db("deploy", check=0)
        assert "nothing pending" in run.stdout, run

    def rows(self):
        """Of the ledger: name, checksum, and whether there are logs, an end, a rollback; the steps."""
        return [[row[0], row[1], [int(value) for value in row[2:]]] for row in self.ledger()]

    def rows_of(self, name):
        """The rows of a migration, those that were rolled back first: not in the order of their start, as one engine's times on SQLite are
        text and the other's are numbers."""
        return sorted((row[2] for row in self.rows() if row[0] == name), key=lambda row: -row[2])


class PostgresProject(Project):
    engine, provider = "postgres", "postgresql"

    def __init__(self):
        super().__init__()
        self.use_new_database()

    def use_new_database(self):
        self.database = server.create_database()

    @property
    def url(self):
        return server.url(self.database)

    def ledger(self):
        as_numbers = re.sub(r"(coalesce.*? <> ''|\w+ IS NOT NULL)", r"(\1)::int", ROWS)
        return [line.split("|") for line in server.sql(as_numbers, self.database).splitlines()]

    def dump(self):
        return server.sql("SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length FROM "
                          "information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position", self.database)


class SqliteProject(Project):
    engine = provider = "sqlite"

    def __init__(self):
        super().__init__()
        self.count = 0
        self.use_new_database()

    def use_new_database(self):
        self.count += 1

    @property
    def url(self):
        return f"file:{self.root}/app{self.count}.db"

    def query(self, sql):
        with contextlib.closing(sqlite3.connect(self.url.removeprefix("file:"), timeout=10)) as connection:
            return connection.execute(sql).fetchall()

    def ledger(self):
        return self.query(ROWS)

    def dump(self):
        return self.query("SELECT name, type, sql FROM sqlite_master WHERE name <> '_prisma_migrations' ORDER BY name") + self.query(
            "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('_prisma_migrations') ORDER BY name")


shared = {}  # a project of each kind, and the engine on its database


def both(test):
    """The test, on each of the servers. It leaves the project up to date, with a migration of its own at most."""
    def run():
        for kind in (PostgresProject, SqliteProject):
            if kind not in shared:
                project = closing.enter_context(kind())
                shared[kind] = project, closing.enter_context(project.prisma())
            test(*shared[kind])
    return run


@both
def test_migrated_by_berth(project, prisma):
    prisma.check_up_to_date()
    project.check_up_to_date()


def test_migrated_by_prisma():
    for kind in (PostgresProject, SqliteProject):
        with kind() as project:
            rows, dump = project.rows(), project.dump()
            project.use_new_database()
            with project.prisma() as prisma:
                assert prisma.apply() == project.migrations()
                project.check_up_to_date()
                assert "already in sync" in project.db("migrate", check=0).stdout
                assert project.rows() == rows and project.dump() == dump, (project.rows(), rows)
                prisma.check_up_to_date()


@both
def test_edited(project, prisma):
    name = project.migrations()[0]
    script = project.script(name)
    for edited, is_edited in ((script.replace("\n", "\r\n"), False), (script + "-- later\n", True), (script, False)):
        (project.migrations_path / name / "migration.sql").write_bytes(edited.encode())
        assert prisma.diagnose()["editedMigrationNames"] == ([name] if is_edited else [])
        assert json.loads(project.db("status", "--json").stdout)["edited"] == is_edited


def break_next(project, name):
    project.add_migration(name, "INSERT INTO nowhere VALUES (1);\n")
    return name


def mend(project, name):
    project.add_migration(name, 'UPDATE "User" SET email = email;\n')


@both
def test_failed_in_berth(project, prisma):
    bad = break_next(project, "20990101000000_bad")
    project.db("deploy", check=1)
    assert prisma.diagnose()["failedMigrationNames"] == [bad]
    assert "failed migrations" in prisma.call("applyMigrations")["error"]
    prisma.result("markMigrationRolledBack", migrationName=bad)
    assert project.states()[bad] != "failed" and project.rows_of(bad) == [ROLLED_BACK], project.rows()
    mend(project, bad)
    project.db("deploy", check=0)
    assert prisma.diagnose()["history"] is None and prisma.apply() == []
    assert project.rows_of(bad) == [ROLLED_BACK, APPLIED], project.rows()


@both
def test_failed_in_prisma(project, prisma):
    bad = break_next(project, "20990102000000_bad")
    assert bad in prisma.call("applyMigrations")["error"]
    assert project.rows_of(bad) == [FAILED] and project.states()[bad] == "failed", project.rows()
    assert "P3009" in project.db("deploy", check=1).stderr
    project.db("resolve", "--rolled-back", bad, check=0)
    diagnosis = prisma.diagnose()
    assert diagnosis["failedMigrationNames"] == [] and diagnosis["history"]["unappliedMigrationNames"] == [bad], diagnosis
    mend(project, bad)
    assert prisma.apply() == [bad]
    project.check_up_to_date()
    assert project.rows_of(bad) == [ROLLED_BACK, APPLIED], project.rows()


@both
def test_failed_and_resolved_as_applied(project, prisma):
    bad = break_next(project, "20990103000000_bad")
    project.db("deploy", check=1)
    prisma.result("markMigrationApplied", migrationName=bad)
    project.check_up_to_date()
    assert project.rows_of(bad) == [ROLLED_BACK, RESOLVED], project.rows()
    other = break_next(project, "20990104000000_bad")
    assert other in prisma.call("applyMigrations")["error"]
    project.db("resolve", "--applied", other, check=0)
    assert prisma.diagnose()["history"] is None and prisma.apply() == []
    assert project.rows_of(other) == [ROLLED_BACK, RESOLVED], project.rows()


if __name__ == "__main__":
    with Engine() as engine, contextlib.ExitStack() as closing:
        server = engine.run_postgres()
        run_tests(globals())

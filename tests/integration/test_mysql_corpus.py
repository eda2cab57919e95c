# needs: engine
# leg: plain
"""MySQL and MariaDB: a database that a schema made is taken for that schema; migration histories of real projects apply
as a whole, what they make is what the server's own tool says, and what is left over is what the project says; recorded
changes leave what berth's do. Schemas
and histories are read where they lie, outside this project: $BERTH_SHARED, or ../shared beside the source.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

from support.engine import Engine
from support.workspace import BERTH, SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
HISTORIES = sorted((SHARED / "corpus").glob("*/mysql"))
EMPTY = "-- This is an empty migration."
# It calls a function that MariaDB does not have: the rest of its history is for MySQL alone.
NOT_FOR_MARIADB = "umami-software__umami"
# A run takes each sixth schema and each third of the changes, and all with BERTH_TEST_ALL=1.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 6
# InnoDB does not keep SET DEFAULT, and both servers write expressions in words of their own.
NOT_KEPT = {"mig_on_update_set_default_should_work_ce9dba660805",
            "mig_schemas_with_dbgenerated_expressions_work_34319b7cda35"}
servers = {}


class History(Workspace):
    def __init__(self, path, url):
        super().__init__()
        self.path, self.url = path, url
        self.count = sum(1 for child in (path / "migrations").iterdir() if child.is_dir())
        target = self.root / "database/mysql"
        target.mkdir(parents=True)
        (target / "migrations").symlink_to(path / "migrations")

    def status(self, check):
        return json.loads(self.run("db", "status", "--json", "--url", self.url, check=check).stdout)

    def deploy(self):
        """All of it applies, the status says so, and a second run has nothing to do."""
        assert self.status(check=1)["pending"] == self.count
        self.run("db", "deploy", "--url", self.url, check=0, timeout=240)
        status = self.status(check=0)
        assert (status["applied"], status["pending"], status["failed"], status["edited"], status["missing"]) == (
            self.count, 0, 0, 0, 0), status
        assert "nothing pending" in self.run("db", "deploy", "--url", self.url, check=0).stdout

    def check_refused_by_mariadb(self):
        """What took effect of a file that nobody can undo is told exactly."""
        error = self.run("db", "deploy", "--url", self.url, check=1, timeout=240).stderr
        assert "05_add_visit_id/migration.sql:4:" in error and "statement 1 of 5 took effect" in error, error
        status = self.status(check=1)
        assert (status["applied"], status["failed"], status["pending"]) == (4, 1, 5), status

    def check_residue(self):
        expected = self.path / "expected/residue.sql"
        if not expected.exists():
            return
        residue = expected.read_text()
        for source in (("database", "--url", self.url), ("migrations", "--url", self.url)):
            run = self.run("db", "diff", "--from", *source, "--to", str(self.path / "schema"), "--exit-code", timeout=240)
            assert run.returncode == (0 if residue.strip() == EMPTY else 2), f"{run.returncode}\n{run.stdout}{run.stderr}"
            assert clauses(run.stdout) == clauses(residue), f"{self.path}\n{run.stdout}"


def significant(dump):
    return [line.rstrip() for line in dump.splitlines() if line.rstrip() and not line.startswith("--")]


def clauses(script):
    """The clauses of a script's ALTER TABLE, but those that make a JSON column of what MariaDB calls a LONGTEXT: the
    expectations are of a tool that does not see that it is one."""
    found, table = [], None
    for begins, clause in re.findall(r"^(ALTER TABLE `\w+`)?\s*([A-Z].*?)[,;]$", script, re.M):
        table = begins or table
        if " JSON " not in clause:
            found.append((table, clause))
    return found


def check(path, image):
    server = servers[image]
    database = server.create_database()
    is_mariadb = image.startswith("mariadb")
    with History(path, server.url(database)) as history:
        if is_mariadb and path.parent.name == NOT_FOR_MARIADB:
            history.check_refused_by_mariadb()
            return
        history.deploy()
        if is_mariadb:  # the expectations are of its tool
            assert significant(server.dump(database)) == significant((path / "expected/schema.sql").read_text()), path
        history.check_residue()
    assert server.sql("SHOW DATABASES LIKE 'berth\\_scratch%'") == ""


def describe_one(workspace, server, path):
    """None: the database is what its schema says; else what went otherwise."""
    database = server.create_database()
    script = workspace.run("db", "diff", "--from", "empty", "--to", str(path))
    if script.returncode == 3:
        return "refused"
    if server.client("mariadb", database, text=script.stdout).returncode:
        return "not applied"  # prefixes that are too long, functions that the server does not have
    run = workspace.run("db", "diff", "--from", server.url(database), "--to", str(path), "--exit-code")
    server.sql(f"DROP DATABASE `{database}`")
    return None if run.returncode == 0 else run.stdout + run.stderr


def check_schemas(image):
    paths = [path for path in sorted((SHARED / "conformance/create/mysql").glob("*.prisma")) if path.stem not in NOT_KEPT]
    paths = paths[::EVERY]
    with Workspace() as workspace, concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda path: describe_one(workspace, servers[image], path), paths))
    print(f"     {image}: {results.count(None)} of {len(paths)} the same, {results.count('not applied')} not applied")
    differing = {path: text for path, text in zip(paths, results) if text not in (None, "refused", "not applied")}
    assert not differing, "\n".join(f"{path}\n{text}" for path, text in differing.items())
    assert results.count(None) * EVERY >= 300, results


def check_effects(image):
    """Recorded changes leave on the server what berth's leave, run by another client than berth's."""
    server = servers[image]
    client = f"mariadb --no-defaults -h 127.0.0.1 -P {server.port} -u root"
    run = subprocess.run([sys.executable, SOURCE / "tests/conformance/run", SHARED / "conformance", "--berth", BERTH, "--provider", "mysql",
                          "--kind", "alter", "--every", str(min(EVERY, 3)), "--mysql", client, "--all-effects"],
                         capture_output=True, text=True, env={**os.environ, "MYSQL_PWD": server.password}, timeout=280)
    found = re.findall(r"^mysql on its server: +(\d+) of (\d+) (.*)", run.stdout, re.M)
    print("".join(f"     {image}: {count} of {cases} {what}\n" for count, cases, what in found), end="")
    assert run.returncode == 0 and found, f"{run.stdout}{run.stderr}"
    assert all(what == "same effect" or what.startswith("both scripts fail") for _, _, what in found), run.stdout
    assert sum(int(count) for count, _, what in found if what == "same effect") * min(EVERY, 3) >= 48, run.stdout


def check_resume(image):
    """A file that failed half-way is corrected, and its rest is run: nothing of it runs twice."""
    server = servers[image]
    url = server.url(server.create_database())
    name = "20260101000000_init"
    file = f"database/mysql/migrations/{name}/migration.sql"
    begin = "CREATE TABLE a (id INT PRIMARY KEY);\nINSERT INTO a VALUES (1);\n"
    with Workspace(files={file: begin + "CREATE TABLE b (id INT PRIMARY KEY,);\nCREATE TABLE c (id INT);\n"}) as workspace:
        error = workspace.run("db", "deploy", "--url", url, check=1).stderr
        assert f"{file}:3:36:" in error and "statements 1-2 of 4 took effect" in error, error
        assert f"berth db resolve --resume {name} --from 3" in error, error
        (workspace.root / file).write_text(begin + "CREATE TABLE b (id INT PRIMARY KEY);\nCREATE TABLE c (id INT);\n")
        workspace.run("db", "resolve", "--resume", name, "--from", "3", "--url", url, check=0)
        status = json.loads(workspace.run("db", "status", "--json", "--url", url, check=0).stdout)
        assert (status["applied"], status["failed"], status["edited"]) == (1, 0, 0), status
        database = url.rsplit("/", 1)[1]
        assert server.sql("SELECT COUNT(*) FROM a", database) == "1"
        assert server.sql("SHOW TABLES LIKE '_'", database).split() == ["a", "b", "c"]


def check_places(image):
    """What the server refuses is told with its place in the file, and the schema's own name is warned of before."""
    server, long = servers[image], "n" * 65
    cases = {f"CREATE TABLE a (id INT);\n\nCREATE TABLE {long} (id INT);\n": (
                 3, 1, f"Identifier name '{long}' is too long (1059)" if image == "mysql:9" else f"Incorrect table name '{long}' (1103)"),
             f"CREATE TABLE a (id INT,\n    {long} INT);\n": (1, 1, f"Identifier name '{long}' is too long (1059)"),
             "CREATE TABLE a (id INT,\n    doc JSONB);\n": (
                 (2, 9, "(1064)") if image == "mysql:9" else (1, 1, "Unknown data type: 'JSONB' (4161)")),
             "ALTER TABLE missing ADD COLUMN a INT;\n": (1, 1, "(1146)")}
    for text, (line, column, said) in cases.items():
        file = "database/mysql/migrations/1_init/migration.sql"
        with Workspace(files={file: text}) as workspace:
            error = workspace.run("db", "deploy", "--url", server.url(server.create_database()), check=1).stderr
            assert f"{file}:{line}:{column}: " in error and said in error, error
    schema = f'datasource db {{\n  provider = "mysql"\n}}\nmodel A {{\n  id Int @id\n  {long} Int\n}}\n'
    with Workspace(files={"a.prisma": schema}) as workspace:
        for command in (("validate", "--schema", "a.prisma"), ("diff", "--from", "empty", "--to", "a.prisma")):
            assert "a.prisma:6:3: warning: MySQL will not take" in workspace.run("db", *command, check=0).stderr


PULLED = """datasource db {
  provider = "mysql"
}

enum Role {
  admin @map("the admin")
  user
}

model A {
  id  Int    @id
  r   Role   @default(admin)
  s   Role
  bio String @default("it's") @db.Text

  @@index([bio(length: 10)])
}

model B {
  id Int   @id
  r  Role?
}
"""


def check_pull(image):
    """A column whose enum became another one gets an enum of its own; the others' keep the name that the schema has."""
    server = servers[image]
    database = server.create_database()
    url = server.url(database)
    with Workspace(files={"a.prisma": PULLED}) as workspace:
        def in_sync():
            workspace.run("db", "diff", "--from", url, "--to", "a.prisma", "--exit-code", check=0)
        server.sql(workspace.run("db", "diff", "--from", "empty", "--to", "a.prisma", check=0).stdout, database)
        in_sync()
        server.sql("ALTER TABLE A ADD COLUMN n INT, MODIFY s ENUM('the admin', 'user', 'other') NOT NULL", database)
        workspace.run("db", "pull", "--url", url, "--schema", "a.prisma", check=0)
        text = (workspace.root / "a.prisma").read_text()
        fields = [line.split()[:2] for line in text.splitlines()]
        assert ["r", "Role"] in fields and ["r", "Role?"] in fields and ["s", "A_s"] in fields and ["n", "Int?"] in fields, text
        assert PULLED[PULLED.index("enum Role"):PULLED.index("model A")] in text and "@@index([bio(length: 10)])" in text, text
        in_sync()


def tests():
    for image in servers:
        yield f"test_pull_{image}", lambda image=image: check_pull(image)
        yield f"test_places_{image}", lambda image=image: check_places(image)
        yield f"test_effects_{image}", lambda image=image: check_effects(image)
        yield f"test_resume_{image}", lambda image=image: check_resume(image)
        yield f"test_schemas_{image}", lambda image=image: check_schemas(image)
        for path in HISTORIES:
            yield f"test_{path.parent.name}_{image}", lambda path=path, image=image: check(path, image)


if __name__ == "__main__":
    if not HISTORIES:
        print(f"!!! NOT RUN: there is no corpus in {SHARED} (set BERTH_SHARED)", flush=True)
        raise SystemExit(77)  # skipped, for ctest
    assert len(HISTORIES) >= 5, HISTORIES
    with Engine() as engine:
        servers.update({image: engine.run_mysql(image) for image in ("mysql:9", "mariadb:10.11")})
        run_tests(dict(tests()))

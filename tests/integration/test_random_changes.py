# needs: engine
# leg: plain
"""Random schemas A, then B, then C on real servers: Postgres, MySQL, MariaDB, SQLite. After each step the database is what its
schema says, rows of before are there unless the step says that it drops them, and a step that rows stand in the way of runs
without them. Then the database is pulled into the schema A, which makes such a database.

BERTH_TEST_CASES and BERTH_TEST_SEED choose other cases, and more of them:

    BERTH_TEST_CASES=3000 BERTH_TEST_SEED=7 PYTHONPATH=tests python3 tests/integration/test_random_changes.py
"""
import collections
import concurrent.futures
import contextlib
import os
import random
import re
import sqlite3

from conformance import random_schemas
from support import mysql_session
from support.engine import Engine
from support.live_database import Mysql, Postgres, Sqlite
from support.postgres_session import SqlError
from support.random_rows import MysqlRows, PostgresRows, SqliteRows
from support.workspace import Workspace, run_tests

CASES = {server: int(os.environ.get("BERTH_TEST_CASES", count))
         for server, count in {"postgresql": 30, "sqlite": 120, "mysql": 24, "mariadb": 24}.items()}
ROWS = {"postgresql": lambda database: PostgresRows(database.session), "sqlite": SqliteRows, "mysql": MysqlRows}
SEED = os.environ.get("BERTH_TEST_SEED", "1")
WORKERS = 2
REFUSED = 3
# Defaults that a server takes for a new table, though no row could have them; and 'x' is a bit string, the empty one in hexadecimal.
LONG_TEXT_OF_CHAR = re.compile(r'''(@default.*?)"(?:it's|two\\nlines|a\\"b)"(?=.*@db\.Char\b)''')
NO_BITS = re.compile(r'''(?<!map: )"(?:x|it's|two\\nlines|a\\"b|ü)"(?=.*@db\.(?:Bit|VarBit)\b)''')
# MySQL's refusal to let a column count that foreign keys refer to; between two schemas nobody knows that it is not MariaDB.
NOT_BELOW_KEYS = "(1833)"
servers = {}


class Case:
    """One history of three schemas on one database."""

    def __init__(self, workspace, database, provider, number, counts, server=None):
        self.workspace, self.database, self.provider, self.number, self.counts = workspace, database, provider, number, counts
        self.rows = ROWS[provider](database)
        self.random = random.Random(f"changes/{SEED}/{provider}/{number}")
        # MySQL and MariaDB take other defaults: here now() of any type, there dates. Such schemas are compared with a database,
        # which tells which of the two it is; the others with schemas.
        self.asks_database = provider == "mysql" and (number % 2 == 1) == (server == "mysql")
        self.paths = []
        schema = random_schemas.new_schema(self.random, provider)
        for step in range(3):
            self.paths.append(workspace.write(f"{provider}-{number}-{step}.prisma", self.text(schema)))
            schema = random_schemas.edit(self.random, schema)

    def text(self, schema):
        """In this format a default that is a date is the same as any other default, so it stays what it is; and what a
        default gives for the rows of before has to be known, and be of the column's type."""
        text = random_schemas.text(schema).replace("randomblob(8)", "zeroblob(8)")
        text = LONG_TEXT_OF_CHAR.sub(r'\1"x"', NO_BITS.sub('"0110"', text))
        if self.number % 2:
            return re.sub(r'@default\("2020-.*?"\)', "@default(now())", text)
        return re.sub(r'@default\((now\(\)|"2020-.*?")\)', '@default("2020-01-02T03:04:05Z")', text)

    def diff(self, old, new, *options):
        """The SQL, or None where the schema language refuses one of them."""
        run = self.workspace.run("db", "diff", "--from", str(old), "--to", str(new), *options)
        assert run.returncode in (0, REFUSED), f"{run.returncode}\n{run.stderr}"
        return None if run.returncode == REFUSED else run.stdout

    def in_sync(self, path, script):
        run = self.workspace.run("db", "diff", "--from", self.database.url, "--to", str(path), "--exit-code")
        assert run.returncode == 0, f"left over:\n{run.stdout}{run.stderr}\nafter:\n{script}"

    def create(self, path):
        """From empty. False: the server has no such thing, or the language refuses it."""
        self.database.clear()
        script = self.diff(self.database.url if self.asks_database else "empty", path)
        if script is None or self.database.apply(script):
            return False
        self.in_sync(path, script)
        return True

    def step(self, old, new, source):
        """False: it ends here."""
        script = self.diff(source, new, "--warnings")
        if script is None:
            return False
        self.rows.fill(self.random)
        self.rows.keep()
        error = self.database.apply(script)
        if not error:
            count, problems = self.rows.lost(script)
            assert not problems, "\n".join(problems) + "\n" + script
            self.counts["values kept"] += count
            self.counts["steps with rows"] += 1
        else:
            assert self.create(old), "it was created before"
            script = self.diff(source, new, "--warnings")  # of several indexes that are alike a change may have left fewer
            again = self.database.apply(script)
            if again and NOT_BELOW_KEYS in again and not self.asks_database:
                self.counts["steps that need to know the server"] += 1
                return False
            if again:
                assert not self.create(new), f"{again}\n{script}"
                return False
            self.counts["steps that rows stood in the way of"] += 1
        self.in_sync(new, script)
        return True

    def run(self):
        first, second, third = self.paths
        if not self.create(first):
            self.counts["not created"] += 1
        elif self.step(first, second, self.database.url if self.asks_database else first) and self.step(second, third, self.database.url):
            self.pull(first)

    def pull(self, path):
        """The schema of long ago becomes one that the database does not differ from; a second time there is nothing to do."""
        self.workspace.run("db", "pull", "--url", self.database.url, "--schema", str(path), check=0)
        text = path.read_text()
        self.in_sync(path, text)
        self.workspace.run("db", "pull", "--url", self.database.url, "--schema", str(path), check=0)
        assert path.read_text() == text, f"pulled again:\n{path.read_text()}\nbefore:\n{text}"
        if self.provider != "sqlite":  # which tells expressions without the parentheses that they are written with
            assert self.create(path), f"not created from what was pulled:\n{text}"
        self.counts["schemas pulled"] += 1


def check(provider, make_database, server=None):
    cases = CASES[server or provider]
    counts, failures = collections.Counter(), []
    with Workspace() as workspace, contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        databases = [stack.enter_context(contextlib.closing(make_database())) for _ in range(WORKERS)]

        def work(worker):
            for number in range(worker, cases, WORKERS):
                case = Case(workspace, databases[worker], provider, number, counts, server)
                try:
                    case.run()
                except (AssertionError, SqlError, mysql_session.SqlError, sqlite3.Error) as error:
                    failures.append(f"case {number}: {error!r}" if not isinstance(error, AssertionError) else f"case {number}: {error}")
                for path in case.paths:
                    path.unlink()
        list(pool.map(work, range(WORKERS)))
    print(f"     {server or provider}: {cases} cases, {len(failures)} wrong; " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    assert not failures, "\n\n".join(failures[:20])
    # Most steps have to be of use.
    assert counts["steps with rows"] >= cases / 2 and counts["values kept"] >= 5 * cases, counts


def test_postgres():
    check("postgresql", lambda: Postgres(servers["postgresql"], extensions=["citext"]))


def test_mysql():
    check("mysql", lambda: Mysql(servers["mysql"]), "mysql")


def test_mariadb():
    check("mysql", lambda: Mysql(servers["mariadb"]), "mariadb")


def test_sqlite():
    check("sqlite", Sqlite)


if __name__ == "__main__":
    with Engine() as engine:
        servers["postgresql"] = engine.run_postgres(os.environ.get("BERTH_TEST_POSTGRES", "15"))
        servers.update(mysql=engine.run_mysql("mysql:9"), mariadb=engine.run_mysql("mariadb:10.11"))
        run_tests(globals())

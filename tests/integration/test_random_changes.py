# needs: engine
# leg: plain
"""Random schemas A, then B, then C on real servers. After each step the database is what its schema says, rows of before are
there unless the step says that it drops them, and a step that rows stand in the way of runs without them. Then the database
is pulled into the schema A.

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
from support.engine import Engine
from support.live_database import Postgres, Sqlite
from support.postgres_session import SqlError
from support.random_rows import PostgresRows, SqliteRows
from support.workspace import Workspace, run_tests

CASES = {"postgresql": int(os.environ.get("BERTH_TEST_CASES", 30)), "sqlite": int(os.environ.get("BERTH_TEST_CASES", 120))}
SEED = os.environ.get("BERTH_TEST_SEED", "1")
WORKERS = 2
REFUSED = 3
# Defaults that a server takes for a new table, though no row could have them; and 'x' is a bit string, the empty one in hexadecimal.
LONG_TEXT_OF_CHAR = re.compile(r'''(@default.*?)"(?:it's|two\\nlines|a\\"b)"(?=.*@db\.Char\b)''')
NO_BITS = re.compile(r'''(?<!map: )"(?:x|it's|two\\nlines|a\\"b|ü)"(?=.*@db\.(?:Bit|VarBit)\b)''')
servers = []


class Case:
    """One history of three schemas on one database."""

    def __init__(self, workspace, database, provider, number, counts):
        self.workspace, self.database, self.counts = workspace, database, counts
        self.rows = PostgresRows(database.session) if provider == "postgresql" else SqliteRows(database)
        self.random = random.Random(f"changes/{SEED}/{provider}/{number}")
        self.paths = []
        schema = random_schemas.new_schema(self.random, provider)
        for step in range(3):
            self.paths.append(workspace.write(f"{provider}-{number}-{step}.prisma", self.text(schema, number)))
            schema = random_schemas.edit(self.random, schema)

    def text(self, schema, number):
        """In this format a default that is a date is the same as any other default, so it stays what it is; and what a
        default gives for the rows of before has to be known, and be of the column's type."""
        text = random_schemas.text(schema).replace("randomblob(8)", "zeroblob(8)")
        text = LONG_TEXT_OF_CHAR.sub(r'\1"x"', NO_BITS.sub('"0110"', text))
        if number % 2:
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
        script = self.diff("empty", path)
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
            again = self.database.apply(script)
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
        elif self.step(first, second, first) and self.step(second, third, self.database.url):
            self.pull(first)

    def pull(self, path):
        """The schema of long ago becomes one that the database does not differ from; a second time there is nothing to do."""
        self.workspace.run("db", "pull", "--url", self.database.url, "--schema", str(path), check=0)
        text = path.read_text()
        self.in_sync(path, text)
        self.workspace.run("db", "pull", "--url", self.database.url, "--schema", str(path), check=0)
        assert path.read_text() == text, f"pulled again:\n{path.read_text()}\nbefore:\n{text}"
        self.counts["schemas pulled"] += 1


def check(provider, make_database):
    counts, failures = collections.Counter(), []
    with Workspace() as workspace, contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        databases = [stack.enter_context(contextlib.closing(make_database())) for _ in range(WORKERS)]

        def work(worker):
            for number in range(worker, CASES[provider], WORKERS):
                case = Case(workspace, databases[worker], provider, number, counts)
                try:
                    case.run()
                except (AssertionError, SqlError, sqlite3.Error) as error:
                    failures.append(f"case {number}: {error!r}" if not isinstance(error, AssertionError) else f"case {number}: {error}")
                for path in case.paths:
                    path.unlink()
        list(pool.map(work, range(WORKERS)))
    print(f"     {provider}: {CASES[provider]} cases, {len(failures)} wrong; " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    assert not failures, "\n\n".join(failures[:20])
    # Most steps have to be of use.
    assert counts["steps with rows"] >= CASES[provider] / 2 and counts["values kept"] >= 5 * CASES[provider], counts


def test_postgres():
    check("postgresql", lambda: Postgres(servers[0], extensions=["citext"]))


def test_sqlite():
    check("sqlite", Sqlite)


if __name__ == "__main__":
    with Engine() as engine:
        servers.append(engine.run_postgres(os.environ.get("BERTH_TEST_POSTGRES", "15")))
        run_tests(globals())

# needs: engine
"""From a live database to another schema: the SQL runs, and nothing is left over. See test_introspect.py."""
import concurrent.futures

from support.engine import Engine
from support.workspace import Workspace, run_tests
from test_introspect import EVERY, SHARED, Postgres, Sqlite, servers


def change_one(workspace, old, database):
    """None: a live database of the old schema became one of the new; else what went otherwise."""
    new = str(old).replace(".from.prisma", ".to.prisma")
    try:
        if not database.apply(workspace.run("db", "diff", "--from", "empty", "--to", str(old), check=0).stdout):
            return "not applied"
        script = workspace.run("db", "diff", "--from", database.url, "--to", new, check=0).stdout
        if not database.apply(script):
            return "this did not run:\n" + script
        run = workspace.run("db", "diff", "--from", database.url, "--to", new, "--exit-code")
        return None if run.returncode == 0 else run.stdout + run.stderr
    finally:
        database.close()


def check_changes(provider, make_database, least):
    paths = sorted((SHARED / "conformance/alter" / provider).glob("*.from.prisma"))[::EVERY]
    with Workspace() as workspace:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda path: change_one(workspace, path, make_database(workspace)), paths))
    wrong = {str(path): result for path, result in zip(paths, results) if result not in (None, "not applied")}
    assert not wrong, "\n".join(f"{path}\n{text}" for path, text in wrong.items())
    assert results.count(None) * EVERY >= least, f"only {results.count(None)} of {len(paths)} were changed at all"


def test_postgres_changes():
    check_changes("postgresql", lambda _: Postgres(), least=60)


def test_sqlite_changes():
    check_changes("sqlite", Sqlite, least=50)


if __name__ == "__main__":
    with Engine() as engine:
        servers.append(engine.run_postgres())
        run_tests(globals())

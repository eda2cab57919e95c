# needs: engine
"""From a live database to another schema: the SQL runs, and nothing is left over. See test_introspect.py."""
import os

from support.engine import Engine
from support.workspace import run_tests
from test_introspect import EVERY, SHARED, check_each, servers


def change_one(workspace, old, database):
    """None: a live database of the old schema became one of the new; else what went otherwise."""
    new = str(old).replace(".from.prisma", ".to.prisma")
    if database.apply(workspace.run("db", "diff", "--from", "empty", "--to", str(old), check=0).stdout):
        return "not applied"
    script = workspace.run("db", "diff", "--from", database.url, "--to", new, check=0).stdout
    error = database.apply(script)
    if error:
        return f"this did not run: {error}\n{script}"
    run = workspace.run("db", "diff", "--from", database.url, "--to", new, "--exit-code")
    return None if run.returncode == 0 else run.stdout + run.stderr


def check_changes(provider, least):
    paths = sorted((SHARED / "conformance/alter" / provider).glob("*.from.prisma"))[::EVERY[provider]]
    results = check_each(provider, paths, change_one)
    wrong = {str(path): result for path, result in zip(paths, results) if result not in (None, "not applied")}
    print(f"     {provider}: {results.count(None)} of {len(paths)} changed")
    assert not wrong, "\n".join(f"{path}\n{text}" for path, text in wrong.items())
    assert results.count(None) * EVERY[provider] >= least, f"only {results.count(None)} of {len(paths)} were changed at all"


def test_postgres_changes():
    check_changes("postgresql", least=60)


def test_sqlite_changes():
    check_changes("sqlite", least=50)


if __name__ == "__main__":
    with Engine() as engine:
        servers.append(engine.run_postgres(os.environ.get("BERTH_TEST_POSTGRES", "15")))
        run_tests(globals())

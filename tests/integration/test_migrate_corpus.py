# needs: engine
"""Histories of real projects: nothing is taken for drift, and what is left between history and schema is what the
format's own tool recorded. The corpus is no part of this project: $BERTH_SHARED, or ../shared beside the source.
"""
import os
import pathlib
import shutil

from support.engine import Engine
from support.workspace import SOURCE, Workspace, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
PROVIDERS = {"postgresql": "postgres", "sqlite": "sqlite"}
EMPTY = "-- This is an empty migration."


def check(server, path):
    with Workspace() as w:
        migrations = w.root / "database" / PROVIDERS[path.name] / "migrations"
        shutil.copytree(path / "migrations", migrations)
        before = set(migrations.iterdir())
        url = server.url(server.create_database()) if path.name == "postgresql" else f"file:{w.root}/app.db"
        w.run("db", "deploy", "--url", url, check=0, timeout=120)
        made = w.run("db", "migrate", "--create-only", "--url", url, "--schema", str(path / "schema"), check=0, timeout=120)
        assert made.stderr.count("error") == 0 and "is not what" not in made.stderr, made
        new = [child for child in migrations.iterdir() if child not in before and child.is_dir()]
        script = new[0].joinpath("migration.sql").read_text() if new else EMPTY
        if script.startswith("/*"):
            script = script.split("*/\n", 1)[1]
        assert script.strip() == (path / "expected/residue.sql").read_text().strip(), f"{path}\n{script}"


def test_what_is_left_of_each_history():
    histories = sorted(path for provider in PROVIDERS for path in (SHARED / "corpus").glob(f"*/{provider}"))
    assert histories, f"no histories below {SHARED}"
    with Engine() as engine:
        server = engine.run_postgres("15")
        for path in histories:
            check(server, path)
    print(f"{len(histories)} histories")


run_tests(globals())

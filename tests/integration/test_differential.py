# leg: plain
"""Random schemas and edits, seeded, against the engines that set the format: the SQL, what is refused, and the layout.

    BERTH_DIFFERENTIAL=10   ten times as many cases
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from conformance import random_schemas
from support import npm
from support.workspace import SOURCE

HERE = SOURCE / "tests/conformance"
PROGRAMS = pathlib.Path(os.environ["BERTH_BUILD"]) / "tests"
TIMES = int(os.environ.get("BERTH_DIFFERENTIAL", "1"))
SEED = "20"
# Cases of SQL, by engine and provider.
ENGINES = {"@prisma/schema-engine-wasm": {"postgresql": 500, "sqlite": 400},
           "schema-engine-6": {"postgresql": 300, "sqlite": 300}}
SCHEMAS, CHANGES = 40, 1200  # of each provider that random_schemas knows; random changes of their text


def check(*command):
    print("+", *command, flush=True)
    if subprocess.run(list(map(str, command))).returncode != 0:
        raise SystemExit("there are differences that docs/sql-differences.md does not list")


def compare_sql(modules):
    for engine, counts in ENGINES.items():
        for provider, count in counts.items():
            check(sys.executable, HERE / "differential", "--engine", modules / engine, "--berth", PROGRAMS / "conformance_diff",
                  "--provider", provider, "--seed", SEED, "--count", count * TIMES)


def compare_schemas(modules):
    """Of all four providers: whatever a schema names, it is also tried as each of the others."""
    with tempfile.TemporaryDirectory() as folder:
        for provider in random_schemas.SCALARS:
            for number in range(SCHEMAS * TIMES):
                source = random.Random(f"{SEED}/{provider}/{number}")
                schema = random_schemas.edit(source, random_schemas.new_schema(source, provider))
                pathlib.Path(folder, f"{provider}{number}.prisma").write_text(random_schemas.text(schema))
        check("node", HERE / "validation.mjs", "--engine", modules, "--program", PROGRAMS / "conformance_schema",
              "--seed", SEED, "--count", CHANGES * TIMES, folder)


packages = npm.install(HERE)
compare_sql(packages)
compare_schemas(packages)

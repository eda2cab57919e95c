"""The scripts of random schemas and edits run on SQLite and lead to the schema; the conformance runner tells same from different."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["BERTH_SOURCE"])
PROGRAM = str(pathlib.Path(os.environ["BERTH_BUILD"]) / "tests" / "conformance_diff")
SCHEMA = 'datasource db {\n  provider = "sqlite"\n}\nmodel A {\n  id Int @id\n}\n'
TABLE = '-- CreateTable\nCREATE TABLE "A" (\n    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT\n);\n'


def program(name, *arguments):
    done = subprocess.run([sys.executable, str(ROOT / "tests" / "conformance" / name), "--berth", PROGRAM, *arguments], capture_output=True,
                          text=True)
    return done.returncode, done.stdout + done.stderr


def expect(what, condition, output):
    if not condition:
        sys.exit(f"{what}:\n{output}")


code, output = program("apply", "--provider", "sqlite", "--count", "60", "--seed", "ctest")
expect("random edits do not run, or lead elsewhere", code == 0, output)

with tempfile.TemporaryDirectory() as scratch:
    folder = pathlib.Path(scratch)
    for kind in ("create", "invalid"):
        (folder / kind / "sqlite").mkdir(parents=True)
    (folder / "create/sqlite/good.prisma").write_text(SCHEMA)
    (folder / "create/sqlite/good.sql").write_text(TABLE)
    (folder / "invalid/sqlite/bad.prisma").write_text(SCHEMA.replace("Int", "Nothing"))
    code, output = program("run", scratch)
    expect("the runner does not know the same", code == 0, output)
    (folder / "create/sqlite/good.sql").write_text(TABLE.replace("id", "other"))
    (folder / "invalid/sqlite/bad.prisma").write_text(SCHEMA)
    code, output = program("run", scratch)
    expect("the runner does not know a difference", code == 1 and "different: create/sqlite/good" in output, output)
    expect("the runner does not know what is accepted wrongly", "accepted: invalid/sqlite/bad" in output, output)
    code, output = program("run", str(folder / "create" / "sqlite" / "nothing"))
    expect("an empty directory counts as good", code == 2, output)

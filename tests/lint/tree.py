"""The project's own C files, for the lint tests."""
import os
import pathlib

ROOT = pathlib.Path(os.environ.get("BERTH_SOURCE", pathlib.Path(__file__).parents[2]))
ROOMS = ["base", "appsettings", "provisioners", "migrator", "dashboard", "orchestrator"]


def sources(*suffixes):
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in suffixes:
                yield path


def fail_if(problems):
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    raise SystemExit(1 if problems else 0)

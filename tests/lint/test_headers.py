"""Every header compiles alone, has #pragma once, opens with a comment on its purpose, and is short."""
import json
import os
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor
from tree import ROOT, fail_if, sources

build = pathlib.Path(os.environ["BERTH_BUILD"])
entries = json.loads((build / "compile_commands.json").read_text())
flags = set()
for entry in entries:
    words = entry["command"].split()
    flags.update(w for w in words if w.startswith(("-I", "-D", "-std")))
    flags.update(f"-isystem{words[i + 1]}" for i, w in enumerate(words) if w == "-isystem")


def check(path):
    text, name = path.read_text(), path.relative_to(ROOT)
    lines = text.splitlines()
    if lines[0] != "#pragma once":
        return f"{name}: does not begin with #pragma once"
    if not lines[1].startswith("//"):
        return f"{name}: does not open with a comment on its purpose"
    if len(lines) > 160:
        return f"{name}: {len(lines)} lines; a header of 150 says enough"
    run = subprocess.run(["cc", *sorted(flags), "-fsyntax-only", "-x", "c", str(path)],
                         capture_output=True, text=True)
    errors = [l for l in run.stderr.splitlines() if "error:" in l]
    return f"{name}: not self-contained: {errors[0]}" if errors else None


with ThreadPoolExecutor() as pool:
    found = list(pool.map(check, sources(".h")))
assert found, "no headers found"
fail_if([f for f in found if f])

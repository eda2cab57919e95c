"""clang-format would change nothing."""
import subprocess
from tree import ROOT, fail_if, sources

files = [str(p) for p in sources(".c", ".h")]
files += [str(p) for kind in ("unit", "fuzz", "integration") for p in sorted((ROOT / "tests" / kind).glob("*.[ch]"))]
run = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True, text=True)
problems = sorted({line.split(":")[0] for line in run.stderr.splitlines() if "error:" in line})
if run.returncode and not problems:
    problems = [run.stderr]
fail_if([f"{p}: run scripts/format" for p in problems])

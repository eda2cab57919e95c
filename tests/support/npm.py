"""What a directory's package-lock.json names, in its node_modules: installed once, and again when the file changes."""
import fcntl
import shutil
import subprocess


def install(directory):
    """The directory of the packages. None of their scripts is run."""
    for command in ("node", "npm"):
        if not shutil.which(command):
            raise SystemExit(f"{command} is not installed: ./scripts/deps test")
    lock, modules = directory / "package-lock.json", directory / "node_modules"
    installed = modules / ".package-lock.json"
    with open(lock) as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another build's tests may be at it
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"], cwd=directory, check=True)
    return modules

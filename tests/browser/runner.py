"""Runs a browser test: installs what package-lock.json names, once, then node SCRIPT."""
import fcntl
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).parent


def install():
    for command in ("node", "npm", "chromium"):
        if not shutil.which(command):
            raise SystemExit(f"{command} is not installed: ./scripts/deps test")
    lock, installed = HERE / "package-lock.json", HERE / "node_modules" / ".package-lock.json"
    with open(lock) as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # another build's tests may be at it
        if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
            return
        subprocess.run(["npm", "ci", "--no-fund", "--no-audit"], cwd=HERE, check=True)


def node(script, *arguments):
    """The exit code of a script, with the browser at hand."""
    install()
    environment = {**os.environ, "CHROMIUM": shutil.which("chromium")}
    return subprocess.run(["node", HERE / script, *arguments], env=environment).returncode


def run(script):
    raise SystemExit(node(script))

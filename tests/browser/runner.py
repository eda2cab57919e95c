"""Runs a browser test: node SCRIPT, with the browser and what package-lock.json names."""
import os
import pathlib
import shutil
import subprocess

from support import npm

HERE = pathlib.Path(__file__).parent


def node(script, *arguments):
    """The exit code of a script, with the browser at hand."""
    npm.install(HERE)
    chromium = shutil.which("chromium")
    if not chromium:
        raise SystemExit("chromium is not installed: ./scripts/deps test")
    return subprocess.run(["node", HERE / script, *arguments], env={**os.environ, "CHROMIUM": chromium}).returncode


def run(script):
    raise SystemExit(node(script))

"""kill -9 of a migrator that is held up: of `berth db deploy`, of the worker of `berth start`, of `berth start` itself.

Each is given a Workspace with the `url` of its database, and `wait`, which returns once the migrator is held up.
"""
import os
import signal
import subprocess

from support.workspace import BERTH, eventually


def _is_worker(pid):
    try:
        with open(f"/proc/{pid}/cmdline") as words:
            return "__worker" in words.read()
    except OSError:  # it has ended
        return False


def _workers_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [int(child) for child in children.read().split() if _is_worker(child)]


def _child_worker(pid):
    """The process of berth that runs the migrations of the berth of that pid: the one that stays, as it is held up."""
    eventually(lambda: len(_workers_of(pid)) == 1, 20, "a single worker")
    return _workers_of(pid)[0]


def kill_deploy(p, wait):
    process = subprocess.Popen([BERTH, "db", "deploy", "--url", p.url], cwd=p.root, env=p.env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait()
    process.kill()
    process.wait()


def kill_worker(p, wait):
    p.spawn("--no-aspire", "--no-dashboard", "--no-seed")
    wait()
    os.kill(_child_worker(p.process.pid), signal.SIGKILL)
    assert p.wait() == 5 and "the worker was ended by signal 9" in p.output(), p.output()


def kill_berth(p, wait):
    p.spawn("--no-aspire", "--no-dashboard", "--no-seed")
    wait()
    p.kill()
    eventually(lambda: not p.marked_processes(), 20, "the end of the killed berth's processes")


KILLS = [kill_deploy, kill_worker, kill_berth]

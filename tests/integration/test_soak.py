# leg: plain
# runs: alone
"""Restarts, one after another: the supervisor's descriptors and memory stay as they were.

CI does some hundred; BERTH_RESTARTS=10000 is for by hand.
"""
import json
import os
import socket
import time

from support.workspace import Workspace, eventually, run_tests

RESTARTS = int(os.environ.get("BERTH_RESTARTS", "200"))
GROWTH_KIB = 1024
SLEEPER = "#!/bin/sh\necho up\nexec sleep 100000\n"
SETTINGS = {"NetScript": {
    "Name": "soak", "Databases": {"sqlite": {"Engine": "Sqlite", "DatabaseName": "app.db"}},
    "Services": {name: {"Command": ["./sleeper"], "Workdir": ".", "HealthCheckPath": False} for name in ("a", "b")}}}


def ask(w, request):
    """The supervisor's answer: what the command line asks, without a process each time."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(w.root / ".berth/control.sock"))
        s.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(s.makefile().readline())


def restart(w, name):
    answer = ask(w, {"command": "resource", "action": "restart", "names": [name], "timeoutMs": 30000})
    assert "error" not in answer, answer


def descriptors(w):
    """Without those of questions that were just answered."""
    def count():
        return len(os.listdir(f"/proc/{w.process.pid}/fd"))
    return min((count(), time.sleep(0.05))[0] for _ in range(20))


def measure(w):
    status = open(f"/proc/{w.process.pid}/status").read()
    return {"descriptors": descriptors(w),
            "rss": int(status.split("VmRSS:")[1].split()[0]),
            "children": len(w.marked_processes())}


def test_restarts():
    with Workspace(settings=SETTINGS, files={"sleeper": SLEEPER}) as w:
        (w.root / "sleeper").chmod(0o755)
        w.start()
        for i in range(100):  # what libraries and the allocator keep for ever is there then
            restart(w, "ab"[i % 2])
        before = measure(w)
        for i in range(RESTARTS):
            restart(w, "ab"[i % 2])
        after = measure(w)
        print(f"    {RESTARTS} restarts: {before} -> {after}")
        assert after["descriptors"] == before["descriptors"], (before, after)
        assert after["children"] == before["children"], (before, after)
        assert after["rss"] - before["rss"] < GROWTH_KIB, (before, after)
        assert w.resources()["a"]["state"] == "Running"
        w.stop()
        eventually(lambda: not w.marked_processes(), 5, "the end of every process")


run_tests(globals())

"""A disk without room for .berth/: it is said, nothing is torn, and with room again all goes on."""
import os
import sqlite3
import subprocess
import sys

from support.workspace import Workspace, eventually, run_tests

TALKER = '''
import os, sys, time
while not os.path.exists("talk"):
    time.sleep(0.02)
for i in range(20000):
    print("line", i, "x" * 50, flush=True)
open("said", "w").close()
time.sleep(1000)
'''
SETTINGS = {"NetScript": {
    "Name": "full", "Databases": {"sqlite": {"Engine": "Sqlite", "DatabaseName": "app.db"}},
    "Services": {"talker": {"Command": ["python3", "talker.py"], "Workdir": ".", "HealthCheckPath": False}}}}
FILES = {"talker.py": TALKER, "database/sqlite/migrations/migration_lock.toml": 'provider = "sqlite"\n',
         "database/sqlite/migrations/1_a/migration.sql": "CREATE TABLE a (id int);"}
DISK_KIB = 512


class SmallDisk:
    """A file system of its own, so small, as a workspace's .berth/."""

    def __init__(self, w):
        self.path = w.root / ".berth"
        self.path.mkdir(mode=0o700)
        self.ballast = self.path / "ballast"

    def __enter__(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k,mode=0700", "tmpfs", self.path], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=True)

    def fill(self, but_kib=0):
        """Until nothing more goes in."""
        with open(self.ballast, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(4096))
            except OSError:
                pass
            f.truncate(max(0, f.seek(0, os.SEEK_END) // 4096 * 4096 - but_kib * 1024))

    def free(self):
        self.ballast.unlink()


def check_store(w):
    with sqlite3.connect(w.root / ".berth/state.db") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_full_before_the_start():
    with Workspace(settings=SETTINGS, files=FILES) as w, SmallDisk(w) as disk:
        refused = 0
        for room_kib in (0, 4, 8, 16, 24, 32, 40, 48, 64, 96):
            disk.fill(but_kib=room_kib)
            before = w.output()
            w.spawn("--no-dashboard")
            eventually(lambda: w.process.poll() is not None or "\nup after" in w.output()[len(before):], 30, "an end")
            if w.process.poll() is None:
                w.stop()
            else:
                refused += 1
                said = w.output()[len(before):]
                assert w.process.returncode in (1, 5), said
                assert "disk is full" in said or "No space left on device" in said, said
            assert not w.marked_processes()
            disk.free()
            w.start("--no-dashboard")
            w.stop()
            check_store(w)
        assert refused >= 2, refused


def test_full_while_it_runs():
    with Workspace(settings=SETTINGS, files=FILES) as w, SmallDisk(w) as disk:
        w.start("--no-dashboard")
        url = w.run("url", "talker").stdout
        disk.fill()
        w.write("talk", "")
        eventually(lambda: (w.root / "said").exists(), 30, "the end of the talk")  # nobody waits for the disk
        assert w.resources()["talker"]["state"] == "Running"
        disk.free()
        w.stop()
        check_store(w)
        w.start("--no-dashboard")
        assert w.run("url", "talker").stdout == url
        w.stop()


if "BERTH_IN_NAMESPACE" not in os.environ:
    # Mounts of its own, which end with it; as root of a user namespace where it is not root.
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    raise SystemExit(subprocess.run(["unshare", "--mount", *user, "python3", *sys.argv],
                                    env={**os.environ, "BERTH_IN_NAMESPACE": "1"}).returncode)
run_tests(globals())

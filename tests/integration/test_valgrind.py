# needs: engine
# leg: plain
"""A start and a stop of everything under valgrind: no error, nothing lost, no descriptor left open."""
import pathlib
import re
import signal

import support.workspace
from support.workspace import BERTH, Workspace, run_tests

SERVICE = '''
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
print("up", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''
SETTINGS = {"NetScript": {
    "Name": "valgrind", "PrimaryDatabase": "sqlite",
    "Databases": {"sqlite": {"Engine": "Sqlite", "DatabaseName": "app.db", "AutoMigrate": False}},
    "Cache": {"redis": {"Engine": "Redis"}},
    "Services": {"api": {"Command": ["python3", "service.py"], "Workdir": ".", "WaitFor": ["redis"]}}}}
FILES = {"service.py": SERVICE, "database/sqlite/migrations/migration_lock.toml": 'provider = "sqlite"\n',
         "database/sqlite/migrations/1_a/migration.sql": "CREATE TABLE a (id int);\n"}

# The guard and the workers are this binary by /proc/self/exe, which valgrind cannot follow: they are told apart, and
# what a worker does is looked at in the commands. What libraries keep for their lifetime is still reachable.
VALGRIND = """#!/bin/sh
exec valgrind -q --trace-children=no --child-silent-after-fork=yes \\
    --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite \\
    --track-fds=yes --num-callers=30 --log-file={log}/%p {berth} "$@"
"""

# Of valgrind itself: a system call that it does not know, its log, an empty line.
OWN_WORDS = re.compile(r"^--|DESCRIPTORS: 4 open \(3 std\)|Open file descriptor \d+: .*/valgrind/\d+$"
                       r"|<inherited from parent>|^==\d+== $")


def test_start_and_stop():
    with Workspace(settings=SETTINGS, files=FILES) as w:
        log = w.root / "valgrind"
        log.mkdir()
        w.write("berth", VALGRIND.format(log=log, berth=BERTH)).chmod(0o755)
        support.workspace.BERTH = str(w.root / "berth")
        try:
            w.start(seconds=120)
            assert w.get("api") == ""
            for command in ("ps", "why", "describe"):
                w.run(command, timeout=120)
            w.process.send_signal(signal.SIGINT)
            assert w.wait(120) == 130, w.output()
            for command in ("deploy", "status"):
                w.run("db", command, check=0, timeout=120)
        finally:
            support.workspace.BERTH = BERTH
        said = {path.name: path.read_text() for path in pathlib.Path(log).iterdir()}
        assert len(said) >= 6, said.keys()
        bad = [line for text in said.values() for line in text.splitlines() if not OWN_WORDS.search(line)]
        assert not bad, "\n".join(bad)


run_tests(globals())

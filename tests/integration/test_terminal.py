# runs: alone
"""`berth start` on a terminal: what a person sees at several widths, keys, and a terminal that is given back."""
import os
import re
import signal
import time

from support.terminal import Terminal
from support.workspace import BERTH, SOURCE, Workspace, eventually, run_tests

# Says what it is told to by a file, line by line.
TELLER = """
import os, sys, time
sys.stdout.reconfigure(errors="surrogateescape")
print("ready", flush=True)
seen = 0
while True:
    try:
        with open("say.txt", "rb") as f: lines = f.read().split(b"\\n")[:-1]
    except OSError: lines = []
    for line in lines[seen:]:
        sys.stdout.buffer.write(eval(b"b'''" + line + b"'''") + b"\\n")
    sys.stdout.flush()
    seen = len(lines)
    time.sleep(0.02)
"""


def teller(**more):
    return {"Command": ["python3", "teller.py"], "Workdir": ".", "HealthCheckPath": False, **more}


def workspace(services=None):
    services = services or {"api": teller(HostPort=25999)}
    return Workspace(settings={"NetScript": {"Name": "shown", "Services": services}}, files={"teller.py": TELLER})


def terminal(w, *options, **size):
    return Terminal([BERTH, "start", "--dashboard-port", str(w.dashboard_port), *options], w.root, w.env, **size)


def say(w, *lines):
    with open(w.root / "say.txt", "a") as f:
        f.write("".join(line + "\n" for line in lines))


def row(t, text):
    """The row with the text, its durations made equal."""
    rows = [r for r in t.shows(text) if text in r]
    return re.sub(r"\d+(\.\d+)? m?s\b", "N ms", rows[0])


LONG = "0123456789" * 9


def test_at_80_columns():
    with workspace() as w, terminal(w) as t:
        t.shows("up after", "api | ready")
        assert row(t, "api  Running") == "  api  Running  Healthy  N ms  http://127.0.0.1:25999"
        assert t.colour_of("Running") == "green"
        assert row(t, "q quit") == "d dashboard  r restart  l logs: processes  q quit  ↑↓ choose"
        say(w, LONG)
        rows = t.shows("api | 0123")
        at = next(i for i, r in enumerate(rows) if "api | 0123" in r)
        assert rows[at:at + 2] == ["api | " + LONG[:74], LONG[74:]], rows
        assert t.colour_of("api |") == "cyan"


def test_at_40_and_20_columns():
    with workspace() as w:
        with terminal(w, columns=40, rows=12) as t:
            t.shows("up after")
            assert re.fullmatch(r"  api  Running  N ms  http://127[\d.:]*…", row(t, "api  Running"))
            assert row(t, "dashboard  r") == "d dashboard  r restart  l logs: process…"
            say(w, LONG)
            rows = t.shows("api | 0123")
            at = next(i for i, r in enumerate(rows) if "api | 0123" in r)
            assert rows[at:at + 3] == ["api | " + LONG[:34], LONG[34:74], LONG[74:]], rows
            t.press("q")
            assert t.wait() == 0
        (w.root / "say.txt").unlink()
        with terminal(w, columns=20, rows=12) as t:
            t.shows("up after")
            assert row(t, "api  Running").startswith("  api  Running  ")
            assert row(t, "dashboard  r") == "d dashboard  r rest…"
            say(w, LONG)
            rows = t.shows("api | 0123")
            at = next(i for i, r in enumerate(rows) if "api | 0123" in r)
            assert rows[at:at + 5] == ["api | " + LONG[:14], LONG[14:34], LONG[34:54], LONG[54:74], LONG[74:]], rows
            assert all(len(r) <= 20 for r in rows)


def test_the_picture_of_the_page():
    page = (SOURCE / "docs/terminal.md").read_text()
    picture = page.split("<!-- picture:")[1].split("```text\n")[1].split("```")[0]
    services = {"api": teller(HostPort=25999), "web": teller(HostPort=25998)}
    jobs = {"Command": ["sh", "-c", "echo cannot find the key; sleep 0.5; exit 1"], "Workdir": "."}
    with Workspace(settings={"NetScript": {"Name": "shown", "Services": services,
                                           "BackgroundProcessors": {"jobs": jobs}}},
                   files={"teller.py": TELLER}) as w, terminal(w) as t:
        rows = t.shows("jobs  Finished", "api  | ready", "web  | ready", "jobs | cannot")
        drawn = rows[next(i for i, r in enumerate(rows) if r.startswith("  api")):]

        def same(lines):  # but for durations, and for which of the processes was the first to speak
            lines = [re.sub(r" +\d+(\.\d+)? m?s\b", " N ms", line) for line in lines if not line.startswith("up after")]
            return lines[:4], sorted(lines[4:])
        assert same(drawn) == same(picture.splitlines()), "\n".join(drawn)


def test_many_resources_on_a_small_terminal():
    services = {f"s{i}": {"Command": ["sleep", "1000"], "Workdir": ".", "HealthCheckPath": False} for i in range(12)}
    services["bad"] = {"Command": ["sh", "-c", "exit 3"], "Workdir": ".", "HealthCheckPath": False}
    with workspace(services) as w, terminal(w, rows=12) as t:
        t.shows("bad", "exit code 3", "more that are up", "q quit")
        block = [r for r in t.rows() if "Running" in r or "Finished" in r]
        assert any(r.startswith("  bad") for r in block), block


def test_resize_while_running():
    with workspace() as w, terminal(w) as t:
        t.shows("up after")
        for columns, rows in ((40, 12), (120, 40), (20, 8), (80, 24)):
            t.resize(columns, rows)
            say(w, f"now {columns}")
            t.shows(f"now {columns}"[:columns - 6])
            eventually(lambda: sum("api  Running" in r for r in t.rows()) == 1, 10, "one block")
            # the block is the first of what berth draws, whatever stood there before
            assert "api  Running" in next(r for r in t.rows() if "api  " in r)
            assert all(len(r) <= columns for r in t.rows())


def test_lines_keep_their_order_and_none_is_lost():
    with workspace() as w, terminal(w, rows=10) as t:
        t.shows("up after")
        for start in range(0, 300, 100):
            say(w, *(f"number {i}" for i in range(start, start + 100)))
            t.shows(f"number {start + 99}")
        numbers = [int(r.split("number ")[1]) for r in t.everything() if "number " in r]
        assert numbers == list(range(300)), numbers
        assert len([r for r in t.rows() if "api  Running" in r]) == 1


def test_what_a_child_prints_does_no_harm():
    with workspace() as w, terminal(w) as t:
        t.shows("up after")
        t.screen.title = "mine"
        say(w, r"\x1b[2J\x1b[Hcleared", r"\x1b]0;stolen\x07titled", r"\x1b[?1049hswitched", r"no\xffutf \xe2\x82",
            r"\x1b[31mred\x1b[0m and \x1b[1mbold", r"10%\r20%\b\b\x07", r"\xe6\x97\xa5\xe6\x9c\xac wide", r"\x1b[8mlast")
        t.shows("api | cleared", "api | titled", "api | switched", "api | no\ufffdutf \ufffd", "api | red and bold",
                "api | 10%20%", "日本 wide", "api | last")
        assert t.screen.title == "mine"
        assert t.colour_of("red and") == "red"
        assert t.colour_of("bold") == "default"
        assert sum("api  Running" in r for r in t.rows()) == 1


def test_keys():
    services = {"api": teller(), "web": teller()}
    with workspace(services) as w:
        w.write("browser", "#!/bin/sh\ncp \"$1\" opened.html\nprintf '%s' \"$1\" > tmp\nmv tmp opened\n").chmod(0o755)
        w.env["BROWSER"] = str(w.root / "browser")
        with terminal(w) as t:
            t.shows("up after")
            t.press("d")
            eventually(lambda: (w.root / "opened").exists(), 10, "the browser")
            # no secret in the arguments, and one in a page that is the user's own
            page = (w.root / "opened").read_text()
            assert page == str((w.root / ".berth/dashboard.html").resolve()), page
            assert "/login?t=" in (w.root / "opened.html").read_text()
            assert os.stat(page).st_mode & 0o777 == 0o600
            t.press("\x1b[B")  # down
            t.shows("> api")
            pid = w.resources()["api"]["pid"]
            t.press("r")
            eventually(lambda: w.resources()["api"]["pid"] not in (None, pid), 20, "another process")
            assert w.resources()["web"]["state"] == "Running"
            t.press("j")
            t.shows("> web")
            t.press("\x1bOA")  # up, as other keyboards say it
            t.shows("> api")
            t.press("l")
            t.shows("logs: this one")
            t.press("l")
            t.shows("logs: processes")
            t.press("\x1b")
            eventually(lambda: not any(r.startswith(">") for r in t.rows()), 10, "no choice")
            t.press("r")
            t.shows("choose what to restart")
            t.press("q")
            assert t.wait() == 0
            eventually(t.is_given_back, 5, "the terminal")
        assert w.marked_processes() == []


def test_the_terminal_is_given_back():
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGABRT, 134), (signal.SIGKILL, 137)):
        with workspace() as w, terminal(w, under_shell=True) as t:
            t.shows("up after")
            assert not t.is_given_back()
            os.kill(t.pid(), number)
            eventually(t.is_given_back, 10, f"the terminal after signal {number}")
            eventually(lambda: not w.marked_processes(), 5, "the end of what ran")
            w.write(".go-on", "")
            assert t.wait() == code


def test_suspend_and_go_on():
    with workspace() as w, terminal(w) as t:
        t.shows("up after")
        t.press("\x1a")  # Ctrl-Z
        eventually(lambda: open(f"/proc/{t.process.pid}/stat").read().split(")")[1].split()[0] == "T", 10, "the stop")
        eventually(t.is_given_back, 5, "the terminal")
        say(w, "while it slept")
        t.signal(signal.SIGCONT)
        t.shows("while it slept")
        assert not t.is_given_back()
        say(w, "and after")
        t.shows("and after")
        t.press("q")
        assert t.wait() == 0
        eventually(t.is_given_back, 5, "the terminal")


def test_plain_where_drawing_is_not_wanted():
    for options, env in (((), {"NO_COLOR": "1"}), (("--no-color",), {}), ((), {"TERM": "dumb"})):
        with workspace() as w:
            w.env.update(env)
            argv = [BERTH, "start", "--dashboard-port", str(w.dashboard_port), *options]
            with Terminal(["env", *(f"{k}={v}" for k, v in env.items()), *argv], w.root, w.env) as t:
                t.shows("up after", "api | ready")
                assert b"\x1b" not in t.bytes, t.bytes
                assert t.is_given_back()
                t.press("q")
                t.signal(signal.SIGINT)
                assert t.wait() == 130


def test_nothing_runs_while_nothing_happens():
    sleeper = {"api": {"Command": ["sleep", "1000"], "Workdir": ".", "HealthCheckPath": False}}
    with workspace(sleeper) as w, terminal(w) as t:
        t.shows("up after")

        def wake_ups():
            text = open(f"/proc/{t.process.pid}/status").read()
            return int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", text, re.M).group(1))
        time.sleep(1)  # what the start itself left to do
        before = wake_ups()
        time.sleep(3)
        assert wake_ups() - before <= 2, wake_ups() - before


def test_a_terminal_that_is_held_holds_up_nobody():
    with workspace() as w, terminal(w) as t:
        t.shows("up after")
        t.hold()
        say(w, *(f"number {i}" for i in range(20000)))
        eventually(lambda: "number 19999" in w.run("logs", "api", "-n", "1").stdout, 20, "the log")
        w.run("ps", check=0, timeout=5)
        t.let_go()
        t.shows("number 19999")
        assert any("lines skipped" in r for r in t.everything())
        assert "number 12345" in w.run("logs", "api", "-n", "20000").stdout


run_tests(globals())

# leg: plain
# runs: alone
"""A process that prints 100,000 lines a second: nobody else is slowed down, memory does not grow, nothing is lost.

BERTH_FLOOD_LINES: how many lines in all (by hand: 10000000).
"""
import http.client
import json
import os
import re
import statistics
import subprocess
import time

from support.workspace import BERTH, Workspace, eventually, run_tests

LINES = int(os.environ.get("BERTH_FLOOD_LINES", 300000))

# So many lines a second for as long as it takes, or as many as the machine gives; then the number of the last.
FLOOD = """
import sys, time
lines, rate = int(sys.argv[1]), 100000
begun = time.monotonic()
for first in range(0, lines, 1000):
    sys.stdout.write("".join(f"{i} of a flood of lines\\n" for i in range(first, first + 1000)))
    sys.stdout.flush()
    ahead = first / rate - (time.monotonic() - begun)
    if ahead > 0: time.sleep(ahead)
print("the flood has ended", flush=True)
time.sleep(1000)
"""
# Says the time ten times a second, so that who reads it knows how late it comes.
CLOCK = """
import time
while True:
    print(f"clock {time.time():.3f}", flush=True)
    time.sleep(0.1)
"""
SERVICE = """
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"""


def service(*command, **more):
    return {"Command": list(command), "Workdir": ".", "HealthCheckPath": False, **more}


def workspace():
    services = {"flood": service("python3", "flood.py", str(LINES), WaitFor=["clock", "web"]),
                "clock": service("python3", "clock.py"),
                "web": service("python3", "service.py", HealthCheckPath="/")}
    return Workspace(settings={"NetScript": {"Name": "flood", "Services": services}},
                     files={"flood.py": FLOOD, "clock.py": CLOCK, "service.py": SERVICE})


def memory_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1))


def has_ended(w):
    return "the flood has ended" in w.run("logs", "flood", "-n", "1").stdout


def lateness(lines):
    """How long after it was printed each line of the clock was written, in s."""
    import datetime
    late = []
    for line in lines:
        at = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp()
        late.append(at - float(line["text"].split()[1]))
    return late


def test_a_flood_harms_nobody():
    with workspace() as w:
        w.start()
        answers, memory = [], []
        while not has_ended(w):
            begun = time.monotonic()
            w.run("ps", check=0, timeout=30)
            answers.append(time.monotonic() - begun)
            memory.append(memory_kb(w.process.pid))
            assert w.resources()["web"]["health"] == "Healthy"
        clock = [json.loads(line) for line in w.run("logs", "clock", "-n", "10000", "--json").stdout.splitlines()]
        late = lateness([line for line in clock if line["stream"] == "stdout"])
        print(f"  ps while it lasted: median {statistics.median(answers) * 1e3:.0f} ms; clock's lines late by "
              f"{statistics.median(late) * 1e3:.1f} ms, at most {max(late) * 1e3:.0f} ms; "
              f"{min(memory)} to {max(memory)} kB")
        assert statistics.median(late) < 0.25 and statistics.median(answers) < 1.0
        assert max(memory) < min(memory) + 8 * 1024, memory
        kept = w.run("logs", "flood", "-n", "1000000").stdout.splitlines()
        numbers = [int(line.split("| ")[1].split()[0]) for line in kept if "of a flood" in line]
        # two segments of 4 MiB are kept, the last of them not full
        assert len(numbers) > 50000 and numbers == list(range(LINES - len(numbers), LINES)), len(numbers)
        files = list((w.root / ".berth/logs").glob("flood.*.log"))
        assert len(files) <= 2 and sum(f.stat().st_size for f in files) < 9 * 1024 * 1024
        w.stop()


def test_who_follows_misses_nothing_or_is_told():
    with workspace() as w:
        w.start()
        follower = subprocess.Popen([BERTH, "logs", "flood", "-f", "-n", "1000000"], cwd=w.root, env=w.env,
                                    stdout=subprocess.PIPE, text=True)
        told, last = 0.0, None
        for line in follower.stdout:
            text = line.split("| ", 1)[1]
            if "skipped" in text:
                told += float(re.search(r"([\d.]+) MB", text).group(1))
                last = None
            elif "has ended" in text:
                break
            elif "of a flood" in text:
                number = int(text.split()[0])
                assert last is None or number == last + 1, (last, number)
                last = number
        assert last == LINES - 1
        print(f"  a follower missed {told:.1f} MB, and was told")
        w.stop()
        follower.wait(10)
        follower.stdout.close()


def test_the_dashboard_is_told_what_it_missed():
    with workspace() as w:
        w.start()
        url = w.json("ps")["dashboard"]
        connection = http.client.HTTPConnection("127.0.0.1", w.dashboard_port, timeout=30)
        connection.request("GET", url[url.index("/login"):])
        reply = connection.getresponse()
        cookie = reply.getheader("Set-Cookie").split(";")[0]
        reply.read()

        def lines_after(position, limit):
            connection.request("GET", f"/api/logs?resource=flood&after={position}&limit={limit}", headers={"Cookie": cookie})
            return json.loads(connection.getresponse().read())
        eventually(lambda: lines_after(0, 1)["next"] > 0, 20, "the first lines")
        first = lines_after(0, 1)["next"]
        eventually(lambda: has_ended(w), 120, "the end")
        after = lines_after(first, 3)["lines"]
        if LINES >= 200000:  # more than is kept
            assert after[0]["stream"] == "system" and "MB skipped" in after[0]["text"], after
        assert "of a flood" in after[1]["text"]
        w.stop()


run_tests(globals())

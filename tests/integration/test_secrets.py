# needs: engine
"""Generated and given passwords are nowhere but in their files and in the environment of who needs them."""
import http.cookiejar
import json
import os
import stat
import threading
import urllib.parse
import urllib.request

from support.workspace import Workspace, docker, eventually, run_tests

GIVEN = "opensesame-0815"
SERVICE = '''
import http.server, os, sys
print("out", os.environ["DATABASE_URL"], os.environ["REDIS_URI"], flush=True)
print("err", os.environ["APP_PASSWORD"], file=sys.stderr, flush=True)
sys.stdout.write("in two " + os.environ["APP_PASSWORD"][:9]); sys.stdout.flush()
import time; time.sleep(0.2)
print(os.environ["APP_PASSWORD"][9:], "pieces", flush=True)
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''
SETTINGS = {
    "Parameters": {"redis-password": GIVEN},
    "NetScript": {
        "Name": "secrets", "PrimaryCache": "redis",
        "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app", "AutoSeed": "Always"}},
        "Cache": {"redis": {"Engine": "Redis"}},
        "Services": {"api": {"Command": ["python3", "-u", "service.py"], "Workdir": "."}}}}
FILES = {"service.py": SERVICE,
         "database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
         "database/postgres/migrations/1_t/migration.sql": "CREATE TABLE t (id int);",
         "database/postgres/scripts/seed.sh": 'echo "sowing into $DATABASE_URL"; echo "as $APP_PASSWORD" >&2\n'}


class Argv:
    """All command lines of the machine, looked at again and again meanwhile."""

    def __enter__(self):
        self.seen, self.looks, self.over = set(), 0, threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()
        return self

    def _look(self):
        while not self.over.wait(0.001):
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/cmdline", "rb") as file:
                        self.seen.add(file.read())
                except OSError:
                    pass
            self.looks += 1

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def password(w):
    return (w.root / ".berth/secrets/postgres/password").read_text()


def without(w, text, where):
    """The text, after it was searched for every secret in every form."""
    raw = text.encode() if isinstance(text, str) else text
    for secret in (password(w), GIVEN):
        for form in {secret, urllib.parse.quote(secret, safe="")}:
            assert form.encode() not in raw, f"a secret is in {where}:\n{text}"
    return text


def dashboard(w):
    """What the dashboard's API says, path by path, after the login by the printed address."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    url = w.json("ps")["dashboard"]
    page = browser.open(url, timeout=10)
    origin = "http://127.0.0.1:%d" % w.dashboard_port
    assert page.geturl() == origin + "/" and len(jar) == 1
    answers = {"/": page.read().decode()}
    for path in ("/api/resources", "/api/migrations", "/api/logs?resource=api", "/api/logs?resource=postgres",
                 "/api/logs?resource=redis", "/api/logs?resource=postgres-seed"):
        answers[path] = browser.open(origin + path, timeout=10).read().decode()
    with browser.open(origin + "/api/events", timeout=10) as stream:
        answers["/api/events"] = stream.read(1500).decode()
    return answers, urllib.parse.parse_qs(urllib.parse.urlparse(url).query)["t"][0]


def test_secrets_stay_secret():
    with Workspace(settings=SETTINGS, files=FILES) as w:
        with Argv() as argv:
            w.start()
            eventually(lambda: "pieces" in w.run("logs", "api").stdout, 30, "the service's words")
            w.run("db", "status", check=0)
            seed = w.run("db", "seed", check=0)
            w.run("db", "reset", "--yes", check=0)
            answers, token = dashboard(w)
        assert len(password(w)) == 32 and argv.looks > 10
        commands = b"\n".join(argv.seen)
        assert b"__worker" in commands and b"service.py" in commands, "the looks came too late"
        without(w, commands, "the arguments of a process")
        assert token.encode() not in commands

        names = {f"postgres-{w.id()}", f"redis-{w.id()}"}
        assert {c["Names"][0][1:] for c in w.containers()} == names
        for name in names:
            without(w, json.dumps(docker("GET", f"/containers/{name}/json")), f"the inspection of {name}")

        for path, answer in answers.items():
            without(w, answer, path)
        assert "in two **** pieces" in answers["/api/logs?resource=api"]
        assert "postgres-migrations" in answers["/api/events"] and '"1_t"' in answers["/api/migrations"]

        said = without(w, w.output(), "what start said")
        assert "out postgresql://postgres:****@127.0.0.1:" in said and "err ****" in said, said
        assert "sowing into postgresql://postgres:****@" in without(w, seed.stderr + seed.stdout, "db seed"), seed
        for words in (["ps"], ["ps", "--json"], ["why"], ["why", "--json"], ["logs", "-n", "1000"], ["logs", "--json"],
                      ["env"], ["env", "api"], ["env", "--json"], ["env", "api", "--format", "dotenv"], ["url", "postgres"],
                      ["url", "redis"], ["config"], ["config", "--json"], ["db", "status", "--json"], ["export", "compose"]):
            run = w.run(*words, check=0)
            without(w, run.stdout + run.stderr, f"berth {' '.join(words)}")
        w.stop()
        for words in (["env", "api"], ["logs"]):
            without(w, w.run(*words, check=0).stdout, f"berth {' '.join(words)}")
        check_files(w)


def check_files(w):
    """All of .berth is its owner's own, and secrets are in their files alone."""
    checked = 0
    for directory, _, files in os.walk(w.root / ".berth"):
        assert stat.S_IMODE(os.stat(directory).st_mode) == 0o700, directory
        for name in files:
            path = os.path.join(directory, name)
            # The server of the Redis image reads its configuration as a user of its own.
            expected = 0o644 if path.endswith("secrets/redis/for-container") else 0o600
            assert stat.S_IMODE(os.stat(path).st_mode) == expected, path
            if "/secrets/" not in path:
                without(w, open(path, "rb").read(), path)
            checked += 1
    assert checked >= 8, checked


def test_modes_do_not_depend_on_the_umask():
    before = os.umask(0)
    try:
        with Workspace(settings=SETTINGS, files=FILES) as w:
            w.start("redis", "postgres")
            assert stat.S_IMODE(os.stat(w.root / ".berth/control.sock").st_mode) == 0o600
            w.stop()
            check_files(w)
    finally:
        os.umask(before)


def test_revealed_where_asked_for():
    with Workspace(settings=SETTINGS, files=FILES) as w:
        def variables(*words):
            return json.loads(w.run("env", *words, "--json", check=0).stdout)
        hidden, shown = variables("api"), variables("api", "--reveal")
        secret = password(w)
        assert set(hidden) == set(shown)
        masked = {name for name in shown if shown[name] != hidden[name]}
        assert masked == {name for name in shown if secret in shown[name] or GIVEN in shown[name]}
        assert {hidden[name] for name in masked} == {"****"}
        assert masked == {"DATABASE_URL", "POSTGRES_URI", "ConnectionStrings__app", "APP_PASSWORD", "APP_URI",
                          "REDIS_URI", "ConnectionStrings__redis"}, masked
        assert shown["APP_PASSWORD"] == secret and f":{secret}@" in shown["DATABASE_URL"]
        w.start("postgres")
        assert w.run("url", "postgres", "--reveal", check=0).stdout.strip() == shown["DATABASE_URL"]
        assert secret not in w.run("url", "postgres", check=0).stdout
        assert variables("api", "--reveal") == shown
        w.stop()


def test_the_supervisor_itself_carries_none():
    """Only who needs a secret is given it: not the supervisor, its guard or its worker."""
    with Workspace(settings=SETTINGS, files=FILES) as w:
        w.start()
        secret = password(w).encode()
        with open(f"/proc/{w.process.pid}/environ", "rb") as file:
            assert secret not in file.read()
        pid = w.resources()["api"]["pid"]
        carriers = []
        for other in w.marked_processes():
            with open(f"/proc/{other}/environ", "rb") as file:
                if secret in file.read():
                    carriers.append(other)
        assert carriers == [pid], carriers
        w.stop()


run_tests(globals())

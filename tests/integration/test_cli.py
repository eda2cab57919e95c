"""The command line: help, mistakes in it, exit codes, JSON, colour."""
import json
import os
import pty
import re
import subprocess

from support.workspace import BERTH, Workspace, eventually, run_tests

COMMANDS = ["start", "stop", "down", "restart", "reload", "wait", "ps", "describe", "why", "logs", "env", "url", "connect", "doctor", "config", "db", "export"]
HTTP_SERVER = ["python3", "-u", "-c",
               "import os,http.server as h\n"
               "class H(h.BaseHTTPRequestHandler):\n"
               " def do_GET(s): s.send_response(200); s.end_headers()\n"
               " def log_message(s,*a): pass\n"
               "print('caf\\u00e9 \\x1b[31mred\\x1b[0m \\x1b[2J', flush=True)\n"
               "import signal,sys\n"
               "def bye(*a): print('bye', flush=True); os._exit(0)\n"
               "signal.signal(signal.SIGTERM, bye)\n"
               "sys.stdout.buffer.write(b'latin \\xe9\\n'); sys.stdout.flush()\n"
               "h.HTTPServer(('127.0.0.1',int(os.environ['PORT'])),H).serve_forever()"]
SETTINGS = {"NetScript": {
    "Name": "words", "Databases": {"sqlite": {"Engine": "Sqlite", "DatabaseName": "2go.db"}},
    "Services": {"api": {"Command": HTTP_SERVER, "Workdir": "."}},
    "Tools": {"shell": {"Command": ["true"]}}}}
FILES = {"database/sqlite/migrations/migration_lock.toml": 'provider = "sqlite"\n',
         "database/sqlite/migrations/1_t/migration.sql": "CREATE TABLE t (id int);"}


def workspace():
    return Workspace(settings=SETTINGS, files=FILES)


def complains(run, code, *texts):
    """A mistake is told on stderr, with the exit code; nothing is on stdout."""
    assert run.returncode == code, f"exit {run.returncode}, not {code}\n{run.stdout}{run.stderr}"
    assert run.stdout == "", run.stdout
    for text in texts:
        assert text in run.stderr, f"{text!r} was not said:\n{run.stderr}"


def test_help_and_version():
    with Workspace() as w:
        top = w.run("--help", check=0)
        assert top.stderr == "" and "Example: berth start" in top.stdout
        assert w.run("help", check=0).stdout == top.stdout
        assert w.run(check=2).stdout == top.stdout  # nothing asked for is a mistake
        for command in COMMANDS:
            assert re.search(rf"^  {command} +\S", top.stdout, re.M), command
            text = w.run(command, "--help", check=0)
            assert text.stderr == "" and text.stdout.startswith(f"Usage: berth {command}"), text
            assert f"\nExample: " in text.stdout and f"berth {command}" in text.stdout.split("Example: ")[1], text.stdout
            assert all(len(line) <= 110 for line in text.stdout.splitlines()), text.stdout
        assert len(re.findall(r"^  [a-z]+ ", top.stdout, re.M)) == len(COMMANDS), "a command without a test"
        assert re.fullmatch(r"berth \d+\.\d+\.\d+\n", w.run("--version", check=0).stdout)
        assert not (w.root / ".berth").exists()


def test_unknown_commands():
    with Workspace() as w:
        complains(w.run("strat"), 2, "no such command: strat", 'did you mean "berth start"?')
        complains(w.run("lgos"), 2, 'did you mean "berth logs"?')
        complains(w.run("frobnicate"), 2, "berth --help lists the commands")
        complains(w.run("db", "depoly"), 2, 'did you mean "deploy"?', "berth db --help")
        complains(w.run("db"), 2, "db wants a command")
        complains(w.run("config", "shcema"), 2, '"shcema"')
        complains(w.run("a\x1b[2Jb"), 2, "no such command: a?[2Jb")


def test_unknown_options():
    with Workspace() as w:
        complains(w.run("start", "--timout", "5"), 2, 'unknown option "--timout"', 'did you mean "--timeout"?')
        complains(w.run("env", "--format", "shell", "--revael=yes"), 2, 'unknown option "--revael"',
                  'did you mean "--reveal"?')
        complains(w.run("ps", "--frobnicate"), 2, 'unknown option "--frobnicate"', "berth ps --help")
        complains(w.run("ps", "-x"), 2, 'unknown option "-x"', "berth ps --help")
        complains(w.run("logs", "-fx"), 2, 'unknown option "-x"')
        complains(w.run("start", "--timeout"), 2, '"--timeout" wants a value')
        complains(w.run("logs", "-n"), 2, '"-n" wants a value')
        complains(w.run("ps", "--json=yes"), 2, '"--json" takes no value')
        complains(w.run("start", "--no"), 2, '"--no"')  # the beginning of several


def test_wrong_values():
    with workspace() as w:
        for port in ("0", "65536", "x", "", "1e3", "99999999999999999999"):
            complains(w.run("start", "--dashboard-port", port), 2, "--dashboard-port wants a number from 1 to 65535")
        complains(w.run("start", "--timeout", "-1"), 2, "--timeout wants a number")
        complains(w.run("logs", "-n", "many"), 2, "wants a number")
        complains(w.run("env", "--format", "xml"), 2, "shell, dotenv or json")
        complains(w.run("url"), 2, "the name of one resource")
        complains(w.run("url", "a", "b"), 2, "the name of one resource")
        # A name that a command does not know what to do with is never left unread.
        complains(w.run("stop", "--all", "api"), 2, '"api"')
        complains(w.run("ps", "api"), 2, '"api"')
        complains(w.run("why", "api", "b"), 2, '"b"')
        complains(w.run("env", "api", "b"), 2, '"b"')
        complains(w.run("db", "status", "b"), 2, '"b"')
        complains(w.run("start", "apj"), 2, 'no resource is named "apj"', 'did you mean "api"?')
        complains(w.run("db", "status", "--db", "nothing"), 2, 'no database is named "nothing"', "sqlite")
        assert not w.marked_processes()


def test_nothing_runs():
    with workspace() as w:
        for words in (["ps"], ["why"], ["url", "api"], ["stop"], ["ps", "--json"]):
            complains(w.run(*words), 7, "berth is not running in", "berth start")
        complains(w.run("logs", "api"), 2, '"api"')
        assert w.run("logs", check=0).stdout == ""
        # These need nobody.
        assert "DATABASE_URL" in w.run("env", check=0).stdout
        assert w.json("db", "status", check=1)["pending"] == 1
    with Workspace() as w:
        complains(w.run("start"), 3, "appsettings.json")
        complains(w.run("config"), 3, "appsettings.json")
        complains(w.run("start", "--project-root", "missing"), 3, "missing")


def test_answers_while_it_runs():
    with workspace() as w:
        w.start()
        ps = w.run("ps", check=0).stdout.splitlines()
        assert ps[0].split() == ["NAME", "KIND", "STATE", "HEALTH", "CHECKS", "ENDPOINT"]
        url = w.run("url", "api", check=0).stdout.strip()
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        assert [l.split() for l in ps[1:]] == [
            ["sqlite", "database", "Running", "Healthy", "-", f"file:{w.root}/database/sqlite/2go.db"],
            ["sqlite-migrations", "migrations", "Finished", "-", "-", "1", "applied"],
            ["api", "service", "Running", "Healthy", "process,", "http", url]], ps
        answer = w.json("ps")
        assert answer["workspace"] == "words" and answer["dashboard"].startswith("http://127.0.0.1:")
        assert [r["name"] for r in answer["resources"]] == ["sqlite", "sqlite-migrations", "api"]
        api = answer["resources"][2]
        assert api["pid"] in w.marked_processes() and api["endpoints"] == [{"name": "http", "url": url}]
        assert w.json("url", "api") == {"url": url}
        complains(w.run("url", "apj"), 2, 'no resource is named "apj"')
        complains(w.run("url", "sqlite-migrations"), 1, "has no address")

        why = w.run("why", check=0).stdout
        assert why.startswith("everything is green") and "migrating" in why, why
        answer = w.json("why")
        assert [l["name"] for l in answer["timeline"]] == ["berth", "sqlite", "sqlite-migrations", "api"], answer
        assert answer["lines"] == [], answer
        assert w.run("why", "api", check=0).stdout == "api is green\n"
        complains(w.run("why", "apj"), 2, 'no resource is named "apj"')

        second = w.run("start", check=0)
        assert "berth runs here already" in second.stderr and second.stdout == "nothing has changed\n", second
        # From anywhere below, or from elsewhere.
        deep = w.root / "database" / "sqlite"
        for cwd, words in ((deep, ["ps"]), ("/", ["ps", "--project-root", str(w.root)])):
            run = subprocess.run([BERTH, *words], cwd=cwd, env=w.env, capture_output=True, text=True)
            assert run.returncode == 0 and "sqlite-migrations" in run.stdout, run
        assert w.stop() == 0
        complains(w.run("ps"), 7)


def test_why_tells_what_is_not_green():
    settings = json.loads(json.dumps(SETTINGS))
    settings["NetScript"]["Services"]["sick"] = {
        "Command": ["sh", "-c", "echo about to fail; exit 3"], "Workdir": ".", "HealthCheckPath": False,
        "Restart": "Always"}
    with Workspace(settings=settings, files=FILES) as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0, 30, "the supervisor")
        eventually(lambda: "sick" in w.run("why").stdout, 30, "the sick service")
        eventually(lambda: "exit code 3" in w.run("why", "sick").stdout, 30, "its last word")
        eventually(lambda: w.run("why", "api").stdout == "api is green\n", 30, "the well one")
        lines = w.json("why")["lines"]
        assert [l["name"] for l in lines] == ["sick"] and "exit code 3" in lines[0]["reason"], lines


def test_logs():
    with workspace() as w:
        w.start()
        eventually(lambda: "latin" in w.run("logs", "api").stdout, 30, "the output")
        lines = w.run("logs", "api", check=0).stdout.splitlines()
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z api \| ", line) for line in lines), lines
        # Colours stay, what moves the cursor goes, broken text shows as such.
        assert any(line.endswith("| caf\u00e9 \x1b[31mred\x1b[0m \x1b[0m") for line in lines), lines
        assert any(line.endswith("| latin \ufffd") for line in lines), lines
        documents = [json.loads(line) for line in w.run("logs", "--json", check=0).stdout.splitlines()]
        assert {"resource", "time", "stream", "text"} == set(documents[0])
        assert {"api", "sqlite-migrations"} <= {d["resource"] for d in documents}, documents
        assert {"resource": "api", "stream": "stdout", "text": "latin \ufffd"}.items() <= \
            [d for d in documents if "latin" in d["text"]][0].items()
        assert [d["time"] for d in documents] == sorted(d["time"] for d in documents)
        last = w.run("logs", "-n", "1", "api", check=0).stdout.splitlines()
        assert len(last) == 1 and last[0] == w.run("logs", "api").stdout.splitlines()[-1]
        complains(w.run("logs", "apj"), 2, '"apj"', 'did you mean "api"?')

        follower = subprocess.Popen([BERTH, "logs", "-f"], cwd=w.root, env=w.env, stdout=subprocess.PIPE, text=True)
        w.get("api")
        w.stop()
        assert follower.wait(30) == 0  # it ends with the supervisor
        said = follower.stdout.read()
        follower.stdout.close()
        assert said.count("| latin") == 1 and said.count("| bye") == 1, said
        assert "latin" in w.run("logs", "api", check=0).stdout  # kept


def test_env():
    with workspace() as w:
        values = json.loads(w.run("env", "api", "--json", check=0).stdout)
        assert values["DATABASE_URL"] == f"file:{w.root}/database/sqlite/2go.db"
        assert values["PORT"].isdigit() and values["OTEL_SERVICE_NAME"] == "api"
        assert json.loads(w.run("env", "api", "--format", "json", check=0).stdout) == values
        dotenv = w.run("env", "api", "--format", "dotenv", check=0).stdout
        assert f"DATABASE_URL='{values['DATABASE_URL']}'\n" in dotenv
        assert f"2GO_DB_DATABASENAME='2go.db'\n" in dotenv and "ConnectionStrings__2go.db=" in dotenv
        # A shell takes it, names that are none in a shell left out.
        script = f"set -eu; eval \"$({BERTH} env api)\"; printf '%s' \"$DATABASE_URL $PORT\""
        for shell in ("dash", "bash"):
            run = subprocess.run([shell, "-c", script], cwd=w.root, env=w.env, capture_output=True, text=True)
            assert run.returncode == 0 and run.stderr == "", run
            assert run.stdout == f"{values['DATABASE_URL']} {values['PORT']}"
        complains(w.run("env", "apj"), 2, 'no resource is named "apj"')
        w.start()
        assert json.loads(w.run("env", "api", "--json", check=0).stdout) == values  # the same as before
        w.stop()


def test_config_tells_where_values_come_from():
    with Workspace(settings='{\n  "NetScript": {\n    "Name": "layers",\n    "Services": {\n'
                            '      "api": { "Workdir": ".", "HostPort": 3000 }\n    }\n  }\n}\n',
                   files={"appsettings.Development.json": '{ "NetScript": { "Version": "2" } }',
                          ".env": "NetScript__Services__api__Restart=Always\n"},
                   env={"NetScript__Services__api__HostPort": "4000", "SECRET__x": "y"}) as w:
        text = w.run("config", check=0).stdout

        def origin(path):
            return next(l for l in text.splitlines() if l.startswith(path + " "))
        assert re.search(r'= "layers" +appsettings\.json:3:13$', origin("NetScript.Name"))
        assert re.search(r'= "2" +appsettings\.Development\.json:1:\d+$', origin("NetScript.Version"))
        assert re.search(r'= "Always" +\.env:1:\d+$', origin("NetScript.Services.api.Restart"))
        assert re.search(r"= 4000 +NetScript__Services__api__HostPort$", origin("NetScript.Services.api.HostPort"))
        assert re.search(r'= "/health" +default$', origin("NetScript.Services.api.HealthCheckPath"))
        document = w.json("config")
        assert document, document
        schema = json.loads(w.run("config", "schema", check=0).stdout)
        assert schema["$schema"].startswith("https://json-schema.org/")


def terminal(w, *words, **env):
    """What a command says where its stderr is a terminal."""
    ours, theirs = pty.openpty()
    variables = {k: v for k, v in w.env.items() if k != "NO_COLOR"}
    run = subprocess.Popen([BERTH, *words], cwd=w.root, env={**variables, **env}, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:
        pass  # how a terminal ends
    os.close(ours)
    run.wait(30)
    return said.decode()


def test_colour():
    with Workspace() as w:
        assert "\x1b[1;31merror\x1b[0m: berth is not running" in terminal(w, "ps")
        assert "\x1b" not in terminal(w, "ps", NO_COLOR="1")
        assert "\x1b" in terminal(w, "ps", NO_COLOR="")  # not set, by its convention
        assert "\x1b" not in terminal(w, "ps", "--no-color")
        assert "\x1b" not in w.run("ps").stderr
    with Workspace(settings='{ "NetScript": { "Name": 7 } }') as w:
        assert "\x1b[1;31merror\x1b[0m: " in terminal(w, "config")
        assert "\x1b" not in terminal(w, "config", NO_COLOR="1")


def test_results_that_cannot_be_written():
    with workspace() as w, open("/dev/full", "w") as full:
        run = subprocess.run([BERTH, "env"], cwd=w.root, env=w.env, stdout=full, stderr=subprocess.PIPE, text=True)
        assert run.returncode == 1 and "No space left on device" in run.stderr, run


run_tests(globals())

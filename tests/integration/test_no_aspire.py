# needs: engine
"""Without containers: where databases are found, that Docker is never touched, what guards a reset.

The engine is only there to give the tests a Postgres server of their own.
"""
import contextlib
import json
import os
import pty
import re
import socket
import subprocess
import threading

from support.engine import Engine
from support.workspace import BERTH, Workspace, eventually, free_port, run_tests

SERVICE = '''
import http.server, json, os
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(json.dumps({k: v for k, v in os.environ.items()}).encode())
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''
SETTINGS = {"NetScript": {
    "Name": "bare", "Databases": {"main": {"Engine": "Postgres", "DatabaseName": "app"}},
    "Services": {"api": {"Command": ["python3", "service.py"], "Workdir": "."}}}}


def database(engine="postgres"):
    """Two migrations and a seed."""
    return {f"database/{engine}/migrations/migration_lock.toml":
                f'provider = "{"postgresql" if engine == "postgres" else engine}"\n',
            f"database/{engine}/migrations/1_init/migration.sql": "CREATE TABLE note (id int PRIMARY KEY);",
            f"database/{engine}/migrations/2_more/migration.sql": "ALTER TABLE note ADD COLUMN title text;",
            f"database/{engine}/seeds/bootstrap/note.sql":
                "INSERT INTO note VALUES (1, 'first'), (2, 'second') ON CONFLICT DO NOTHING;"}


def workspace(settings=SETTINGS, **more):
    files = {"service.py": SERVICE, **database(), **more.pop("files", {})}
    return Workspace(settings=settings, files=files, **more)


def notes(postgres, name):
    return postgres.sql("SELECT count(*) FROM note", name)


class Trap:
    """An address of an engine that nobody may come to."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.visitors = []
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, address = self.listener.accept()
                self.visitors.append(address)
                connection.close()

    def __exit__(self, *exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        if not exc[0]:
            assert not self.visitors, "the container engine was asked for"


def test_start_with_settings(postgres):
    name = postgres.create_database()
    with Trap() as trap, workspace(env={"DOCKER_HOST": trap.host}) as w:
        url = postgres.url(name)
        w.start("--no-aspire", env={"DATABASE_URL": url})
        resources = w.resources()
        assert {n: r["state"] for n, r in resources.items()} == {
            "main": "Running", "main-migrations": "Finished", "main-seed": "Finished", "api": "Running"}
        assert resources["main"]["health"] == "Healthy" and resources["main"]["containerId"] is None
        assert notes(postgres, name) == "2"
        given = json.loads(w.get("api"))
        assert given["DATABASE_URL"] == given["MAIN_URI"] == url and given["APP_PORT"] == str(postgres.port)
        # The running workspace knows the address; the other terminal has no variable.
        assert w.json("db", "status")["applied"] == 2
        w.stop()
        # A second time nothing is applied or sown again.
        w.start("--no-aspire", env={"POSTGRES_URI": url})
        assert notes(postgres, name) == "2"
        w.stop()
        assert "test-password" not in w.output() + w.run("logs").stdout


def test_start_without_settings(postgres):
    name, other = postgres.create_database(), postgres.create_database()
    with Trap() as trap, Workspace(files=database(), env={"DOCKER_HOST": trap.host}) as w:
        # Of the two variables POSTGRES_URI goes first.
        w.start("--no-aspire", env={"POSTGRES_URI": postgres.url(name), "DATABASE_URL": postgres.url(other)})
        assert set(w.resources()) == {"postgres", "postgres-migrations", "postgres-seed"}
        assert w.json("db", "status")["green"]  # from another terminal
        assert postgres.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'note'", other) == "0"
        assert notes(postgres, name) == "2"
        w.stop()
        assert w.run("db", "status", check=3).stderr.startswith("error: there is no database here")


def test_a_file_is_a_database():
    with Trap() as trap, Workspace(files=database("sqlite"), env={"DOCKER_HOST": trap.host}) as w:
        w.start("--no-aspire", env={"DATABASE_URL": "file:data.db"})
        assert w.json("db", "status")["green"]
        w.stop()
        assert (w.root / "data.db").exists()


def test_where_an_address_is_looked_for(postgres):
    """Each source together with all later ones: a database of its own tells which one was used."""
    names = [postgres.create_database() for _ in range(7)]
    urls = [postgres.url(name) for name in names]
    ado = f"Host=127.0.0.1;Port={postgres.port};Username=postgres;Password={postgres.password};Database="
    settings = {**SETTINGS, "ConnectionStrings": {"main": ado + names[6]}}
    with Trap() as trap, workspace(settings, files={".env": f"MAIN_URI={urls[5]}\n"},
                                   env={"DOCKER_HOST": trap.host}) as w:
        sources = [("MAIN_URI", urls[1]), ("ConnectionStrings__main", ado + names[2]),
                   ("POSTGRES_URI", urls[3]), ("DATABASE_URL", urls[4])]

        def applied_in(*words, env):
            w.run("db", "deploy", *words, env=env, check=0)
            found = [i for i, name in enumerate(names)
                     if postgres.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'note'", name) == "1"]
            for i in found:
                postgres.sql("DROP TABLE note; DROP TABLE _prisma_migrations", names[i])
            return found
        assert applied_in("--url", urls[0], env=dict(sources)) == [0]
        for i in range(len(sources)):
            assert applied_in(env=dict(sources[i:])) == [i + 1], sources[i][0]
        assert applied_in(env={}) == [5]
        (w.root / ".env").unlink()
        assert applied_in(env={}) == [6]
        # `start` goes the same way.
        w.start("--no-aspire", "main", env=dict(sources[2:]))
        w.stop()
        assert notes(postgres, names[3]) == "2"


def test_unreachable_databases_end_the_start(postgres):
    with Trap() as trap, workspace(env={"DOCKER_HOST": trap.host}) as w:
        def fails(code, *texts, args=(), env={}):
            w.spawn("--no-aspire", *args, env=env)
            assert w.wait() == code, w.output()
            for text in texts:
                assert text in w.output(), f"{text!r}\n{w.output()}"
            assert "hunter22" not in w.output()
        fails(3, 'no address is known for the database "main"', "MAIN_URI or DATABASE_URL")
        # Who does not answer may be on the way up, who refuses is there.
        fails(6, "not everything is up after 5 s", "main  Starting  ", "refused", "api  Waiting", args=["--timeout", "5"],
              env={"DATABASE_URL": f"postgresql://u:hunter22@127.0.0.1:{free_port()}/d"})
        fails(5, "main: ", "password", env={"DATABASE_URL": postgres.url(password="hunter22")})
        fails(5, "main: ", '"nowhere"', env={"DATABASE_URL": postgres.url("nowhere")})
        fails(3, "from DATABASE_URL", env={"DATABASE_URL": "mysql://u:hunter22@127.0.0.1/d"})
        w.write("appsettings.json", '{ "NetScript": { "Name": "empty" } }')
        fails(3, "nothing to start", "POSTGRES_URI or DATABASE_URL")


# --- Docker is never touched

ENGINE_SOCKET = re.compile(r'sun_path=@?"[^"]*(docker|podman|containerd|buildkit)[^"]*"')


def traced(w, *words, env=None):
    """A berth command and all that it starts under strace; its connect() and socket() calls."""
    trace = w.root / "trace"
    trace.unlink(missing_ok=True)
    # LeakSanitizer cannot work under strace.
    variables = {**w.env, "ASAN_OPTIONS": "detect_leaks=0", **(env or {})}
    command = ["strace", "-f", "-q", "-e", "trace=connect,socket", "-e", "signal=none", "-o", trace, BERTH, *words]
    if words[0] == "start":
        seen = w.output().count("\nup after")
        log = open(w.root / ".start.log", "ab")
        w.process = subprocess.Popen(command, cwd=w.root, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(lambda: w.process.poll() is not None or w.output().count("\nup after") > seen, 120, "start")
        assert w.process.poll() is None, w.output()
        w.stop()
    else:
        run = subprocess.run(command, cwd=w.root, env=variables, stdin=subprocess.DEVNULL, capture_output=True,
                             text=True, timeout=120)
        assert run.returncode == 0, run
    return trace.read_text()


def test_docker_is_never_touched(postgres):
    name = postgres.create_database()
    with Trap() as trap, workspace() as w:
        w.env.pop("DOCKER_HOST", None)
        database_port = f"htons({postgres.port})"
        for engine in ({}, {"DOCKER_HOST": trap.host}, {"DOCKER_HOST": "unix:///tmp/docker-trap.sock"}):
            env = {**engine, "DATABASE_URL": postgres.url(name)}
            for words in (["start", "--no-aspire", "--dashboard-port", str(w.dashboard_port)], ["db", "status"],
                          ["db", "seed"], ["db", "reset", "--db", "main", "--yes"]):
                calls = traced(w, *words, env=env)
                assert database_port in calls, f"the trace misses the database itself:\n{calls}"
                assert not ENGINE_SOCKET.search(calls), f"{words}: {ENGINE_SOCKET.search(calls)[0]}"
                assert f"htons({trap.listener.getsockname()[1]})" not in calls, words
        # Without a database it is not looked for either.
        assert not ENGINE_SOCKET.search(traced(w, "env", "--no-aspire", env=env))


def test_the_trap_catches():
    """The proof above can fail: where containers are wanted, the engine is asked for, and seen."""
    with Trap() as trap, workspace() as w:
        w.spawn(env={"DOCKER_HOST": trap.host})
        assert w.wait() in (4, 5), w.output()
        assert trap.visitors
        trap.visitors.clear()
        trace = w.root / "trace"
        environment = {**w.env, "ASAN_OPTIONS": "detect_leaks=0", "DOCKER_HOST": "unix:///tmp/docker-trap.sock"}
        subprocess.run(["strace", "-f", "-q", "-e", "trace=connect", "-o", trace, BERTH, "start"], cwd=w.root,
                       env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        assert ENGINE_SOCKET.search(trace.read_text())


# --- what guards a reset

def refused(run, *texts):
    assert run.returncode == 2 and run.stdout == "", run
    for text in texts:
        assert text in run.stderr, f"{text!r} was not said:\n{run.stderr}"
    return run.stderr


def test_reset_is_guarded(postgres):
    name = postgres.create_database()
    url = {"DATABASE_URL": postgres.url(name)}
    external = {"NetScript": {"Name": "bare", "Databases": {
        "main": {"Engine": "Postgres", "Mode": "External", "DatabaseName": "app"}}}}
    with workspace() as w:
        w.run("db", "deploy", env=url, check=0)
        postgres.sql("INSERT INTO note VALUES (7, 'precious')", name)

        def is_intact():
            return postgres.sql("SELECT title FROM note WHERE id = 7", name) == "precious"
        # On another host, by a variable, External, or made by an address alone: not without its name.
        away = {"DATABASE_URL": "postgresql://u:hunter22@db.invalid/app"}
        said = refused(w.run("db", "reset", "--yes", env=away), '"main" is on another host', "berth db reset --db main")
        assert "hunter22" not in said
        refused(w.run("db", "reset", "--yes", env=url), "not berth's own", "berth db reset --db main")
        refused(w.run("db", "reset", "--yes", "--db", "all", env=url), "not berth's own")
        w.start("--no-aspire", env=url)
        refused(w.run("db", "reset", "--yes"), "not berth's own")
        w.stop()
        w.write("appsettings.json", json.dumps(external))
        refused(w.run("db", "reset", "--yes", env=url), "not berth's own")
        (w.root / "appsettings.json").unlink()
        refused(w.run("db", "reset", "--yes", env=url), "not berth's own", "berth db reset --db postgres")
        refused(w.run("db", "reset", "--yes", "--db", "other", env=url), 'no database is named "other"')
        assert is_intact()

        # Named, it shows its plan, and without a terminal wants --yes.
        for words in (["--db", "postgres"], ["--url", url["DATABASE_URL"]]):
            said = refused(w.run("db", "reset", *words, env=url), "wants --yes")
            plan = said.index("This will, in postgresql://postgres:****@127.0.0.1:")
            assert plan < said.index("drop every table") < said.index("apply 2 migrations") < said.index("wants --yes")
            assert postgres.password not in said
            assert is_intact()
        run = w.run("db", "reset", "--db", "postgres", "--yes", env=url, check=0)
        assert "This will" in run.stderr and "2 migrations applied" in run.stdout and "2 rows" in run.stdout, run
        assert not is_intact() and notes(postgres, name) == "2"


def answer(w, text, *words, env):
    """The exit code of a command whose terminal types the text, and what it said."""
    ours, theirs = pty.openpty()
    run = subprocess.Popen([BERTH, *words], cwd=w.root, env={**w.env, **env}, stdin=theirs, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    os.close(theirs)
    os.write(ours, text.encode())
    said = run.communicate(timeout=60)[0]
    os.close(ours)
    return run.returncode, said


def test_reset_asks_at_a_terminal(postgres):
    name = postgres.create_database()
    url = {"DATABASE_URL": postgres.url(name)}
    with workspace() as w:
        w.run("db", "deploy", env=url, check=0)
        for text in ("n\n", "\n", "no, yes\n"):
            code, said = answer(w, text, "db", "reset", "--db", "main", env=url)
            assert code == 1 and "This will" in said and "Go on? [y/N]" in said and "nothing was changed" in said, said
        assert notes(postgres, name) == "0"
        code, said = answer(w, "y\n", "db", "reset", "--db", "main", env=url)
        assert code == 0 and "2 rows" in said, said
        assert notes(postgres, name) == "2"


with Engine() as engine:
    server = engine.run_postgres()
    run_tests({n: (lambda f=f: f(server)) if f.__code__.co_argcount else f
               for n, f in list(globals().items()) if n.startswith("test_")})

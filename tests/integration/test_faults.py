# needs: engine
"""Bad input and faults: what the user is told, and what is left behind."""
import os
import signal
import socket
import sqlite3
import subprocess
import time

from support.workspace import Workspace, docker, eventually, free_port, run_tests

HTTP_SERVER = ["python3", "-u", "-c",
               "import os,http.server as h\n"
               "class H(h.BaseHTTPRequestHandler):\n"
               " def do_GET(s): s.send_response(200); s.end_headers()\n"
               "h.HTTPServer(('127.0.0.1',int(os.environ['PORT'])),H).serve_forever()"]
POSTGRES = {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}
LOCK = 'provider = "%s"\n'


def settings(databases=None, services=None, **more):
    return {"NetScript": {"Name": "faults", "Databases": databases or {}, "Services": services or {}, **more}}


def service(*command, **more):
    return {"Command": list(command) or HTTP_SERVER, "Workdir": ".", **more}


def fails(w, code, *texts, args=()):
    """start ends by itself with the code, and says each of the texts."""
    w.spawn(*args)
    got = w.wait()
    output = w.output()
    assert got == code, f"exit {got}, not {code}\n{output}"
    for text in texts:
        assert text in output, f"{text!r} was not said:\n{output}"
    return output


def test_malformed_settings():
    with Workspace(settings='{\n  "NetScript": {\n    "Name": "x" "Version": "1",\n    "Databases": {}\n') as w:
        fails(w, 3, "appsettings.json:3:16: error:", "^", "appsettings.json:2:")  # comma and braces, in one run


def test_wrong_typed_settings():
    with Workspace(settings=settings({"db": {"Engine": "Postgre", "Port": "many", "Presistent": True}},
                                     {"api": {"HostPort": 70000, "Environment": {"PORT": "1"}}})) as w:
        output = fails(w, 3, 'did you mean "Postgres"', '"Port"', "Persistent", "70000", "PORT", "^")
        assert output.count("error: ") == 4 and output.count("warning: ") == 1, output


def test_dependency_cycle():
    with Workspace(settings=settings(services={
            "a": service(ServiceReferences=["b"]), "b": service(WaitFor=["c"]), "c": service(WaitFor=["a"])})) as w:
        fails(w, 3, "a -> b -> c -> a", "appsettings.json:")


def test_service_port_taken():
    port = free_port()
    with socket.socket() as s, Workspace(settings=settings(services={"api": service(HostPort=port)})) as w:
        s.bind(("127.0.0.1", port))
        s.listen()
        fails(w, 5, f"port {port} is taken by", f"(process {os.getpid()})")


def test_database_port_taken_by_another_workspaces_postgres():
    with Workspace(settings=settings({"postgres": POSTGRES})) as other:
        other.start()
        port = int(other.run("url", "postgres").stdout.rsplit(":", 1)[1].split("/")[0])
        with Workspace(settings=settings({"postgres": {**POSTGRES, "Port": port}}), files={
                "database/postgres/migrations/migration_lock.toml": LOCK % "postgresql",
                "database/postgres/migrations/1_x/migration.sql": "CREATE TABLE intruder (id int);"}) as w:
            fails(w, 5, f"port {port} is taken by the container postgres-{other.id()}")
        url = other.run("url", "postgres", "--reveal").stdout.strip()
        tables = subprocess.run(["psql", url, "-Atc", "SELECT count(*) FROM pg_tables WHERE tablename IN "
                                 "('intruder', '_prisma_migrations')"], capture_output=True, text=True)
        assert tables.stdout.strip() == "0", tables


def test_wrong_password_on_existing_data():
    """It is given the present one, and everything else of it stays; test_existing_data.py has more."""
    with Workspace(settings=settings({"postgres": {**POSTGRES, "Persistent": True}})) as w:
        w.start()
        url = w.run("url", "postgres", "--reveal").stdout.strip()
        subprocess.run(["psql", url, "-qc", "CREATE TABLE kept AS SELECT generate_series(1, 42)"], check=True)
        w.stop("--all")
        password = w.root / ".berth/secrets/postgres/password"
        old = password.read_text()
        password.write_text("x" * 32)
        w.start()
        output = w.output()
        assert "note: postgres: its data was made with another password: it was given the one in " \
               ".berth/secrets/postgres/password" in output, output
        assert old not in output and "x" * 32 not in output
        new = url.replace(old, "x" * 32)
        rows = subprocess.run(["psql", new, "-Atc", "SELECT count(*) FROM kept"], capture_output=True, text=True)
        assert rows.stdout.strip() == "42", rows
        assert subprocess.run(["psql", url, "-c", "SELECT 1"], capture_output=True).returncode == 2


def test_image_missing_and_registry_unreachable():
    with Workspace(settings=settings({"postgres": {**POSTGRES, "Image": "127.0.0.1:9/none/postgres",
                                                   "ImageTag": "15"}})) as w:
        fails(w, 5, "127.0.0.1:9/none/postgres")
    with Workspace(settings=settings({"postgres": {**POSTGRES, "ImageTag": "9.0-nowhere"}})) as w:
        fails(w, 5, "postgres:9.0-nowhere", "postgres is here with the tags: ")


def test_no_address_without_containers():
    with Workspace(settings=settings({"postgres": POSTGRES}, {"api": service()}, Cache={"redis": {"Engine": "Redis"}}),
                   files={"database/postgres/seeds/bootstrap/t.csv": "id\n1\n"}) as w:
        fails(w, 3, 'no address is known for the database "postgres"', "set POSTGRES_URI or DATABASE_URL",
              'no address is known for the cache "redis"', "appsettings.json:", args=["--no-aspire"])


def test_nothing_to_start():
    with Workspace() as w:
        fails(w, 3, "there is nothing to start", "POSTGRES_URI or DATABASE_URL", args=["--no-aspire"])


def test_no_engine():
    with Workspace(settings=settings({"postgres": POSTGRES}),
                   env={"DOCKER_HOST": "unix:///nonexistent/docker.sock"}) as w:
        fails(w, 4, "/nonexistent/docker.sock")


def test_engine_container_killed_while_starting():
    with Workspace(settings=settings({"postgres": POSTGRES})) as w:
        w.spawn()
        found = eventually(lambda: [c for c in w.containers() if c["State"] == "running"], 20, "the container")
        docker("POST", f"/containers/{found[0]['Id']}/kill", ok=(204, 409))
        assert w.wait() == 5, w.output()
        assert "exit code 137" in w.output(), w.output()
        assert w.containers() == []  # what failed to start is not left behind


def bad_migrations(provider):
    return {f"database/{provider[0]}/migrations/migration_lock.toml": LOCK % provider[1],
            f"database/{provider[0]}/migrations/1_bad/migration.sql":
                "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n  CREATE TABEL c (id int);\n"
                "CREATE TABLE d (id int);\nCREATE TABLE e (id int);\n",
            f"database/{provider[0]}/migrations/2_later/migration.sql": "CREATE TABLE later (id int);\n",
            f"database/{provider[0]}/seeds/bootstrap/later.csv": "id\n1\n"}


def check_bad_migration(w, tables):
    output = fails(w, 5, "migrations/1_bad/migration.sql:3:", "CREATE TABEL", "^")
    assert "waits for, failed to start" in output and w.run("logs", "api").stdout.count("\n") == 1, output
    status = w.json("db", "status", check=1)
    assert (status["applied"], status["failed"]) == (0, 1), status
    assert [m["state"] for m in status["migrations"]] == ["failed", "pending"], status
    assert tables() == ["_prisma_migrations"], tables()
    assert w.run("db", "deploy").returncode == 1


def test_syntax_error_in_a_migration_postgres():
    with Workspace(settings=settings({"postgres": {**POSTGRES, "Persistent": True}}, {"api": service()}),
                   files=bad_migrations(("postgres", "postgresql"))) as w:
        def tables():
            # While the container runs, its address is what `env` says.
            url = next(l for l in w.run("env", "postgres", "--reveal", "--format", "dotenv").stdout.splitlines()
                       if l.startswith("POSTGRES_URI=")).split("=", 1)[1].strip("'")
            run = subprocess.run(["psql", url, "-Atc", "SELECT tablename FROM pg_tables WHERE schemaname='public'"],
                                 capture_output=True, text=True, check=True)
            return run.stdout.split()
        check_bad_migration(w, tables)


def test_syntax_error_in_a_migration_sqlite():
    with Workspace(settings=settings({"sqlite": {"Engine": "Sqlite", "DatabaseName": "app.db"}}, {"api": service()}),
                   files=bad_migrations(("sqlite", "sqlite"))) as w:
        def tables():
            with sqlite3.connect(w.root / "database/sqlite/app.db") as db:
                return [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        check_bad_migration(w, tables)


def test_failing_seed():
    with Workspace(settings=settings({"sqlite": {"Engine": "Sqlite", "DatabaseName": "app.db"}}, {"api": service()}),
                   files={"database/sqlite/migrations/migration_lock.toml": LOCK % "sqlite",
                          "database/sqlite/migrations/1_t/migration.sql": "CREATE TABLE t (id int NOT NULL);",
                          "database/sqlite/seeds/bootstrap/10_t.sql":
                              "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (NULL);\n"}) as w:
        output = fails(w, 5, "10_t.sql:2", "sqlite-seed")
        assert "sqlite-seed, which it waits for, failed to start" in output
        with sqlite3.connect(w.root / "database/sqlite/app.db") as db:
            assert db.execute("SELECT count(*) FROM t").fetchone() == (0,)  # a file is a transaction


def test_service_that_exits_at_once():
    with Workspace(settings=settings(services={"api": service("sh", "-c", "echo broken >&2; exit 3")})) as w:
        fails(w, 5, "api: exit code 3")
        assert "broken" in w.run("logs", "api").stdout


def test_missing_program():
    with Workspace(settings=settings(services={"api": service("no-such-program")})) as w:
        fails(w, 5, "cannot run no-such-program")


def test_second_start_changes_nothing():
    with Workspace(settings=settings(services={"api": service()})) as w:
        w.start()
        before = w.resources()["api"]
        second = w.run("start", check=0)
        assert "nothing has changed" in second.stdout and "berth runs here already" in second.stderr, second
        assert w.resources()["api"]["pid"] == before["pid"] and w.process.poll() is None
        w.stop()


def test_interrupt_ends_everything():
    with Workspace(settings=settings(services={
            "stubborn": service("sh", "-c", "trap '' TERM; sleep 1000 & sleep 1000", HealthCheckPath=False),
            "forks": service("sh", "-c", "setsid sleep 1000 & exec sleep 1000", HealthCheckPath=False)})) as w:
        w.start()
        assert len(w.marked_processes()) >= 4
        w.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        w.process.send_signal(signal.SIGINT)  # once more: no grace time
        assert w.wait() == 130
        eventually(lambda: not w.marked_processes(), 5, "the end of every process")


def test_ports_stay_across_restarts():
    with Workspace(settings=settings({"postgres": POSTGRES}, {"api": service()})) as w:
        w.start()
        before = {n: w.run("url", n).stdout for n in ("postgres", "api")}
        w.stop()
        w.start()
        assert before == {n: w.run("url", n).stdout for n in ("postgres", "api")}
        w.stop()
        assert w.containers() == []  # not Persistent: gone with the supervisor


def test_changed_settings_replace_the_container_and_keep_the_data():
    with Workspace(settings=settings({"postgres": {**POSTGRES, "Persistent": True}})) as w:
        w.start()
        url = w.run("url", "postgres", "--reveal").stdout.strip()
        subprocess.run(["psql", url, "-qc", "CREATE TABLE kept AS SELECT 1"], check=True)
        w.stop()
        w.write("appsettings.json", __import__("json").dumps(
            settings({"postgres": {**POSTGRES, "Persistent": True, "Env": {"TZ": "UTC"}}})))
        w.start()
        assert "its settings changed: env TZ" in w.run("logs", "postgres").stdout.replace("environment", "env")
        rows = subprocess.run(["psql", url, "-Atc", "SELECT count(*) FROM kept"], capture_output=True, text=True)
        assert rows.stdout.strip() == "1"


run_tests(globals())

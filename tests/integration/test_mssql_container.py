# needs: engine
# leg: plain
"""SQL Server in a container, by an image that stands in for it (tests/engine/images/mssql): from nothing to a seeded
database, its password by file, its data, what is refused before anything is made. The image has the paths, the variables
and the refusals of the official one as far as they are known, and speaks the protocol; it is not SQL Server.
"""
import json
import os
import re

from support.fake_engine import FakeEngine
from support.workspace import Workspace, docker, eventually, run_tests

MSSQL = {"Engine": "Mssql", "Image": "berth-test/mssql-stand-in", "DatabaseName": "my-app"}
CONNECTIONS = 8
# The first thing that what waited for the database does.
CLIENT = f"""i=0
while [ $i -lt {CONNECTIONS} ]; do
    printf 'SELECT COUNT(*) FROM note\\ngo\\n' | bsqldb -S $MY_APP_HOST:$MY_APP_PORT -U $MY_APP_USERNAME -P "$MY_APP_PASSWORD" \\
        -D "$MY_APP_DATABASENAME" -h -q 2>&1 | grep -v Changed
    i=$((i + 1))
done
echo done
exec sleep 1000
"""
FILES = {
    "client.sh": CLIENT,
    "database/db/migrations/20260101000000_init/migration.sql":
        "CREATE TABLE [dbo].[note] ([id] INT NOT NULL IDENTITY(1,1), [title] NVARCHAR(200) NOT NULL, "
        "CONSTRAINT [note_pkey] PRIMARY KEY CLUSTERED ([id]));\n",
    "database/db/migrations/20260102000000_done/migration.sql":
        "ALTER TABLE [dbo].[note] ADD [done] BIT NOT NULL CONSTRAINT [note_done_df] DEFAULT 0;\n",
    "database/db/migrations/migration_lock.toml": 'provider = "sqlserver"\n',
    "database/db/seeds/bootstrap/10_note.sql": "INSERT INTO [dbo].[note] ([title]) VALUES (N'a;b'), (N'naïve 🙂');\n",
}


def settings(**more):
    return {"NetScript": {"Name": "engines", "Databases": {"db": {**MSSQL, **more}},
                          "BackgroundProcessors": {"client": {"Command": ["sh", "client.sh"], "Workdir": ".",
                                                              "RequiresDb": True}}}}


def change(w, **more):
    w.write("appsettings.json", json.dumps(settings(**more)))


def container_of(w):
    found = next(c for c in w.containers() if c["Names"][0] == f"/db-{w.id()}")
    return docker("GET", f"/containers/{found['Id']}/json")


def check_client(w):
    """Released when the database was seeded, and no earlier: none of its connections was refused."""
    def said():
        return [line.split(" | ", 1)[1].strip() for line in w.run("logs", "client", "-n", "1000").stdout.splitlines()]
    eventually(lambda: "done" in said(), 60, "the connections")
    assert said() == ["2"] * CONNECTIONS + ["done"], said()


def check_no_secret(w):
    password = (w.root / ".berth/secrets/db/password").read_text()
    assert password not in json.dumps(container_of(w))
    assert password not in w.output() + w.run("logs", "db", "-n", "1000").stdout + w.run("describe", "db").stdout


def check_environment(w):
    """Each form of the address is one that a login works by."""
    env = json.loads(w.run("env", "client", "--reveal", "--format", "json", check=0).stdout)
    assert env["DATABASE_URL"] == env["DB_URI"] == env["MY_APP_URI"] and env["DB_PROVIDER"] == "db", env
    assert env["MY_APP_JDBCCONNECTIONSTRING"].startswith(f"jdbc:sqlserver://127.0.0.1:{env['MY_APP_PORT']};databaseName=")
    for form in (env["DATABASE_URL"], env["ConnectionStrings__my-app"]):
        with Workspace(files={k.replace("/db/", "/mssql/"): v for k, v in FILES.items()}) as other:
            for variable in ("DATABASE_URL", "MSSQL_URI"):
                status = other.run("db", "status", "--json", env={variable: form}, check=0)
                assert json.loads(status.stdout)["applied"] == 2, status.stdout


def owner(path):
    return os.stat(path).st_uid


def test_directory():
    """From an empty directory of the host, which goes to the server's user, and back up with what it held."""
    with Workspace(settings=settings(DataPath=".data/db"), files=FILES) as w:
        w.start()
        assert w.resources()["db"]["message"].startswith("Mssql 16."), w.resources()["db"]
        check_client(w)
        check_no_secret(w)
        check_environment(w)
        assert owner(w.root / ".data/db") == owner(w.root / ".data/db/data/master.mdf") == 10001
        inspected = container_of(w)
        assert "ACCEPT_EULA=Y" in inspected["Config"]["Env"], inspected["Config"]["Env"]
        assert not any(v.startswith(("MSSQL_SA_PASSWORD=", "SA_PASSWORD=")) for v in inspected["Config"]["Env"])
        assert inspected["NetworkSettings"]["Ports"]["1433/tcp"][0]["HostIp"] == "127.0.0.1"
        w.stop()
        assert w.containers() == []
        # With nothing running a `db` command brings the server up, and down again.
        assert w.json("db", "status")["applied"] == 2
        assert w.containers() == []
        check_healing(w)
        check_other_version(w)


def check_healing(w):
    """The password is lost, and with it nothing else."""
    (w.root / ".berth/secrets/db/password").write_text("It's \\ `new` $HOME \"x\"")
    w.start()
    assert "its data was made with another password: it was given the one in" in w.output(), w.output()
    assert w.json("db", "status")["applied"] == 2
    check_no_secret(w)
    w.stop("--all")
    assert w.containers() == []


def check_other_version(w):
    """A release that did not make the data does not get to see it."""
    change(w, DataPath=".data/db", ImageTag="2019-latest")
    said = w.run("doctor", check=1).stdout
    assert 'SQL Server 2022 made the data of "db"' in said and 'set "ImageTag": "2022-latest" for "db"' in said, said
    assert re.search(r'ok +machine +x86_64 with \d+ MB of memory will do for "db"', said), said
    w.start()
    assert ("note: db: its data was made by SQL Server 2022: running berth-test/mssql-stand-in:2022-latest instead of "
            "berth-test/mssql-stand-in:2019-latest") in w.output(), w.output()
    w.stop()


def test_volume():
    """A volume, kept by a container that stays; the release of its data is in a label, and in the data."""
    with Workspace(settings=settings(Persistent=True), files=FILES) as w:
        w.start()
        check_client(w)
        w.stop()
        container = container_of(w)
        assert container["State"]["Running"]
        w.start()
        assert container_of(w)["Id"] == container["Id"], "another container"
        w.stop("--all")
        change(w, Persistent=True, ImageTag="2019-latest")
        w.start()
        assert "its data was made by SQL Server 2022" in w.output(), w.output()
        w.stop("--all")


def test_slow_first_start():
    """Its system's databases take their time; nobody is let in before they are there."""
    with Workspace(settings=settings(Env={"STAND_IN_FIRST_START_SECONDS": "4"}), files=FILES) as w:
        w.start()
        check_client(w)
        assert container_of(w)["RestartCount"] == 0
        w.stop()


def refused(w, code, *said):
    """Before anything is made."""
    w.spawn("--no-dashboard")
    assert w.wait() == code, w.output()
    assert all(text in w.output() for text in said), w.output()
    assert w.containers() == []


def test_refused_before_anything_is_made():
    with Workspace(settings=settings(Env={"ACCEPT_EULA": "N"}), files=FILES) as w:
        refused(w, 3, "appsettings.json:", "does not start unless its licence is accepted", "ACCEPT_EULA")
    with Workspace(settings=settings(MemoryLimitMb=1024), files=FILES) as w:
        refused(w, 3, "needs 2000 MB of memory, and MemoryLimitMb is 1024")
    with Workspace(settings=settings(Env={"MSSQL_SA_PASSWORD": "Hunter-2"}), files=FILES) as w:
        refused(w, 3, "Env may not set MSSQL_SA_PASSWORD")
        assert "Hunter-2" not in w.output()
    for password, said in (("short-1", "it has 7 characters"), ("lettersonly", "three of capitals")):
        with Workspace(settings=settings(), files={**FILES, ".berth/secrets/db/password": password}) as w:
            refused(w, 3, ".berth/secrets/db/password, will not do", said)
            assert password not in w.output()
    with Workspace(settings=settings(DatabaseName="d" * 124), files=FILES) as w:
        refused(w, 3, "cannot be the name of a database", "up to 123")


def test_machine():
    """The engine's machine is another one, or too small."""
    for info, said in (({"Architecture": "aarch64", "MemTotal": 8 << 30}, "Mssql runs on x86_64 only, and the engine's machine is aarch64"),
                       ({"Architecture": "x86_64", "MemTotal": 1 << 30}, "Mssql needs 2000 MB of memory, and the engine's machine has 1024")):
        with FakeEngine() as engine, Workspace(settings=settings(), files=FILES, env={"DOCKER_HOST": engine.host}) as w:
            engine.answer("GET", "/containers/json", body=[])
            engine.answer("GET", "/events", pieces=[], hold=True)
            engine.answer("GET", "/info", body=info)
            engine.answer("GET", "/version", body={"Version": "20.10", "ApiVersion": "1.41"})
            assert f'"db": {said}' in w.run("doctor", check=1).stdout
            engine.requests.clear()
            w.spawn("--no-dashboard")
            assert w.wait() == 5 and said in w.output(), w.output()
            assert not [r for r in engine.requests if r.method != "GET"], engine.requests


run_tests(globals())

"""Logins and errors of SQL Server's protocol, by the stand-in (tests/support/tds) and answers as the server is known to give
them: TLS as it is asked for, a server on its way up, the number, state and line of an error as a place in the file."""
import re
import threading
import time

from support.tds import Close, Fail, TdsServer
from support.workspace import Workspace, run_tests

PASSWORD = "Stand-in-1"
MIGRATIONS = "database/mssql/migrations"


def url(server, *more, host="127.0.0.1", password=PASSWORD):
    return ";".join([f"sqlserver://{host}:{server.port}", "database=app", "user=sa", f"password={password}", *more])


def project(script):
    return Workspace(files={f"{MIGRATIONS}/migration_lock.toml": 'provider = "sqlserver"\n',
                            f"{MIGRATIONS}/1_x/migration.sql": script})


# What the server offers, what the URL asks for, and what comes of it: None: a login.
NONE, WANTS, CERTIFICATE = "the server has none", "the server wants TLS", "nobody who is known vouches for it"
TLS = [
    ("off", [], NONE), ("off", ["encrypt=true"], NONE), ("off", ["encrypt=false"], None), ("off", ["encrypt=DANGER_PLAINTEXT"], None),
    ("login", [], None), ("login", ["encrypt=false"], None), ("login", ["trustServerCertificate=false"], CERTIFICATE),
    ("required", ["encrypt=true"], None), ("required", ["encrypt=DANGER_PLAINTEXT"], WANTS),
    ("required", ["encrypt=true", "trustServerCertificate=false"], CERTIFICATE),
]


def test_tls():
    """Nobody is told the password over a connection that is not what was asked for."""
    for encryption, parameters, refusal in TLS:
        with TdsServer(sa_password=PASSWORD, encryption=encryption) as server, project("CREATE TABLE one (id INT);") as w:
            if refusal:
                said = w.run("db", "deploy", "--url", url(server, *parameters), check=1).stderr
                assert refusal in said and "hint:" in said, f"{encryption} {parameters}: {said}"
                said = w.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": url(server, *parameters)}, check=5).stderr
                assert refusal in said, f"{encryption} {parameters}: {said}"
                assert server.logins == [], f"{encryption} {parameters}: {server.logins}"
            else:
                w.run("db", "deploy", "--url", url(server, *parameters), check=0)


def test_refused_logins():
    with TdsServer(sa_password=PASSWORD) as server, project("CREATE TABLE one (id INT);") as w:
        wrong = url(server, password="Wrong-pass-1")
        said = w.run("db", "deploy", "--url", wrong, check=1).stderr
        assert "Login failed for user 'sa'. (18456)" in said and "Wrong-pass-1" not in said, said
        said = w.run("db", "status", "--json", "--url", url(server), check=1)
        assert '"pending"' in said.stdout, said
        assert "there is no database" in w.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": url(server)}, check=5).stderr


def test_server_on_its_way_up():
    """It refuses, closes, and is asked again, until it lets one in."""
    with TdsServer(sa_password=PASSWORD) as server, project("CREATE TABLE one (id INT);") as w:
        w.run("db", "deploy", "--url", url(server), check=0)
        for begin in (lambda: server.refuse(18401), lambda: server.refuse_connections("close at once"),
                      lambda: server.refuse_connections("close in login")):
            begin()
            threading.Timer(2.0, server.allow).start()
            begun = time.monotonic()
            w.start("--no-aspire", "--no-dashboard", env={"DATABASE_URL": url(server)})
            assert time.monotonic() - begun > 1.5 and w.resources()["mssql"]["health"] == "Healthy"
            w.stop()


def test_nobody_there():
    with TdsServer(sa_password=PASSWORD) as server:
        gone = url(server)
    with project("SELECT 1;") as w:
        said = w.run("db", "deploy", "--url", gone, check=1).stderr
        assert "nobody answers there (Connection refused)" in said, said


# Errors as the server words them, with the line that it counts from the batch's beginning.
RECORDED = [
    (Fail(208, "Invalid object name 'dbo.nowhere'.", 1, 16, 3), 'INSERT INTO [dbo].[nowhere] VALUES (1);', 13 + 7),
    (Fail(102, "Incorrect syntax near 'INTO'.", 1, 15, 3), 'INSERT VALUES INTO t;', 15),
    (Fail(156, "Incorrect syntax near the keyword 'TABLE'.", 1, 15, 3), '  CREATE TABLE TABLE (a INT);', 10),
    (Fail(207, "Invalid column name 'nick'.", 1, 16, 3), 'SELECT id, nick FROM t;', 12),
    (Fail(2714, "There is already an object named 'one' in the database.", 6, 16, 3), 'CREATE TABLE one (id INT);', 14),
    (Fail(1505, "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name "
          "'dbo.one' and the index name 'one_a_key'. The duplicate key value is (<NULL>).", 1, 16, 3),
     'ALTER TABLE one ADD CONSTRAINT one_a_key UNIQUE (a);', 13),
    (Fail(547, 'The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "one_b_fkey". The conflict occurred in '
          'database "app", table "dbo.two", column \'id\'.', 0, 16, 3), '    ALTER TABLE one ADD CONSTRAINT one_b_fkey CHECK (1 = 1);', 5),
    (Fail(515, "Cannot insert the value NULL into column 'x', table 'app.dbo.one'; column does not allow nulls. INSERT fails.",
          2, 16, 3), 'INSERT INTO one VALUES (NULL);', 1),
    (Fail(1785, "Introducing FOREIGN KEY constraint 'f' on table 'one' may cause cycles or multiple cascade paths.", 0, 16, 99),
     'SELECT 1;', 1),
]


def test_places_of_errors():
    """Number, state and line of the server's answer, as file:line:col with a caret: in the second batch of a file."""
    for error, statement, column in RECORDED:
        text = f"-- the first\nSELECT 1;\ngo\n\n/* the\n   second */ SELECT 2\n-- marked\n{statement}\n"
        with TdsServer(sa_password=PASSWORD) as server, project(text) as w:
            server.on("-- marked", error)
            said = w.run("db", "deploy", "--url", url(server), check=1).stderr
            place = re.search(r"migration\.sql:(\d+):(\d+): (.*)", said)
            assert place and place.group(3).startswith(error.message), f"{statement}\n{said}"
            assert f"({error.number}, state {error.state})" in said and "\n      | " in "\n" + said, said
            # The batch is sent from its first word on, which stands in line 6.
            assert (int(place.group(1)), int(place.group(2))) == (8, column), f"{statement}\n{said}"
            assert "nothing of it took effect" in said, said


# ALTER DATABASE takes effect by itself, so the file cannot be one transaction.
ALONE = ("CREATE TABLE one (id INT);\nGO\nALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON;\nGO\n"
         "CREATE TABLE two (id INT);\nGO\nCREATE TABLE three (id INT);\n")


def test_what_no_transaction_holds():
    """Batch by batch, and known batch by batch: what took effect, and how to go on behind it."""
    with TdsServer(sa_password=PASSWORD) as server, project(ALONE) as w:
        server.on("ALTER DATABASE", Fail(5061, "ALTER DATABASE failed because a lock could not be placed on database 'app'."), times=1)
        said = w.run("db", "deploy", "--url", url(server), check=1).stderr
        assert "batch 1 of 4 took effect, and batch 2 perhaps in part" in said and "--resume 1_x --from 2" in said, said
        w.run("db", "resolve", "--resume", "1_x", "--from", "2", "--url", url(server), check=0)
        assert "1 applied, 0 pending" in w.run("db", "status", "--url", url(server)).stdout


def test_lost_connection():
    """Where one is lost between two batches, the row says which one was begun."""
    with TdsServer(sa_password=PASSWORD) as server, project(ALONE) as w:
        server.on("CREATE TABLE two", Close(), times=1)
        said = w.run("db", "deploy", "--url", url(server), check=1).stderr
        assert "connection" in said and "lost" in said, said
        status = w.run("db", "status", "--url", url(server), check=1).stdout
        assert "did not get beyond batch 3 of 4" in status and "batches 1-2 of 4 took effect" in status, status
        w.run("db", "resolve", "--resume", "1_x", "--from", "3", "--url", url(server), check=0)
        assert "1 applied, 0 pending" in w.run("db", "status", "--url", url(server)).stdout


def test_refused_in_a_transaction():
    """The server's word counts where no word of the file told: it is run batch by batch then."""
    with TdsServer(sa_password=PASSWORD) as server, project("CREATE TABLE one (id INT);\nGO\nPRINT N'special';\n") as w:
        server.on("special", Fail(226, "SPECIAL statement not allowed within multi-statement transaction."), times=1)
        w.run("db", "deploy", "--url", url(server), check=0)
        assert sum(batch.startswith("CREATE TABLE one") for batch in server.log) == 2, server.log
        assert "1 applied, 0 pending" in w.run("db", "status", "--url", url(server)).stdout


run_tests(globals())

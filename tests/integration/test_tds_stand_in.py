# leg: plain (berth is no part of it)
"""The stand-in for SQL Server answers FreeTDS's own programs as a server does: logins and their refusals, TLS, scripts
of migrations with their transactions and error lines, the catalogue, locks between connections. What is proved here is
the stand-in, and nothing about SQL Server.

Recorded scripts lie in $BERTH_SHARED, or ../shared; without them this says so.
"""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

from support.tds import Close, Delay, Fail, Hold, TdsServer
from support.workspace import SOURCE, eventually, free_port, run_tests

SHARED = pathlib.Path(os.environ.get("BERTH_SHARED", SOURCE.parent / "shared"))
PASSWORD = "Stand-in-1"
MESSAGE = re.compile(r"Msg (\d+), Level (\d+), State (\d+)\nServer '[^']*'(?:, Procedure '[^']*')?, Line (-?\d+)\n\t(.*)")
# What one script may be taken with, in per cent: a few of the recorded ones are no T-SQL, or name one constraint twice.
WANTED = 95.0

SCRIPT = """BEGIN TRY

BEGIN TRAN;

-- CreateTable
CREATE TABLE [dbo].[Author] (
    [id] INT NOT NULL IDENTITY(1,1),
    [name] NVARCHAR(1000) NOT NULL CONSTRAINT [Author_name_df] DEFAULT 'nobody''s',
    [rating] DECIMAL(10,2),
    [active] BIT NOT NULL CONSTRAINT [Author_active_df] DEFAULT 1,
    [made] DATETIME2 NOT NULL CONSTRAINT [Author_made_df] DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT [Author_pkey] PRIMARY KEY CLUSTERED ([id]),
    CONSTRAINT [Author_name_key] UNIQUE NONCLUSTERED ([name])
);

-- CreateTable
CREATE TABLE [dbo].[Book] (
    [id] BIGINT NOT NULL,
    [authorId] INT,
    CONSTRAINT [Book_pkey] PRIMARY KEY CLUSTERED ([id])
);

-- CreateIndex
CREATE NONCLUSTERED INDEX [Book_authorId_idx] ON [dbo].[Book]([authorId] DESC);

-- AddForeignKey
ALTER TABLE [dbo].[Book] ADD CONSTRAINT [Book_authorId_fkey] FOREIGN KEY ([authorId]) REFERENCES [dbo].[Author]([id]) ON DELETE SET NULL ON UPDATE CASCADE;

COMMIT TRAN;

END TRY
BEGIN CATCH

IF @@TRANCOUNT > 0
BEGIN
    ROLLBACK TRAN;
END;
THROW

END CATCH
"""


REDEFINE = """BEGIN TRY

BEGIN TRAN;

-- RedefineTables
BEGIN TRANSACTION;
DECLARE @SQL NVARCHAR(MAX) = N''
SELECT @SQL += N'ALTER TABLE '
    + QUOTENAME(OBJECT_SCHEMA_NAME(PARENT_OBJECT_ID))
    + '.'
    + QUOTENAME(OBJECT_NAME(PARENT_OBJECT_ID))
    + ' DROP CONSTRAINT '
    + OBJECT_NAME(OBJECT_ID) + ';'
FROM SYS.OBJECTS
WHERE TYPE_DESC LIKE '%CONSTRAINT'
    AND OBJECT_NAME(PARENT_OBJECT_ID) = 'Post'
    AND SCHEMA_NAME(SCHEMA_ID) = 'dbo'
EXEC sp_executesql @SQL
;
CREATE TABLE [dbo].[_prisma_new_Post] (
    [id] BIGINT NOT NULL IDENTITY(1,1),
    [title] NVARCHAR(1000) NOT NULL CONSTRAINT [Post_title_df] DEFAULT '',
    CONSTRAINT [Post_pkey] PRIMARY KEY CLUSTERED ([id])
);
SET IDENTITY_INSERT [dbo].[_prisma_new_Post] ON;
IF EXISTS(SELECT * FROM [dbo].[Post])
    EXEC('INSERT INTO [dbo].[_prisma_new_Post] ([id],[title]) SELECT [id],[title] FROM [dbo].[Post] WITH (holdlock tablockx)');
SET IDENTITY_INSERT [dbo].[_prisma_new_Post] OFF;
DROP TABLE [dbo].[Post];
EXEC SP_RENAME N'dbo._prisma_new_Post', N'Post';
COMMIT;

COMMIT TRAN;

END TRY
BEGIN CATCH

IF @@TRANCOUNT > 0
BEGIN
    ROLLBACK TRAN;
END;
THROW

END CATCH
"""


class Client:
    """bsqldb, against a server; it ends with the first error."""

    def __init__(self, server, password=PASSWORD, database="master", encryption="request"):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.file.write(f"[server]\nhost = 127.0.0.1\nport = {server.port}\ntds version = 7.4\nclient charset = UTF-8\n"
                        f"encryption = {encryption}\n")
        self.file.flush()
        self.command = ["bsqldb", "-S", "server", "-U", "sa", "-P", password, "-D", database, "-t", "|"]

    def start(self, *batches):
        process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**os.environ, "FREETDSCONF": self.file.name})
        process.stdin.write("".join(batch + "\ngo\n" for batch in batches))
        process.stdin.close()
        process.stdin, process.client = None, self  # whose file it reads
        return process

    def run(self, *batches):
        process = self.start(*batches)
        out, err = process.communicate(timeout=60)
        return out, [(int(n), int(level), int(state), int(line), text) for n, level, state, line, text in
                     MESSAGE.findall(err)], err

    def rows(self, *batches):
        """What the batches select, which must not fail."""
        out, messages, err = self.run(*batches)
        assert not [message for message in messages if message[1] > 10] and "sorry" not in err, err
        return [tuple(line.split("|")) for line in out.splitlines() if line]

    def fails(self, *batches):
        """The first error."""
        _, messages, err = self.run(*batches)
        found = [message for message in messages if message[1] > 10]
        assert found, f"no error: {err}"
        return found[0]


def test_login_and_refusals():
    with TdsServer(sa_password=PASSWORD) as server:
        assert Client(server).rows("SELECT 1, N'naïve 🙂', NULL") == [("1", "naïve 🙂", "NULL")]
        assert Client(server, "wrong").fails("SELECT 1")[:3] == (18456, 14, 1)
        assert Client(server, database="nowhere").fails("SELECT 1")[:3] == (4060, 11, 1)
        tsql = subprocess.run(["tsql", "-H", "127.0.0.1", "-p", str(server.port), "-U", "sa", "-P", PASSWORD, "-D",
                               "nowhere"], input="", capture_output=True, text=True)
        assert re.findall(r"Msg (\d+)", tsql.stderr) == ["4060", "18456"], tsql.stderr
        server.set_sa_password("Another-2")
        assert Client(server).fails("SELECT 1")[0] == 18456
        assert Client(server, "Another-2").rows("SELECT 1") == [("1",)]
        assert server.logins[0].application == "bsqldb" and server.log[-1] == "SELECT 1\n", server.log


def test_encryption():
    for mode, encryption, works in (("off", "off", True), ("off", "request", True), ("off", "require", False),
                                    ("login", "off", True), ("login", "request", True), ("login", "require", True),
                                    ("required", "off", False), ("required", "request", True),
                                    ("required", "require", True)):
        with TdsServer(sa_password=PASSWORD, encryption=mode) as server:
            client = Client(server, encryption=encryption)
            if works:
                wanted = "TRUE" if mode == "required" or encryption == "require" else "FALSE"
                rows = client.rows("SELECT encrypt_option FROM sys.dm_exec_connections WHERE session_id = @@SPID")
                assert rows == [(wanted,)], (mode, encryption, rows)
            else:
                out, _, err = client.run("SELECT 1")
                assert not out.strip() and "20002" in err, (mode, encryption, out, err)


def test_long_messages():
    """Many packets in both directions, with TLS and without."""
    for mode in ("off", "required"):
        with TdsServer(sa_password=PASSWORD, encryption=mode) as server:
            text = "0123456789" * 3000
            out = Client(server).rows(f"SELECT LEN(N'{text}'), RIGHT(N'{text}x', 3)",
                                      "CREATE TABLE t (a NVARCHAR(max))", f"INSERT INTO t VALUES (N'{text}')",
                                      "SELECT DATALENGTH(a) FROM t", "SELECT a FROM t")
            assert out[0] == ("30000", "89x") and out[1] == ("60000",) and len(out[2][0]) > 200, out


def test_script_and_catalogue():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        client.rows("CREATE DATABASE [my-app]")
        client = Client(server, database="my-app")
        client.rows(SCRIPT)
        columns = client.rows(
            "SELECT c.name, t.name, c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, d.definition "
            "FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id LEFT JOIN sys.default_constraints d "
            "ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id "
            "WHERE c.object_id = OBJECT_ID(N'[dbo].[Author]') ORDER BY c.column_id")
        assert columns == [("id", "int", "4", "10", "0", "0", "1", "NULL"),
                           ("name", "nvarchar", "2000", "0", "0", "0", "0", "('nobody''s')"),
                           ("rating", "decimal", "9", "10", "2", "1", "0", "NULL"),
                           ("active", "bit", "1", "1", "0", "0", "0", "((1))"),
                           ("made", "datetime2", "8", "27", "7", "0", "0", "(getdate())")], columns
        indexes = client.rows(
            "SELECT OBJECT_NAME(i.object_id), i.name, i.type_desc, i.is_unique, i.is_primary_key, i.is_unique_constraint, "
            "COL_NAME(x.object_id, x.column_id), x.is_descending_key FROM sys.indexes i JOIN sys.index_columns x "
            "ON x.object_id = i.object_id AND x.index_id = i.index_id ORDER BY i.name")
        assert indexes == [("Author", "Author_name_key", "NONCLUSTERED", "1", "0", "1", "name", "0"),
                           ("Author", "Author_pkey", "CLUSTERED", "1", "1", "0", "id", "0"),
                           ("Book", "Book_authorId_idx", "NONCLUSTERED", "0", "0", "0", "authorId", "1"),
                           ("Book", "Book_pkey", "CLUSTERED", "1", "1", "0", "id", "0")], indexes
        client.rows("CREATE TABLE heap (a INT, CONSTRAINT k PRIMARY KEY NONCLUSTERED (a))")
        kinds = client.rows("SELECT index_id, type_desc FROM sys.indexes WHERE object_id = OBJECT_ID(N'heap') ORDER BY 1",
                            "DROP TABLE heap")
        assert kinds == [("0", "HEAP"), ("2", "NONCLUSTERED")], kinds
        keys = client.rows(
            "SELECT f.name, OBJECT_NAME(f.parent_object_id), OBJECT_NAME(f.referenced_object_id), "
            "f.delete_referential_action_desc, f.update_referential_action_desc FROM sys.foreign_keys f")
        assert keys == [("Book_authorId_fkey", "Book", "Author", "SET_NULL", "CASCADE")], keys
        rows = client.rows("INSERT INTO [Author]([rating]) VALUES (1.25)", "SELECT SCOPE_IDENTITY()",
                           "INSERT INTO [Book] VALUES (7, 1)", "UPDATE [Author] SET [id] = 1 WHERE 1 = 0",
                           "DELETE FROM [dbo].[Author]", "SELECT [authorId], (SELECT COUNT(*) FROM [Author]) FROM [Book]")
        assert rows == [("1",), ("NULL", "0")], rows


def test_data_survives():
    with tempfile.TemporaryDirectory() as directory:
        with TdsServer(directory, PASSWORD) as server:
            Client(server).rows("CREATE DATABASE [kept]")
            Client(server, database="kept").rows("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (4)")
        with TdsServer(directory, "Not-used-2") as server:
            assert Client(server, database="kept").rows("SELECT a FROM t") == [("4",)]
            assert Client(server, "Not-used-2").fails("SELECT 1")[0] == 18456
            Client(server).rows("DROP DATABASE IF EXISTS [kept]", "IF DB_ID(N'kept') IS NULL CREATE DATABASE [kept]")
            assert Client(server, database="kept").fails("SELECT a FROM t")[0] == 208


def test_errors_have_numbers_and_lines():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        client.rows("CREATE TABLE a (id INT NOT NULL PRIMARY KEY, n NVARCHAR(2) NULL CONSTRAINT u UNIQUE)",
                    "CREATE TABLE b (a_id INT CONSTRAINT fk REFERENCES a(id))", "CREATE UNIQUE INDEX i ON b(a_id)",
                    "INSERT INTO a VALUES (1, N'x')")
        for batch, error in {
            "SELECT 1\n\nSELECT * FROM nowhere": (208, 16, 1, 3, "Invalid object name 'nowhere'."),
            "SELECT id,\n nothing FROM a": (207, 16, 1, 1, "Invalid column name 'nothing'."),
            "SELECT 1\n\nSELEC 2": (102, 15, 1, 3, "Incorrect syntax near '2'."),
            "CREATE TABLE x (\n  id INT,,\n)": (102, 15, 1, 2, "Incorrect syntax near ','."),
            "SELECT 1\nCREATE TABLE a (\n  id INT)": (2714, 16, 6, 2, "There is already an object named 'a' in the database."),
            "INSERT INTO a VALUES (1, NULL)": (2627, 14, 1, 1, "Violation of PRIMARY KEY constraint"),
            "INSERT INTO a VALUES\n (2, N'X')": (2627, 14, 1, 1, "Violation of UNIQUE KEY constraint 'u'. Cannot insert "
                                                 "duplicate key in object 'dbo.a'. The duplicate key value is (x)."),
            "INSERT INTO b VALUES (1), (1)": (2601, 14, 1, 1, "Cannot insert duplicate key row in object 'dbo.b' with unique "
                                              "index 'i'. The duplicate key value is (1)."),
            "INSERT INTO b VALUES (9)": (547, 16, 0, 1, 'The INSERT statement conflicted with the FOREIGN KEY constraint '
                                         '"fk". The conflict occurred in database "master", table "dbo.a", column \'id\'.'),
            "INSERT INTO a(n) VALUES (N'y')": (515, 16, 2, 1, "Cannot insert the value NULL into column 'id', table "
                                               "'master.dbo.a'; column does not allow nulls. INSERT fails."),
            "INSERT INTO a VALUES (3, N'long')": (2628, 16, 1, 1, "String or binary data would be truncated"),
            "DROP TABLE nowhere": (3701, 11, 5, 1, "Cannot drop the table 'nowhere', because it does not exist or you do "
                                   "not have permission."),
            "DROP TABLE a": (3726, 16, 1, 1, "Could not drop object 'a' because it is referenced"),
            "CREATE DATABASE master": (1801, 16, 3, 1, "Database 'master' already exists. Choose a different database name."),
            "PRINT 'a'\nTHROW 50001, 'mine', 4": (50001, 16, 4, 2, "mine"),
            "RAISERROR('level %d', 12, 3, 5)": (50000, 12, 3, 1, "level 5"),
            "SELECT 1 / 0": (8134, 16, 1, 1, "Divide by zero error encountered."),
            "EXEC(N'SELECT 1 GO')": (102, 15, 1, 1, "Incorrect syntax near 'GO'."),
        }.items():
            found = client.fails(batch)
            assert found[:4] == error[:4] and found[4].startswith(error[4]), (batch, found)


def test_transactions():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        # THROW tells the statement that failed, not itself; nothing of the script is left
        broken = SCRIPT.replace("COMMIT TRAN;", "DROP TABLE [dbo].[Missing];\nCOMMIT TRAN;")
        assert client.fails(broken)[:4] == (3701, 11, 5, broken.split("DROP TABLE")[0].count("\n") + 1)
        assert client.rows("SELECT COUNT(*) FROM sys.tables") == [("0",)]
        # a name that is missing is no matter for CATCH, and the transaction stays open
        rows = subprocess.run(["tsql", "-H", "127.0.0.1", "-p", str(server.port), "-U", "sa", "-P", PASSWORD],
                              input=SCRIPT.replace("COMMIT TRAN;", "INSERT INTO missing VALUES (1);\nCOMMIT TRAN;") +
                              "go\nSELECT 'open', @@TRANCOUNT\ngo\n", capture_output=True, text=True)
        assert "Msg 208" in rows.stderr and "open\t1" in rows.stdout, rows
        eventually(lambda: client.rows("SELECT COUNT(*) FROM sys.tables") == [("0",)], 5, "the rollback")
        assert client.rows("SET XACT_ABORT ON; BEGIN TRAN; CREATE TABLE t (a INT); SAVE TRAN s; INSERT INTO t VALUES (1); "
                           "ROLLBACK TRAN s; COMMIT", "SELECT COUNT(*), @@TRANCOUNT FROM t") == [("0", "0")]
        assert client.fails("SET XACT_ABORT ON; BEGIN TRAN; INSERT INTO t VALUES (5); SELECT 1 / 0; COMMIT")[0] == 8134
        assert client.rows("SELECT COUNT(*) FROM t") == [("0",)]
        assert client.fails("COMMIT")[0] == 3902
        # a statement that fails outside of TRY ends itself alone
        out, messages, _ = client.run("INSERT INTO t VALUES ('x')\nINSERT INTO t VALUES (6)")
        assert [message[0] for message in messages] == [245], messages
        assert client.rows("SELECT a FROM t") == [("6",)]


def test_rows_survive_changes():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        client.rows("CREATE TABLE [dbo].[Post] ([id] INT NOT NULL, [title] NVARCHAR(1000) NOT NULL CONSTRAINT [Post_title_df] "
                    "DEFAULT 'x', [gone] BIT, CONSTRAINT [Post_pkey] PRIMARY KEY CLUSTERED ([id]))",
                    "INSERT INTO [Post] VALUES (4, N'four', 'true'), (9, DEFAULT, 0)", REDEFINE,
                    "INSERT INTO [Post] DEFAULT VALUES")
        assert client.rows("SELECT * FROM [Post] ORDER BY [id]") == [("4", "four"), ("9", "x"), ("10", "")]
        client.rows("ALTER TABLE [Post] ADD [n] INT, [m] INT NOT NULL CONSTRAINT [Post_m_df] DEFAULT 7",
                    "ALTER TABLE [Post] ALTER COLUMN [n] NVARCHAR(9) NULL", "UPDATE [Post] SET [n] = N'ü', [m] += 1",
                    "EXEC sp_rename N'dbo.Post.m', N'k', N'COLUMN'", "ALTER TABLE [Post] DROP CONSTRAINT [Post_title_df]",
                    "ALTER TABLE [Post] DROP COLUMN [title]")
        assert client.rows("SELECT * FROM [Post] WHERE [id] < 10 ORDER BY [id]") == [("4", "ü", "8"), ("9", "ü", "8")]
        assert client.fails("ALTER TABLE [Post] ADD [z] INT NOT NULL")[0] == 4901
        assert client.fails("ALTER TABLE [Post] ALTER COLUMN [n] INT NULL")[0] == 245
        assert client.rows("SELECT [n] FROM [Post] WHERE [id] = 4") == [("ü",)]


def test_values_become_their_columns_type():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        client.rows("CREATE TABLE t (b BIT, i TINYINT, d DATETIME2, o DATETIMEOFFSET, u UNIQUEIDENTIFIER, n DECIMAL(9,2))",
                    "INSERT INTO t VALUES ('true', '200', '2026-01-02T03:04:05', '2026-01-02T03:04:05+02:00', "
                    "'f47ac10b-58cc-4372-a567-0e02b2c3d479', '1.5')")
        rows = client.rows("SELECT b, i, CONVERT(NVARCHAR(40), d, 126), CONVERT(NVARCHAR(40), o, 127), "
                           "CAST(u AS NVARCHAR(36)), n FROM t")
        assert rows == [("1", "200", "2026-01-02T03:04:05", "2026-01-02T01:04:05Z",
                         "F47AC10B-58CC-4372-A567-0E02B2C3D479", "1.50")], rows
        for column, value, number in (("b", "'maybe'", 245), ("i", "300", 8115), ("i", "'x'", 245), ("d", "'2026-13-01'", 241)):
            assert client.fails(f"INSERT INTO t({column}) VALUES ({value})")[0] == number, (column, value)


def test_writers_wait_for_each_other():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        client.rows("CREATE TABLE t (a INT)")
        held = server.on("SELECT 'hold'", Hold())
        holder = client.start("BEGIN TRAN; INSERT INTO t VALUES (1)", "SELECT 'hold'", "COMMIT")
        assert held.reached.wait(10)
        assert Client(server).fails("SET LOCK_TIMEOUT 100; INSERT INTO t VALUES (2)")[0] == 1222
        waiter = client.start("BEGIN TRAN; CREATE TABLE late (a INT); COMMIT; SELECT COUNT(*) FROM t")
        eventually(lambda: any("late" in batch for batch in server.log), 10, "the second writer")
        held.release.set()
        assert waiter.communicate(timeout=30)[0].split() == ["1"]
        holder.communicate(timeout=30)


def test_application_locks():
    take = ("DECLARE @r INT; EXEC @r = sp_getapplock @Resource = N'prisma_migrate', @LockMode = 'Exclusive', "
            "@LockOwner = 'Session', @LockTimeout = {}; SELECT @r")
    with TdsServer(sa_password=PASSWORD) as server:
        held = server.on(r"SELECT 'hold'", Hold())
        holder = Client(server).start(take.format(0), "SELECT 'hold'",
                                      "EXEC sp_releaseapplock @Resource = N'prisma_migrate', @LockOwner = 'Session'",
                                      "SELECT 'released'")
        assert held.reached.wait(10)
        assert Client(server).rows(take.format(0)) == [("-1",)]
        assert Client(server).rows(take.format(100)) == [("-1",)]
        waiter = Client(server).start(take.format(20000))
        status = "SELECT request_status FROM sys.dm_tran_locks WHERE resource_type = 'APPLICATION' ORDER BY request_status"
        eventually(lambda: Client(server).rows(status) == [("GRANT",), ("WAIT",)], 10, "the wait")
        held.release.set()
        assert waiter.communicate(timeout=30)[0].split() == ["1"]
        assert holder.communicate(timeout=30)[0].split() == ["0", "hold", "released"]
        # its end gives a connection's locks back
        assert Client(server).rows(take.format(1000)) == [("0",)]


def test_what_a_test_may_have_it_do():
    with TdsServer(sa_password=PASSWORD) as server:
        client = Client(server)
        server.on("made to fail", Fail(1105, "Could not allocate space", state=2, severity=17, line=3), times=1)
        assert client.fails("SELECT 'made to fail'")[:4] == (1105, 17, 2, 3)
        assert client.rows("SELECT 'made to fail'") == [("made to fail",)]
        client.rows("CREATE TABLE t (a INT)")
        server.on("VALUES \\(1\\)", Close())
        server.on("VALUES \\(2\\)", Close(is_after=True))
        for value in (1, 2):
            _, _, err = client.run(f"INSERT INTO t VALUES ({value})")
            assert "Msg 20017" in err, err  # the connection ended
        assert client.rows("SELECT a FROM t") == [("2",)]
        server.on("slow", Delay(0.3))
        assert client.rows("SELECT 'slow'") == [("slow",)]
        server.refuse(18401, times=2)
        assert [client.run("SELECT 1")[1][0][0] for _ in range(2)] == [18401, 18401]
        for how in ("close at once", "close in login"):
            server.refuse_connections(how)
            out, messages, _ = client.run("SELECT 1")
            assert not out.strip() and not messages, (how, out, messages)
            server.allow()
        assert client.rows("SELECT 1") == [("1",)]


def recorded(kind):
    return sorted((SHARED / kind / "sqlserver").glob("*.sql"))


def test_recorded_scripts():
    """Each into an empty database of its own, four at a time: every sixth, or all of them with BERTH_TDS_ALL=1."""
    scripts = recorded("conformance/create")
    if not scripts:
        print("     no recordings: not run")
        return
    scripts = scripts if os.environ.get("BERTH_TDS_ALL") else scripts[::6]
    refused = []
    with TdsServer(sa_password=PASSWORD, encryption="off") as server:
        def run(part):
            for number in range(part, len(scripts), 4):
                server.instance.create_database(f"d{number}")
                _, messages, _ = Client(server, database=f"d{number}").run(scripts[number].read_text())
                refused.extend((scripts[number].name, m) for m in messages if m[1] > 10)
        threads = [threading.Thread(target=run, args=(part,)) for part in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        taken = sum(name.startswith("d") for name, _, _ in server.instance.databases())
    assert taken == len(scripts), taken
    share = 100 * (1 - len({name for name, _ in refused}) / len(scripts))
    print(f"     {share:.1f} % of {len(scripts)} taken; refused: {[(name, m[0]) for name, m in refused]}")
    assert share >= WANTED, refused


def start_program(directory, port, *args, **env):
    return subprocess.Popen([sys.executable, "-m", "support.tds", "--listen", f"127.0.0.1:{port}", "--data", directory,
                             *args], env={**os.environ, "PYTHONPATH": str(SOURCE / "tests"), **env},
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


class Port:
    def __init__(self, port):
        self.port = port


def test_as_a_program():
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        for env, word in (({}, "EULA"), ({"ACCEPT_EULA": "Y"}, "too short"),
                          ({"ACCEPT_EULA": "Y", "MSSQL_SA_PASSWORD": "onlysmallletters"}, "not complex enough")):
            process = start_program(directory, port, **env)
            out, _ = process.communicate(timeout=30)
            assert process.returncode == 1 and word in out, (env, out)
        process = start_program(directory, port, ACCEPT_EULA="Y", MSSQL_SA_PASSWORD=PASSWORD,
                                STAND_IN_FIRST_START_SECONDS="2")
        client = Client(Port(port))
        eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, 20, "the port")
        assert client.fails("SELECT 1")[0] == 18401
        eventually(lambda: client.run("SELECT 1")[0].strip() == "1", 20, "the login")
        process.terminate()
        out, _ = process.communicate(timeout=20)
        assert "SQL Server is now ready for client connections." in out and process.returncode == 0, out
        # the password of the first start is the one that counts, until it is reset
        process = start_program(directory, port, "--setup", "--reset-sa-password", ACCEPT_EULA="Y",
                                MSSQL_SA_PASSWORD="Another-2")
        assert process.wait(20) == 0, process.communicate()
        process.communicate()
        process = start_program(directory, port, ACCEPT_EULA="Y", MSSQL_SA_PASSWORD="Ignored-3")
        client = Client(Port(port), "Another-2")
        eventually(lambda: client.run("SELECT 1")[0].strip() == "1", 20, "the login")
        assert Client(Port(port), "Ignored-3").fails("SELECT 1")[0] == 18456
        process.terminate()
        process.communicate(timeout=20)
        process = start_program(directory, port, ACCEPT_EULA="Y", STAND_IN_VERSION="2019")
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 1 and "is version 957. This server supports version 904" in out, out


if __name__ == "__main__":
    run_tests(globals())

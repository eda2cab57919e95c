"""Every command of the migration engine on a SQL Server, whichever that is: the tests are functions of a server, which
gives URLs. Names are in small letters, as some servers of this protocol keep no others."""
import contextlib
import json
import re
import secrets
import urllib.parse

from support.tds_client import TdsClient
from support.workspace import Workspace

MIGRATIONS = "database/mssql/migrations"
SCHEMA = """datasource db {
  provider = "sqlserver"
  url      = env("DATABASE_URL")
}
model author {
  id    Int     @id @default(autoincrement())
  email String  @unique
  name  String?
  posts post[]
}
model post {
  id       Int      @id @default(autoincrement())
  title    String   @db.NVarChar(200)
  rating   Decimal  @default(1.5) @db.Decimal(10, 2)
  is_draft Boolean  @default(true)
  made     DateTime @default(now())
  picture  Bytes?
  author   author   @relation(fields: [author_id], references: [id])
  author_id Int
}
"""
WITH_TAG = SCHEMA.replace("  posts post[]", '  tag   String  @default("new") @db.NVarChar(20)\n  posts post[]')


class Server:
    """`address`: sqlserver://host:port; `login`: the parameters of a login that may make databases."""

    def __init__(self, address, login):
        self.address, self.login = address, login
        words = {name.lower(): value for name, value in (p.split("=", 1) for p in login)}
        place = urllib.parse.urlsplit(address)
        self.client = TdsClient(place.hostname, place.port or 1433, words["user"], words["password"].strip("{}"),
                                "off" if words.get("encrypt") == "DANGER_PLAINTEXT" else "request")

    @classmethod
    def of(cls, url):
        """Of a URL; its database is left out."""
        address, *parameters = url.split(";")
        return cls(address, [p for p in parameters if not p.lower().startswith(("database=", "initial catalog="))])

    def url(self, database, *more):
        return ";".join([self.address, f"database={database}", *self.login, *more])


class Project(Workspace):
    """A workspace whose one database is a new one of the server; dropped in the end."""

    def __init__(self, server, schema=SCHEMA, **files):
        self.server, self.database = server, "berth_test_" + secrets.token_hex(6)
        self.url = server.url(self.database)
        super().__init__(files={"database/mssql/schema/schema.prisma": schema, **files}, env={"DATABASE_URL": self.url})

    def __exit__(self, *exc):
        super().__exit__(*exc)
        with contextlib.suppress(AssertionError):  # some tests make none
            self.sql(f"DROP DATABASE [{self.database}]", "master")

    def sql(self, text, database=None):
        """By another client."""
        return self.server.client.run(database or self.database, text)

    def use(self, schema):
        self.write("database/mssql/schema/schema.prisma", schema)

    def schema(self):
        """All of its files; pulled models come in one of their own."""
        return "".join(path.read_text() for path in sorted(self.root.glob("database/mssql/schema/*.prisma")))

    def migration(self, name, text):
        self.write(f"{MIGRATIONS}/migration_lock.toml", 'provider = "mssql"\n')
        return self.write(f"{MIGRATIONS}/{name}/migration.sql", text)

    def db(self, *args, check=0, **more):
        return self.run("db", *args, check=check, **more)

    def status(self):
        return json.loads(self.run("db", "status", "--json").stdout)

    def states(self):
        return {m["name"]: m["state"] for m in self.status()["migrations"]}


def check_loop(server):
    """init, migrate, deploy, status, seed, reset: from nothing to rows, and again."""
    with Project(server) as p:
        assert p.db("status", check=1).returncode == 1
        said = p.db("init")
        assert "made the database" in said.stderr and "in sync" in said.stdout, said
        assert "in sync" in p.db("status").stdout
        p.use(WITH_TAG)
        assert "not in sync" in p.db("status", check=1).stdout
        assert "in sync" in p.db("migrate", "--name", "tag").stdout
        script, = p.root.glob(f"{MIGRATIONS}/*_tag/migration.sql")
        assert script.read_text().startswith("BEGIN TRY\n\nBEGIN TRAN;\n\n-- AlterTable\nALTER TABLE [dbo].[author] ADD [tag]")
        check_seeds(p)
        said = p.db("reset", "--db", "mssql", "--yes").stdout
        assert "2 applied" in said or said.count("/2") == 2, said
        assert list(p.states().values()) == ["applied"] * 2
        p.db("migrate", "--name", "more")
        assert len(p.states()) == 2


def check_seeds(p):
    """Rows of every kind of value, in one transaction a file; numbers that the server gives otherwise."""
    p.write("database/mssql/seeds/bootstrap/1_author.csv", 'id,email,name\n7,a@x,"Zoë ☃"\n9,b@x,\n11,c@x,""\n')
    p.write("database/mssql/seeds/bootstrap/2_post.csv", "title,rating,is_draft,made,picture,author_id\n"
            "it's,2.25,false,2024-01-02T03:04:05Z,\\x00ff,7\n")
    p.write("database/mssql/seeds/bootstrap/3.sql", "INSERT INTO post (title, author_id) VALUES (N'naïve', 9);\nGO\n"
            "INSERT INTO author (email) VALUES (CONCAT(N'n', @@SPID, N'@', NEWID()));\nGO 3\n")
    assert "8 rows" in p.db("seed").stdout
    check_rows(p, "SELECT COUNT(*) FROM author WHERE id = 7 AND name = N'Zoë ☃' AND tag = N'new'", 1)
    check_rows(p, "SELECT COUNT(*) FROM author WHERE id = 9 AND name IS NULL OR id = 11 AND name = N''", 2)
    check_rows(p, "SELECT COUNT(*) FROM author WHERE id > 11", 3)
    check_rows(p, "SELECT COUNT(*) FROM post WHERE title = N'it''s' AND rating = 2.25 AND is_draft = 0 AND picture = 0x00ff", 1)
    p.write("database/mssql/seeds/bad/1_author.csv", "email\nnew@x\na@x\n")
    said = p.db("seed", "bad", check=1).stderr
    assert "1_author.csv:3:1: " in said and "(2627, state" in said, said
    check_rows(p, "SELECT COUNT(*) FROM author WHERE email = N'new@x'", 0)


def check_rows(p, query, count):
    assert p.sql(query) == str(count), f"{query}: {p.sql(query)}"


def check_failures(server):
    """A file that fails is undone as a whole, and says where; what cannot be undone is known batch by batch."""
    with Project(server) as p:
        p.db("init")
        p.migration("20990101000000_bad", "CREATE TABLE one (id INT);\nGO\n\n-- then\nCREATE TABLE two (\n    id INT\n);\n"
                    "INSERT INTO nowhere VALUES (1);\nGO\nCREATE TABLE three (id INT);\n")
        said = p.db("deploy", check=1).stderr
        place = re.search(r"20990101000000_bad/migration\.sql:(\d+):(\d+): .*nowhere", said)
        assert place and place.groups() == ("8", "13"), said
        assert "INSERT INTO nowhere VALUES (1);\n" in said and "^~~~~~~" in said, said
        assert "nothing of it took effect" in said and "--rolled-back" in said, said
        assert p.states()["20990101000000_bad"] == "failed"
        check_rows(p, "SELECT COUNT(*) FROM sys.tables WHERE name IN (N'one', N'two')", 0)
        assert "P3009" in p.db("deploy", check=1).stderr
        p.db("resolve", "--rolled-back", "20990101000000_bad")
        p.migration("20990101000000_bad", "CREATE TABLE one (id INT);\nGO\nCREATE TABLE two (id INT);\n")
        p.db("deploy")
        assert p.states()["20990101000000_bad"] == "applied"
        assert "P3008" in p.db("resolve", "--applied", "20990101000000_bad", check=1).stderr


def check_transactions_of_its_own(server):
    """A file's own transaction is part of the one that has the ledger's row; one that is undone leaves nothing."""
    with Project(server) as p:
        p.migration("1_own", "BEGIN TRAN;\nCREATE TABLE one (id INT);\nCOMMIT TRAN;\nGO\nINSERT INTO one VALUES (1);\n")
        p.db("deploy")
        check_rows(p, "SELECT COUNT(*) FROM one", 1)
        p.migration("2_undone", "BEGIN TRY\nBEGIN TRAN;\nCREATE TABLE two (id INT);\nINSERT INTO two VALUES (1 / 0);\nCOMMIT TRAN;\n"
                    "END TRY\nBEGIN CATCH\nIF @@TRANCOUNT > 0 ROLLBACK TRAN;\nTHROW\nEND CATCH\n")
        said = p.db("deploy", check=1).stderr
        assert re.search(r"2_undone/migration\.sql:4:\d+: ", said) and "nothing of it took effect" in said, said
        check_rows(p, "SELECT COUNT(*) FROM sys.tables WHERE name = N'two'", 0)


def check_schema_commands(server):
    """diff, push, pull, resolve, drift."""
    with Project(server) as p:
        p.db("push", "--yes")
        assert p.db("diff", "--from", "database", "--to", "schema", "--exit-code").returncode == 0
        before = p.schema()
        p.db("pull")
        assert p.schema() == before
        p.sql("ALTER TABLE [dbo].[author] ADD [nick] NVARCHAR(30);\nCREATE TABLE [dbo].[extra] "
              "([id] UNIQUEIDENTIFIER NOT NULL CONSTRAINT [extra_id_df] DEFAULT NEWID(), CONSTRAINT [extra_pkey] PRIMARY KEY CLUSTERED ([id]));")
        assert p.db("diff", "--from", "database", "--to", "schema", "--exit-code", check=2).stdout.count("DROP") == 2
        p.db("pull")
        text = p.schema()
        assert "model extra {" in text and "@db.UniqueIdentifier" in text and "@db.NVarChar(30)" in text, text
        assert 'dbgenerated("newid()")' in text.lower(), text
        assert p.db("diff", "--from", "database", "--to", "schema", "--exit-code").returncode == 0
        again = text
        p.db("pull")
        assert p.schema() == again
        refused = p.db("deploy").stdout
        assert "nothing" in refused or "0 " in refused, refused
        p.migration("1_all", p.db("diff", "--from", "empty", "--to", "schema", "--script").stdout)
        assert "P3005" in p.db("deploy", check=1).stderr
        p.db("resolve", "--applied", "1_all")
        assert "in sync" in p.db("status").stdout


def check_lock(server):
    """Two migrators at a time: the second waits, and says for whom."""
    with Project(server) as p:
        p.migration("1_first", "CREATE TABLE one (id INT);")
        p.db("deploy")
        p.migration("2_second", "CREATE TABLE two (id INT);")
        holder = server.client.start(p.database)
        holder.stdin.write("DECLARE @r INT; EXEC @r = sp_getapplock @Resource = N'prisma_migrate', @LockMode = N'Exclusive', "
                           "@LockOwner = N'Session', @LockTimeout = 0; SELECT @r\nGO\n"
                           "WAITFOR DELAY '00:01:00'\nGO\n")
        holder.stdin.close()
        assert holder.stdout.readline().strip() == "0"
        said = p.db("deploy", check=6).stderr
        assert "another migrator is at work" in said and "was not free within 10" in said, said
        holder.kill()
        holder.wait()
        p.db("deploy")
        assert list(p.states().values()) == ["applied"] * 2


def check_start(server):
    """Without containers: a login, migrations, seeds, and a service that gets every form of the address."""
    service = 'import json, os, sys\nprint(json.dumps(dict(os.environ)), flush=True)\nimport time; time.sleep(1000)\n'
    settings = {"NetScript": {"Name": "bare", "Databases": {"main": {"Engine": "Mssql", "DatabaseName": "app"}},
                              "BackgroundProcessors": {"job": {"Command": ["python3", "job.py"], "Workdir": ".", "RequiresDb": True}}}}
    with Project(server) as p:
        p.write("appsettings.json", json.dumps(settings))
        p.write("job.py", service)
        p.migration("1_first", "CREATE TABLE note (id INT NOT NULL);")
        p.write("database/mssql/seeds/bootstrap/1.sql", "INSERT INTO note VALUES (1), (2);")
        refused = p.run("start", "--no-aspire", "--no-dashboard", check=5)
        assert "there is no database" in refused.stderr, refused
        p.db("deploy", "--url", p.url)
        p.start("--no-aspire", "--no-dashboard")
        resources = p.resources()
        assert resources["main"]["health"] == "Healthy", resources
        check_rows(p, "SELECT COUNT(*) FROM note", 2)
        env = json.loads(p.run("env", "job", "--reveal", "--format", "json", check=0).stdout)
        assert env["DATABASE_URL"] == env["MAIN_URI"] and env["DATABASE_URL"].startswith("sqlserver://"), env
        ado = env["ConnectionStrings__" + p.database] if "ConnectionStrings__" + p.database in env else env["ConnectionStrings__app"]
        assert "Initial Catalog=" in ado and "User ID=" in ado and ado.startswith("Server="), ado
        jdbc = next(v for k, v in env.items() if k.endswith("_JDBCCONNECTIONSTRING"))
        assert jdbc.startswith("jdbc:sqlserver://"), jdbc
        for form in (env["DATABASE_URL"], ado):
            assert p.run("db", "status", "--json", "--db", "main", env={"DATABASE_URL": form, "MAIN_URI": form}).returncode in (0, 1)
        p.stop()
        wrong = re.sub(r"password=[^;]*", "password=wrong-1-Wrong", p.url)
        refused = p.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": wrong}, check=5)
        assert "login refused" in refused.stderr and "wrong-1-Wrong" not in refused.stderr, refused


CHECKS = [check_loop, check_failures, check_transactions_of_its_own, check_schema_commands, check_lock, check_start]


def tests_of(server):
    """As run_tests takes them. server: a function, asked once for each."""
    def bind(check):
        return lambda: check(server())
    return {check.__name__.replace("check_", "test_"): bind(check) for check in CHECKS}

# needs: engine
"""`berth db init` and `db migrate` on a real Postgres: scratch databases, roles, drift, and the four-command loop."""
import re
import threading
import time

from support.engine import Engine
from support.schema_project import ORDER, USER, SchemaProject
from support.workspace import Workspace, run_tests

SCRATCH = "SELECT count(*) FROM pg_database WHERE datname LIKE 'berth\\_scratch\\_%'"
EVERYTHING = """
enum Role {
  ADMIN
  GUEST

  @@map("roles")
}

model Author {
  id       String   @id @default(uuid()) @db.Uuid
  name     String   @db.VarChar(80)
  role     Role     @default(GUEST)
  tags     String[] @default(["a", "b"])
  score    Decimal  @default(1.50) @db.Decimal(8, 2)
  data     Json     @default("{}")
  born     DateTime @default(now()) @db.Timestamptz(3)
  bytes    Bytes?
  big      BigInt   @default(7)
  flag     Boolean  @default(true)
  made     String   @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  books    Book[]
  friends  Author[] @relation("friends")
  friendOf Author[] @relation("friends")

  @@unique([name, role], map: "name_and_role")
  @@index([born(sort: Desc), name])
  @@index([tags], type: Gin)
}

model Book {
  a        Int
  b        Int
  authorId String? @db.Uuid
  author   Author? @relation(fields: [authorId], references: [id], onDelete: Cascade)

  @@id([a, b])
  @@map("books")
}
"""
server = None


class Project(SchemaProject):
    engine, provider = "postgres", "postgresql"

    def __init__(self, models=USER, database=None, **login):
        super().__init__(models)
        self.database, self.login = database or server.create_database(), login

    @property
    def url(self):
        return server.url(self.database, **self.login)

    def sql(self, sql):
        return server.sql(sql, self.database)


def test_the_loop():
    with Project(database="made_by_init") as p:
        p.db("init", "--name", "init", check=0)
        assert p.slugs() == ["init"] and 'provider = "postgresql"' in (p.migrations_path / "migration_lock.toml").read_text()
        assert p.script(p.migrations()[0]) == (
            '-- CreateTable\nCREATE TABLE "User" (\n    "id" SERIAL NOT NULL,\n    "email" TEXT NOT NULL,\n\n'
            '    CONSTRAINT "User_pkey" PRIMARY KEY ("id")\n);\n\n-- CreateIndex\n'
            'CREATE UNIQUE INDEX "User_email_key" ON "User"("email");\n')
        p.schema(USER, ORDER, fields="orders Order[]")
        run = p.db("migrate", "--name", "add-orders", check=0)
        assert p.slugs() == ["init", "add_orders"] and "in sync with the schema" in run.stdout, run
        p.db("status", check=0)
        other = server.url(server.create_database())
        assert "2 migrations applied" in p.db("deploy", url=other, check=0).stdout
        p.db("status", url=other, check=0)
        assert "already initialised" in p.db("init", url=other, check=0).stdout
        assert server.sql(SCRATCH) == "0"


def test_database_of_the_workspace():
    """Nothing runs: its container comes up for the command, and goes again."""
    settings = {"NetScript": {"Name": "w", "Databases": {"app": {"Engine": "Postgres", "Mode": "Container", "DatabaseName": "app",
                                                    "ImageTag": "15"}}}}
    with Workspace(settings=settings) as w:
        w.write("database/app/schema/main.prisma", 'datasource db {\n  provider = "postgresql"\n  url = env("X")\n}\n')
        w.write("database/app/schema/user.prisma", USER.replace("ORDERS", ""))
        w.run("db", "init", check=0, timeout=120)
        names = [path.name for path in (w.root / "database/app/migrations").iterdir() if path.is_dir()]
        assert len(names) == 1 and names[0].endswith("_init"), names
        assert "1 applied" in w.run("db", "status", check=0, timeout=120).stdout


def test_everything_is_in_sync_afterwards():
    with Project(EVERYTHING) as p:
        run = p.db("init", check=0)
        assert "differs" not in run.stderr, run
        run = p.db("migrate", check=0)
        assert "already in sync" in run.stdout and p.slugs() == ["init"], run
        p.schema(EVERYTHING.replace("GUEST\n", "GUEST\n  OWNER\n").replace("VarChar(80)", "VarChar(90)"))
        run = p.db("migrate", "--name", "more", check=0)
        assert "differs" not in run.stderr, run
        assert "already in sync" in p.db("migrate", check=0).stdout


def test_several_schemas():
    with Project() as p:
        p.write("database/postgres/schema.prisma",
                'datasource db {\n  provider = "postgresql"\n  url = env("X")\n  schemas = ["one", "two"]\n}\n'
                'model A {\n  id Int @id\n  bs B[]\n  @@schema("one")\n}\n'
                'model B {\n  id Int @id\n  aId Int\n  a A @relation(fields: [aId], references: [id])\n  @@schema("two")\n}\n')
        p.db("init", check=0)
        assert p.sql("SELECT string_agg(table_schema, ',' ORDER BY 1) FROM information_schema.tables "
                     "WHERE table_schema IN ('one', 'two')") == "one,two"
        p.says("already in sync", check=0)


def test_extensions_of_the_administrator():
    with Project() as p:
        p.sql("CREATE EXTENSION pg_trgm")
        p.write("database/postgres/schema.prisma",
                'datasource db {\n  provider = "postgresql"\n  url = env("X")\n  extensions = [citext]\n}\n'
                'generator client {\n  provider = "x"\n  previewFeatures = ["postgresqlExtensions"]\n}\n'
                'model A {\n  id Int @id\n  name String @db.Citext\n}\n')
        p.db("init", check=0)
        assert 'CREATE EXTENSION IF NOT EXISTS "citext"' in p.script(p.migrations()[0])
        assert "pg_trgm" not in p.script(p.migrations()[0])
        (p.root / ".berth/history-postgres").unlink()
        p.says("already in sync", check=0)


def test_schema_of_the_url():
    with Project() as p:
        url = p.url + "?schema=mine"
        p.db("init", url=url, check=0)
        p.schema(USER, ORDER, fields="orders Order[]")
        p.db("migrate", url=url, check=0)
        assert p.sql("""SELECT to_regclass('mine."Order"') IS NOT NULL, to_regclass('public."User"') IS NULL""") == "t|t"
        p.says("already in sync", url=url, check=0)


def without_createdb(p):
    server.sql(f"""DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'plain-password' NOCREATEDB;
                   ALTER DATABASE "{p.database}" OWNER TO plain; GRANT ALL ON SCHEMA public TO plain;""")
    server.sql("GRANT ALL ON SCHEMA public TO plain", p.database)
    p.login = {"user": "plain", "password": "plain-password"}


def test_role_without_createdb():
    with Project() as p:
        without_createdb(p)
        p.db("init", check=0)
        p.says("already in sync", check=0)  # what init made is remembered
        (p.root / ".berth/history-postgres").unlink()
        p.schema(USER, ORDER, fields="orders Order[]")
        run = p.says('the role "plain" may not create databases (CREATEDB)', "the database itself stands for its history",
                     args=("migrate", "--name", "orders", "--create-only"), check=0)
        assert "CREATE TABLE \"User\"" not in p.script(p.migrations()[1]), run
        p.schema(USER.replace("email", "mail"), ORDER, fields="orders Order[]")
        p.says("migrations are pending", "berth db deploy", args=("migrate", "--create-only"))
        p.db("migrate", "--name", "mail", check=0)
        assert p.slugs() == ["init", "orders", "mail"] and set(p.states().values()) == {"applied"}
        assert 'DROP COLUMN "email"' in p.script(p.migrations()[2]) and "Order" not in p.script(p.migrations()[2])
        p.says("already in sync", check=0)


def test_drift():
    with Project() as p:
        p.db("init", check=0)
        p.sql("""ALTER TABLE "User" ADD COLUMN hand text; INSERT INTO "User" (email, hand) VALUES ('a', 'b');""")
        p.says('ADD COLUMN     "hand" TEXT;', 'DROP COLUMN "hand";', "adopt", "revert", "ignore")
        p.says('the column "hand" of "User" is dropped with 1 value', "--yes", args=("migrate", "--drift", "revert"), check=2)
        p.says("reverted", "already in sync", args=("migrate", "--drift", "revert", "--yes"), check=0)
        assert p.sql('SELECT * FROM "User"') == "1|a"
        p.sql("""CREATE TYPE mood AS ENUM ('ok'); CREATE INDEX by_hand ON "User" (email DESC);""")
        p.says('CREATE TYPE "mood"', '"by_hand"', args=("migrate",))
        p.says("adopted as", args=("migrate", "--drift", "adopt"), check=0)
        other = server.create_database()
        p.db("deploy", url=server.url(other), check=0)
        assert server.sql("SELECT to_regclass('by_hand') IS NOT NULL", other) == "t"


def test_edited_missing_failed():
    with Project() as p:
        p.db("init", check=0)
        first = p.migrations()[0]
        p.add_migration(first, p.script(first) + "-- harmless\n")
        p.says(f"{first} was edited after it was applied", "already in sync", check=0)
        p.schema(USER, "model before_all {\n  id Int @id\n}\n")
        p.add_migration("1_before", "CREATE TABLE before_all (id INTEGER NOT NULL PRIMARY KEY);")
        p.says(f"1_before is pending, although {first} behind it is applied", check=0)
        (p.migrations_path / "1_before/migration.sql").rename(p.root / "away.sql")
        (p.migrations_path / "1_before").rmdir()
        p.says("1_before is applied, and its directory is gone", 'CREATE TABLE "before_all"', "adopt", "revert", "ignore")
        p.add_migration("1_before", (p.root / "away.sql").read_text())
        p.add_migration("29990101000000_bad", "SELECT 1/0;")
        p.says("29990101000000_bad/migration.sql:1:", "division by zero (22012)", "P3006")
        p.db("deploy", check=1)
        p.says("29990101000000_bad", "P3009", "resolve --rolled-back")


def test_tables_without_a_ledger():
    with Project() as p:
        p.sql('CREATE TABLE "User" (id serial PRIMARY KEY)')
        p.says('CREATE TABLE "User"', "adopt", args=("init",))
        p.add_migration("1_x", "SELECT 1;")
        p.says("P3005", "berth db resolve --applied 1_x")


def test_history_that_needs_its_own_database():
    """What is applied and can't be replayed elsewhere does not stand in the way."""
    with Project() as p:
        p.sql("CREATE SCHEMA side; CREATE TABLE side.handmade (id int)")
        p.add_migration("1_a", "ALTER TABLE side.handmade ADD COLUMN x INTEGER;")
        p.says('schema "side" does not exist', "1_a/migration.sql:1:1", "P3006")
        p.db("deploy", check=0)
        p.says("P3006", "the database itself stands for its history", check=0)
        assert p.slugs() == ["a", "migration"] and "side" not in p.script(p.migrations()[1])


def test_scratch_databases_of_crashed_runs():
    with Project() as p:
        p.db("init", check=0)
        now = int(time.time())
        old, young, used = (f"berth_scratch_00000000_{t:x}_{n}" for t, n in ((now - 300, "old"), (now, "young"), (now - 300, "used")))
        for name in (old, young, used):
            server.sql(f"CREATE DATABASE {name}")
        held = threading.Thread(target=server.sql, args=("SELECT pg_sleep(4)", used))
        held.start()
        time.sleep(1)
        (p.root / ".berth/history-postgres").unlink()
        p.db("migrate", check=0)
        assert server.sql("SELECT string_agg(datname, ',' ORDER BY datname) FROM pg_database WHERE datname LIKE "
                          "'berth\\_scratch%'") == ",".join(sorted([young, used]))
        held.join()
        for name in (young, used):
            server.sql(f"DROP DATABASE {name}")


def test_scratch_is_labelled_and_dropped_after_an_error():
    with Project() as p:
        p.db("init", check=0)
        p.add_migration("29990101000000_slow", "SELECT pg_sleep(2); SELECT 1/0;")
        seen = []

        def look():
            for _ in range(60):
                rows = server.sql("SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database "
                                  "WHERE datname LIKE 'berth\\_scratch\\_%'")
                if rows:
                    seen.append(rows)
                    return
                time.sleep(0.05)
        watcher = threading.Thread(target=look)
        watcher.start()
        p.db("migrate", check=1)
        watcher.join()
        assert seen and re.match(r"berth_scratch(_[0-9a-f]{8}){3}_[0-9a-f]+_[0-9a-f]+_[0-9a-f]{4}\|", seen[0]), seen
        assert server.sql(SCRATCH) == "0"


def test_data_is_asked_for():
    with Project(USER + "enum Kind {\n  A\n  B\n}\n") as p:
        p.schema(USER, "enum Kind {\n  A\n  B\n}\n", fields="nick String?\n  kind Kind?\n  size Int?")
        p.db("init", check=0)
        p.sql("""INSERT INTO "User" (email, nick, kind, size) VALUES ('a', 'x', 'B', 70000), ('b', 'x', 'A', NULL)""")
        for fields, kinds, said, code in [
                ("kind Kind?\n  size Int?", "A\n  B", 'the column "nick" of "User" is dropped with 2 values', 2),
                ("nick String @unique\n  kind Kind?\n  size Int?", "A\n  B", '"User_nick_key" will fail', 2),
                ("nick String?\n  kind Kind?\n  size Int?", "A", '1 row of "User" hold them', 2),
                ("nick String?\n  kind Kind?\n  size Int", "A\n  B", '"size" of "User" becomes required, and is NULL in 1 row', 1),
                ("nick String?\n  kind Kind?\n  size Int? @db.SmallInt", "A\n  B", "1 value may not fit it", 2),
                ("nick Int?\n  kind Kind?\n  size Int?", "A\n  B", "2 values are lost", 2),
                ("nick String?\n  kind Kind?\n  size Int?\n  need Int", "A\n  B", '"need" has no default for the 2 rows', 1)]:
            p.schema(USER, f"enum Kind {{\n  {kinds}\n}}\n", fields=fields)
            p.says(said, check=code)
            assert p.slugs() == ["init"]
        p.sql("""DELETE FROM "User" """)
        p.db("migrate", check=0)
        assert p.slugs() == ["init", "migration"]


with Engine() as engine:
    server = engine.run_postgres("15")
    run_tests(globals())

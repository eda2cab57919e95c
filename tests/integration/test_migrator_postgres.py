# needs: engine
"""Migrations and seeds on real Postgres servers, the oldest and the newest that the tests have."""
import contextlib
import json
import signal
import subprocess
import time

from support.engine import Engine
from support.workspace import BERTH, Workspace, eventually, run_tests

TAGS = ["15", "18"]
MIGRATIONS = "database/postgres/migrations"
LOCK_KEY = 72707369
servers = []


class Project(Workspace):
    """A workspace with a database of its own on a server."""

    def __init__(self, server, migrations=None, database=None, **parameters):
        super().__init__()
        self.server, self.parameters = server, parameters
        self.database = database or server.create_database()
        self.add(migrations or {})

    def add(self, migrations):
        for name, sql in migrations.items():
            self.write(f"{MIGRATIONS}/{name}/migration.sql", sql)

    @property
    def url(self):
        return self.server.url(self.database, **self.parameters)

    def db(self, *args, check=None, url=None):
        return self.run("db", *args, "--url", url or self.url, check=check)

    def spawn_db(self, *args):
        return subprocess.Popen([BERTH, "db", *args, "--url", self.url], cwd=self.root, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fails(self, *texts, args=("deploy",), code=1):
        run = self.db(*args, check=code)
        for text in texts:
            assert text in run.stdout + run.stderr, f"{text!r} was not said:\n{run.stdout}{run.stderr}"
        return run

    def sql(self, sql):
        return self.server.sql(sql, self.database)

    def states(self):
        return {m["name"]: m["state"] for m in json.loads(self.db("status", "--json").stdout)["migrations"]}

    def roll_back(self, name):
        self.db("resolve", "--rolled-back", name, check=0)

    def has(self, table):
        return self.sql(f"SELECT to_regclass('{table}') IS NOT NULL") == "t"


def each_server(test):
    def run():
        for server in servers:
            test(server)
    return run


@each_server
def test_deploy_and_ledger(server):
    with Project(server, {"10_b": "ALTER TABLE a ADD c text;", "10_a": "\ufeff-- a\nCREATE TABLE a (b int)",
                          "2_c": "-- nothing\n"}, database="made_by_berth_" + server.create_database()) as p:
        run = p.db("status")
        assert run.returncode == 1, run
        assert server.sql(f"SELECT count(*) FROM pg_database WHERE datname = '{p.database}'") == "0"
        p.db("deploy", check=0)
        assert "nothing pending" in p.db("deploy", check=0).stdout
        p.db("status", check=0)
        assert p.sql("SELECT migration_name, length(id), length(checksum), started_at <= finished_at, "
                     "applied_steps_count, logs IS NULL, rolled_back_at IS NULL FROM _prisma_migrations "
                     "ORDER BY started_at") == "\n".join(f"{n}|36|64|t|1|t|t" for n in ("10_a", "10_b", "2_c"))
        assert p.sql("SELECT column_name, data_type, character_maximum_length, is_nullable, column_default FROM "
                     "information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position") == (
            "id|character varying|36|NO|\nchecksum|character varying|64|NO|\n"
            "finished_at|timestamp with time zone||YES|\nmigration_name|character varying|255|NO|\n"
            "logs|text||YES|\nrolled_back_at|timestamp with time zone||YES|\n"
            "started_at|timestamp with time zone||NO|now()\napplied_steps_count|integer||NO|0")


@each_server
def test_failure_at_statement_three_of_five(server):
    with Project(server, {"1_a": "CREATE TABLE a (b int);", "3_later": "CREATE TABLE later ();", "2_bad":
                          "CREATE TABLE c (d text);\nINSERT INTO a VALUES (1);\n"
                          "INSERT INTO /* é𝄞 */ nope VALUES ('x');\nCREATE TABLE e ();\nCREATE TABLE f ();"}) as p:
        run = p.fails(f'{MIGRATIONS}/2_bad/migration.sql:3:22: relation "nope" does not exist (42P01)',
                      "    3 | INSERT INTO /* é𝄞 */ nope VALUES ('x');\n      |                      ^~~~\n",
                      "nothing of it took effect", "berth db resolve --rolled-back 2_bad")
        assert "later" not in run.stdout
        assert not p.has("c") and not p.has("later") and p.sql("SELECT count(*) FROM a") == "0"
        assert p.states() == {"1_a": "applied", "2_bad": "failed", "3_later": "pending"}
        p.db("status", check=1)
        assert p.sql("SELECT finished_at IS NULL, applied_steps_count, logs LIKE '%3 of 5%42P01%', "
                     "started_at > (SELECT max(started_at) FROM _prisma_migrations WHERE migration_name = '1_a') "
                     "FROM _prisma_migrations WHERE migration_name = '2_bad'") == "t|0|t|t"
        p.add({"2_bad": "CREATE TABLE c (d text);"})
        p.fails("2_bad", "P3009", "--rolled-back", "--applied")
        p.roll_back("2_bad")
        p.db("deploy", check=0)
        assert set(p.states().values()) == {"applied"}


@each_server
def test_places_of_errors(server):
    cases = [
        ("\ufeffSELEC 1;", "1:1: syntax error"),
        ("CREATE TABLE t (a int);\n\nCREATE TABLE u (b int,,);", "3:23: syntax error"),
        ("CREATE TABLE t (a int UNIQUE);\nINSERT INTO t VALUES (1);\n  INSERT INTO t VALUES (1);",
         '3:3: duplicate key value violates unique constraint "t_a_key" (23505): Key (a)=(1) already exists.'),
        ('CREATE TABLE t ("Name" int); SELECT name FROM t;', '1:37: column "name" does not exist (42703); Perhaps you meant'),
        ("SELECT 1;\nDO $$ BEGIN RAISE EXCEPTION 'no luck'; END $$;", "2:1: no luck (P0001)"),
        ("SELECT 'never closed", "1:8: unterminated quoted string"),
        ("SELECT 1; /* never closed", "unterminated /* comment"),
        ("COPY pg_class FROM STDIN;\n1\t2\n\\.\n", "migration.sql:"),
        ("CREATE TEMP TABLE t (a int);\nCOPY t FROM STDIN;", "no data for COPY FROM STDIN"),
        ("", None),
    ]
    for sql, text in cases:
        with Project(server, {"1_x": sql}) as p:
            run = p.db("deploy")
            said = run.stdout + run.stderr
            if text is None:
                assert run.returncode == 0, said
            else:
                assert run.returncode == 1 and text in said, f"{sql}\n{said}"


@each_server
def test_error_at_commit(server):
    with Project(server, {"1_x": "CREATE TABLE t (a int UNIQUE, b int REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED);\n"
                                 "INSERT INTO t VALUES (1, 2);"}) as p:
        p.fails("1_x/migration.sql: insert or update on table", "(23503)", "nothing of it took effect")
        assert not p.has("t")


@each_server
def test_statements_that_run_alone(server):
    with Project(server, {
            "1_index": "CREATE TABLE a (b int);\nINSERT INTO a VALUES (1), (1);\n"
                       "CREATE INDEX CONCURRENTLY a_b ON a (b);\nVACUUM a;\nINSERT INTO a VALUES (2);",
            "2_enum": "CREATE TYPE mood AS ENUM ('ok');\nCREATE TABLE m (x mood);",
            "3_used": "ALTER TYPE mood ADD VALUE 'new';\nALTER TABLE m ALTER x SET DEFAULT 'new';\n"
                      "INSERT INTO m DEFAULT VALUES;",
            "4_added": "ALTER TYPE mood ADD VALUE 'other';\nCREATE TABLE n ();"}) as p:
        p.db("deploy", check=0)
        assert p.sql("SELECT count(*) FROM a") == "3" and p.sql("SELECT x FROM m") == "new"
        assert p.sql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_b'::regclass") == "t"
        p.add({"5_unique": "CREATE TABLE o ();\nCREATE UNIQUE INDEX CONCURRENTLY a_u ON a (b);\nCREATE TABLE q ();"})
        p.fails("5_unique/migration.sql:2:1: could not create unique index", "statement 1 of 3 took effect",
                "--rolled-back 5_unique`; what is left of an index: DROP INDEX public.a_u;")
        assert p.has("o") and not p.has("q")
        p.fails("P3009", "--applied 5_unique; what is left of an index: DROP INDEX public.a_u;")
        p.fails("invalid      index public.a_u: of no use", "DROP INDEX public.a_u, and make it again", args=("status",))
        p.db("resolve", "--applied", "5_unique", check=0)
        status = json.loads(p.db("status", "--json", check=1).stdout)
        assert not status["green"] and status["invalidIndexes"] == ["public.a_u"], status
        p.sql("DROP INDEX public.a_u")
        p.db("status", check=0)


@each_server
def test_own_transactions(server):
    with Project(server, {"1_good": "BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nCREATE TABLE b ();"}) as p:
        p.db("deploy", check=0)
        p.add({"2_bad": "BEGIN;\nCREATE TABLE c ();\nCOMMIT;\nCREATE TABLE d ();\nBEGIN;\nSELECT nope;\nCOMMIT;"})
        p.fails("2_bad/migration.sql:6:8: column \"nope\" does not exist", "statements 1-3 of 7 took effect")
        assert p.has("c") and not p.has("d")
        p.roll_back("2_bad")
        p.add({"2_bad": "BEGIN;\nCREATE TABLE d ();"})
        p.fails("2_bad/migration.sql:1:1: the file begins a transaction that it does not end")
        assert not p.has("d")
        assert p.states()["2_bad"] == "failed"


@each_server
def test_what_only_one_query_can_do(server):
    with Project(server, {"1_x": """
CREATE TEMP TABLE scratch (a int) ON COMMIT DROP;
INSERT INTO scratch VALUES (1);
CREATE TABLE kept AS SELECT * FROM scratch;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $body$ SELECT 1; $body$;
CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
CREATE RULE r AS ON INSERT TO kept DO ALSO (SELECT 1; SELECT 2);
DO $$ BEGIN PERFORM f(); END $$;
INSERT INTO kept VALUES (g()) -- no semicolon at the end"""}) as p:
        p.db("deploy", check=0)
        assert p.sql("SELECT sum(a) FROM kept") == "3"


@each_server
def test_sessions_of_files_are_apart(server):
    with Project(server, {"1_set": "SELECT pg_catalog.set_config('search_path', '', false);\nSET statement_timeout = 1;\n"
                                   "SET statement_timeout = 0;\nCREATE TABLE public.a ();",
                          "3_next": "ALTER TABLE a ADD c int; ALTER TABLE b ADD c int;"}) as p:
        role = p.database
        p.add({"2_role": f"CREATE ROLE {role};\nGRANT CREATE ON SCHEMA public TO {role};\nSET ROLE {role};\n"
                         "CREATE TABLE b ();"})
        p.db("deploy", check=0)
        assert p.sql("SELECT tableowner FROM pg_tables WHERE tablename = 'b'") == role


@each_server
def test_schema_parameter(server):
    with Project(server, {"1_x": "CREATE TABLE a (b int);"}, schema='my"app', connection_limit=1, pgbouncer="false",
                 pool_timeout=5, statement_cache_size=0, socket_timeout=3, sslmode="prefer") as p:
        p.sql("CREATE TABLE public.other ()")  # another schema's tables are not this one's
        p.add({"0_schemas": 'CREATE SCHEMA IF NOT EXISTS "public";\nCREATE SCHEMA "extra";\nCREATE TABLE extra.e ();'})
        p.db("deploy", check=0)
        assert p.sql("SELECT schemaname FROM pg_tables WHERE tablename IN ('a', '_prisma_migrations')") == 'my"app\nmy"app'
        p.db("status", check=0)
        p.db("reset", "--yes", check=0)
        assert p.has("other")


@each_server
def test_tls_parameters_of_prisma(server):
    with Project(server, {"1_x": "CREATE TABLE a ();"}) as p:
        # The test's server speaks no TLS, so asking for it is refused, and that is what shows it was asked for.
        for parameters in ({"sslaccept": "strict"}, {"sslmode": "require"}):
            run = p.db("deploy", url=server.url(p.database, **parameters))
            assert run.returncode == 1 and "SSL was required" in run.stderr, run
        p.db("deploy", url=server.url(p.database, sslaccept="accept_invalid_certs", sslidentity="/none.p12",
                                      sslpassword="x"), check=0)


@each_server
def test_schema_that_is_not_empty(server):
    with Project(server, {"1_init": "CREATE TABLE a (b int);", "2_next": "CREATE TABLE c (d int);"}) as p:
        p.sql("CREATE VIEW v AS SELECT 1; CREATE TABLE a (b int)")
        p.fails("P3005", '"a"', "berth db resolve --applied 1_init")
        assert not p.has("_prisma_migrations")
        for args, code in ((("--applied", "nope"), "P3017"), (("--rolled-back", "1_init"), "P3011")):
            p.fails(code, args=("resolve", *args))
        p.db("resolve", "--applied", "1_init", check=0)
        assert p.sql("SELECT started_at = finished_at, applied_steps_count, logs FROM _prisma_migrations") == "t|0|"
        for args, code in ((("--applied", "1_init"), "P3008"), (("--rolled-back", "1_init"), "P3012")):
            p.fails(code, args=("resolve", *args))
        p.db("deploy", check=0)
        assert p.states() == {"1_init": "applied", "2_next": "applied"}


@each_server
def test_directory_without_script_and_wrong_provider(server):
    with Project(server, {"1_init": "CREATE TABLE a (b int);"}) as p:
        p.write(f"{MIGRATIONS}/2_empty/notes.txt", "")
        p.fails("2_empty/migration.sql", "P3015")
        assert not p.has("a")
        p.write(f"{MIGRATIONS}/migration_lock.toml", 'provider = "sqlite"\n')
        p.fails("P3019", '"sqlite"')
        p.fails("P3019", args=("status",))


@contextlib.contextmanager
def lock_held(p, seconds):
    holder = subprocess.Popen(["psql", "-X", p.url + "?application_name=slow-migrator"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True)
    holder.stdin.write(f"SELECT pg_advisory_lock({LOCK_KEY}); SELECT pg_sleep({seconds});\n")
    holder.stdin.close()
    held = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK_KEY} AND granted"
    eventually(lambda: p.sql(held) == "1", what="the lock")
    try:
        yield
    finally:
        holder.terminate()
        holder.wait()


@each_server
def test_lock_is_waited_for_and_its_holder_named(server):
    with Project(server, {"1_x": "CREATE TABLE a ();"}) as p:
        with lock_held(p, 2):
            begun = time.monotonic()
            run = p.db("deploy", check=0)
            assert "slow-migrator" in run.stderr and time.monotonic() - begun > 1, run
        p.add({"2_x": "CREATE TABLE b ();"})
        if server is servers[0]:  # ten seconds are enough once
            with lock_held(p, 60):
                p.fails("held by pid ", "slow-migrator", "user postgres", code=6)
            assert not p.has("b")


@each_server
def test_two_deploys_at_once(server):
    with Project(server, {f"{n:03}_x": f"CREATE TABLE t{n} (); SELECT pg_sleep(0.02);" for n in range(20)}) as p:
        both = [p.spawn_db("deploy") for _ in range(2)]
        for process in both:
            out, err = process.communicate(timeout=30)
            assert process.returncode == 0, out + err
        assert p.sql("SELECT count(*), count(DISTINCT migration_name) FROM _prisma_migrations") == "20|20"


def sleeping(p):
    return p.sql(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{p.database}' AND query LIKE '%pg_sleep(30)%' "
                 "AND pid <> pg_backend_pid()")


@each_server
def test_killed_in_the_middle(server):
    with Project(server, {"1_x": "CREATE TABLE a ();", "2_long": "CREATE TABLE k ();\nSELECT pg_sleep(30);"}) as p:
        process = p.spawn_db("deploy")
        eventually(lambda: sleeping(p) == "1", what="the statement")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        eventually(lambda: sleeping(p) == "0", what="the server's notice")  # long before the statement's end
        assert not p.has("k")
        assert p.states() == {"1_x": "applied", "2_long": "pending"}
        p.add({"2_long": "CREATE TABLE k ();"})
        p.db("deploy", check=0)
        p.add({"3_own": "BEGIN;\nCREATE TABLE l ();\nCOMMIT;\nSELECT pg_sleep(30);"})
        process = p.spawn_db("deploy")
        eventually(lambda: sleeping(p) == "1", what="the statement")
        process.send_signal(signal.SIGKILL)
        process.communicate()
        eventually(lambda: sleeping(p) == "0", what="the server's notice")
        assert p.has("l") and p.states()["3_own"] == "failed"  # begun, and nobody knows how far it came
        p.fails("P3009", "3_own")


@each_server
def test_killed_at_any_moment(server):
    count = 40
    with Project(server, {f"{n:03}_x": f"CREATE TABLE t{n} (a int);\nINSERT INTO t{n} VALUES (1);" for n in range(count)}) as p:
        for n in range(10):
            process = p.spawn_db("deploy")
            time.sleep(0.01 * (n + 1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            eventually(lambda: p.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'berth migrator' "
                                     "AND datname = current_database()") == "0", what="the end of the session")
            states = p.states()
            applied = sum(state == "applied" for state in states.values())
            # What the ledger says is what there is: no more, no less, nothing half done.
            assert p.sql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 't%' AND schemaname = 'public'") == str(applied)
            assert "failed" not in states.values()
        p.db("deploy", check=0)
        assert p.sql("SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL") == str(count)


@each_server
def test_connection_lost_in_the_middle(server):
    with Project(server, {"1_long": "CREATE TABLE k ();\nSELECT pg_sleep(30);"}) as p:
        process = p.spawn_db("deploy")
        eventually(lambda: sleeping(p) == "1", what="the statement")
        p.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' "
              "AND pid <> pg_backend_pid()")
        out, err = process.communicate(timeout=30)
        assert process.returncode == 1 and "the connection to" in err and "is lost" in err, out + err
        assert p.states() == {"1_long": "pending"} and not p.has("k")


@each_server
def test_passwords_stay_secret(server):
    with Project(server, {"1_x": "CREATE TABLE a ();"}) as p:
        secret = "s3cret-p@ss/word"
        urls = [server.url(p.database, password=secret), server.url(p.database, user="nobody", password=secret),
                f"postgresql://postgres:{secret}@127.0.0.1:1/x", f"postgresql://postgres:{secret}@127.0.0.1:x/y",
                f"postgresql://postgres:{secret}@no-such-host.invalid/x"]
        for url in urls:
            run = p.db("deploy", url=url)
            said = run.stdout + run.stderr
            assert run.returncode != 0 and said and secret not in said and "s3cret" not in said, said


@each_server
def test_seeds(server):
    with Project(server, {"1_x": 'CREATE TABLE "User" (id serial PRIMARY KEY, name text NOT NULL, note text, n int);\n'
                                 "CREATE TABLE log (id int GENERATED BY DEFAULT AS IDENTITY, t text);"}) as p:
        p.db("deploy", check=0)
        seeds = "database/postgres/seeds/demo"
        p.write(f"{seeds}/00_log.sql", "INSERT INTO log (t) VALUES ('a');\nINSERT INTO log (t) VALUES ('b'), ('c');\n")
        p.write(f"{seeds}/01_User.csv", 'id,name,note,n\n7,"O\'Hara, ""Jo""\t\\N","two\nlines",1\n8,é,"",\n9,x,,wrong\n')
        p.write(f"{seeds}/02_last.sql", 'INSERT INTO "User" (name) VALUES (\'after\');')
        p.fails(f'{seeds}/01_User.csv:5:6: invalid input syntax for type integer: "wrong" (22P02)',
                "    5 | 9,x,,wrong\n      |      ^~~~~\n", args=("seed", "demo"))
        assert p.sql('SELECT count(*) FROM "User"') == "0"
        p.write(f"{seeds}/01_User.csv", 'id,name,note,n\r\n7,"O\'Hara, ""Jo""\t\\N","two\nlines",1\r\n8,é,"",\r\n')
        run = p.db("seed", "demo", check=0)
        assert "3 rows from 2 files" in run.stdout, run
        assert p.sql("SELECT count(*) FROM log") == "3"
        assert p.sql("""SELECT name = E'O''Hara, "Jo"\\t\\\\N', note = E'two\\nlines' FROM "User" WHERE id = 7""") == "t|t"
        assert p.sql('SELECT name, note = \'\', n IS NULL FROM "User" WHERE id = 8') == "é|t|t"
        assert p.sql('SELECT id FROM "User" WHERE name = \'after\'') == "9"  # the sequence went along
        assert p.sql("SELECT mode, file FROM _berth_seeds ORDER BY 2") == "demo|\ndemo|00_log.sql\ndemo|01_User.csv\ndemo|02_last.sql"
        p.write(f"{seeds}/01_User.csv", "id,nome\n1,x\n")
        p.write(f"{seeds}/00_log.sql", "SELECT 1;")
        p.fails(f'{seeds}/01_User.csv:1:4: column "nome" of relation "User" does not exist', args=("seed", "demo"))
        p.write(f"{seeds}/01_User.csv", "id,name\n7,x\n")
        p.fails(f"{seeds}/01_User.csv:2:1: duplicate key value", args=("seed", "demo"))


@each_server
def test_many_rows(server):
    with Project(server, {"1_x": "CREATE TABLE many (id int, t text);"}) as p:
        p.write("database/postgres/seeds/bootstrap/many.csv",
                "id,t\n" + "".join(f'{n},"row {n}, with ""quotes"""\n' for n in range(100_000)))
        p.db("deploy", check=0)
        assert "100000 rows" in p.db("seed", check=0).stdout
        assert p.sql("SELECT count(*), sum(id) FROM many") == "100000|4999950000"


@each_server
def test_reset_keeps_owner_grants_and_comment(server):
    owner = server.create_database().replace("t_", "o_")
    server.sql(f"CREATE ROLE {owner} LOGIN PASSWORD 'owner-password'; CREATE ROLE {owner}_reader")
    database = f"db_{owner}"
    server.sql(f"CREATE DATABASE {database} OWNER {owner}")
    with Project(server, {"1_x": 'CREATE TABLE a (b int);\nCREATE TYPE mood AS ENUM (\'ok\');\nCREATE VIEW v AS SELECT 1;\n'
                                 'CREATE SCHEMA IF NOT EXISTS "extra";\nCREATE TABLE extra.c (d int);\n'
                                 "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';"}, database=database) as p:
        url = server.url(database, user=owner, password="owner-password")
        p.sql(f"GRANT USAGE ON SCHEMA public TO {owner}_reader; COMMENT ON SCHEMA public IS 'ours';"
              f"REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
              f"SET ROLE {owner}; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {owner}_reader")
        facts = ("SELECT nspowner::regrole, obj_description(n.oid, 'pg_namespace'), "
                 "(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) a), "
                 "(SELECT string_agg(defaclacl::text, ' ') FROM pg_default_acl WHERE defaclnamespace = n.oid) "
                 "FROM pg_namespace n WHERE nspname = 'public'")
        before = p.sql(facts)
        p.db("deploy", url=url, check=0)
        p.db("reset", "--yes", url=url, check=0)
        assert p.sql(facts) == before, f"{p.sql(facts)}\n{before}"
        assert p.sql("SELECT count(*) FROM _prisma_migrations") == "1"
        assert p.sql(f"SELECT has_table_privilege('{owner}_reader', 'a', 'SELECT')") == "t"
        p.db("reset", "--yes", url=url, check=0)  # and again


if __name__ == "__main__":
    with Engine() as engine:
        servers += [engine.run_postgres(tag) for tag in TAGS]
        run_tests(globals())

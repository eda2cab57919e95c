# needs: engine
# leg: plain
"""kill -9 at every statement of migrations of 20 statements on Postgres: before and after each, of `berth db deploy`, of the
worker of `berth start`, of `berth start` itself. The status tells what is true, and one more deploy, or what a failed
migration asks for, ends in the schema.

Event triggers of the server stop the migrator at its n-th stop: they wait there for a lock that the test holds.
"""
import concurrent.futures
import contextlib
import json
import os
import re
import secrets

from support.engine import Engine
from support.kills import KILLS
from support.postgres_session import Session
from support.workspace import Workspace, eventually, run_tests

WORKERS = 6
# Of the two stops of a statement, before and after it, a run takes one of each; with this, both.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 2
SETTINGS = {"NetScript": {"Name": "crash", "Databases": {"main": {"Engine": "Postgres", "DatabaseName": "app"}}}}
MIGRATIONS = "database/postgres/migrations"
BASE = 'CREATE TYPE "Mood" AS ENUM (\'ok\');'
MODELS = 6
# Each is sure to run as one statement; the ledger's own table is no stop.
GATE = """
CREATE SCHEMA gate; CREATE SEQUENCE gate.passed; CREATE TABLE gate.stop (at bigint);
CREATE FUNCTION gate.pass() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('application_name') = 'berth migrator' AND current_query() !~ '^CREATE TABLE[^(]*_prisma_migrations' THEN
        IF nextval('gate.passed') = (SELECT at FROM gate.stop) THEN
            PERFORM pg_advisory_xact_lock(1);
        END IF;
    END IF;
END $$;
CREATE EVENT TRIGGER before_each ON ddl_command_start EXECUTE FUNCTION gate.pass();
CREATE EVENT TRIGGER after_each ON ddl_command_end EXECUTE FUNCTION gate.pass();
"""
servers = []


def schema(default=""):
    """As many models as make a migration of 20 statements."""
    text = 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\nenum Mood {\n  ok\n  bad\n}\n'
    for n in range(MODELS):
        text += f"model M{n} {{\n  id Int @id\n  mood Mood {default}\n  n Int\n  @@index([n])\n"
        text += f"  m M{n - 1} @relation(fields: [n], references: [id])\n" if n > 0 else ""
        text += f"  ms M{n + 1}[]\n" if n + 1 < MODELS else ""
        text += "  u Int @unique\n" if n < 2 else ""
        text += "}\n"
    return text


def statements(workspace):
    """From the base to the schema."""
    script = workspace.run("db", "diff", "--from", "empty", "--to", workspace.schema, check=0).stdout
    found = [part.strip() for part in re.sub(r"^--.*\n", "", script, flags=re.M).split(";") if part.strip()]
    assert found[0].startswith("CREATE TYPE") and len(found) == 20, script
    return ["ALTER TYPE \"Mood\" ADD VALUE 'bad'"] + found[1:]


def one_transaction(parts):
    return parts


def transactions_and_alone(parts):
    """A transaction of the file's own, then indexes that are made without one."""
    tables = [part for part in parts if part.startswith("CREATE TABLE")]
    others = [part for part in parts[1:] if part not in tables]
    return [parts[0], "BEGIN", *tables, "COMMIT", *(re.sub(r"^CREATE (UNIQUE )?INDEX", r"CREATE \1INDEX CONCURRENTLY", part) for part in others)]


class Project(Workspace):
    """A database of its own, its base applied, and 20 statements to go."""

    def __init__(self, make_script, default):
        super().__init__(settings=SETTINGS)
        self.schema = str(self.write("database/postgres/schema.prisma", schema(default)))
        self.parts = make_script(statements(self))
        self.write(f"{MIGRATIONS}/migration_lock.toml", 'provider = "postgresql"\n')
        self.write(f"{MIGRATIONS}/1_base/migration.sql", BASE)
        self.name = None

    def __exit__(self, *exc):
        super().__exit__(*exc)
        if self.name:
            self.drop()

    def make_template(self):
        self.template = "t_" + secrets.token_hex(6)
        servers[0].sql(f'CREATE DATABASE "{self.template}"')
        self.run("db", "deploy", "--url", servers[0].url(self.template), check=0)
        servers[0].sql(GATE, self.template)
        self.write(f"{MIGRATIONS}/2_all/migration.sql", ";\n".join(self.parts) + ";\n")

    def use(self, template):
        """A new database as the template; until the next one."""
        self.name = "t_" + secrets.token_hex(6)
        servers[0].sql(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')
        self.url = self.env["DATABASE_URL"] = servers[0].url(self.name)

    def drop(self):
        servers[0].sql(f'DROP DATABASE "{self.name}" WITH (FORCE)')
        self.name = None

    def db(self, *args, check=None):
        return self.run("db", *args, "--url", self.url, check=check)

    def state(self):
        return {m["name"]: m["state"] for m in json.loads(self.db("status", "--json").stdout)["migrations"]}["2_all"]


def effects(session, parts):
    """For each statement that makes something, whether that is there."""
    found = {row[0] for row in session.query(
        "SELECT relname FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid "
        "WHERE relnamespace = 'public'::regnamespace AND coalesce(indisvalid, true) "
        "UNION ALL SELECT conname FROM pg_constraint UNION ALL SELECT enumlabel FROM pg_enum")}
    makes = re.compile(r"""(?:ADD CONSTRAINT|CREATE TABLE|INDEX|INDEX CONCURRENTLY|ADD VALUE) ["'](.*?)["']""")
    return [match.group(1) in found for match in map(makes.search, parts) if match]


def recover(p, session, state):
    """As a user would who is told what the status tells."""
    if state == "failed":
        said = p.db("deploy", check=1).stderr
        assert "P3009" in said, said
        for drop in re.findall(r"DROP INDEX [^;]*;", said):
            session.query(drop)
        rest = p.run("db", "diff", "--from", p.url, "--to", p.schema, check=0).stdout
        for part in rest.split(";\n"):
            session.query(part)
        p.db("resolve", "--applied", "2_all", check=0)
    p.db("deploy", check=0)
    assert p.state() == "applied"
    p.db("status", check=0)
    p.run("db", "diff", "--from", p.url, "--to", p.schema, "--exit-code", check=0)
    assert all(effects(session, p.parts))
    assert not session.query("SELECT 1 FROM pg_index WHERE NOT indisvalid")


def check_stop(p, template, at):
    """What the status said after a kill at the stop."""
    p.use(template)
    with Session(servers[0], p.name) as holder, Session(servers[0], p.name) as session:
        holder.query(f"SELECT pg_advisory_lock(1); INSERT INTO gate.stop VALUES ({at})")

        def wait():
            eventually(lambda: session.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
                                             "(SELECT oid FROM pg_database WHERE datname = current_database())"), 60, f"stop {at}")
        KILLS[at % 3](p, wait)
        if at // 2 % 2:  # the server goes on for a while on its own; else it notices first that nobody is there any more
            holder.query("SELECT pg_advisory_unlock(1)")
        eventually(lambda: not session.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND "
                                             "application_name = 'berth migrator'"), 60, "the end of the session")
        holder.query("SELECT pg_advisory_unlock_all()")
        state, there = p.state(), effects(session, p.parts)
        count = sum(there)
        assert there == sorted(there, reverse=True), f"stop {at}: not the first {count} of {there}"
        # The truth: all of it, nothing of it, or begun and not ended.
        assert {"applied": count == len(there), "pending": count == 0, "failed": True}[state], f"stop {at}: {state}, {there}"
        recover(p, session, state)
    p.drop()
    return state


def check(make_script, default="", allowed=("applied", "pending"), wanted=("pending",)):
    with contextlib.ExitStack() as stack, concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        projects = [stack.enter_context(Project(make_script, default)) for _ in range(WORKERS)]
        for p in projects:
            p.make_template()
        # How many stops there are.
        p = projects[0]
        p.use(p.template)
        p.db("deploy", check=0)
        stops = int(servers[0].sql("SELECT last_value FROM gate.passed", p.name))
        p.drop()
        assert stops >= 2 * 19, stops

        def work(number):
            return [check_stop(projects[number], projects[number].template, at) for at in range(1 + number * EVERY, stops + 1, WORKERS * EVERY)]
        states = [state for found in pool.map(work, range(WORKERS)) for state in found]
        for p in projects:
            servers[0].sql(f'DROP DATABASE "{p.template}"')
    counts = {state: states.count(state) for state in sorted(set(states))}
    print(f"     {len(p.parts)} statements, {stops} stops: {counts}")
    assert set(allowed) >= set(counts) >= set(wanted), counts


def test_one_transaction():
    check(one_transaction)


def test_transactions_of_its_own_and_statements_alone():
    check(transactions_and_alone, allowed=("applied", "failed"), wanted=("failed",))


def test_enum_value_used_at_once():
    """Tried as one transaction, which the server refuses, and run in pieces then."""
    check(one_transaction, default="@default(bad)", allowed=("applied", "failed", "pending"), wanted=("failed", "pending"))


if __name__ == "__main__":
    with Engine() as engine:
        servers.append(engine.run_postgres("15", ("-c", "max_connections=200")))
        run_tests(globals())

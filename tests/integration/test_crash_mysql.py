# needs: engine
# leg: plain
"""kill -9 at every statement of a migration of 20 statements on MySQL and MariaDB: before and after each, and before and
after what the ledger is told in between; of `berth db deploy`, of the worker of `berth start`, of `berth start` itself. The
status tells what took effect, but for the one statement that it names, and what it asks for ends in the schema.

A proxy holds the n-th statement, or its answer, while the migrator is killed.
"""
import concurrent.futures
import json
import os
import re

from support.engine import Engine
from support.kills import KILLS
from support.mysql_proxy import MysqlProxy
from support.mysql_session import Session
from support.workspace import Workspace, eventually, run_tests

# A run takes each fifth stop: one before a statement, then one after another, the three kills in turn. With BERTH_TEST_ALL=1 each.
EVERY = 1 if os.environ.get("BERTH_TEST_ALL") else 5
SETTINGS = {"NetScript": {"Name": "crash", "Databases": {"main": {"Engine": "Mysql", "DatabaseName": "app"}}}}
MIGRATIONS = "database/mysql/migrations"
NAME = "2_all"
BEGIN = re.compile(r"INSERT INTO `\w+`\.`_prisma_migrations`")
MODELS = 4
servers = {}


def schema(is_new):
    """As many models as make a migration of 20 statements."""
    text = 'datasource db {\n  provider = "mysql"\n  url = env("DATABASE_URL")\n}\n'
    text += "" if is_new else "model Gone {\n  id Int @id\n}\n"
    for n in range(MODELS + 2 * is_new):
        text += f"model M{n} {{\n  id Int @id\n  n Int\n"
        if is_new:
            text += "  u Int? @unique\n  @@index([n, id])\n"
            text += f"  m M{n - 1} @relation(fields: [n], references: [id])\n" if n > 0 else ""
            text += f"  ms M{n + 1}[]\n" if n + 1 < MODELS + 2 else ""
        text += "}\n"
    return text


class Project(Workspace):
    """A database whose base is applied, and 20 statements to go. `url` leads through the proxy, if there is one."""

    def __init__(self, server):
        super().__init__(settings=SETTINGS)
        self.server = server
        self.base = str(self.write("base.prisma", schema(False)))
        self.schema = str(self.write("database/mysql/schema.prisma", schema(True)))
        self.write(f"{MIGRATIONS}/migration_lock.toml", 'provider = "mysql"\n')
        self.write(f"{MIGRATIONS}/1_base/migration.sql", self.script("empty", self.base))
        self.use(server.create_database(), server.port)
        self.db("deploy", check=0)
        run = server.client("mariadb-dump", "--skip-comments", self.name)
        assert run.returncode == 0, run.stderr
        self.dump = run.stdout
        script = self.script(self.base, self.schema)
        self.write(f"{MIGRATIONS}/{NAME}/migration.sql", script)
        self.parts = [part.strip() for part in re.sub(r"^--.*\n", "", script, flags=re.M).split(";") if part.strip()]
        assert len(self.parts) == 20, script

    def script(self, old, new):
        return self.run("db", "diff", "--from", old, "--to", new, check=0).stdout

    def use(self, name, port):
        self.name = name
        self.url = self.env["DATABASE_URL"] = self.server.url(name).replace(f":{self.server.port}/", f":{port}/")

    def make_database(self):
        """A new one with the base."""
        self.use(self.server.create_database(), self.server.port)
        run = self.server.client("mariadb", self.name, text=self.dump)
        assert run.returncode == 0, run.stderr

    def db(self, *args, check=None):
        return self.run("db", *args, "--url", self.server.url(self.name), check=check)

    def migration(self):
        return next(m for m in json.loads(self.db("status", "--json").stdout)["migrations"] if m["name"] == NAME)

    def effects(self, session):
        """For each statement, whether it took effect."""
        found = {tuple(map(bytes.decode, row)) for row in session.query("""
            SELECT 'TABLE', table_name FROM information_schema.tables WHERE table_schema = DATABASE()
            UNION SELECT 'COLUMN', CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE table_schema = DATABASE()
            UNION SELECT 'INDEX', index_name FROM information_schema.statistics WHERE table_schema = DATABASE()
            UNION SELECT 'CONSTRAINT', constraint_name FROM information_schema.table_constraints WHERE table_schema = DATABASE()""")}
        return [(("TABLE", "Gone") not in found) if part.startswith("DROP") else makes(part) in found for part in self.parts]


def makes(part):
    table, column = (re.findall(r"ALTER TABLE `(\w+)` ADD COLUMN `(\w+)`", part) or [(None, None)])[0]
    return ("COLUMN", f"{table}.{column}") if table else re.search(r"(TABLE|INDEX|CONSTRAINT) `(\w+)`", re.sub("^ALTER TABLE", "", part)).groups()


class Counter:
    """A rule for the proxy: stops before and after each statement from where the migration's row is written, the n-th of them
    to stop at; None counts."""

    def __init__(self, at=None):
        self.at, self.seen, self.in_migration = at, 0, False

    def __call__(self, sql):
        self.in_migration |= bool(BEGIN.match(sql) and NAME in sql)
        if not self.in_migration:
            return None
        self.seen += 2
        return {self.seen - 1: "before", self.seen: "after"}.get(self.at)


def claim(migration, count):
    """How many statements took effect by what the status says: the least, and the most."""
    if migration["state"] != "failed":
        return {"applied": (count, count), "pending": (0, 0)}[migration["state"]]
    logs = migration["error"]
    if not logs:  # the row was written, and nothing begun
        return 0, 0
    at = int(re.search(rf"did not get beyond statement (\d+) of {count}, {MIGRATIONS}/{NAME}/migration.sql:\d+:1,", logs).group(1))
    effect = {1: "nothing of it", 2: f"statement 1 of {count}"}.get(at, f"statements 1-{at - 1} of {count}")
    assert logs.strip().endswith(f"which may have taken effect; of those before it, {effect} took effect."), logs
    return at - 1, at


def recover(p, session, state, done):
    """As a user would who has looked whether the statement that the status names took effect."""
    if state == "failed":
        assert "P3009" in p.db("deploy", check=1).stderr
        if done < len(p.parts):
            p.db("resolve", "--resume", NAME, "--from", str(done + 1), check=0)
        else:
            p.db("resolve", "--applied", NAME, check=0)
    p.db("deploy", check=0)
    p.db("status", check=0)
    assert p.migration()["state"] == "applied"
    p.run("db", "diff", "--from", p.server.url(p.name), "--to", p.schema, "--exit-code", check=0)
    assert all(p.effects(session))


def check_stop(p, at):
    """What the status said after a kill at the stop."""
    p.make_database()
    goes_on = at // 2 % 2 == 1  # the server does it although nobody is there any more; else it never hears of it
    with MysqlProxy(p.server.port, Counter(at)) as proxy, Session(p.server, p.name) as session:
        p.use(p.name, proxy.port)
        KILLS[at % 3](p, lambda: eventually(proxy.held.is_set, 60, f"stop {at}"))
        proxy.let_go(passes=goes_on)
        eventually(lambda: not session.query("SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"),
                   60, "the end of the session")
        migration, there = p.migration(), p.effects(session)
        done = sum(there)
        least, most = claim(migration, len(there))
        assert there == sorted(there, reverse=True), f"stop {at}: not the first {done} of {there}"
        assert least <= done <= most, f"stop {at}: {done} took effect: {migration}"
        recover(p, session, migration["state"], done)
        session.query(f"DROP DATABASE `{p.name}`")
    return migration["state"], done - least


def count_stops(p):
    counter = Counter()
    p.make_database()
    with MysqlProxy(p.server.port, counter) as proxy:
        p.use(p.name, proxy.port)
        p.run("db", "deploy", "--url", p.url, check=0)
    return counter.seen


def check(image):
    with Project(servers[image]) as p:
        stops = count_stops(p)
        assert stops >= 2 * (20 + 20 + 2), stops  # statements, the notes before them, the row's begin and its end
        first = 1 + list(servers).index(image) * 2 % EVERY
        results = [check_stop(p, at) for at in range(first, stops + 1, EVERY)]
    counts = {result: results.count(result) for result in sorted(set(results))}
    print(f"     {image}: {len(results)} of {stops} stops; state and whether the statement in doubt took effect: {counts}", flush=True)
    assert {("failed", 0), ("failed", 1)} <= set(counts), counts


def test_both():
    """At the same time: each server lets one migrate at a time."""
    with concurrent.futures.ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(check, servers))


if __name__ == "__main__":
    with Engine() as engine:
        servers.update({image: engine.run_mysql(image) for image in ("mysql:9", "mariadb:10.11")})
        run_tests(globals())

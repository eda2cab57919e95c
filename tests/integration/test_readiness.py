# needs: engine
# leg: plain
"""Readiness does not lie: cold starts of images whose first start is slow and runs a temporary server. What depends on
them connects the moment it is released: no connection is refused, and each reaches the final server of the container.

BERTH_READINESS_STARTS=200 for the long run.
"""
import os
import random
import re
import secrets

from support.image import build_variant, remove_image
from support.workspace import Workspace, eventually, free_port, run_tests

STARTS = int(os.environ.get("BERTH_READINESS_STARTS", "4"))
AT_A_TIME = 4  # servers of Postgres and of Redis in one workspace
# Of MySQL, whose first start takes long: one in twenty of the starts, with three of MariaDB at the same time.
MYSQL_ROUNDS, MARIADB_AT_A_TIME = max(1, STARTS // 20), 3
CONNECTIONS = 12

# Roles are the whole server's: whoever sees this one speaks with a server whose init was done.
POSTGRES_INIT = """#!/bin/bash
sleep "${INIT_SLEEP:-0}"
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" -c "CREATE ROLE \\"$INIT_MARK\\""
sleep "${INIT_SLEEP:-0}"
"""
REDIS_INIT = """#!/bin/bash
sleep "${INIT_SLEEP:-0}"
exec docker-entrypoint.sh "$@"
"""
# The first thing that what waited for them does; it writes a line a connection.
CLIENT = f"""i=0
while [ $i -lt {CONNECTIONS} ]; do
    $1 || true
    i=$((i + 1))
    [ $i -lt 4 ] || sleep 0.1
done
echo done
exec sleep 1000
"""
POSTGRES_CLIENT = """ask() {
    psql "postgresql://postgres:$(cat .berth/secrets/$2/password)@127.0.0.1:$1/app" -XAtc "SELECT 'is',
        pg_postmaster_start_time(), string_agg(rolname, ',') FROM pg_roles WHERE rolname LIKE 'mark_%'" 2>&1
}
"""
REDIS_CLIENT = """ask() {
    redis-cli -p $1 INFO server 2>&1 | tr -d '\\r' | grep -e ^run_id -e 'ould not' -e refused -e ERR || echo nothing
}
"""


# Run while the temporary server is up. The mark is the container's.
MYSQL_INIT = {
    "/docker-entrypoint-initdb.d/10_slow.sh": "#!/bin/bash\nsleep \"$INIT_SLEEP\"\n",
    "/docker-entrypoint-initdb.d/20_mark.sql": "CREATE DATABASE marks; CREATE TABLE marks.mark AS SELECT UUID() AS mark;\n",
    "/docker-entrypoint-initdb.d/30_slow.sh": "#!/bin/bash\nsleep \"$INIT_SLEEP\"\n",
}
MYSQL_CLIENT = """ask_my() {
    MYSQL_PWD=$(cat .berth/secrets/$2/password) mariadb --no-defaults -h 127.0.0.1 -P $1 -u root -BN app \\
        -e "SELECT 'is', DATABASE(), mark FROM marks.mark" 2>&1
}
"""
FIRST_START_SECONDS = 400  # of four of them on a busy machine


class Images:
    """Variants of the images, removed at the end."""

    def __enter__(self):
        self.made = []
        init = {"/docker-entrypoint-initdb.d/10_slow.sh": POSTGRES_INIT}
        # The temporary server of the official image listens on its socket only; one of others may not.
        open_init = ["RUN sed -i \"s/listen_addresses=''/listen_addresses='*'/\" /usr/local/bin/docker-entrypoint.sh"]
        self.slow = self.build("postgres:15", "15", init)
        self.open = self.build("postgres:15", "15", init, open_init)
        self.mysql = self.build("mysql:9", "9", MYSQL_INIT)
        self.mariadb = self.build("mariadb:10.11", "10.11", MYSQL_INIT)
        self.redis = self.build("redis:7", "7", {"/usr/local/bin/slow.sh": REDIS_INIT}, [
            'ENTRYPOINT ["/usr/local/bin/slow.sh"]', 'CMD ["redis-server"]'])
        return self

    def build(self, base, tag, files, steps=()):
        name = f"berth-test/slow-{secrets.token_hex(4)}"
        build_variant(f"{name}:{tag}", base, files, steps)
        self.made.append(f"{name}:{tag}")
        return name

    def __exit__(self, *_):
        for name in self.made:
            remove_image(name)


def client(name, port):
    return {"Command": ["sh", "client.sh", f"ask_{name.rstrip('0123456789')} {port} {name}"], "Workdir": ".",
            "WaitFor": [name]}


def database(image, mark, sleep, port):
    return {"Engine": "Postgres", "Image": image, "ImageTag": "15", "DatabaseName": "app", "Port": port,
            "Args": ["-c", "fsync=off"],  # a disk's waits are not what is slow here
            "Env": {"INIT_SLEEP": f"{sleep:.2f}", "INIT_MARK": mark, "POSTGRES_INITDB_ARGS":
                    "--auth-host=scram-sha-256 --auth-local=scram-sha-256 --no-sync"}}


def mysql_database(image, tag, sleep, port):
    arguments = ["--performance-schema=OFF", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
    return {"Engine": "Mysql", "Image": image, "ImageTag": tag, "DatabaseName": "app", "Port": port, "Env": {"INIT_SLEEP": f"{sleep:.2f}"},
            "Args": arguments + (["--skip-log-bin"] if tag == "9" else [])}


def check(w, name, mark=None):
    """What the client of the server was answered: one and the same final server, each time."""
    def said():
        return [l.split(" | ", 1)[1] for l in w.run("logs", f"of-{name}", "-n", "1000").stdout.splitlines()]
    eventually(lambda: "done" in said(), 60, "the connections")
    answers = said()[:-1]
    assert len(answers) == CONNECTIONS and len(set(answers)) == 1, (name, answers)
    if mark:
        assert answers[0].startswith("is|") and answers[0].endswith(f"|{mark}"), (name, answers)
    elif name.startswith("my"):
        assert re.fullmatch(r"is\s+app\s+[0-9a-f-]{36}", answers[0]), (name, answers)
    else:
        assert answers[0].startswith("run_id:"), (name, answers)


def cold_starts(images, generator):
    """AT_A_TIME servers of each engine, each with a client that waits for it alone."""
    sleeps = [generator.choice([0, 0.1, 0.3, 0.6, 1.2]) for _ in range(AT_A_TIME)]
    marks = {f"pg{i}": f"mark_{secrets.token_hex(6)}" for i in range(AT_A_TIME)}
    databases = {name: database(images.open if i % 2 else images.slow, mark, sleeps[i], free_port())
                 for i, (name, mark) in enumerate(marks.items())}
    caches = {f"redis{i}": {"Engine": "Redis", "Image": images.redis, "ImageTag": "7", "Port": free_port()}
              for i in range(AT_A_TIME)}
    servers = {**databases, **caches}
    clients = {f"of-{name}": client(name, server["Port"]) for name, server in servers.items()}
    settings = {"NetScript": {"Name": "readiness", "PrimaryDatabase": "pg0", "PrimaryCache": "redis0",
                              "Databases": databases, "Cache": caches, "BackgroundProcessors": clients}}
    script = POSTGRES_CLIENT.replace("ask", "ask_pg") + REDIS_CLIENT.replace("ask", "ask_redis") + CLIENT
    with Workspace(settings=settings, files={"client.sh": script}) as w:
        w.start("--no-dashboard", seconds=200)
        for name in servers:
            check(w, name, marks.get(name))
        for name, resource in w.resources().items():
            if name in servers:
                facts = {f["name"]: f["good"] for f in resource["facts"]}
                assert facts == {"container": True, "login": True}, (name, facts)
        w.stop()


def mysql_cold_starts(images, generator):
    """A MySQL and some MariaDB, each with a client that waits for it alone."""
    databases = {}
    for i in range(1 + MARIADB_AT_A_TIME):
        image, tag = (images.mariadb, "10.11") if i else (images.mysql, "9")
        databases[f"my{i}"] = mysql_database(image, tag, generator.choice([0, 0.1, 0.3, 0.6, 1.2]), free_port())
    clients = {f"of-{name}": client(name, database["Port"]) for name, database in databases.items()}
    settings = {"NetScript": {"Name": "readiness", "PrimaryDatabase": "my0", "Databases": databases, "BackgroundProcessors": clients}}
    with Workspace(settings=settings, files={"client.sh": MYSQL_CLIENT + CLIENT}) as w:
        w.start("--no-dashboard", seconds=FIRST_START_SECONDS)
        for name in databases:
            check(w, name)
            facts = {f["name"]: f["good"] for f in w.resources()[name]["facts"]}
            assert facts == {"container": True, "login": True}, (name, facts)
        w.stop()


def test_mysql_cold_starts():
    generator = random.Random(STARTS)
    with Images() as images:
        for done in range(MYSQL_ROUNDS):
            mysql_cold_starts(images, generator)
            if MYSQL_ROUNDS > 1:
                print(f"     {done + 1} of {MYSQL_ROUNDS} rounds", flush=True)


def test_cold_starts():
    generator = random.Random(STARTS)
    with Images() as images:
        for done in range(0, STARTS, AT_A_TIME):
            cold_starts(images, generator)
            if STARTS > AT_A_TIME:
                print(f"     {done + AT_A_TIME} of {STARTS}", flush=True)


run_tests(globals())

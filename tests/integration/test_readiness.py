# needs: engine
# leg: plain
"""Readiness does not lie: cold starts of images whose first start is slow and runs a temporary server. What depends on
them connects the moment it is released: no connection is refused, and each reaches the final server of the container.

BERTH_READINESS_STARTS=200 for the long run.
"""
import os
import random
import secrets

from support.image import build_variant, remove_image
from support.workspace import Workspace, eventually, run_tests

STARTS = int(os.environ.get("BERTH_READINESS_STARTS", "3"))
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
# The first command of a service that was released; what it writes is one line a connection.
POSTGRES_CLIENT = f"""i=0
while [ $i -lt {CONNECTIONS} ]; do
    psql "$DATABASE_URL" -XAtc "SELECT 'is', pg_postmaster_start_time(), current_database(), string_agg(rolname, ',')
        FROM pg_roles WHERE rolname LIKE 'mark_%'" 2>&1 || true
    i=$((i + 1))
    [ $i -lt 4 ] || sleep 0.1
done
echo done
exec sleep 1000
"""
REDIS_CLIENT = f"""i=0
while [ $i -lt {CONNECTIONS} ]; do
    redis-cli -u "$REDIS_URI" INFO server 2>&1 | tr -d '\\r' | grep -e ^run_id -e '[Cc]ould not' -e refused -e ERR || echo nothing
    i=$((i + 1))
    [ $i -lt 4 ] || sleep 0.1
done
echo done
exec sleep 1000
"""


class Images:
    """Variants of the images, removed at the end."""

    def __enter__(self):
        self.made = []
        init = {"/docker-entrypoint-initdb.d/10_slow.sh": POSTGRES_INIT}
        # The temporary server of the official image listens on its socket only; one of others may not.
        open_init = ["RUN sed -i \"s/listen_addresses=''/listen_addresses='*'/\" /usr/local/bin/docker-entrypoint.sh"]
        self.slow = self.build("postgres:15", "15", init)
        self.open = self.build("postgres:15", "15", init, open_init)
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


def settings(image, redis, sleep, mark):
    return {"NetScript": {
        "Name": "readiness", "PrimaryCache": "redis",
        "Databases": {"postgres": {"Engine": "Postgres", "Image": image, "ImageTag": "15", "DatabaseName": "app",
                                   # Nothing of a disk: its waits are not what is slow here.
                                   "Args": ["-c", "fsync=off"],
                                   "Env": {"INIT_SLEEP": f"{sleep:.2f}", "INIT_MARK": mark,
                                           "POSTGRES_INITDB_ARGS": "--auth-host=scram-sha-256 "
                                           "--auth-local=scram-sha-256 --no-sync"}}},
        "Cache": {"redis": {"Engine": "Redis", "Image": redis, "ImageTag": "7"}},
        "Services": {"first": {"Command": ["sh", "first.sh"], "Workdir": ".", "HealthCheckPath": False}},
        "BackgroundProcessors": {"second": {"Command": ["sh", "second.sh"], "Workdir": ".", "RequiresKv": True}}}}


def cold_start(images, number):
    generator = random.Random(number)
    image = images.open if number % 2 else images.slow
    mark = f"mark_{secrets.token_hex(6)}"
    sleep = generator.choice([0, 0.1, 0.3, 0.6, 1.2])
    with Workspace(settings=settings(image, images.redis, sleep, mark),
                   files={"first.sh": POSTGRES_CLIENT, "second.sh": REDIS_CLIENT}) as w:
        w.start("--no-dashboard", seconds=120)

        def said(name):
            return [l.split(" | ", 1)[1] for l in w.run("logs", name, "-n", "1000").stdout.splitlines()]
        eventually(lambda: "done" in said("first") and "done" in said("second"), 60, "the connections")
        of_postgres = [l for l in said("first") if l != "done"]
        of_redis = [l for l in said("second") if l != "done"]
        assert len(of_postgres) == CONNECTIONS and len(set(of_postgres)) == 1, of_postgres
        assert of_postgres[0].startswith("is|") and of_postgres[0].endswith(f"|app|{mark}"), of_postgres
        assert len(of_redis) == CONNECTIONS and len(set(of_redis)) == 1, of_redis
        assert of_redis[0].startswith("run_id:"), of_redis
        facts = {f["name"]: f["good"] for f in w.resources()["postgres"]["facts"]}
        assert facts == {"container": True, "login": True}, facts
        w.stop()


def test_cold_starts():
    with Images() as images:
        for number in range(STARTS):
            cold_start(images, number)
            if STARTS > 10:
                print(f"     {number + 1} of {STARTS}", flush=True)


run_tests(globals())

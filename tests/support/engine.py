"""Real servers for a test, in containers of its own on the machine's Docker engine.

    with Engine() as engine:
        postgres = engine.run_postgres()
        postgres.sql("SELECT 1")
        use(postgres.url("app"))

What an Engine made is removed when it closes, also when the test fails. The engine's API is spoken
directly: berth's own client is what other tests are about.
"""
import json
import os
import secrets
import subprocess
import urllib.parse

from support.workspace import docker, eventually, free_port

LABEL = "dev.berth.test"
READY_SECONDS = 60
MYSQL_READY_SECONDS = 180  # its first start takes five times as long as that of others


class Container:
    def __init__(self, id, name, port):
        self.id, self.name, self.port = id, name, port

    def inspect(self):
        return docker("GET", f"/containers/{self.id}/json")

    def kill(self, signal="KILL"):
        docker("POST", f"/containers/{self.id}/kill?signal={signal}")

    def restart(self):
        docker("POST", f"/containers/{self.id}/restart?t=5")


class Postgres(Container):
    password = "test-password"

    def url(self, database="postgres", user="postgres", password=None, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        password = urllib.parse.quote(password or self.password, safe="")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}{query}"

    def psql(self, *arguments, database="postgres", user="postgres", password=None, text=""):
        """psql with the arguments and the text on its stdin, to its end."""
        return subprocess.run(
            ["psql", "-X", "-h", "127.0.0.1", "-p", str(self.port), "-U", user, "-d", database, *arguments],
            input=text, capture_output=True, text=True,
            env={**os.environ, "PGPASSWORD": password or self.password, "PGCONNECT_TIMEOUT": "5"})

    def sql(self, sql, database="postgres", **login):
        """The rows of the last statement, a line each, columns parted by '|'."""
        run = self.psql("-qAt", "-v", "ON_ERROR_STOP=1", database=database, text=sql, **login)
        assert run.returncode == 0, f"{sql}\n{run.stderr}"
        return run.stdout.rstrip("\n")

    def create_database(self):
        """A new, empty database; its name."""
        name = "t_" + secrets.token_hex(6)
        self.sql(f'CREATE DATABASE "{name}"')
        return name

    def answers(self):
        return self.psql("-qAtc", "SELECT 1").returncode == 0


class Mysql(Container):
    """MySQL or MariaDB: one protocol, one dialect but for details."""
    password = "test-password"

    def url(self, database="mysql", user="root", password=None, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        password = urllib.parse.quote(password or self.password, safe="")
        return f"mysql://{user}:{password}@127.0.0.1:{self.port}/{database}{query}"

    def client(self, program, *arguments, text="", password=None):
        return subprocess.run(
            [program, "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", "root", *arguments],
            input=text, capture_output=True, text=True,
            env={**os.environ, "MYSQL_PWD": password or self.password})

    def sql(self, sql, database="mysql"):
        """The rows, a line each, columns parted by tabs."""
        run = self.client("mariadb", "-BN", database, text=sql)
        assert run.returncode == 0, f"{sql}\n{run.stderr}"
        return run.stdout.rstrip("\n")

    def dump(self, database):
        """The schema as the server's own tool writes it, without the ledger."""
        run = self.client("mariadb-dump", "--no-data", "--skip-comments",
                          f"--ignore-table={database}._prisma_migrations", database)
        assert run.returncode == 0, run.stderr
        return run.stdout

    def create_database(self):
        name = "t_" + secrets.token_hex(6)
        self.sql(f"CREATE DATABASE `{name}`")
        return name

    def answers(self):
        return self.client("mariadb", "-BNe", "SELECT 1").returncode == 0


class Redis(Container):
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def answers(self):
        run = subprocess.run(["redis-cli", "-p", str(self.port), "ping"], capture_output=True, text=True)
        return run.stdout.strip() == "PONG"


class Engine:
    def __init__(self):
        self.made = []

    def __enter__(self):
        docker("GET", "/version")  # no engine, no test
        return self

    def __exit__(self, *_):
        for container in self.made:
            docker("DELETE", f"/containers/{container.id}?force=1&v=1")

    def containers(self, label):
        """Containers with the label ("key" or "key=value"), running or not."""
        return docker("GET", "/containers/json?all=1&filters=" + urllib.parse.quote(json.dumps({"label": [label]})))

    def run(self, kind, image, port, **body):
        """A container of the image, its port published; not yet ready for use."""
        name = f"berth-test-{secrets.token_hex(6)}"
        host_port = free_port()
        created = docker("POST", f"/containers/create?name={name}", {
            "Image": image, "Labels": {LABEL: "1"}, "ExposedPorts": {f"{port}/tcp": {}}, **body,
            "HostConfig": {"PortBindings": {f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(host_port)}]},
                           **body.get("HostConfig", {})}})
        assert created and "Id" in created, f"{image}: {created}"
        container = kind(created["Id"], name, host_port)
        self.made.append(container)
        docker("POST", f"/containers/{container.id}/start")
        return container

    def run_postgres(self, tag="15", arguments=()):
        """A server that took a real login on its published port. Its data is in memory."""
        data = "/var/lib/postgresql" if int(tag.split(".")[0]) >= 18 else "/var/lib/postgresql/data"
        postgres = self.run(Postgres, f"postgres:{tag}", 5432, Env=[f"POSTGRES_PASSWORD={Postgres.password}"],
                            Cmd=["postgres", *arguments], HostConfig={"Tmpfs": {data: "rw"}})
        eventually(postgres.answers, READY_SECONDS, f"a login to {postgres.name}")
        return postgres

    def run_mysql(self, image="mysql:9", arguments=()):
        """As run_postgres; "mariadb:10.11" is the other one."""
        mysql = self.run(Mysql, image, 3306, Env=[f"MYSQL_ROOT_PASSWORD={Mysql.password}"],
                         Cmd=["mysqld", "--skip-log-bin", "--performance-schema=OFF",
                              "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", *arguments],
                         HostConfig={"Tmpfs": {"/var/lib/mysql": "rw"}})
        eventually(mysql.answers, MYSQL_READY_SECONDS, f"a login to {mysql.name}")
        return mysql

    def run_redis(self, tag="7"):
        redis = self.run(Redis, f"redis:{tag}", 6379)
        eventually(redis.answers, READY_SECONDS, f"an answer of {redis.name}")
        return redis

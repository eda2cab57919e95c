# needs: engine
"""MySQL and MariaDB in containers: from nothing to a seeded database that every form of its address reaches; data of
another password is healed, data of another version is run by that one, and neither server gets to see the other's. Slow first starts: test_readiness.py.
"""
import json
import subprocess
import urllib.parse

from support.workspace import Workspace, docker, eventually, run_tests

FIRST_START_SECONDS = 180  # of a busy machine; the image makes 100 MB of data
CONNECTIONS = 8
# A disk's waits are no part of this.
ARGS = ["--performance-schema=OFF", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]
MYSQL = {"Engine": "Mysql", "DatabaseName": "my-app", "Args": ["--skip-log-bin", *ARGS]}
MARIADB = {"Engine": "mysql", "Image": "mariadb", "ImageTag": "10.11", "DatabaseName": "my-app", "Args": ARGS}
# The first thing that what waited for the database does.
CLIENT = f"""i=0
while [ $i -lt {CONNECTIONS} ]; do
    MYSQL_PWD=$MY_APP_PASSWORD mariadb --no-defaults -h $MY_APP_HOST -P $MY_APP_PORT -u $MY_APP_USERNAME -BN \\
        $MY_APP_DATABASENAME -e "SELECT 'rows', COUNT(*) FROM notes" 2>&1
    i=$((i + 1))
done
echo done
exec sleep 1000
"""
FILES = {
    "client.sh": CLIENT,
    "database/db/migrations/20260101000000_init/migration.sql":
        "CREATE TABLE `notes` (`id` INTEGER NOT NULL AUTO_INCREMENT, `title` VARCHAR(191) NOT NULL, PRIMARY KEY (`id`)) "
        "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n",
    "database/db/migrations/20260102000000_done/migration.sql":
        "ALTER TABLE `notes` ADD COLUMN `done` BOOLEAN NOT NULL DEFAULT false;\n",
    "database/db/migrations/migration_lock.toml": 'provider = "mysql"\n',
    "database/db/seeds/bootstrap/10_notes.sql": "INSERT INTO `notes` (`title`) VALUES ('a;b'), ('naïve 🙂');\n",
}


def settings(database, **more):
    return {"NetScript": {"Name": "engines", "Databases": {"db": {**database, **more}},
                          "BackgroundProcessors": {"client": {"Command": ["sh", "client.sh"], "Workdir": ".",
                                                              "RequiresDb": True}}}}


def change(w, database, **more):
    w.write("appsettings.json", json.dumps(settings(database, **more)))


def environment(w):
    return json.loads(w.run("env", "client", "--reveal", "--format", "json", check=0).stdout)


def query(host, port, user, password, database, sql):
    run = subprocess.run(["mariadb", "--no-defaults", "--default-character-set=utf8mb4", "-h", host, "-P", str(port),
                          "-u", user, "-BN", database, "-e", sql],
                         env={"PATH": "/usr/bin:/bin", "MYSQL_PWD": password}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout.strip()


def rows(w):
    url = urllib.parse.urlsplit(w.run("url", "db", "--reveal", check=0).stdout.strip())
    return query(url.hostname, url.port, url.username, urllib.parse.unquote(url.password), url.path[1:],
                 "SELECT GROUP_CONCAT(title ORDER BY id) FROM notes")


def check_client(w):
    """Released when the database was seeded, and no earlier: none of its connections was refused."""
    def said():
        return [line.split(" | ", 1)[1] for line in w.run("logs", "client", "-n", "1000").stdout.splitlines()]
    eventually(lambda: "done" in said(), 60, "the connections")
    assert said() == ["rows 2"] * CONNECTIONS + ["done"], said()


def check_environment(w):
    """Each form of the address is one that a login works by."""
    env = environment(w)
    assert env["DATABASE_URL"] == env["DB_URI"] == env["MY_APP_URI"] and env["DB_PROVIDER"] == "db", env
    for form in (env["DATABASE_URL"], env["ConnectionStrings__my-app"]):
        with Workspace(files={k.replace("/db/", "/mysql/"): v for k, v in FILES.items()}) as other:
            for variable in ("DATABASE_URL", "MYSQL_URI"):
                status = other.run("db", "status", "--json", env={variable: form}, check=0)
                assert json.loads(status.stdout)["applied"] == 2, status.stdout
    jdbc = urllib.parse.urlsplit(env["MY_APP_JDBCCONNECTIONSTRING"].removeprefix("jdbc:"))
    assert query(jdbc.hostname, jdbc.port, env["MY_APP_USERNAME"], env["MY_APP_PASSWORD"], jdbc.path[1:], "SELECT 1") == "1"


def check_no_secret(w):
    password = (w.root / ".berth/secrets/db/password").read_text()
    container = next(c for c in w.containers() if c["Names"][0] == f"/db-{w.id()}")
    assert password not in json.dumps(docker("GET", f"/containers/{container['Id']}/json"))
    assert password not in w.output() + w.run("logs", "db", "-n", "1000").stdout


def check_external(w):
    """The same server as somebody else's: no Docker, and the same loop."""
    url = w.run("url", "db", "--reveal", check=0).stdout.strip().replace("/my-app", "/other")
    files = {k.replace("/db/", "/mysql/"): v for k, v in FILES.items()}
    with Workspace(files=files, env={"DOCKER_HOST": "unix:///nonexistent"}) as other:
        refused = other.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": url}, check=5)
        assert "Unknown database 'other'" in refused.stdout + refused.stderr, refused
        other.run("db", "deploy", env={"DATABASE_URL": url}, check=0)  # makes it
        other.start("--no-aspire", env={"DATABASE_URL": url})
        assert other.resources()["mysql"]["health"] == "Healthy"
        other.stop()
        wrong = urllib.parse.urlsplit(url)
        wrong = wrong._replace(netloc=f"root:wrong@{wrong.hostname}:{wrong.port}").geturl()
        refused = other.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": wrong}, check=5)
        assert "login refused: Access denied for user 'root'" in refused.stdout + refused.stderr, refused


def check_tls(w, has_tls):
    """TLS where it is asked for, where the server wants it, and nowhere else."""
    url = w.run("url", "db", "--reveal", check=0).stdout.strip()
    with Workspace(env={"DOCKER_HOST": "unix:///nonexistent"}) as other:
        def says(parameters, *texts):
            run = other.run("start", "--no-aspire", "--no-dashboard", env={"DATABASE_URL": url + parameters}, check=5)
            assert all(text in run.stderr for text in texts), run
            run = other.run("db", "status", env={"DATABASE_URL": url + parameters}, check=1)
            assert all(text in run.stderr for text in texts), run

        def works(parameters):
            other.start("--no-aspire", "--no-dashboard", env={"DATABASE_URL": url + parameters})
            other.stop()
            other.run("db", "diff", "--from", url + parameters, "--to", url + parameters, "--exit-code", check=0)
        if not has_tls:
            says("?sslaccept=accept_invalid_certs", "TLS is asked for, and the server has none")
            says("?sslaccept=strict", "SSL is required, but the server does not support it")
            return
        works("?sslaccept=accept_invalid_certs")
        says("?sslaccept=strict", "TLS/SSL error", "certificate")
        address = urllib.parse.urlsplit(url)
        query(address.hostname, address.port, "root", urllib.parse.unquote(address.password), "mysql",
              "SET GLOBAL require_secure_transport = ON")
        works("")


def check_healing(w):
    """The password is lost, and with it nothing else."""
    (w.root / ".berth/secrets/db/password").write_text("it's \\ `new` $HOME \"x\"")
    w.start(seconds=FIRST_START_SECONDS)
    assert "its data was made with another password: it was given the one in" in w.output(), w.output()
    assert rows(w) == "a;b,naïve 🙂"
    check_no_secret(w)
    w.stop("--all")
    assert [c for c in w.containers() if c["State"] == "running" or "one-off" in c["Names"][0]] == []


def check_refused(w, database, said, **more):
    """Before anything of it is touched: nothing is made but what looked."""
    change(w, database, **more)
    w.spawn()
    assert w.wait() == 5, w.output()
    assert said in w.output() and "nothing was changed: set Image and ImageTag" in w.output(), w.output()
    assert [c for c in w.containers() if c["State"] == "running" or "one-off" in c["Names"][0]] == []


def check_other_version(w, database, note, **more):
    change(w, database, **more)
    w.start(seconds=FIRST_START_SECONDS)
    assert f"note: db: {note}" in w.output(), w.output()
    assert rows(w) == "a;b,naïve 🙂"
    forget_version(w)
    w.stop("--all")


def forget_version(w):
    """As servers below 8.4 leave their data: only the redo log says who wrote it."""
    execution = docker("POST", f"/containers/db-{w.id()}/exec", {
        "Cmd": ["sh", "-c", "rm /var/lib/mysql/mysql_upgrade_history || rm /var/lib/mysql/mysql_upgrade_info"]})
    docker("POST", f"/exec/{execution['Id']}/start", {"Detach": True})
    ended = eventually(lambda: not (e := docker("GET", f"/exec/{execution['Id']}/json"))["Running"] and e, 20, "rm")
    assert ended["ExitCode"] == 0, ended


def begin(w):
    w.start(seconds=FIRST_START_SECONDS)
    check_client(w)
    assert rows(w) == "a;b,naïve 🙂"
    check_no_secret(w)
    states = {name: r["state"] for name, r in w.resources().items()}
    assert w.run("connect", "db", "--", "-BNe", "SELECT COUNT(*) FROM notes", check=0).stdout == "2\n"
    assert states == {"db": "Running", "db-migrations": "Finished", "db-seed": "Finished", "client": "Running"}, states


def test_mysql():
    with Workspace(settings=settings(MYSQL), files=FILES) as w:
        begin(w)
        assert w.resources()["db"]["message"].startswith("Mysql 9."), w.resources()["db"]
        check_tls(w, has_tls=True)
        w.stop()
        assert w.containers() == []
        # With nothing running a `db` command brings the server up, and down again.
        assert w.json("db", "status")["applied"] == 2
        assert w.containers() == []
        check_healing(w)
        check_other_version(w, MYSQL, "its data was made by MySQL 9: running mysql:9 instead of mysql:8.4", ImageTag="8.4")
        check_refused(w, MARIADB, "its data was made by MySQL 9, and mariadb:10.11 is MariaDB")


def test_mariadb():
    with Workspace(settings=settings(MARIADB, DataPath=".data/db"), files=FILES) as w:
        begin(w)
        assert w.resources()["db"]["message"].endswith("-MariaDB"), w.resources()["db"]
        check_environment(w)
        check_external(w)
        check_tls(w, has_tls=False)
        w.stop()
        check_healing(w)
        check_other_version(w, MARIADB, "its data was made by MariaDB 10.11: running mariadb:10.11 instead of mariadb:11.4",
                            ImageTag="11.4", DataPath=".data/db")
        check_refused(w, MYSQL, "its data was made by MariaDB 10.11, and mysql:9 is MySQL", DataPath=".data/db")


run_tests(globals())

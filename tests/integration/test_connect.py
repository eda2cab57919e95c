# needs: engine
"""`berth connect`: the engine's client, logged in, without the password in its arguments."""
import shutil
import subprocess

from support.workspace import BERTH, Workspace, run_tests

PASSWORD = "correct-horse-battery"
SETTINGS = {"Parameters": {"redis-password": PASSWORD},
            "NetScript": {"Name": "connect", "Cache": {"redis": {"Engine": "Redis"}},
                          "Databases": {"main": {"Engine": "Sqlite", "DatabaseName": "app.db"}},
                          "Services": {"api": {"Command": ["sleep", "1000"], "Workdir": ".", "HealthCheckPath": False}}}}
# Stands for a program, to be seen by its arguments and environment.
SHOW = """#!/bin/sh
echo "$0 $*"
echo "REDISCLI_AUTH=$REDISCLI_AUTH"
exit 3
"""


def only(w, *programs):
    """A PATH with nothing but stand-ins for these programs."""
    directory = w.root / ("bin-" + "-".join(programs))
    for program in programs:
        path = w.write(f"{directory.name}/{program}", SHOW)
        path.chmod(0o755)
    directory.mkdir(exist_ok=True)
    return {"PATH": str(directory)}


def test_real_clients():
    with Workspace(settings=SETTINGS) as w:
        assert w.run("connect", "redis").returncode == 7
        w.start()
        assert w.run("connect", "redis", "--", "PING", check=0).stdout == "PONG\n"
        typed = subprocess.run([BERTH, "connect", "main"], cwd=w.root, env=w.env, input="SELECT 6 * 7;\n",
                               capture_output=True, text=True, timeout=60)
        assert typed.stdout == "42\n", typed
        assert w.run("connect", "main", "--", "SELECT wrong").returncode == 1  # sqlite3's own
        w.stop()


def test_postgres_by_the_host_and_by_the_container():
    database = {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}
    with Workspace(settings={"NetScript": {"Name": "connect", "Databases": {"main": database}}}) as w:
        w.start()
        query = ["connect", "main", "--", "-Atc", "SELECT current_user, current_database()"]
        assert w.run(*query, check=0).stdout == "postgres|app\n"
        (w.root / "docker-only").mkdir()
        (w.root / "docker-only/docker").symlink_to(shutil.which("docker"))
        assert w.run(*query, env={"PATH": str(w.root / "docker-only")}, check=0).stdout == "postgres|app\n"
        w.stop()


def test_arguments_environment_and_fallback():
    with Workspace(settings=SETTINGS) as w:
        w.start()
        port = w.run("url", "redis", check=0).stdout.strip().rsplit(":", 1)[1]
        said = w.run("connect", "redis", "--", "INFO", env=only(w, "redis-cli"), check=3).stdout
        command, variable = said.splitlines()
        assert command.endswith(f"redis-cli -h 127.0.0.1 -p {port} INFO") and PASSWORD not in command, said
        assert variable == f"REDISCLI_AUTH={PASSWORD}"
        said = w.run("connect", "redis", "--", "INFO", env=only(w, "docker"), check=3).stdout
        command, variable = said.splitlines()
        assert command.endswith(f"docker exec -i -e REDISCLI_AUTH redis-{w.id()} "
                                "redis-cli -h 127.0.0.1 -p 6379 INFO"), said
        assert PASSWORD not in command and variable == f"REDISCLI_AUTH={PASSWORD}"
        said = w.run("connect", "redis", env=only(w), check=1)
        assert "there is no redis-cli here" in said.stderr and "apt install redis-tools" in said.stderr
        assert "there is no sqlite3 here" in w.run("connect", "main", env=only(w), check=1).stderr
        for name, code, words in [("api", 2, "connect is for databases and caches"), ("apl", 2, "no resource is named")]:
            assert words in w.run("connect", name, check=code).stderr
        assert "wants the name" in w.run("connect", check=2).stderr
        w.stop()


run_tests(globals())

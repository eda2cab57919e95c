# needs: engine
"""What a killed berth was to end, though no label says so: the next command ends it, and nothing else."""
import json
import subprocess

from support.engine_proxy import EngineProxy
from support.workspace import BERTH, Workspace, docker, eventually, run_tests

REDIS = {"Engine": "Redis"}
POSTGRES = {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app", "Persistent": True}
SQLITE = {"Engine": "Sqlite", "DatabaseName": "app.db"}


def settings(databases, caches):
    return {"NetScript": {"Name": "leftovers", "Databases": databases, "Cache": caches}}


def names(w, state="running"):
    return {c["Names"][0][1:].rsplit("-", 1)[0] for c in w.containers() if c["State"] == state}


def test_resource_that_the_settings_no_longer_have():
    with Workspace(settings=settings({}, {"redis": REDIS, "kept": {**REDIS, "Persistent": True}})) as w:
        w.start()
        w.kill()
        assert names(w) == {"redis", "kept"}
        # No container is wanted any more, and none is looked for but what is owed.
        w.write("appsettings.json", json.dumps(settings({"sqlite": SQLITE}, {})))
        w.start()
        eventually(lambda: names(w) == {"kept"} and not names(w, "exited"), 20, "the end of what is left over")
        w.stop()
        assert names(w) == {"kept"}  # whoever says Persistent has it until told otherwise


def test_start_of_less_than_was_killed():
    with Workspace(settings=settings({}, {"redis": REDIS, "other": REDIS})) as w:
        w.start()
        w.kill()
        w.start("other")
        eventually(lambda: names(w) == {"other"}, 20, "the end of what is not wanted")
        w.stop()
        assert w.containers() == []


def test_command_that_was_to_leave_its_database_as_it_was():
    with Workspace(settings=settings({"postgres": POSTGRES}, {}), files={
            "database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
            "database/postgres/migrations/1_a/migration.sql": "CREATE TABLE a (id int);",
            "database/postgres/migrations/2_b/migration.sql": "SELECT pg_sleep(5);"}) as w:
        w.start("--no-migrate")
        w.stop("--all")
        assert names(w, "exited") == {"postgres"}
        deploy = subprocess.Popen([BERTH, "db", "deploy"], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: names(w) == {"postgres"}, 30, "the database of the command")
        deploy.kill()
        deploy.wait()
        assert names(w) == {"postgres"}
        w.run("db", "status")
        assert names(w, "exited") == {"postgres"} and not names(w)
        # What ran before a command runs after it.
        w.start("--no-migrate")
        w.stop()
        assert names(w) == {"postgres"}
        w.run("db", "status")
        assert names(w) == {"postgres"}


def test_container_whose_making_was_never_answered():
    with Workspace(settings=settings({}, {"redis": REDIS})) as w, EngineProxy() as proxy:
        proxy.rule = lambda request: "lose" if "/containers/create" in request.path else None
        w.spawn(env={"DOCKER_HOST": proxy.host})
        assert w.wait() in (4, 5), w.output()
        assert any("/containers/create" in request.path for request in proxy.requests)
        assert w.containers() == []


def test_stranger_of_the_same_name():
    """It is not touched, not even where berth wrote down that it was about to make one of that name."""
    with Workspace(settings=settings({}, {"redis": REDIS})) as w:
        made = docker("POST", f"/containers/create?name=redis-{w.id()}", {"Image": "redis:7"})
        try:
            w.spawn()
            assert w.wait() == 5, w.output()
            assert f"there is a container redis-{w.id()} that berth did not make" in w.output(), w.output()
            assert docker("GET", f"/containers/{made['Id']}/json")["State"]["Status"] == "created"
        finally:
            docker("DELETE", f"/containers/{made['Id']}?force=1&v=1")


run_tests(globals())

# needs: engine
"""Settings edited while they run: `berth reload` says what differs, ends and starts that, and touches nothing else."""
import json
import subprocess
import urllib.request

from support.workspace import BERTH, Workspace, docker, eventually, run_tests

# Serves its environment; not before the file NAME.wait is gone.
SERVICE = '''
import http.server, json, os, time
name = os.environ["OTEL_SERVICE_NAME"]
while os.path.exists(name + ".wait"): time.sleep(0.02)
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
    def log_message(self, *a): pass
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
'''
SECRET = "correct-horse-battery"


def service(**more):
    return {"Command": ["python3", "-u", "service.py"], "Workdir": ".", **more}


def base():
    """web has redis's address and waits for it, other has nobody's."""
    return {"NetScript": {"Name": "reload",
                          "Cache": {"redis": {"Engine": "Redis"}},
                          "Services": {"web": service(WaitFor=["redis"], Environment={"LOG": "info"}),
                                       "api": service(ServiceReferences=["web"])},
                          "Plugins": {"other": service()}}}


class Edited(Workspace):
    """A workspace whose settings a test edits."""

    def __init__(self, settings=None, **files):
        self.settings = settings or base()
        super().__init__(settings=self.settings, files={"service.py": SERVICE, **files})

    def edit(self):
        self.write("appsettings.json", json.dumps(self.settings, indent=2))

    def section(self, name):
        return self.settings["NetScript"][name]

    def identities(self):
        """What must stay the same of a resource that nothing touches."""
        return {name: (r["pid"], r["containerId"], r["startedAt"]) for name, r in self.resources().items()}


def environment(w, name):
    return json.loads(w.get(name))


def touched(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_nothing_has_changed():
    with Edited() as w:
        w.start()
        before = w.identities()
        assert w.run("reload", check=0).stdout == "nothing has changed\n"
        w.settings["NetScript"]["Version"] = "2.0"
        w.section("Services")["web"]["Description"] = "says nothing of how it runs"
        w.edit()
        answer = w.json("reload")
        assert sorted(answer.pop("unchanged")) == ["api", "other", "redis", "web"]
        assert answer == {"added": [], "removed": [], "changed": [], "resources": []}, answer
        again = w.run("start", check=0)
        assert again.stdout == "nothing has changed\n" and "runs here already" in again.stderr, again
        assert w.identities() == before
        assert w.stop() == 0


def test_variable_of_a_service():
    with Edited() as w:
        w.start()
        before = w.identities()
        w.section("Services")["web"]["Environment"] = {"LOG": SECRET, "MORE": SECRET}
        w.edit()
        said = w.run("reload", "--dry-run", check=0).stdout
        assert said == ("web  changed  Services.web.Environment.LOG\n"
                        "web  changed  Services.web.Environment.MORE\n"), said
        assert w.identities() == before and environment(w, "web")["LOG"] == "info"
        answer = w.json("start")  # once more: the same
        assert answer["changed"] == [{"name": "web", "after": None, "settings": [
            {"path": "Services.web.Environment.LOG", "from": None, "to": None},
            {"path": "Services.web.Environment.MORE", "from": None, "to": None}]}], answer
        assert [(r["name"], r["state"]) for r in answer["resources"]] == [("web", "Running")]
        assert SECRET not in json.dumps(answer) + w.output() + w.run("logs").stdout
        assert touched(before, w.identities()) == {"web"}
        assert environment(w, "web")["LOG"] == SECRET
        assert "its settings changed: Services.web.Environment.LOG" in w.output(), w.output()
        assert w.stop() == 0
        assert w.marked_processes() == []


def test_arguments_of_a_container():
    with Edited() as w:
        w.start()
        before = w.identities()
        w.section("Cache")["redis"]["Args"] = ["--maxmemory", "32mb"]
        w.edit()
        said = w.run("reload", check=0).stdout
        assert said.startswith("redis  changed  Cache.redis.Args\nredis  Running  redis://"), said
        # web has its address, which is as it was: it goes on.
        assert touched(before, w.identities()) == {"redis"}
        assert len(w.containers()) == 1
        made = docker("GET", f"/containers/{w.resources()['redis']['containerId']}/json")
        assert made["Args"][-2:] == ["--maxmemory", "32mb"], made["Args"]
        w.section("Cache")["redis"]["MemoryLimitMb"] = 64
        w.edit()
        said = w.run("reload", check=0).stdout
        assert said.startswith("redis  changed  Cache.redis.MemoryLimitMb: (none) -> 64\n"), said
        assert w.stop() == 0
        assert w.containers() == []


def test_tag_that_is_not_there_and_back():
    with Edited() as w:
        w.section("Cache")["redis"]["ImageTag"] = "7"
        w.edit()
        w.start()
        before = w.identities()
        w.section("Cache")["redis"]["ImageTag"] = "no-such-tag"
        w.edit()
        said = w.run("reload", check=5)
        assert said.stdout == "redis  changed  Cache.redis.ImageTag: 7 -> no-such-tag\n", said
        assert "error: redis is FailedToStart" in said.stderr, said.stderr
        assert touched(before, w.identities()) == {"redis"}
        # What waits for it can't come up, and does once the tag is right.
        w.run("restart", "web", check=5)
        w.section("Cache")["redis"]["ImageTag"] = "7"
        w.edit()
        said = w.run("reload", check=0).stdout
        assert "redis  changed  Cache.redis.ImageTag: no-such-tag -> 7\nweb  starts again, with redis\n" in said, said
        assert {r["state"] for r in w.resources().values()} == {"Running"}
        assert touched(before, w.identities()) == {"redis", "web"}
        assert w.stop() == 0


def test_added_and_removed():
    with Edited() as w:
        w.start()
        before = w.identities()
        removed = w.section("Plugins").pop("other")
        w.section("Cache")["second"] = {"Engine": "Redis"}
        w.section("Services")["late"] = service(WaitFor=["second"])
        w.settings["NetScript"]["Tools"] = {"tool": service()}
        w.edit()
        answer = w.json("reload")
        assert answer["removed"] == ["other"] and sorted(answer["added"]) == ["late", "second", "tool"], answer
        # Each service is given the address of every cache.
        assert {c["name"]: [s["path"] for s in c["settings"]] for c in answer["changed"]}.keys() == {"web", "api"}
        assert "environment.SECOND_URI" in json.dumps(answer["changed"]), answer
        now = w.identities()
        assert set(now) == {"redis", "web", "api", "second", "late"}, now
        assert now["redis"] == before["redis"]
        assert w.run("wait", "other").returncode == 2
        assert w.json("describe", "late")["resources"][0]["dependsOn"] == ["second"]
        # Back again: the container goes, the plugin comes.
        w.section("Plugins")["other"] = removed
        del w.section("Cache")["second"], w.section("Services")["late"]
        w.edit()
        w.run("reload", check=0)
        assert set(w.resources()) == {"redis", "web", "api", "other"}
        assert len(w.containers()) == 1 and w.identities()["redis"] == before["redis"]
        w.section("Cache")["second"] = {"Engine": "Redis"}
        w.edit()
        w.run("reload", check=0)
        assert w.resources()["second"]["health"] == "Healthy"
        assert w.stop() == 0
        assert w.containers() == [] and w.marked_processes() == []


def test_persistent_container_is_removed_with_its_name():
    with Edited({"NetScript": {"Name": "reload", "Cache": {"redis": {"Engine": "Redis", "Persistent": True}},
                               "Services": {"web": service()}}}) as w:
        w.start()
        web = w.identities()["web"]
        del w.settings["NetScript"]["Cache"]
        w.edit()
        answer = w.json("reload", "--dry-run")
        assert answer["removed"] == ["redis"] and len(w.containers()) == 1
        w.run("reload", check=0)
        assert w.containers() == [] and set(w.resources()) == {"web"}
        assert w.identities()["web"] != web  # it was given the cache's address
        assert w.stop() == 0


def test_a_container_gives_way_to_the_server_of_another():
    with Edited() as w, Edited() as owner:
        owner.start("redis")
        w.start()
        other = w.identities()["other"]
        w.section("Cache")["redis"]["Mode"] = "External"
        w.settings["ConnectionStrings"] = {"redis": owner.run("url", "redis", check=0).stdout.strip()}
        w.edit()
        w.run("reload", check=0)
        assert w.containers() == [] and w.resources()["redis"]["health"] == "Healthy"
        assert environment(w, "web")["REDIS_URI"] == w.settings["ConnectionStrings"]["redis"]
        del w.section("Cache")["redis"]["Mode"], w.settings["ConnectionStrings"]
        w.edit()
        w.run("reload", check=0)
        assert len(w.containers()) == 1 and w.resources()["redis"]["health"] == "Healthy"
        assert w.identities()["other"] == other
        assert w.stop() == 0
        assert owner.stop() == 0


def test_a_second_one_meanwhile():
    # It is refused while the first still ends something, and `stop` ends both.
    slow = "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done"
    with Edited({"NetScript": {"Name": "reload", "BackgroundProcessors": {
            "slow": {"Command": ["bash", "-c", slow], "Workdir": "."}}}}) as w:
        w.start()
        w.section("BackgroundProcessors")["slow"]["Environment"] = {"LOG": "debug"}
        w.edit()
        first = subprocess.Popen([BERTH, "reload"], cwd=w.root, env=w.env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        eventually(lambda: w.resources()["slow"]["state"] == "Stopping", 10, "the end")
        w.section("BackgroundProcessors")["slow"]["Environment"] = {"LOG": "trace"}
        w.edit()
        second = w.run("reload", check=5)
        assert "still being ended" in second.stderr, second.stderr
        w.run("stop", check=0)
        out, err = first.communicate(timeout=30)
        assert first.returncode == 7 and "berth ended before it was done" in err, (out, err)
        assert w.wait() == 0 and w.marked_processes() == []


def test_mistakes_touch_nothing():
    with Edited() as w:
        w.start()
        before = w.identities()
        good = json.dumps(w.settings, indent=2)
        w.write("appsettings.json", good.replace('"LOG": "info"', '"LOG": [1'))
        said = w.run("reload", check=3)
        assert "appsettings.json:" in said.stderr and "left as it is" in said.stderr, said.stderr
        w.section("Services")["web"]["Workdir"] = "nowhere"  # only the plan sees that
        w.section("Services")["api"]["Environment"] = {"A": "b"}
        w.edit()
        said = w.run("start", check=3)
        line = next(n for n, text in enumerate((w.root / "appsettings.json").read_text().splitlines(), 1)
                    if "nowhere" in text)
        assert f"appsettings.json:{line}:" in said.stderr and "does not exist" in said.stderr, said.stderr
        (w.root / "appsettings.json").unlink()
        assert w.run("reload").returncode == 3
        assert w.identities() == before
        w.write("appsettings.json", good)
        assert w.run("reload", check=0).stdout == "nothing has changed\n"
        assert w.stop() == 0


def test_while_it_starts():
    with Edited(**{"web.wait": ""}) as w:
        w.spawn()
        eventually(lambda: w.run("ps").returncode == 0 and w.resources()["web"]["pid"], 30, "the start")
        before = w.identities()
        w.section("Services")["web"]["Environment"]["LOG"] = "debug"
        w.section("Services")["more"] = service(WaitFor=["web"])
        w.edit()
        reloading = subprocess.Popen([BERTH, "reload"], cwd=w.root, env=w.env, stdout=subprocess.PIPE, text=True)
        eventually(lambda: w.resources()["web"]["pid"] not in (None, before["web"][0]), 20, "another process")
        assert w.resources()["more"]["state"] == "Waiting"
        (w.root / "web.wait").unlink()
        said = reloading.communicate(timeout=60)[0]
        assert said.startswith("web  changed  Services.web.Environment.LOG\nmore  added\nweb  Running  "), said
        assert reloading.returncode == 0
        w.run("wait", "api", check=0)
        assert {r["state"] for r in w.resources().values()} == {"Running"}
        assert environment(w, "web")["LOG"] == "debug"
        assert touched(before, w.identities()) >= {"web", "more"} and w.identities()["redis"][1] == before["redis"][1]
        assert w.stop() == 0
        assert w.containers() == [] and w.marked_processes() == []


def test_what_a_user_stopped_stays_so():
    with Edited() as w:
        w.start()
        w.run("stop", "web", check=0)
        w.section("Services")["web"]["Environment"]["LOG"] = "debug"
        w.edit()
        said = w.run("reload", check=0).stdout
        assert said == "web  changed  Services.web.Environment.LOG\n", said
        assert w.resources()["web"]["state"] == "Finished"
        w.run("start", "web", check=0)
        assert environment(w, "web")["LOG"] == "debug"
        assert w.stop() == 0


def test_database_is_made_anew_with_its_jobs():
    migration = "CREATE TABLE t (a INTEGER);"
    files = {"database/main/migrations/20260101000000_init/migration.sql": migration}
    with Edited({"NetScript": {"Name": "reload", "Databases": {"main": {"Engine": "Sqlite", "DatabaseName": "one.db"}},
                               "Services": {"web": service()}, "Plugins": {"other": service()}}}, **files) as w:
        w.start()
        before = w.identities()
        w.section("Databases")["main"]["DatabaseName"] = "two.db"
        w.edit()
        said = w.run("reload", check=0).stdout
        assert "main  changed  Databases.main.DatabaseName: one.db -> two.db\n" in said, said
        assert "main-migrations  Finished" in said, said
        assert touched(before, w.identities()) == {"main", "main-migrations", "web"}
        assert (w.root / "database/main/two.db").exists()
        assert w.stop() == 0


def test_part_of_the_workspace():
    with Edited() as w:
        w.start("other")
        w.section("Services")["late"] = service()
        w.section("Plugins")["other"]["WaitFor"] = ["web"]
        w.edit()
        said = w.run("reload", check=0).stdout
        assert said.startswith("other  changed  Plugins.other.WaitFor\nlate  added\n"), said
        # What it waits for now joins the run, with what that waits for; the rest stays out of it.
        assert {n: r["state"] for n, r in w.resources().items()} == dict.fromkeys(
            ("redis", "web", "other"), "Running")
        assert w.stop() == 0


def test_nothing_runs():
    with Edited() as w:
        said = w.run("reload", check=7)
        assert "berth is not running" in said.stderr


run_tests(globals())

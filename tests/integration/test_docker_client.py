# needs: engine
"""The Docker client on a real engine: every call once, and the failures a real engine gives."""
import json
import os
import pathlib
import pwd
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import uuid

from support.docker_client import PROGRAM, call, environment, start

SOURCE = pathlib.Path(os.environ["BERTH_SOURCE"])
IMAGE = "berth-test/hello:1"
RUN = f"berth-test-{uuid.uuid4().hex[:8]}"
LABEL = f"berth.test.run={RUN}"


def setUpModule():
    subprocess.run([SOURCE / "tests/engine/images/build", IMAGE], check=True,
                   stdout=subprocess.DEVNULL)


def tearDownModule():
    for container in call("list", LABEL).json:
        call("remove", container["Id"], "force")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.05)
    return value


class Containers:
    """Made for one test, gone after it."""

    def __init__(self, test):
        self.test = test

    def create(self, *command, port=None, image=IMAGE, **body):
        name = f"{RUN}-{uuid.uuid4().hex[:8]}"
        if port:
            body["ExposedPorts"] = {"80/tcp": {}}
            body["HostConfig"] = {"PortBindings": {"80/tcp": [
                {"HostIp": "127.0.0.1", "HostPort": str(port)}]}}
        key, _, value = LABEL.partition("=")
        body = {"Image": image, "Labels": {key: value}, **body}
        if command:
            body["Cmd"] = command
        outcome = call("create", name, json.dumps(body))
        self.test.assertEqual(outcome.status, 201, outcome)
        self.test.addCleanup(call, "remove", name, "force")
        return name

    def run(self, *command, **body):
        name = self.create(*command, **body)
        outcome = call("start", name)
        self.test.assertEqual(outcome.status, 204, outcome)
        return name


class Calls(unittest.TestCase):
    def setUp(self):
        self.containers = Containers(self)

    def test_ping(self):
        self.assertEqual(call("ping").status, 200)

    def test_the_life_of_a_container(self):
        name = self.containers.create("sleep", "60", StopTimeout=1)
        self.assertFalse(call("inspect", name).json["State"]["Running"])
        self.assertEqual(call("start", name).status, 204)
        again = call("start", name)
        self.assertEqual((again.status, again.error), (304, None))
        self.assertTrue(call("inspect", name).json["State"]["Running"])
        listed = call("list", LABEL).json
        self.assertIn(f"/{name}", [n for c in listed for n in c["Names"]])
        running = call("remove", name, "gently")
        self.assertEqual(running.status, 409)
        self.assertIn("running", running.error)
        # sleep has no handler and is process 1: it ends by the KILL after the time given.
        began = time.monotonic()
        self.assertEqual(call("stop", name, 1).status, 204)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(call("inspect", name).json["State"]["ExitCode"], 137)
        again = call("stop", name, 1)
        self.assertEqual((again.status, again.error), (304, None))
        self.assertEqual(call("remove", name, "gently").status, 204)
        gone = call("inspect", name)
        self.assertEqual((gone.status, gone.error), (404, f"No such container: {name}"))

    def test_a_list_has_only_what_carries_the_label(self):
        name = self.containers.create()
        self.assertTrue(call("list", LABEL).json)
        self.assertEqual(call("list", f"{LABEL}x").json, [])
        self.assertEqual(call("list", "berth.test.run=").json, [])
        self.assertIn(f"/{name}", [n for c in call("list", "berth.test.run").json for n in c["Names"]])

    def test_removing_takes_anonymous_volumes_along(self):
        name = self.containers.run("sleep", "60", Volumes={"/data": {}})
        volume = call("inspect", name).json["Mounts"][0]["Name"]
        self.assertEqual(call("request", "GET", f"/volumes/{volume}", "", 0).status, 200)
        self.assertEqual(call("remove", name, "force").status, 204)
        self.assertEqual(call("request", "GET", f"/volumes/{volume}", "", 0).status, 404)

    def test_networks_and_volumes(self):
        for kind in ("network", "volume"):
            name = f"{RUN}-{kind}"
            self.addCleanup(call, f"{kind}-remove", name)
            self.assertEqual(call(f"{kind}-create", json.dumps({"Name": name})).status, 201)
            self.assertEqual(call(f"{kind}-inspect", name).json["Name"], name)
            self.assertEqual(call(f"{kind}-remove", name).status, 204)
            gone = call(f"{kind}-inspect", name)
            self.assertEqual(gone.status, 404)
            self.assertIn(name, gone.error)

    def test_images(self):
        self.assertIn(IMAGE, call("image", IMAGE).json["RepoTags"])
        tags = [t for image in call("images").json for t in image["RepoTags"] or []]
        self.assertIn(IMAGE, tags)
        missing = call("image", "berth-test/no-such-image:1")
        self.assertEqual(missing.status, 404)
        self.assertIn("no such image", missing.error.lower())


class Output(unittest.TestCase):
    def setUp(self):
        self.containers = Containers(self)

    def test_logs_of_both_streams(self):
        name = self.containers.run("sh", "-c", "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three")
        followed = call("logs", name, "follow", -1, "")
        self.assertEqual((followed.text(1), followed.text(2)), ("one\nthree\n", "two\n"), followed)
        self.assertEqual((followed.status, followed.error), (200, None))
        kept = call("logs", name, "kept", -1, "")
        self.assertEqual((kept.text(1), kept.text(2)), ("one\nthree\n", "two\n"))
        self.assertEqual(call("logs", name, "kept", 1, "").text(1), "three\n")
        later = call("logs", name, "kept", -1, f"{time.time() + 60:.3f}")
        self.assertEqual((later.output, later.error), ([], None))

    def test_logs_of_a_terminal(self):
        name = self.containers.run("sh", "-c", "echo out; echo err >&2", Tty=True)
        outcome = call("logs", name, "follow", -1, "")
        self.assertEqual((outcome.text(1), outcome.text(2)), ("out\r\nerr\r\n", ""))

    def test_logs_of_many_bytes(self):
        # Old engines cut a followed log short when the container ends in the midst of much.
        name = self.containers.run("sh", "-c", "seq 1 50000; seq 1 50000 >&2")
        outcome = call("logs", name, "follow", -1, "")
        lines = "".join(f"{i}\n" for i in range(1, 50001))
        self.assertTrue(outcome.text(1) == lines and outcome.text(2) == lines)

    def test_a_followed_log_can_be_cancelled(self):
        name = self.containers.run("sh", "-c", "while :; do echo tick; sleep 0.1; done")
        outcome = call("logs-cancel", name, timeout=10)
        self.assertTrue(outcome.text(1).startswith("tick\n"))
        self.assertEqual(outcome.result_count, 0)

    def test_commands_inside(self):
        name = self.containers.run("sleep", "60")
        outcome = call("exec", name, "sh", "-c", "echo out; echo err >&2; exit 3")
        self.assertEqual((outcome.text(1), outcome.text(2), outcome.json["ExitCode"]),
                         ("out\n", "err\n", 3))
        many = call("exec", name, "seq", 1, 50000)
        self.assertEqual(len(many.text(1).split()), 50000)
        missing = call("exec", name, "no-such-program")
        self.assertTrue(missing.error or missing.json["ExitCode"] in (126, 127), missing)
        self.assertEqual(call("exec", f"{RUN}-none", "true").status, 404)

    def test_commands_inside_what_does_not_run(self):
        outcome = call("exec", self.containers.create(), "true")
        self.assertEqual(outcome.status, 409)
        self.assertIn("is not running", outcome.error)


class Events(unittest.TestCase):
    def test_events_of_our_containers_without_exec(self):
        containers = Containers(self)
        stream = start("events", LABEL)
        self.addCleanup(stream.stdout.close)
        self.addCleanup(stream.wait)
        self.addCleanup(stream.terminate)
        seen = []
        reader = threading.Thread(target=lambda: seen.extend(
            (json.loads(line)["event"]["Actor"]["ID"], json.loads(line)["event"]["Action"])
            for line in stream.stdout), daemon=True)
        reader.start()
        # Nothing tells that the engine listens; the first event that comes does.
        wait_for(lambda: containers.create() and seen, "the first event")
        name = containers.run("sleep", "60")
        container_id = call("inspect", name).json["Id"]
        self.assertEqual(call("exec", name, "true").json["ExitCode"], 0)
        call("stop", name, 0)
        call("remove", name, "gently")

        def actions():
            return [action for who, action in seen if who == container_id]

        wait_for(lambda: "destroy" in actions(), "the last event")
        self.assertEqual([a for a in actions() if a not in ("kill", "stop")],
                         ["create", "start", "die", "destroy"])


class Failures(unittest.TestCase):
    def setUp(self):
        self.containers = Containers(self)

    def test_a_name_that_is_taken(self):
        name = self.containers.create()
        outcome = call("create", name, json.dumps({"Image": IMAGE}))
        self.assertEqual(outcome.status, 409)
        self.assertIn("already in use by container", outcome.error)
        self.assertNotRegex(outcome.error, "[0-9a-f]{13}")

    def test_an_image_that_is_missing(self):
        outcome = call("create", f"{RUN}-none", json.dumps({"Image": "berth-test/none:1"}))
        self.assertEqual(outcome.status, 404)
        self.assertIn("no such image: berth-test/none:1", outcome.error.lower())

    def test_a_body_that_is_wrong(self):
        outcome = call("create", f"{RUN}-none", json.dumps({"Image": 7}))
        self.assertIn(outcome.status, (400, 500))
        self.assertNotIn("\n", outcome.error)

    def test_a_port_that_another_container_has(self):
        port = free_port()
        self.containers.run("sleep", "60", port=port)
        outcome = call("start", self.containers.create("sleep", "60", port=port))
        self.assertEqual(outcome.status, 500)
        self.assertIn("port is already allocated", outcome.error)
        self.assertEqual(outcome.hint, f"another container publishes port {port}: "
                                       f"`docker ps --filter publish={port}` names it")

    def test_a_port_that_a_process_has(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            outcome = call("start", self.containers.create("sleep", "60", port=port))
        self.assertEqual(outcome.status, 500)
        self.assertIn("address already in use", outcome.error)
        self.assertIn(f"listens on port {port}", outcome.hint)

    def test_a_command_that_is_missing(self):
        outcome = call("start", self.containers.create("/no/such/program"))
        self.assertEqual(outcome.status, 400)
        self.assertIn("no such file or directory", outcome.error)

    def test_no_permission(self):
        nobody = pwd.getpwnam("nobody")
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "docker.sock"
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(str(path))
                listener.listen()
                path.chmod(0o600)
                pathlib.Path(directory).chmod(0o755)
                # Only root is above permissions; anybody else takes the right from himself.
                who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
                if os.geteuid() != 0:
                    path.chmod(0)
                    who = {}
                program = self.readable_program(directory)
                run = subprocess.run([program, "ping"], env=environment(f"unix://{path}"), **who,
                                     capture_output=True, text=True)
        result = json.loads(run.stdout)["result"]
        self.assertEqual(result["exit"], 4)
        self.assertEqual(result["error"], f"no permission to use the Docker engine at unix://{path}")
        self.assertIn("usermod -aG docker", result["hint"])

    @staticmethod
    def readable_program(directory):
        """The build may lie below a home that nobody else may enter."""
        copy = pathlib.Path(directory) / "docker_client"
        copy.write_bytes(PROGRAM.read_bytes())
        copy.chmod(0o755)
        return copy


class Pulls(unittest.TestCase):
    def test_from_a_registry_with_progress(self):
        run = subprocess.run([SOURCE / "tests/engine/registry", "up"], check=True,
                             stdout=subprocess.PIPE, text=True)
        image = run.stdout.split()[-1]
        self.addCleanup(call, "request", "DELETE", f"/images/{image}", "", 0)
        call("request", "DELETE", f"/images/{image}?force=1", "", 0)
        outcome = call("pull", image)
        self.assertEqual((outcome.status, outcome.error), (200, None), outcome)
        self.assertIn(image, call("image", image).json["RepoTags"])
        done = [p["done"] for p in outcome.progress]
        self.assertEqual(done, sorted(done))
        last = outcome.progress[-1]
        self.assertEqual((last["done"], last["text"]), (last["total"], "Complete"))
        self.assertGreater(last["total"], 10_000_000)
        self.assertTrue(any(0 < p["done"] < p["total"] for p in outcome.progress))

        # Now it is here with one tag, and another is asked for.
        repository = image.rpartition(":")[0]
        missing = call("pull", f"{repository}:no-such-tag")
        self.assertTrue(missing.error.startswith(f"cannot pull {repository}:no-such-tag: "), missing)
        self.assertIn("not found", missing.error)
        self.assertEqual(missing.hint, f"{repository} is here with the tags: 1")

    def test_from_a_registry_that_does_not_answer(self):
        registry = f"127.0.0.1:{free_port()}"
        outcome = call("pull", f"{registry}/berth-test/hello:1")
        self.assertEqual(outcome.exit, 1)
        self.assertIn("connection refused", outcome.error)
        self.assertEqual(outcome.hint, f"the engine does not reach the registry {registry}: check "
                                       "the network and the engine's proxy")

    def test_a_name_that_is_none(self):
        outcome = call("pull", "Not A Name")
        self.assertEqual(outcome.status, 400)
        self.assertIn("invalid reference format", outcome.error)


if __name__ == "__main__":
    unittest.main()

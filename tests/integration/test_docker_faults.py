"""The Docker client against an engine at fault: every failure is one readable line, none is a crash."""
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import unittest

from support.docker_client import call
from support.fake_engine import FakeEngine

NO_ENGINE, FAILED, TIMED_OUT = 4, 1, 6


def frame(stream, data):
    return struct.pack(">BxxxL", stream, len(data)) + data


class Negotiation(unittest.TestCase):
    def versions_used(self, api):
        with FakeEngine(api) as engine:
            engine.answer("GET", "/images/json", body=[])
            outcome = call("images", host=engine.host)
            return outcome, [r.path for r in engine.requests]

    def test_an_engine_of_our_oldest_version_is_spoken_to_in_it(self):
        outcome, paths = self.versions_used("1.41")
        self.assertEqual((outcome.status, paths), (200, ["/_ping", "/v1.41/images/json"]))

    def test_an_engine_between_is_spoken_to_in_its_own(self):
        self.assertEqual(self.versions_used("1.47")[1][1], "/v1.47/images/json")

    def test_an_engine_newer_than_we_know_is_spoken_to_in_our_newest(self):
        self.assertEqual(self.versions_used("1.99")[1][1], "/v1.51/images/json")

    def test_an_engine_that_is_too_old_is_named_with_the_remedy(self):
        outcome, paths = self.versions_used("1.40")
        self.assertEqual((outcome.exit, paths), (NO_ENGINE, ["/_ping"]))
        self.assertIn("speaks API 1.40, berth needs 1.41", outcome.error)
        self.assertIn("20.10", outcome.hint)

    def test_what_is_no_engine_is_said_to_be_none(self):
        for api in (None, "", "one", "1.41x", "1."):
            outcome, _ = self.versions_used(api)
            self.assertEqual(outcome.exit, NO_ENGINE)
            self.assertIn("is not a Docker engine", outcome.error)


class Unreachable(unittest.TestCase):
    def test_no_socket(self):
        outcome = call("ping", host="unix:///nonexistent/docker.sock")
        self.assertEqual((outcome.status, outcome.exit), (0, NO_ENGINE))
        self.assertEqual(outcome.error, "the Docker engine does not answer at "
                                        "unix:///nonexistent/docker.sock: No such file or directory")
        self.assertIn("systemctl start docker", outcome.hint)

    def test_a_socket_nobody_listens_on(self):
        with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as dead:
            path = pathlib.Path(directory) / "docker.sock"
            dead.bind(str(path))
            outcome = call("ping", host=f"unix://{path}")
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("Connection refused", outcome.error)

    def test_a_port_nobody_listens_on(self):
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            outcome = call("ping", host=f"tcp://127.0.0.1:{reserved.getsockname()[1]}")
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("Connection refused", outcome.error)

    def test_a_host_without_an_address(self):
        outcome = call("ping", host="tcp://no-such-host.invalid:2375")
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("no-such-host.invalid", outcome.error)

    def test_a_path_longer_than_a_socket_can_have(self):
        outcome = call("ping", host="unix:///" + "x" * 200)
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("too long", outcome.error)

    def test_an_engine_that_closes_without_an_answer(self):
        with FakeEngine() as engine:
            engine.answer("GET", "/images/json", raw=b"")
            outcome = call("images", host=engine.host)
        self.assertEqual((outcome.status, outcome.exit), (0, NO_ENGINE))
        self.assertIn("closed without an answer", outcome.error)

    def test_ssh_is_refused_with_a_way_around(self):
        outcome = call("ping", host="ssh://user@host")
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("ssh -nNT -L", outcome.hint)


class Tls(unittest.TestCase):
    """DOCKER_TLS_VERIFY and DOCKER_CERT_PATH: both sides show a certificate of one authority."""

    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory(prefix="berth-tls-")
        cls.addClassCleanup(directory.cleanup)
        cls.path = pathlib.Path(directory.name)
        cls.make("ca", "basicConstraints=critical,CA:true")
        for name in ("server", "cert"):
            cls.make(name, "subjectAltName=IP:127.0.0.1", "-CA", "ca.pem", "-CAkey", "ca.key")
        (cls.path / "cert.key").rename(cls.path / "key.pem")

    @classmethod
    def make(cls, name, extension, *arguments):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}", "-days", "1",
                        "-addext", extension, "-keyout", f"{name}.key", "-out", f"{name}.pem", *arguments],
                       cwd=cls.path, check=True, capture_output=True)

    def ping(self, certificates, **variables):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path / "server.pem", self.path / "server.key")
        context.load_verify_locations(self.path / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        with FakeEngine(tls=context) as engine:
            return call("ping", host=engine.host, DOCKER_CERT_PATH=str(certificates), **variables)

    def test_both_sides_are_verified(self):
        outcome = self.ping(self.path, DOCKER_TLS_VERIFY="1")
        self.assertEqual((outcome.status, outcome.error), (200, None), outcome)

    def test_a_server_of_another_authority_is_not_trusted(self):
        with tempfile.TemporaryDirectory() as empty:
            outcome = self.ping(empty, DOCKER_TLS_VERIFY="1")
        self.assertEqual(outcome.exit, NO_ENGINE)
        self.assertIn("certificate", outcome.error)

    def test_a_client_without_a_certificate_is_not_served(self):
        with tempfile.TemporaryDirectory() as some:
            (pathlib.Path(some) / "ca.pem").write_bytes((self.path / "ca.pem").read_bytes())
            outcome = self.ping(some, DOCKER_TLS_VERIFY="1")
        self.assertEqual(outcome.exit, NO_ENGINE)

    def test_plain_words_to_a_tls_port_are_an_error(self):
        self.assertEqual(self.ping(self.path).exit, NO_ENGINE)


class Answers(unittest.TestCase):
    def inspect(self, **what):
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", **what)
            return call("inspect", "x", host=engine.host)

    def test_the_message_of_an_error_is_one_line(self):
        outcome = self.inspect(status=500, body={"message": "first\n\tsecond\x07  third\n"})
        self.assertEqual((outcome.status, outcome.exit, outcome.error),
                         (500, FAILED, "first second third"))

    def test_podmans_error(self):
        outcome = self.inspect(status=404, body={"cause": "no such container", "response": 404,
                                                 "message": "no container with name x"})
        self.assertEqual((outcome.status, outcome.error), (404, "no container with name x"))
        outcome = self.inspect(status=500, body={"cause": "only a cause", "response": 500})
        self.assertEqual(outcome.error, "only a cause")

    def test_an_error_that_is_plain_text(self):
        self.assertEqual(self.inspect(status=502, body=b"Bad\r\nGateway\n").error, "Bad Gateway")

    def test_an_error_without_words(self):
        self.assertEqual(self.inspect(status=503).error,
                         "the Docker engine answers GET /containers/x/json with status 503 and no "
                         "message")

    def test_an_error_longer_than_a_line_may_be_is_cut_at_a_character(self):
        outcome = self.inspect(status=500, body={"message": "ä" * 4000})
        self.assertEqual(set(outcome.error), {"ä"})

    def test_an_answer_that_is_not_json(self):
        for body in (b"<html>", b'{"State": {', b'{"a": 1} trailing', b"\xff\xfe"):
            outcome = self.inspect(body=body)
            self.assertEqual((outcome.status, outcome.exit), (200, FAILED), body)
            self.assertIn("GET /containers/x/json: not valid JSON", outcome.error)

    def test_an_answer_that_breaks_off(self):
        outcome = self.inspect(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":")
        self.assertEqual((outcome.status, outcome.exit), (200, FAILED))
        self.assertIn("broke off its answer to GET /containers/x/json", outcome.error)

    def test_an_answer_that_is_not_http(self):
        for raw in (b"\x15\x03\x01\x00\x02\x02\x16", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/9.9 200\r\n"):
            outcome = self.inspect(raw=raw)
            self.assertEqual(outcome.exit, NO_ENGINE, raw)

    def test_a_slow_answer_is_not_waited_for(self):
        with FakeEngine() as engine:
            engine.answer("GET", "/info", delay=30)
            outcome = call("request", "GET", "/info?all=1", "", 300, host=engine.host, timeout=10)
        self.assertEqual((outcome.status, outcome.exit), (0, TIMED_OUT))
        self.assertEqual(outcome.error, f"the Docker engine at {engine.host} gave no answer within "
                                        "0.3 s to GET /info")

    def test_a_body_without_end_is_not_kept(self):
        piece = b" " * 65536
        with FakeEngine() as engine:
            engine.answer("GET", "/info", pieces=[piece] * 300)
            outcome = call("request", "GET", "/info", "", 0, host=engine.host)
        self.assertEqual(outcome.exit, FAILED)
        self.assertIn("longer than 16777216 bytes", outcome.error)

    def test_hints_name_the_port(self):
        outcome = self.inspect(status=500, body={
            "message": "driver failed programming external connectivity on endpoint x "
                       f"({'0a' * 32}): Bind for 127.0.0.1:5432 failed: port is already allocated"})
        self.assertIn("publish=5432", outcome.hint)
        self.assertIn("(0a0a0a0a0a0a)", outcome.error)
        outcome = self.inspect(status=500, body={
            "message": "failed to bind host port 127.0.0.1:5433/tcp: address already in use"})
        self.assertIn(":5433'", outcome.hint)


class Requests(unittest.TestCase):
    def request_of(self, *words):
        with FakeEngine() as engine:
            call(*words, host=engine.host)
            return engine.requests[1]

    def test_names_are_encoded(self):
        self.assertEqual(self.request_of("start", "a/../b?c").path,
                         "/v1.41/containers/a%2F..%2Fb%3Fc/start")
        self.assertEqual(self.request_of("image", "127.0.0.1:5000/x/y:1").path,
                         "/v1.41/images/127.0.0.1%3A5000%2Fx%2Fy%3A1/json")

    def test_a_body_is_json_with_its_length(self):
        request = self.request_of("create", "n", '{"Image":"i"}')
        self.assertEqual((request.method, request.path, request.body),
                         ("POST", "/v1.41/containers/create?name=n", b'{"Image":"i"}'))
        self.assertEqual(request.headers["content-type"], "application/json")
        self.assertNotIn("expect", request.headers)

    def test_no_body_is_said_to_be_none(self):
        request = self.request_of("start", "n")
        self.assertEqual((request.method, request.headers.get("content-length")), ("POST", "0"))
        self.assertNotIn("content-type", request.headers)

    def test_the_rest_of_the_paths(self):
        for words, expected in [
                (("stop", "n", 7), "POST /v1.41/containers/n/stop?t=7"),
                (("remove", "n", "gently"), "DELETE /v1.41/containers/n?v=1"),
                (("remove", "n", "force"), "DELETE /v1.41/containers/n?v=1&force=1"),
                (("list", "a=b c"), "GET /v1.41/containers/json?all=1&filters="
                                    "%7B%22label%22%3A%5B%22a%3Db%20c%22%5D%7D"),
                (("pull", "redis", "0"), "POST /v1.41/images/create?fromImage=redis&tag=latest"),
                (("pull", "h:5000/a/b", "0"), "POST /v1.41/images/create?fromImage=h%3A5000%2Fa%2Fb"
                                         "&tag=latest"),
                (("pull", "r:7@sha256:ab", "0"), "POST /v1.41/images/create?fromImage=r&tag=sha256%3Aab"),
        ]:
            request = self.request_of(*words)
            self.assertEqual(f"{request.method} {request.path}", expected)

    def test_a_connection_is_used_again(self):
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", body={})
            engine.answer("GET", "/containers/x/logs", pieces=[])
            self.assertEqual(call("logs", "x", "kept", -1, "", host=engine.host).status, 200)
            self.assertEqual([r.connection for r in engine.requests], [1, 1, 1])

    def test_a_kept_connection_the_engine_has_closed_is_made_anew(self):
        with FakeEngine() as engine:
            engine.replace("GET", "/_ping", raw=b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n"
                                                b"Content-Length: 2\r\n\r\nOK")
            engine.answer("GET", "/images/json", body=[])
            self.assertEqual(call("images", host=engine.host).status, 200)
            self.assertEqual([r.connection for r in engine.requests], [1, 2])

    def test_no_proxy_is_asked(self):
        with FakeEngine() as engine:
            outcome = call("ping", host=engine.host, http_proxy="http://127.0.0.1:1",
                           ALL_PROXY="http://127.0.0.1:1")
            self.assertEqual(outcome.status, 200)


class Streams(unittest.TestCase):
    def logs(self, tty=False, how="kept", **what):
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", body={"Config": {"Tty": tty}})
            engine.answer("GET", "/containers/x/logs", **what)
            outcome = call("logs", "x", how, 5, "12.5", host=engine.host)
            follow = "&follow=1" if how == "follow" else ""
            self.assertEqual(engine.requests[2].path, "/v1.41/containers/x/logs?stdout=1&stderr=1"
                                                      f"{follow}&tail=5&since=12.5")
            return outcome

    def test_logs_split_anywhere(self):
        data = frame(1, b"out\n") + frame(2, b"err\n") + frame(1, b"") + frame(1, b"more")
        outcome = self.logs(pieces=[data[i:i + 1] for i in range(len(data))], pause=0.001)
        self.assertEqual((outcome.text(1), outcome.text(2)), ("out\nmore", "err\n"))
        self.assertIsNone(outcome.error)

    def test_a_ttys_logs_are_raw(self):
        for how in ("kept", "follow"):
            outcome = self.logs(tty=True, how=how, pieces=[b"\x01raw", b"2026 x"])
            self.assertEqual((outcome.text(1), outcome.error), ("\x01raw2026 x", None))

    def test_logs_that_are_not_framed(self):
        outcome = self.logs(pieces=[frame(1, b"good"), b"this is not a frame"])
        self.assertEqual(outcome.text(1), "good")
        self.assertIn("not framed", outcome.error)

    def test_logs_that_break_off(self):
        outcome = self.logs(pieces=[frame(1, b"good"), frame(1, b"half")[:-2]])
        self.assertEqual(outcome.text(1), "goodha")
        self.assertIn("broke off", outcome.error)
        outcome = self.logs(pieces=[frame(1, b"good")], cut=True)
        self.assertEqual((outcome.text(1), outcome.status), ("good", 200))
        self.assertIn("broke off", outcome.error)

    def follow(self, followed, kept=None):
        """Both are given as answers; kept: asked for after the end."""
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", body={})
            engine.answer("GET", "/containers/x/logs", **followed)
            if kept:
                engine.answer("GET", "/containers/x/logs", **kept)
            outcome = call("logs", "x", "follow", -1, "7.5", host=engine.host)
            return outcome, [r.path.partition("stderr=1&")[2] for r in engine.requests[2:]]

    def test_what_a_followed_log_left_out_is_read_on(self):
        entries = [frame(1 + i % 2, b"2026-01-31T00:00:%02d.000000000Z %d\n" % (i, i)) for i in range(9)]
        outcome, queries = self.follow({"pieces": entries[:4], "pause": 0.001}, {"pieces": entries})
        self.assertEqual((outcome.text(1), outcome.text(2)), ("0\n2\n4\n6\n8\n", "1\n3\n5\n7\n"))
        self.assertEqual((outcome.status, outcome.error, outcome.result_count), (200, None, 1))
        self.assertEqual(queries, ["follow=1&timestamps=1&since=7.5",
                                   "timestamps=1&since=1769817600.000000000"])

    def test_a_followed_log_without_a_line_is_read_on_from_its_start(self):
        entry = frame(2, b"2026-01-31T00:00:00.000000000Z last words\n")
        outcome, queries = self.follow({"pieces": []}, {"pieces": [entry]})
        self.assertEqual((outcome.text(2), outcome.error), ("last words\n", None))
        self.assertEqual(queries, ["follow=1&timestamps=1&since=7.5", "timestamps=1&since=7.5"])

    def test_a_container_gone_after_its_log_is_no_error(self):
        entry = frame(1, b"2026-01-31T00:00:00.000000000Z one\n")
        outcome, _ = self.follow({"pieces": [entry]}, {"status": 404, "body": {"message": "gone"}})
        self.assertEqual((outcome.text(1), outcome.status, outcome.error), ("one\n", 200, None))

    def test_a_followed_log_that_breaks_off_is_not_read_on(self):
        entry = frame(1, b"2026-01-31T00:00:00.000000000Z one\n")
        outcome, queries = self.follow({"pieces": [entry], "cut": True})
        self.assertEqual((outcome.text(1), len(queries)), ("one\n", 1))
        self.assertIn("broke off", outcome.error)

    def test_logs_of_no_container(self):
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", status=404, body={"message": "No such container: x"})
            outcome = call("logs", "x", "kept", -1, "", host=engine.host)
        self.assertEqual((outcome.status, outcome.error), (404, "No such container: x"))

    def test_logs_refused(self):
        outcome = self.logs(status=501, body={"message": "configured logging driver does not "
                                                         "support reading"})
        self.assertEqual((outcome.status, outcome.output), (501, []))
        self.assertIn("does not support reading", outcome.error)

    def test_a_callback_may_cancel(self):
        with FakeEngine() as engine:
            engine.answer("GET", "/containers/x/json", body={})
            engine.answer("GET", "/containers/x/logs", pieces=[frame(1, b"t a") + frame(1, b"t b")],
                          hold=True)
            outcome = call("logs-cancel", "x", host=engine.host, timeout=10)
        self.assertEqual((outcome.text(1), outcome.result_count), ("a", 0))

    def events(self, **what):
        with FakeEngine() as engine:
            engine.answer("GET", "/events", **what)
            outcome = call("events", "k=v", host=engine.host, timeout=10)
            self.assertRegex(engine.requests[1].path,
                             r"^/v1.41/events\?since=\d+\.\d{3}&filters=%7B%22type%22%3A%5B%22container"
                             r"%22%5D%2C%22label%22%3A%5B%22k%3Dv%22%5D%7D$")
            return outcome

    def test_events_without_the_noise(self):
        data = (b'{"Action":"start"}\n{"Action":"exec_start: sh"}\n\r\n{"Action":"die"}\n'
                b'{"Action":"exec_die"}\n')
        outcome = self.events(pieces=[data[i:i + 7] for i in range(0, len(data), 7)], pause=0.002)
        self.assertEqual([e["Action"] for e in outcome.events], ["start", "die"])
        self.assertEqual((outcome.status, outcome.error), (200, None))

    def test_events_that_are_not_json_end_the_stream(self):
        outcome = self.events(pieces=[b'{"Action":"start"}\n', b"oops\n"], hold=True)
        self.assertEqual(len(outcome.events), 1)
        self.assertIn("not valid JSON", outcome.error)

    def test_events_that_break_off(self):
        outcome = self.events(pieces=[b'{"Action":"start"}\n{"Act'], cut=True)
        self.assertEqual(len(outcome.events), 1)
        self.assertIn("broke off", outcome.error)


class Pulls(unittest.TestCase):
    def pull(self, image="redis:7", images=(), silence_ms=0, **what):
        with FakeEngine() as engine:
            engine.answer("POST", "/images/create", **what)
            engine.answer("GET", "/images/json", body=list(images))
            return call("pull", image, str(silence_ms), host=engine.host)

    def test_progress_is_added_up(self):
        outcome = self.pull(pieces=[
            b'{"status":"Pulling from library/redis","id":"7"}\r\n',
            b'{"status":"Pulling fs layer","progressDetail":{},"id":"a"}\r\n'
            b'{"status":"Pulling fs layer","progressDetail":{},"id":"b"}\r\n',
            b'{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}\r\n',
            b'{"status":"Downloading","progressDetail":{"current":5,"total":50},"id":"b"}\r\n',
            b'{"status":"Download complete","progressDetail":{},"id":"a"}\r\n',
            b'{"status":"Pull complete","progressDetail":{},"id":"b"}\r\n',
            b'{"status":"Pull complete","progressDetail":{},"id":"a"}\r\n'], pause=0.02)
        self.assertEqual(outcome.status, 200, outcome)
        seen = [(p["done"], p["total"], p["text"]) for p in outcome.progress]
        for step in [(10, 100, "Downloading"), (15, 150, "Downloading"), (150, 150, "Complete")]:
            self.assertIn(step, seen)
        self.assertEqual([p[0] for p in seen], sorted(p[0] for p in seen))

    def test_an_error_after_success_was_announced(self):
        outcome = self.pull(pieces=[
            b'{"status":"Downloading","progressDetail":{"current":10,"total":100},"id":"a"}\r\n',
            b'{"errorDetail":{"message":"filesystem layer verification failed for\\ndigest sha256:x"},'
            b'"error":"x"}\r\n'])
        self.assertEqual((outcome.status, outcome.exit), (200, FAILED))
        self.assertEqual(outcome.error, "cannot pull redis:7: filesystem layer verification failed "
                                        "for digest sha256:x")

    def test_a_missing_tag_lists_those_that_are_here(self):
        outcome = self.pull("127.0.0.1:5000/x/y:9", status=404,
                            body={"message": "manifest for 127.0.0.1:5000/x/y:9 not found"},
                            images=[{"RepoTags": ["127.0.0.1:5000/x/y:1", "other:2"]},
                                    {"RepoTags": None}, {"RepoTags": ["127.0.0.1:5000/x/y:2"]},
                                    {"RepoTags": ["x/y:3", 7, "<none>:<none>"]}])
        self.assertEqual(outcome.status, 404)
        self.assertEqual(outcome.hint, "127.0.0.1:5000/x/y is here with the tags: 1, 2")

    def test_an_unreachable_registry_is_named(self):
        outcome = self.pull("docker.io/library/redis:8", status=500, images=[{"RepoTags": ["redis:7"]}], body={
            "message": 'Get "https://registry-1.docker.io/v2/": dial tcp: lookup '
                       "registry-1.docker.io: no such host"})
        self.assertIn("does not reach the registry registry-1.docker.io", outcome.hint)
        self.assertIn("is here with the tags: 7", outcome.hint)

    def test_a_stream_that_breaks_off(self):
        outcome = self.pull(pieces=[b'{"status":"Down'])
        self.assertIn("cannot pull redis:7: a line of the engine's stream: not valid JSON",
                      outcome.error)
        outcome = self.pull(pieces=[b'{"status":"Downloading"}\r\n'], cut=True)
        self.assertIn("broke off", outcome.error)

    def test_a_stream_that_goes_on_without_a_word(self):
        outcome = self.pull(pieces=[b'{"status":"Downloading"}\r\n'], hold=True, silence_ms=1000)
        self.assertIn("no more of an answer for 1 s", outcome.error)
        outcome = self.pull(pieces=[b'{"status":"Downloading"}\r\n'] * 8, pause=0.5, silence_ms=2000)
        self.assertIsNone(outcome.error)  # slow is not silent

    def test_a_line_without_end(self):
        outcome = self.pull(pieces=[b"x" * 65536] * 20)
        self.assertIn("longer than 1048576 bytes", outcome.error)


class Commands(unittest.TestCase):
    def test_a_command_that_is_refused(self):
        with FakeEngine() as engine:
            engine.answer("POST", "/containers/x/exec", status=409,
                          body={"message": "Container x is not running"})
            outcome = call("exec", "x", "true", host=engine.host)
        self.assertEqual((outcome.status, outcome.error), (409, "Container x is not running"))

    def test_an_id_that_is_missing(self):
        with FakeEngine() as engine:
            engine.answer("POST", "/containers/x/exec", status=201, body={})
            self.assertIn("no id", call("exec", "x", "true", host=engine.host).error)

    def test_output_that_ends_with_the_connection(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
        with FakeEngine() as engine:
            engine.answer("POST", "/containers/x/exec", status=201, body={"Id": "e1"})
            engine.answer("POST", "/exec/e1/start", raw=head + frame(1, b"out") + frame(2, b"err"))
            engine.answer("GET", "/exec/e1/json", body={"ExitCode": 3})
            outcome = call("exec", "x", "sh", "-c", "exit 3", host=engine.host)
            self.assertIn(b'"Cmd":["sh","-c","exit 3"]', engine.requests[1].body)
        self.assertEqual((outcome.text(1), outcome.text(2), outcome.json["ExitCode"]),
                         ("out", "err", 3))


if __name__ == "__main__":
    unittest.main()

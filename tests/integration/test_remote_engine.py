# needs: engine
# leg: plain
"""An engine on another machine, over TCP with TLS: what can't be is said first, all else works as it does here."""
import hashlib
import json
import os
import shutil
import signal
import subprocess

from support.private_engine import Certificates, RemoteDocker
from support.workspace import Workspace, eventually, run_tests

PASSWORD = "redis-secret-word"
REDIS = {"Parameters": {"redis-password": PASSWORD},
         "NetScript": {"Name": "far", "Cache": {"redis": {"Engine": "Redis"}}}}
POSTGRES = {"NetScript": {
    "Name": "far", "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}}}}
FILES = {"database/postgres/migrations/migration_lock.toml": 'provider = "postgresql"\n',
         "database/postgres/migrations/1_t/migration.sql": "CREATE TABLE t (id int); INSERT INTO t VALUES (1);"}


def workspace(settings, files=None, **env):
    return Workspace(settings=settings, files=files, env={**engine.environment(), **env})


def clear():
    for container in engine.containers():
        engine.api("DELETE", f"/containers/{container['Id']}?force=1&v=1")


def says(w, code, *texts, **env):
    run = w.run("start", "--no-dashboard", check=code, env=env)
    for text in texts:
        assert text in run.stderr, f"{text!r} was not said:\n{run.stderr}"


def psql(w, sql):
    url = w.run("url", "postgres", "--reveal", check=0).stdout.strip()
    assert f"@{engine.host}:" in url, url
    return subprocess.run(["psql", url, "-qAtc", sql], capture_output=True, text=True, check=True).stdout.strip()


def test_what_cannot_be_is_said_before_anything_is_made():
    settings = {"NetScript": {
        "Name": "far", "Cache": {"redis": {"Engine": "Redis"}},
        "Databases": {"postgres": {"Engine": "Postgres", "DataPath": ".data/postgres"}}}}
    clear()
    volumes = engine.volumes()
    with workspace(settings) as w:
        says(w, 3, f'"postgres" keeps its data in a directory of this machine, and the engine is on {engine.host}',
             "leave DataPath out", f'"redis" has no password, and its port would be open to everybody who reaches '
             f"{engine.host}", 'Parameters."redis-password"', '"DataPath": ".data/postgres"')
        assert engine.containers() == [] and engine.volumes() == volumes
        assert not (w.root / ".data").exists()


def test_a_database_lives_there():
    with workspace(POSTGRES, FILES) as w:
        w.start()
        password = (w.root / ".berth/secrets/postgres/password").read_text()
        first, = engine.containers()
        assert password not in json.dumps(engine.inspect(first["Id"]))
        assert psql(w, "SELECT count(*) FROM t") == "1"
        assert engine.host in w.resources()["postgres"]["endpoints"][0]["url"]
        # A killed supervisor's container is taken over with its rows.
        psql(w, "INSERT INTO t VALUES (2)")
        w.kill()
        w.start()
        assert [c["Id"] for c in engine.containers()] == [first["Id"]]
        assert psql(w, "SELECT count(*) FROM t") == "2"
        # A password that was lost is set anew, which takes the file, too.
        w.stop()
        assert engine.containers() == []
        shutil.rmtree(w.root / ".berth/secrets")
        w.start()
        assert "its data was made with another password: it was given the one in" in w.output()
        assert (w.root / ".berth/secrets/postgres/password").read_text() != password
        assert psql(w, "SELECT count(*) FROM t") == "2"
        w.stop()
        # A command brings the container up, and leaves nothing.
        assert "1 applied, 0 pending" in w.run("db", "status", check=0).stdout
        assert engine.containers() == []
        assert len(engine.volumes()) == 1


def test_a_port_that_is_taken_there():
    with workspace(REDIS) as w, workspace(REDIS) as other:
        w.start()
        name = engine.containers()[0]["Names"][0].lstrip("/")
        port = w.resources()["redis"]["endpoints"][0]["url"].rsplit(":", 1)[1]
        says(other, 5, f"port {port} is taken by the container {name}; nothing there was touched",
             NetScript__Cache__redis__Port=port)
        says(other, 5, f"port {engine.port} is taken by another program on {engine.host}",
             NetScript__Cache__redis__Port=str(engine.port))
        w.stop()
    clear()


def test_a_context_and_a_changed_password():
    with workspace(REDIS) as w:
        config = w.root / "docker"
        identity = hashlib.sha256(b"far").hexdigest()
        w.write(f"docker/contexts/meta/{identity}/meta.json", json.dumps({
            "Name": "far", "Endpoints": {"docker": {"Host": f"tcp://{engine.host}:{engine.port}"}}}))
        shutil.copytree(engine.certificates.directory, config / f"contexts/tls/{identity}/docker")
        for name in engine.environment():
            del w.env[name]
        w.env["DOCKER_CONFIG"] = str(config)
        says(w, 4, 'the Docker context "nearby" does not exist', DOCKER_CONTEXT="nearby")
        w.write("docker/config.json", '{"currentContext": "far"}')
        settings = {**REDIS, "NetScript": {"Name": "far", "Cache": {"redis": {"Engine": "Redis", "Persistent": True}}}}
        w.write("appsettings.json", json.dumps(settings))
        w.start()
        container, = engine.containers()
        assert PASSWORD not in json.dumps(engine.inspect(container["Id"]))
        w.stop("--all")
        # The file in a container that stays is written again before it starts.
        w.write("appsettings.json", json.dumps({**settings, "Parameters": {"redis-password": "another-word"}}))
        w.start()
        assert [c["Id"] for c in engine.containers()] == [container["Id"]]
        port = w.resources()["redis"]["endpoints"][0]["url"].rsplit(":", 1)[1]
        said = subprocess.run(["redis-cli", "-h", engine.host, "-p", port, "ping"], capture_output=True, text=True,
                              env={**os.environ, "REDISCLI_AUTH": "another-word"})
        assert said.stdout.strip() == "PONG", said
        w.stop("--all")
    clear()


def test_a_tunnel_says_where_it_ends():
    keys = engine.certificates.directory
    with workspace(REDIS) as w:
        socket = w.root / "docker.sock"
        tunnel = subprocess.Popen(
            ["socat", f"UNIX-LISTEN:{socket},fork", f"OPENSSL:{engine.host}:{engine.port},cert={keys}/cert.pem,"
             f"key={keys}/key.pem,cafile={keys}/ca.pem"], stderr=subprocess.DEVNULL)
        try:
            eventually(socket.exists, what="the tunnel")
            w.env["DOCKER_HOST"] = f"unix://{socket}"
            says(w, 5, "bind source path does not exist", "BERTH_ENGINE_HOST=HOST")
            assert engine.containers() == []
            w.start(env={"BERTH_ENGINE_HOST": engine.host})
            assert w.resources()["redis"]["health"] == "Healthy"
            w.stop()
        finally:
            tunnel.send_signal(signal.SIGTERM)
            tunnel.wait()


def test_certificates_that_do_not_fit():
    with workspace(REDIS) as w:
        def keys(name, *files):
            (w.root / name).mkdir()
            for file in files:
                shutil.copy(file, w.root / name)
            return str(w.root / name)
        own = engine.certificates.directory
        foreign = Certificates(w.root / "foreign", engine.host).directory
        hint = "DOCKER_CERT_PATH to the directory of its ca.pem, cert.pem and key.pem"
        says(w, 4, "bad certificate", hint, DOCKER_CERT_PATH=keys("no-key", own / "ca.pem"))
        says(w, 4, "SSL certificate problem", hint, DOCKER_CERT_PATH=keys("nothing"))
        says(w, 4, "SSL certificate problem", hint, DOCKER_CERT_PATH=str(foreign))
        says(w, 4, hint, DOCKER_CERT_PATH=keys(
            "stranger", own / "ca.pem", foreign / "cert.pem", foreign / "key.pem"))
        says(w, 4, "Client sent an HTTP request to an HTTPS server", "DOCKER_TLS_VERIFY=1", hint, DOCKER_TLS_VERIFY="")
        says(w, 4, "Connection refused", "start it there", DOCKER_HOST=f"tcp://{engine.host}:1")
        says(w, 4, "does not reach engines over ssh", "ssh -nNT -L", "BERTH_ENGINE_HOST=HOST",
             DOCKER_HOST="ssh://somebody@elsewhere")


with RemoteDocker() as engine:
    engine.load("redis:7", "postgres:15")
    run_tests(globals())

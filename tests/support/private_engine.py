"""Engines of a test's own: a dockerd on another "machine", Podman's service. Both want root."""
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile
import urllib.parse

from support.workspace import docker, eventually

READY_SECONDS = 60


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def curl(base, *arguments):
    return subprocess.run(["curl", "-sS", "--fail-with-body", "--max-time", "120", *base, *arguments],
                          capture_output=True, text=True)


class PrivateEngine:
    """A process that answers the Docker Engine API, in a directory of its own. Subclasses say which and where."""

    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="berth-engine-"))
        self.process = None

    def __enter__(self):
        try:
            self.open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def spawn(self, *command, **options):
        self.log = open(self.root / "log", "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **options)
        eventually(self.answers, READY_SECONDS, f"an answer of {command[0]}")

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("it ended:\n" + (self.root / "log").read_text()[-3000:])
        return self.curl("/_ping").returncode == 0

    def curl(self, path, *arguments):
        base, url = self.address()
        return curl(base, *arguments, url + path)

    def api(self, method, path):
        reply = self.curl("/v1.41" + path, "-X", method)
        assert reply.returncode == 0, f"{method} {path}: {reply.stdout}{reply.stderr}"
        return json.loads(reply.stdout) if reply.stdout.strip() else None

    def load(self, *images):
        """Copies images from the machine's engine."""
        socket = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")
        for image in images:
            file = str(self.root / "image.tar")
            run("curl", "-sSf", "--unix-socket", socket, f"http://docker/images/{image}/get", "-o", file)
            loaded = self.curl("/v1.41/images/load", "-X", "POST", "-H", "Content-Type: application/x-tar", "-T", file)
            assert loaded.returncode == 0, loaded
            os.unlink(file)

    def containers(self):
        return self.api("GET", "/containers/json?all=1")

    def volumes(self):
        return self.api("GET", "/volumes")["Volumes"] or []

    def inspect(self, name):
        return self.api("GET", f"/containers/{name}/json")

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            for container in self.containers():
                self.curl(f"/v1.41/containers/{container['Id']}?force=1&v=1", "-X", "DELETE")
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.close()
        shutil.rmtree(self.root, ignore_errors=True)

    def close(self):
        pass


class Certificates:
    """An authority, a server's and a client's certificate, as dockerd and its clients take them."""

    def __init__(self, directory, address):
        self.directory = directory
        directory.mkdir()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                     "-subj", "/CN=test authority", "-keyout", "ca-key.pem", "-out", "ca.pem")
        self.issue("server", f"subjectAltName=IP:{address}\nextendedKeyUsage=serverAuth\n")
        self.issue("", "extendedKeyUsage=clientAuth\n")

    def openssl(self, *arguments):
        run("openssl", *arguments, cwd=self.directory)

    def issue(self, name, extensions):
        prefix = name + "-" if name else ""
        (self.directory / "extensions").write_text(extensions)
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test",
                     "-keyout", f"{prefix}key.pem", "-out", "request.pem")
        self.openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
                     "-days", "2", "-extfile", "extensions", "-out", f"{prefix}cert.pem")


class RemoteDocker(PrivateEngine):
    """A dockerd with TLS that might as well be on another machine: in a network of its own, joined to this one by a
    wire, where its 127.0.0.1 is not ours; and without our files below /tmp."""

    def open(self):
        self.name = "berth" + secrets.token_hex(3)
        third = 1 + secrets.randbelow(250)
        self.near, self.host, self.port = f"10.214.{third}.1", f"10.214.{third}.2", 2376
        self.certificates = Certificates(self.root / "certificates", self.host)
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", self.name, "type", "veth", "peer", "name", "wire", "netns", self.name)
        run("ip", "address", "add", f"{self.near}/30", "dev", self.name)
        run("ip", "link", "set", self.name, "up")
        for setting in (["address", "add", f"{self.host}/30", "dev", "wire"], ["link", "set", "wire", "up"],
                        ["link", "set", "lo", "up"], ["route", "add", "default", "via", self.near]):
            run("ip", "-n", self.name, *setting)
        state = self.root / "state"
        state.mkdir()
        # Its own files lie where ours can't be seen: the data is bound to another place before /tmp is covered.
        self.place = pathlib.Path("/run") / self.name
        self.place.mkdir()
        dockerd = shutil.which("dockerd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        script = ('set -e; mount --make-rprivate /; mount --bind "$1" "$2"; mkdir "$2/keys"; cp "$3"/* "$2/keys"; '
                  'mount -t tmpfs tmpfs /tmp; cd /; exec "$4" --host "tcp://$5" --tlsverify --tlscacert "$2/keys/ca.pem" '
                  '--tlscert "$2/keys/server-cert.pem" --tlskey "$2/keys/server-key.pem" --data-root "$2/data" '
                  '--exec-root "$2/exec" --pidfile "$2/pid" --iptables=false --ip6tables=false --ip-masq=false')
        self.spawn("nsenter", f"--net=/run/netns/{self.name}", "unshare", "--mount", "sh", "-c", script, "sh", str(state),
                   str(self.place), str(self.certificates.directory), dockerd, f"{self.host}:{self.port}")

    def address(self):
        keys = self.certificates.directory
        return ["--cacert", str(keys / "ca.pem"), "--cert", str(keys / "cert.pem"), "--key", str(keys / "key.pem")], \
            f"https://{self.host}:{self.port}"

    def environment(self):
        return {"DOCKER_HOST": f"tcp://{self.host}:{self.port}", "DOCKER_TLS_VERIFY": "1",
                "DOCKER_CERT_PATH": str(self.certificates.directory)}

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True)
        subprocess.run(["ip", "link", "delete", self.name], capture_output=True)
        if self.place.exists():
            self.place.rmdir()


class Podman(PrivateEngine):
    """Podman's service on a socket of its own. Its containers are on the machine's network, as berth's logins are."""

    CONFIGURATION = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""

    def open(self):
        self.had_bridge = self.has_bridge()
        self.socket = self.root / "podman.sock"
        configuration = self.root / "containers.conf"
        configuration.write_text(self.CONFIGURATION)
        self.spawn("podman", "--root", str(self.root / "storage"), "--runroot", str(self.root / "run"), "--tmpdir",
                   str(self.root / "tmp"), "--storage-driver", "overlay", "system", "service", "--time", "0",
                   f"unix://{self.socket}", env={**os.environ, "CONTAINERS_CONF": str(configuration)})

    def address(self):
        return ["--unix-socket", str(self.socket)], "http://podman"

    def environment(self):
        return {"DOCKER_HOST": f"unix://{self.socket}"}

    @staticmethod
    def has_bridge():
        return os.path.exists("/sys/class/net/cni-podman0")

    def close(self):
        subprocess.run(["umount", str(self.root / "storage/overlay")], capture_output=True)
        if not self.had_bridge and self.has_bridge():
            subprocess.run(["ip", "link", "delete", "cni-podman0"], capture_output=True)

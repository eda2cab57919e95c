"""An image that is in a registry only, which hands it out slowly.

    with SlowRegistry("redis:7", {"/payload": text}, bytes_per_second=1_000_000) as registry:
        use(f"{registry.name}:7")
"""
import socket
import subprocess
import threading
import time

from support.image import build_variant, remove_image
from support.workspace import DOCKER_SOCKET, SOURCE

REPOSITORY = "berth-test/slow-pull"


class SlowRegistry:
    """In front of tests/engine/registry; its copy of the image is used again the next time."""

    def __init__(self, base, files, bytes_per_second):
        self.base, self.tag, self.files, self.rate = base, base.split(":")[1], files, bytes_per_second

    def __enter__(self):
        printed = subprocess.run([SOURCE / "tests/engine/registry", "up"], check=True, capture_output=True, text=True)
        self.address = printed.stdout.split()[-1].split("/")[0]
        pushed = f"{self.address}/{REPOSITORY}"
        build_variant(f"{pushed}:{self.tag}", self.base, self.files)
        push = subprocess.run(
            ["curl", "-sS", "--fail-with-body", "--unix-socket", DOCKER_SOCKET, "-X", "POST",
             "-H", "X-Registry-Auth: e30=", f"http://docker/images/{pushed}/push?tag={self.tag}"],
            capture_output=True, text=True)
        remove_image(f"{pushed}:{self.tag}")  # while the engine has its layers a pull would show nothing
        assert push.returncode == 0 and '"errorDetail"' not in push.stdout, push
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self.listener.getsockname()[1]}/{REPOSITORY}"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        remove_image(f"{self.name}:{self.tag}")

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            host, port = self.address.split(":")
            upstream = socket.create_connection((host, int(port)))
            threading.Thread(target=self.pump, args=(client, upstream, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(upstream, client, True), daemon=True).start()

    def pump(self, source, target, slowly):
        piece = max(self.rate // 20, 1)
        try:
            while data := source.recv(piece):
                target.sendall(data)
                if slowly:
                    time.sleep(len(data) / self.rate)
        except OSError:
            pass
        finally:
            for end in (source, target):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

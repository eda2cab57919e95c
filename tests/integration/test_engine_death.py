# needs: engine
"""The engine's socket goes away in the middle of a start: berth ends, says so, and leaves something to go on from."""
import os
import socket
import threading

from support.workspace import DOCKER_SOCKET, Workspace, run_tests

SETTINGS = {"NetScript": {"Name": "death", "Cache": {"redis": {"Engine": "Redis"}}}}


class DyingProxy:
    """Passes connections on to the engine until so many requests were begun; then everything is cut."""

    def __init__(self, path, requests):
        self.path, self.left, self.open = path, requests, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(DOCKER_SOCKET)
            self.open += [client, engine]
            threading.Thread(target=self.pump, args=(client, engine, True), daemon=True).start()
            threading.Thread(target=self.pump, args=(engine, client, False), daemon=True).start()

    def pump(self, source, target, counts):
        try:
            while data := source.recv(65536):
                if counts and data.split(b" ", 1)[0] in (b"GET", b"POST", b"DELETE"):
                    self.left -= 1
                    if self.left < 0:
                        self.die()
                target.sendall(data)
        except OSError:
            pass

    def die(self):
        self.listener.close()
        if os.path.exists(self.path):
            os.unlink(self.path)
        for s in self.open:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def test_engine_gone_at_every_request_of_a_start():
    with Workspace(settings=SETTINGS) as w:
        path = str(w.root / "docker.sock")
        ended = []
        for requests in range(0, 8):
            proxy = DyingProxy(path, requests)
            w.spawn("--timeout", "20", env={"DOCKER_HOST": "unix://" + path})
            try:
                ended.append(w.wait(30))
            except Exception:
                # Every request of the start went through: it is up, and must still end when told to.
                assert "\nup after" in w.output()
                proxy.die()
                w.process.terminate()
                ended.append(w.wait(30))
                break
            finally:
                proxy.die()
            w.remove_containers()
        assert ended[0] == 4 and set(ended) <= {4, 5, 130}, ended
        assert len(ended) >= 4, ended
        # The engine is back: what the cut starts left is no hindrance.
        w.start()
        assert w.resources()["redis"]["health"] == "Healthy"
        w.stop()
        assert w.containers() == []


run_tests(globals())

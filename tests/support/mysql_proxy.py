"""A port between berth and a server of MySQL or MariaDB that knows the statements which pass, and can hold one up.

    with MysqlProxy(server.port, lambda sql: "before" if sql.startswith("CREATE") else None) as proxy:
        use(proxy.port)          # the rule is asked for each statement, before it goes on
        proxy.held.wait()        # "before": the server has not heard of it; "after": it has answered, and berth does not know
        proxy.let_go(passes=False)

Once a statement was held the rule is not asked any more.
"""
import select
import socket
import threading

QUERY = b"\x03"


class MysqlProxy:
    def __init__(self, server_port, rule):
        self.server_port, self.rule = server_port, rule
        self.held, self._go_on = threading.Event(), threading.Event()
        self.passes = True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.let_go(passes=False)
        self.listener.close()

    def let_go(self, passes):
        """What is held goes on, or is lost with its connection."""
        self.passes = passes
        self._go_on.set()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client, socket.create_connection(("127.0.0.1", self.server_port)) as server:
            try:
                while True:
                    for readable in select.select([client, server], [], [])[0]:
                        if readable is client:
                            self._pass_packet(client, server)
                        else:
                            client.sendall(some_of(server))
            except OSError:  # a side has ended
                return

    def _pass_packet(self, client, server):
        head = exactly(client, 4)
        body = exactly(client, int.from_bytes(head[:3], "little"))
        is_query = head[3] == 0 and body[:1] == QUERY
        stop = self.rule(body[1:].decode()) if is_query and not self.held.is_set() else None
        if stop == "before":
            self._hold()
        server.sendall(head + body)
        if stop == "after":
            answer = some_of(server)
            self._hold()
            client.sendall(answer)

    def _hold(self):
        self.held.set()
        self._go_on.wait()
        if not self.passes:
            raise OSError("lost")


def some_of(side):
    data = side.recv(65536)
    if not data:
        raise OSError("ended")
    return data


def exactly(side, count):
    data = b""
    while len(data) < count:
        more = side.recv(count - len(data))
        if not more:
            raise OSError("ended")
        data += more
    return data

"""One client: its login, then its batches, on a thread of its own."""
import socket
import struct
import time

from support.tds import errors, login, packet, reply, tls, values
from support.tds.errors import Cancelled, Disconnected, SqlError
from support.tds.session import Session

PROGRAM = "Microsoft SQL Server"
POLL = 0.05


class Connected:
    def __init__(self, server, sock, address):
        self.server, self.sock, self.address = server, sock, address[0]
        self.transport, self.session, self.encrypted = packet.Transport(sock), None, False

    def serve(self):
        try:
            if self.server.startup == "close at once":
                return
            self.log_in()
            while True:
                self.message(*self.transport.read_message())
        except Disconnected:
            pass
        finally:
            if self.session:
                self.session.close()
            self.sock.close()

    def drop(self):
        """Ends the connection from another thread."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def pause(self, seconds):
        """Waits; an attention or the client's end stops that."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if self.transport.wait(max(min(left, POLL), 0)):
                kind, _ = self.transport.read_message()
                if kind == packet.ATTENTION:
                    raise Cancelled
                raise Disconnected
            if left <= 0:
                return

    # --- the login

    def log_in(self):
        kind, payload = self.transport.read_message()
        if kind == packet.PRELOGIN:
            self.prelogin(payload)
            kind, payload = self.transport.read_message()
        if kind != packet.LOGIN:
            raise Disconnected
        if not self.encrypted:
            self.transport.tls = None
        if self.server.startup == "close in login":
            raise Disconnected
        self.accept(login.parse_login(payload))

    def prelogin(self, payload):
        offered = login.parse_prelogin(payload).get(login.ENCRYPTION, b"\2")[0]
        answer = login.negotiate(self.server.encryption, offered)
        major, minor, build = self.server.instance.version
        self.transport.write_message(login.prelogin_answer((major, minor, build), answer))
        if answer == login.REQUIRED and offered == login.NOT_SUPPORTED:
            raise Disconnected
        if answer != login.NOT_SUPPORTED:
            tls.handshake(self.transport, self.server.tls_context)
            self.encrypted = answer != login.LOGIN_ONLY

    def accept(self, who):
        self.server.logins.append(who)
        answer = reply.Reply(self.server.instance.name)
        try:
            self.session = self.start_session(who)
        except SqlError as error:
            for one in error.each():
                answer.error(one)
            answer.done(failed=True)
            self.transport.write_message(answer.finished())
            raise Disconnected from error
        self.transport.spid = self.session.spid
        size = who.packet_size if 512 <= who.packet_size <= 32767 else packet.PACKET_SIZE
        answer.changed(reply.DATABASE, self.session.database, "master")
        answer.info(5701, f"Changed database context to '{self.session.database}'.", state=2)
        answer.changed_bytes(reply.COLLATION, values.COLLATION)
        answer.changed(reply.LANGUAGE, "us_english")
        answer.info(5703, "Changed language setting to us_english.")
        answer.login_accepted(PROGRAM, self.server.instance.version)
        answer.changed(reply.PACKET_SIZE, str(size), str(packet.PACKET_SIZE))
        answer.done()
        self.transport.write_message(answer.finished())
        self.transport.packet_size = size

    def start_session(self, who):
        refusal = self.server.refusal(who)
        if refusal:
            raise refusal
        instance = self.server.instance
        if not instance.login_is_right(who.user, who.password):
            self.server.say(f"Logon       Error: 18456, Severity: 14, State: 8.\nLogon       Login failed for user "
                            f"'{who.user}'. Reason: Password did not match that for the login provided. "
                            f"[CLIENT: {self.address}]")
            raise errors.login_failed(who.user)
        database = who.database or "master"
        if not instance.database(database):
            # both are told, in this order
            raise errors.login_failed(who.user).after(errors.cannot_open(database))
        return Session(instance, who, database, self)

    # --- batches

    def message(self, kind, payload):
        if kind == packet.BATCH:
            self.batch(payload)
        elif kind == packet.ATTENTION:
            answer = reply.Reply(self.server.instance.name)
            answer.done(attention=True)
            self.transport.write_message(answer.finished())
        else:
            answer = reply.Reply(self.server.instance.name)
            answer.error(errors.unknown(f"a message of type {kind}"))
            answer.done(failed=True)
            self.transport.write_message(answer.finished())

    def batch(self, payload):
        headers, = struct.unpack_from("<L", payload)
        text = payload[headers:].decode("utf-16-le")
        self.server.log.append(text)
        actions = self.server.hooks.of(text)
        answer = reply.Reply(self.server.instance.name)
        try:
            for action in actions:
                action.before(self)
        except SqlError as error:
            answer.error(error)
            answer.done(failed=True)
            self.transport.write_message(answer.finished())
            return
        except Cancelled:
            answer.done(attention=True)
            self.transport.write_message(answer.finished())
            return
        data = self.session.run_batch(text)
        for action in actions:
            action.after(self)
        self.transport.write_message(data)

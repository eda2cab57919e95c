"""Logins without a client library: the least that proves a server ready."""
import base64
import hashlib
import hmac
import os
import socket
import struct
import time


class NotReady(Exception):
    pass


def postgres(port, user, password, database, *queries):
    """Logs in with SCRAM-SHA-256 (RFC 5802, RFC 7677) and runs the queries one after the other."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")

        def send(kind, body):
            connection.sendall(kind + struct.pack("!i", len(body) + 4) + body)

        def receive():
            head = stream.read(5)
            if len(head) < 5:
                raise NotReady("closed")
            body = stream.read(struct.unpack("!i", head[1:])[0] - 4)
            if head[:1] == b"E":
                raise NotReady(body.replace(b"\0", b" ").decode())
            return head[:1], body

        def until(wanted):
            while (message := receive())[0] != wanted:
                pass
            return message[1]

        send(b"", struct.pack("!i", 196608) + b"user\0%s\0database\0%s\0\0" % (user.encode(), database.encode()))
        scram(send, until, password)
        until(b"Z")
        for query in queries:
            send(b"Q", query.encode() + b"\0")
            until(b"Z")


def scram(send, until, password):
    until(b"R")  # the mechanisms on offer
    first = "n=,r=" + base64.b64encode(os.urandom(18)).decode()
    message = b"n,," + first.encode()
    send(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(message)) + message)
    answer = until(b"R")[4:].decode()
    nonce, salt, rounds = (part[2:] for part in answer.split(","))
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
    key = hmac.digest(salted, b"Client Key", "sha256")
    final = f"c=biws,r={nonce}"
    proof = hmac.digest(hashlib.sha256(key).digest(), f"{first},{answer},{final}".encode(), "sha256")
    signature = base64.b64encode(bytes(a ^ b for a, b in zip(key, proof))).decode()
    send(b"p", f"{final},p={signature}".encode())


def redis(port):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"PING\r\n")
        if connection.recv(16) != b"+PONG\r\n":
            raise NotReady


def until_ready(login, *arguments, seconds=60):
    """Tries every 5 ms."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return login(*arguments)
        except (NotReady, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)

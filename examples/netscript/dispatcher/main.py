"""A background processor: greets the cache, then waits for work."""
import os
import signal
import socket
from urllib.parse import urlsplit

cache = urlsplit(os.environ["REDIS_URI"])
with socket.create_connection((cache.hostname, cache.port)) as redis:
    redis.sendall(b"PING\r\n")
    print("redis says", redis.recv(64).decode().strip())
print("dispatching with", os.environ["DISPATCHER_CONCURRENCY"], "workers")
signal.pause()

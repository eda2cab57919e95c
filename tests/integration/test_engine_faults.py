# needs: engine
"""A proxy between berth and the engine spoils one answer of a start: berth ends in a truthful state, and never crashes.

Every fault at every request; CI tries some of them, chosen by a seed, and BERTH_FAULTS=all tries all.
"""
import os
import random
import signal
import socket

from support.engine_proxy import FAULTS, EngineProxy
from support.workspace import Workspace, docker, eventually, run_tests

COUNT = os.environ.get("BERTH_FAULTS", "10")
SEED = os.environ.get("BERTH_FAULT_SEED", "1")
ENDS = (4, 5, 6)  # no engine, a resource failed, too late

CRASHED = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Segmentation")
CACHE = {"NetScript": {"Name": "faults", "Cache": {"redis": {"Engine": "Redis"}}}}
BOTH = {"NetScript": {"Name": "faults", "Cache": {"redis": {"Engine": "Redis", "Persistent": True}},
                      "Databases": {"postgres": {"Engine": "Postgres", "ImageTag": "15", "DatabaseName": "app"}}}}


def redis_answers(w):
    port = int(w.run("url", "redis", check=0).stdout.strip().rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), 5) as redis:
        redis.sendall(b"PING\r\n")
        return redis.recv(100).startswith(b"+PONG")


def check_up(w):
    """What it says is what is so."""
    running = {c["Names"][0][1:] for c in w.containers() if c["State"] == "running"}
    for name, resource in w.resources().items():
        assert resource["health"] == "Healthy", resource
        assert f"{name}-{w.id()}" in running, (name, running)
    assert redis_answers(w)


def start_with(w, proxy, rule):
    """One start through the proxy; whether it came up."""
    said = len(w.output())
    ups = w.output().count("\nup after")
    begun, proxy.rule = len(proxy.requests), None
    proxy.rule = lambda request: rule(request, request.number - begun)
    w.spawn("--timeout", "25", "--no-dashboard", env={"DOCKER_HOST": proxy.host})
    eventually(lambda: w.process.poll() is not None or w.output().count("\nup after") > ups, 60, "an end or a start")
    came_up = w.process.poll() is None
    if came_up:
        check_up(w)
        w.process.send_signal(signal.SIGTERM)
    code = w.wait(60)
    output = w.output()[said:]
    assert not any(text in output for text in CRASHED), output
    assert code in ((0, 130) if came_up else ENDS), (code, output)
    assert came_up or "is not up" in output or "not everything is up" in output, output
    return came_up


def try_faults(settings, names):
    with Workspace(settings=settings) as w, EngineProxy() as proxy:
        w.start()  # an address and passwords
        w.stop("--all")
        assert start_with(w, proxy, lambda request, number: None)
        w.remove_containers()
        points = [(fault, number) for fault in FAULTS for number in range(1, len(proxy.requests) + 1)]
        chance = random.Random(SEED)
        chosen = points if COUNT == "all" else chance.sample(points, min(len(points), int(COUNT)))
        ups = 0
        for fault, number in chosen:
            try:
                ups += start_with(w, proxy, lambda request, n: fault if n == number else None)
                assert not w.marked_processes()
                left = {c["Names"][0][1:] for c in w.containers()}
                assert left <= {f"{name}-{w.id()}" for name in names}, left
                w.start("--no-dashboard")  # whatever was left is no hindrance
                check_up(w)
                w.stop("--all")
                assert all(c["State"] == "exited" for c in w.containers()), w.containers()
            except BaseException:
                print(f"--- {fault} at request {number}:", *(f"\n    {r.method} {r.path[:80]}" for r in proxy.requests[-30:]))
                raise
        print(f"    {len(chosen)} faults at {len(points) // len(FAULTS)} requests: {ups} starts came up nevertheless")


def test_start_of_a_cache():
    try_faults(CACHE, ["redis"])


def test_start_of_both():
    if COUNT == "all":
        try_faults(BOTH, ["redis", "postgres"])


run_tests(globals())

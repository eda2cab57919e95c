"""Running a command for its time or its memory, and printing what came of it beside a peer's."""
import ctypes
import os
import re
import statistics
import time

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS = 0, 7, 0x4200
PTRACE_O_TRACEEXEC, PTRACE_O_TRACEEXIT, PTRACE_EVENT_EXIT = 0x10, 0x40, 6


class Failed(Exception):
    pass


def run_ms(argv, env=None, cwd=None):
    """From exec to exit, in ms. What the command says goes nowhere."""
    silence = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    former = os.getcwd()
    os.chdir(cwd or former)
    try:
        begun = time.perf_counter_ns()
        pid = os.posix_spawnp(argv[0], argv, env or os.environ, file_actions=silence)
        _, status = os.waitpid(pid, 0)
        took = (time.perf_counter_ns() - begun) / 1e6
    finally:
        os.chdir(former)
    if status:
        raise Failed(f"{' '.join(argv)}: status {status:#x}")
    return took


def peak_rss_mb(argv, env=None, cwd=None):
    """The most that was resident, read when the process is about to end. (The maximum that wait4 tells is
    at least that of this interpreter, which the child began as.)"""
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    pid = os.fork()
    if pid == 0:
        os.chdir(cwd or ".")
        null = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        ptrace(PTRACE_TRACEME, 0, None, None)
        try:
            os.execvpe(argv[0], argv, env or os.environ)
        finally:
            os._exit(127)
    os.waitpid(pid, 0)
    ptrace(PTRACE_SETOPTIONS, pid, None, PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT)
    peak, pending = None, 0
    while True:
        ptrace(PTRACE_CONT, pid, None, pending)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status) or os.WIFSIGNALED(status):
            if status or peak is None:
                raise Failed(f"{' '.join(argv)}: status {status:#x}")
            return peak / 1024
        event = status >> 16
        pending = 0 if event else os.WSTOPSIG(status)
        if event == PTRACE_EVENT_EXIT:
            peak = status_number(pid, "VmHWM")


def status_number(pid, field):
    text = open(f"/proc/{pid}/status").read()
    return int(re.search(rf"^{field}:\s+(\d+)", text, re.M).group(1))


def alternate(rounds, *actions):
    """The medians of what each action returns: taken in turn, so that a busy moment meets all of them."""
    results = [[] for _ in actions]
    for _ in range(rounds):
        for action, taken in zip(actions, results):
            taken.append(action())
    return [statistics.median(taken) for taken in results]


def show(what, ours, theirs, unit, peer):
    print(f"  {what:<28} {ours:8.1f} {unit}   {peer} {theirs:.1f} {unit}"
          f"   difference {ours - theirs:+.1f}, ratio {ours / theirs:.2f}", flush=True)


def show_alone(what, ours, unit):
    print(f"  {what:<28} {ours:8.1f} {unit}", flush=True)

"""Runs the docker_client program, one call a process."""
import json
import os
import pathlib
import subprocess

PROGRAM = pathlib.Path(os.environ["BERTH_BUILD"]) / "integration" / "docker_client"


class Outcome:
    def __init__(self, text, exit_code, stderr):
        lines = [json.loads(line) for line in text.splitlines()]
        self.exit_code, self.stderr = exit_code, stderr
        self.output = [line["output"] for line in lines if "output" in line]
        self.events = [line["event"] for line in lines if "event" in line]
        self.progress = [line["progress"] for line in lines if "progress" in line]
        results = [line["result"] for line in lines if "result" in line]
        self.result_count = len(results)
        result = results[-1] if results else {}
        self.status, self.json = result.get("status"), result.get("json")
        self.error, self.hint, self.exit = (result.get(k) for k in ("error", "hint", "exit"))

    def text(self, stream):
        return "".join(o["text"] for o in self.output if o["stream"] == stream)

    def __str__(self):
        return f"status {self.status} error {self.error!r} hint {self.hint!r} {self.stderr}"


def environment(host=None, **variables):
    """The test's own, with nothing in it that points to another engine."""
    kept = {k: v for k, v in os.environ.items() if host is None or not k.startswith("DOCKER_")}
    if host:
        kept["DOCKER_HOST"] = host
    return {**kept, **variables}


def call(*words, host=None, timeout=60, **variables):
    run = subprocess.run([PROGRAM, *map(str, words)], env=environment(host, **variables),
                         capture_output=True, text=True, timeout=timeout)
    outcome = Outcome(run.stdout, run.returncode, run.stderr)
    # Sanitizers and crashes speak on stderr, the program itself does not.
    assert run.returncode in (0, 1) and not run.stderr, f"{words}: {run.returncode}\n{run.stderr}"
    return outcome


def start(*words, host=None):
    """A call that goes on: the caller reads its stdout and ends it."""
    return subprocess.Popen([PROGRAM, *map(str, words)], env=environment(host),
                            stdout=subprocess.PIPE, text=True)

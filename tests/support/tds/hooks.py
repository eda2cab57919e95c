"""What a test may have the server do in place of, or beside, what it would do.

    server.on(r"CREATE TABLE", Fail(1105, "Could not allocate space", state=2, severity=17))
    server.on(r"ALTER TABLE", Close(is_after=True))
    held = server.on(r"SELECT 1", Hold())     # held.reached.wait(), held.release.set()
"""
import re
import threading
from dataclasses import dataclass, field

from support.tds.errors import Disconnected, SqlError

POLL = 0.02


@dataclass
class Fail:
    """The batch is not run: this error is its answer."""
    number: int
    message: str
    state: int = 1
    severity: int = 16
    line: int = 1

    def before(self, connected):
        raise SqlError(self.number, self.message, self.state, self.severity, self.line)

    def after(self, connected):
        pass


@dataclass
class Close:
    """The connection ends, before the batch is run or when it was, without an answer."""
    is_after: bool = False

    def before(self, connected):
        if not self.is_after:
            raise Disconnected

    def after(self, connected):
        raise Disconnected


@dataclass
class Hold:
    """The batch waits until it is released."""
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def before(self, connected):
        self.reached.set()
        while not self.release.is_set():
            connected.pause(POLL)

    def after(self, connected):
        pass


@dataclass
class Delay:
    seconds: float

    def before(self, connected):
        connected.pause(self.seconds)

    def after(self, connected):
        pass


class Hooks:
    def __init__(self):
        self.guard, self.known = threading.Lock(), []

    def add(self, pattern, action, times):
        with self.guard:
            self.known.append([re.compile(pattern, re.IGNORECASE | re.DOTALL), action, times])
        return action

    def of(self, text):
        """The actions for a batch; those that are for some times only are used up by it."""
        found = []
        with self.guard:
            for hook in self.known:
                if hook[2] != 0 and hook[0].search(text):
                    found.append(hook[1])
                    hook[2] = None if hook[2] is None else hook[2] - 1
        return found

    def clear(self):
        with self.guard:
            self.known.clear()

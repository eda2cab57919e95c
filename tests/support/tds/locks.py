"""Application locks: sp_getapplock and sp_releaseapplock between the connections of one server."""
import threading

MODES = {"shared": "S", "update": "U", "intentshared": "IS", "intentexclusive": "IX", "exclusive": "X"}
COMPATIBLE = {("S", "S"), ("S", "U"), ("U", "S"), ("S", "IS"), ("IS", "S"), ("IS", "IS"), ("IS", "IX"), ("IX", "IS"),
              ("IX", "IX"), ("IS", "U"), ("U", "IS")}


class AppLocks:
    def __init__(self):
        self.guard = threading.Lock()
        self.held = []  # [database, resource, mode, owner (Session or Transaction), session]
        self.waiting = []  # the same

    def take(self, database, resource, mode, owner, session):
        """Takes the lock when nobody is in its way."""
        with self.guard:
            for entry in self.held:
                if entry[:2] == [database, resource] and entry[4] is not session and \
                        (entry[2], mode) not in COMPATIBLE:
                    return False
            self.held.append([database, resource, mode, owner, session])
            return True

    def wait_begins(self, *entry):
        with self.guard:
            self.waiting.append(list(entry))

    def wait_ends(self, *entry):
        with self.guard:
            self.waiting.remove(list(entry))

    def release(self, database, resource, owner, session):
        """Gives one of the session's locks back; false when it has none."""
        with self.guard:
            for i, entry in enumerate(self.held):
                if entry[:2] == [database, resource] and entry[3] == owner and entry[4] is session:
                    del self.held[i]
                    return True
        return False

    def release_all(self, session, owner=None):
        with self.guard:
            self.held = [e for e in self.held if e[4] is not session or (owner and e[3] != owner)]

    def mode_of(self, database, resource, owner, session):
        with self.guard:
            modes = [e[2] for e in self.held if e[:2] == [database, resource] and e[3] == owner and e[4] is session]
        names = {short: name for name, short in zip(("Shared", "Update", "IntentShared", "IntentExclusive", "Exclusive"),
                                                    MODES.values())}
        return names[modes[-1]] if modes else "NoLock"

    def rows(self):
        """(database, resource, mode, status, owner, session) of all, held and waited for"""
        with self.guard:
            return ([(e[0], e[1], e[2], "GRANT", e[3], e[4]) for e in self.held] +
                    [(e[0], e[1], e[2], "WAIT", e[3], e[4]) for e in self.waiting])

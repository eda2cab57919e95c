"""The system procedures: each takes the session and its arguments, (name or None, value, output variable or None), and
returns its status."""
import time

from support.tds.errors import SqlError
from support.tds.lexer import tokenize
from support.tds.locks import MODES

APPLOCK_POLL = 0.02


def named(arguments, *names):
    """The arguments' values in the order of the names."""
    found = {}
    for position, (name, value, _) in enumerate(arguments):
        found[name[1:] if name else names[position] if position < len(names) else position] = value
    return [found.get(name) for name in names]


def get_app_lock(session, arguments):
    resource, mode, owner, timeout, _ = named(arguments, "resource", "lockmode", "lockowner", "locktimeout", "dbprincipal")
    short, owner = MODES.get(str(mode).lower()), str(owner or "Transaction").lower()
    if not resource or not short or owner not in ("session", "transaction"):
        return -999
    if owner == "transaction" and not session.transactions:
        raise SqlError(15247, "sp_getapplock: an application lock of a transaction needs a transaction.")
    entry = session.database, resource[:255], short, owner, session
    locks, deadline = session.instance.locks, time.monotonic() + (int(timeout) / 1000 if timeout is not None else -1)
    if locks.take(*entry):
        return 0
    locks.wait_begins(*entry)
    try:
        while timeout is None or int(timeout) < 0 or time.monotonic() < deadline:
            session.pause(APPLOCK_POLL)
            if locks.take(*entry):
                return 1
    finally:
        locks.wait_ends(*entry)
    return -1


def release_app_lock(session, arguments):
    resource, owner, _ = named(arguments, "resource", "lockowner", "dbprincipal")
    owner = str(owner or "Transaction").lower()
    if not session.instance.locks.release(session.database, resource[:255], owner, session):
        raise SqlError(1223, f"Cannot release the application lock (Database Principal: 'public', Resource: '{resource}') "
                       "because it is not currently held.")
    return 0


def execute_sql(session, arguments):
    values = [value for _, value, _ in arguments]
    parameters = {}
    if len(values) > 1:
        declared = [token.text for token in tokenize(values[1]) if token.kind == "variable"]
        for position, (name, value, _) in enumerate(arguments[2:]):
            parameters[(name or declared[position]).lower()] = value
    session.inner(values[0] or "", parameters)
    return 0


def rename(session, arguments):
    old, new, kind = named(arguments, "objname", "newname", "objtype")
    parts = [token.value for token in tokenize(old) if token.kind in ("word", "name")]
    session.enter_transaction(writes=True)
    session.definitions.rename(parts, new, kind)
    session.reply.info(15477, "Caution: Changing any part of an object name could break scripts and stored procedures.")
    return 0


PROCEDURES = {"sp_getapplock": get_app_lock, "sp_releaseapplock": release_app_lock, "sp_executesql": execute_sql,
              "sp_rename": rename}

"""The server's data directory: its databases, its logins, and the version that made it.

data/<name>.mdf says the version where the real file says it (in the boot page) and has nothing else; the rows are in
data/<name>.sqlite. The sa password is kept from the first start on, as in the real master database."""
import hashlib
import json
import pathlib
import secrets
import shutil
import sqlite3
import struct
import threading
import urllib.parse

from support.tds import catalogue, errors
from support.tds.functions import stamp
from support.tds.locks import AppLocks

SYSTEM = ("master", "tempdb", "model", "msdb")
PRODUCTS = {2019: (904, (15, 0, 4335)), 2022: (957, (16, 0, 4105)), 2025: (998, (17, 0, 1000))}
PAGE, BOOT_PAGE, VERSION_AT = 8192, 9, 100  # of a database file: dbi_version is the record's second word
CLASSES = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())


class CannotStart(Exception):
    """Why this server does not start, in its own words."""


def weakness(password):
    """What the policy has against a password, or None."""
    if len(password) < 8:
        return ("The password does not meet SQL Server password policy requirements because it is too short. "
                "The password must be at least 8 characters")
    if sum(any(map(has, password)) for has in CLASSES) < 3:
        return ("The password does not meet SQL Server password policy requirements because it is not complex enough. "
                "The password must be at least 8 characters long and contain characters from three of the following "
                "four sets: uppercase letters, lowercase letters, numbers, and symbols")
    return None


def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 2000).hex()


def data_version(path):
    """The version of the server that wrote a database file, or None."""
    try:
        with open(path, "rb") as file:
            file.seek(BOOT_PAGE * PAGE + VERSION_AT)
            return struct.unpack("<H", file.read(2))[0]
    except (OSError, struct.error):
        return None


class Instance:
    def __init__(self, directory, product=2022, name="stand-in"):
        self.directory, self.product, self.name = pathlib.Path(directory), product, name
        self.file_version, self.version = PRODUCTS[product]
        self.locks, self.guard, self.sessions = AppLocks(), threading.RLock(), {}
        self.next_spid = 51
        self.started, self.master = None, None

    @property
    def data(self):
        return self.directory / "data"

    # --- starting

    @property
    def is_new(self):
        return not (self.data / "master.mdf").exists()

    def open(self, sa_password=None):
        """Makes the data at the first start, and leaves it as it is at the next ones, the password too."""
        found = data_version(self.data / "master.mdf")
        if found is not None and found > self.file_version:
            raise CannotStart(f"Error: 948, Severity: 20, State: 1. The database 'master' cannot be opened because it is "
                              f"version {found}. This server supports version {self.file_version} and earlier. A "
                              "downgrade path is not supported.")
        if found is None:
            self.create(sa_password)
        elif found < self.file_version:
            for path in self.data.glob("*.mdf"):
                self.write_version(path)
        self.forget_files("tempdb")
        catalogue.create(self.data / "tempdb.sqlite")
        self.started = stamp()

    def forget_files(self, name):
        for end in ("", "-wal", "-shm"):
            pathlib.Path(str(self.path(name)) + end).unlink(missing_ok=True)

    def create(self, sa_password):
        self.data.mkdir(parents=True, exist_ok=True)
        for name in SYSTEM:
            if name != "tempdb":
                self.forget_files(name)
                catalogue.create(self.data / f"{name}.sqlite")
        with sqlite3.connect(self.data / "master.sqlite") as master:
            master.execute("CREATE TABLE stand_in_databases(name TEXT COLLATE NOCASE UNIQUE, database_id INTEGER PRIMARY "
                           "KEY, settings TEXT)")
            master.execute("CREATE TABLE stand_in_logins(name TEXT COLLATE NOCASE UNIQUE, salt TEXT, hash TEXT)")
            for number, name in enumerate(SYSTEM, 1):
                master.execute("INSERT INTO stand_in_databases VALUES (?, ?, '{}')", (name, number))
        master.close()
        if sa_password is not None:
            self.set_password("sa", sa_password)
        for name in SYSTEM:  # master last: it says that all is there
            self.write_version(self.data / f"{'master' if name == 'msdb' else 'msdb' if name == 'master' else name}.mdf")

    def write_version(self, path):
        with open(path, "r+b" if path.exists() else "wb") as file:
            file.truncate((BOOT_PAGE + 1) * PAGE)
            file.seek(BOOT_PAGE * PAGE + VERSION_AT)
            file.write(struct.pack("<H", self.file_version))

    # --- logins

    def run_master(self, sql, parameters=()):
        """One statement on what belongs to the whole server."""
        with self.guard:
            if not self.master:
                self.master = sqlite3.connect(self.path("master"), isolation_level=None, timeout=30,
                                              check_same_thread=False)
                self.master.execute("PRAGMA synchronous = OFF")
            return self.master.execute(sql, parameters).fetchall()

    def close(self):
        with self.guard:
            if self.master:
                self.master.close()
            self.master = None

    def set_password(self, user, password):
        salt = secrets.token_bytes(16)
        self.run_master("INSERT INTO stand_in_logins VALUES (?, ?, ?) ON CONFLICT(name) DO UPDATE SET "
                        "salt = excluded.salt, hash = excluded.hash", (user, salt.hex(), hashed(password, salt)))

    def logins(self):
        return [name for name, in self.run_master("SELECT name FROM stand_in_logins")]

    def login_is_right(self, user, password):
        rows = self.run_master("SELECT salt, hash FROM stand_in_logins WHERE name = ?", (user,))
        return bool(rows) and secrets.compare_digest(rows[0][1], hashed(password, bytes.fromhex(rows[0][0])))

    # --- databases

    def path(self, name):
        return self.data / (urllib.parse.quote(name, safe="") + ".sqlite")

    def databases(self):
        """(name, id, settings) of all"""
        return [(name, number, json.loads(settings)) for name, number, settings in
                self.run_master("SELECT name, database_id, settings FROM stand_in_databases ORDER BY database_id")]

    def database(self, name):
        """The database's own spelling of its name, or None."""
        return next((known for known, _, _ in self.databases() if known.lower() == name.lower()), None)

    def database_id(self, name):
        return next((number for known, number, _ in self.databases() if known.lower() == name.lower()), None)

    def connect(self, name):
        connection = sqlite3.connect(self.path(self.database(name)), isolation_level=None, timeout=10,
                                     check_same_thread=False)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA busy_timeout = 0")  # from now on a lock is the session's to wait for
        return connection

    def create_database(self, name):
        with self.guard:
            if self.database(name):
                raise errors.database_exists(name)
            self.forget_files(name)
            shutil.copyfile(self.path("model"), self.path(name))
            self.write_version(self.path(name).with_suffix(".mdf"))
            self.run_master("INSERT INTO stand_in_databases SELECT ?, MAX(MAX(database_id), 4) + 1, '{}' "
                            "FROM stand_in_databases", (name,))

    def drop_database(self, name):
        with self.guard:
            known = self.database(name)
            if not known:
                raise errors.cannot_drop("database", name)
            if known.lower() in SYSTEM:
                raise errors.SqlError(3708, f"Cannot drop the database '{known}' because it is a system database.", state=4)
            if any(session.database.lower() == known.lower() for session in self.sessions.values()):
                raise errors.SqlError(3702, f'Cannot drop database "{known}" because it is currently in use.', state=3)
            self.run_master("DELETE FROM stand_in_databases WHERE name = ?", (known,))
            self.forget_files(known)
            self.path(known).with_suffix(".mdf").unlink(missing_ok=True)

    def set_option(self, name, key, value):
        settings = next(settings for known, _, settings in self.databases() if known.lower() == name.lower())
        settings[key] = value
        self.run_master("UPDATE stand_in_databases SET settings = ? WHERE name = ?", (json.dumps(settings), name))

    # --- sessions

    def enter(self, session):
        """A new session's number."""
        with self.guard:
            spid = self.next_spid
            self.next_spid += 1
            self.sessions[spid] = session
            return spid

    def leave(self, session):
        with self.guard:
            self.sessions.pop(session.spid, None)
        self.locks.release_all(session)

    def end_others(self, name, but):
        """Ends all sessions of a database except one."""
        with self.guard:
            others = [s for s in self.sessions.values() if s is not but and s.database.lower() == name.lower()]
        for session in others:
            session.kill()

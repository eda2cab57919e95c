"""Databases that a test makes and clears again and again: one connection each, no program started for it."""
import os
import sqlite3
import tempfile

from support import mysql_session
from support.postgres_session import Session, SqlError

CLEAR = """
DO $$ DECLARE name name; BEGIN
    FOR name IN SELECT extname FROM pg_extension WHERE extnamespace <> 'pg_catalog'::regnamespace LOOP
        EXECUTE format('DROP EXTENSION %I CASCADE', name);
    END LOOP;
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public;
END $$
"""
# A new enum value that is used before a commit.
UNSAFE_USE = "55P04"


class Postgres:
    """A database on the server. `extensions` are there for good, in no schema that anybody looks at."""

    def __init__(self, server, extensions=()):
        self.server = server
        self.name = server.create_database()
        self.url = server.url(self.name)
        self.session = Session(server, self.name)
        for extension in extensions:
            self.session.query(f"CREATE EXTENSION {extension} SCHEMA pg_catalog")

    def clear(self):
        self.session.query(CLEAR)

    def apply(self, script):
        """None, or why the server refused."""
        try:
            self.session.query(script)
        except SqlError as error:
            if error.code != UNSAFE_USE:
                return str(error)
            run = self.server.psql("-q", "-v", "ON_ERROR_STOP=1", database=self.name, text=script)
            return run.stderr if run.returncode else None
        return None

    def close(self):
        self.session.close()
        self.server.sql(f'DROP DATABASE "{self.name}" WITH (FORCE)')


class Mysql:
    """A database on the server of MySQL or MariaDB, and one beside it for what is to be kept."""

    def __init__(self, server):
        self.server = server
        self.name = server.create_database()
        self.kept = self.name + "_kept"
        self.url = server.url(self.name)
        self.session = mysql_session.Session(server, self.name)

    def clear(self):
        for name in (self.kept, self.name):
            self.session.query(f"DROP DATABASE IF EXISTS `{name}`; CREATE DATABASE `{name}` CHARACTER SET utf8mb4; USE `{name}`")

    def apply(self, script):
        """None, or why the server refused; the statements before stay."""
        try:
            self.session.query(script)
        except mysql_session.SqlError as error:
            return str(error)
        return None

    def close(self):
        self.session.query(f"DROP DATABASE IF EXISTS `{self.kept}`; DROP DATABASE IF EXISTS `{self.name}`")
        self.session.close()


class Sqlite:
    """A file."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="berth-test-")
        self.path = os.path.join(self.directory.name, "live.db")
        self.url = f"file:{self.path}"
        self.connection = None
        self.clear()

    def clear(self):
        if self.connection:
            self.connection.close()
            os.unlink(self.path)
        self.connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self.connection.execute("PRAGMA synchronous = OFF")

    def apply(self, script):
        """None, or why SQLite refused; then nothing of it is there."""
        try:
            self.connection.executescript("BEGIN;" + script + ";COMMIT;")
        except sqlite3.Error as error:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            return str(error)
        return None

    def close(self):
        self.connection.close()
        self.directory.cleanup()

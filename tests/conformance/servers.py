"""Databases to run scripts in: what a script leaves there is compared as a set of rows.

start() makes an empty database, run(script) is None or the error, state() the tables, columns, keys, indexes, foreign keys and enums. stop()
leaves nothing behind. Defaults that are dates are left out of the state: a change from one to another is not a change in this format.
"""
import os
import shlex
import sqlite3
import subprocess

POSTGRES_STATE = """
SELECT 'column', quote_ident(c.table_schema) || '.' || c.table_name, c.column_name, c.udt_name, c.is_nullable, coalesce(c.character_maximum_length, -1),
       coalesce(c.datetime_precision, -1), CASE WHEN c.udt_name ~ '^_?(date|time)' THEN '' WHEN c.column_default LIKE 'nextval%' THEN 'nextval'
       ELSE coalesce(c.column_default, '') END
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema !~ '^(pg_|information_schema)'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', 0, 0, '' FROM pg_constraint
WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)'
UNION ALL SELECT 'index', tablename, indexname, indexdef, '', 0, 0, '' FROM pg_indexes WHERE schemaname !~ '^(pg_|information_schema)'
UNION ALL SELECT 'enum', t.typname, e.enumlabel, '', '', 0, 0, '' FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
"""


# An index that a foreign key made for itself, or was left by one, has its name: it is no statement's matter.
MYSQL_STATE = """
SELECT 'column', c.table_name, c.column_name, c.column_type, c.is_nullable, c.extra,
       IF(c.data_type REGEXP '^(date|time)', '', COALESCE(c.column_default, '(none)'))
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'
UNION ALL SELECT 'index', table_name, index_name, CONCAT(index_type, non_unique),
       GROUP_CONCAT(COALESCE(column_name, ''), '(', COALESCE(sub_part, ''), ')', COALESCE(collation, '') ORDER BY seq_in_index), '', ''
FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name NOT IN (
    SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = DATABASE())
GROUP BY 1, 2, 3, 4
UNION ALL SELECT 'foreign key', k.table_name, k.constraint_name, CONCAT(r.delete_rule, ' ', r.update_rule), k.referenced_table_name,
       GROUP_CONCAT(k.column_name, ' ', k.referenced_column_name ORDER BY k.ordinal_position), ''
FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
WHERE k.constraint_schema = DATABASE() GROUP BY 1, 2, 3, 4, 5
"""


class Sqlite:
    def __init__(self):
        self.connection = None

    def stop(self):
        pass

    def start(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)

    def run(self, text):
        try:
            self.connection.executescript(text)
        except sqlite3.Error as error:
            return str(error)
        return None

    def state(self):
        rows = set()
        query = lambda text: self.connection.execute(text).fetchall()
        for (table,) in query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
            name = table.replace('"', '""')
            for _, column, kind, required, default, key in query(f'PRAGMA table_info("{name}")'):
                rows.add(("column", table, column, kind, required, "" if kind == "DATETIME" else default, key))
            for _, index, unique, origin, _ in query(f'PRAGMA index_list("{name}")'):
                quoted = index.replace('"', '""')
                columns = tuple((row[2], row[3]) for row in query(f'PRAGMA index_xinfo("{quoted}")') if row[5])
                rows.add(("index", table, index if origin == "c" else origin, unique, columns))
            for row in query(f'PRAGMA foreign_key_list("{name}")'):
                rows.add(("foreign key", table) + row[2:])
        return rows


class Postgres:
    def __init__(self, psql):
        """psql: the command that reaches the server, as a user that may create databases."""
        self.command = shlex.split(psql) + ["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1"]
        self.database = f"conformance_{os.getpid()}"

    def psql(self, text, database):
        return subprocess.run(self.command + ["-d", database], input=text, capture_output=True, text=True)

    def start(self):
        self.stop()
        # The types that random schemas name lie in extensions or in the server itself.
        self.psql(f"CREATE DATABASE {self.database}", "postgres")
        self.psql("CREATE EXTENSION IF NOT EXISTS citext", self.database)

    def stop(self):
        self.psql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)", "postgres")

    def run(self, text):
        done = self.psql(text, self.database)
        return None if done.returncode == 0 else done.stderr.strip()

    def state(self):
        return set(self.psql(POSTGRES_STATE, self.database).stdout.splitlines())


class Mysql:
    def __init__(self, client):
        """client: the command that reaches the server, MySQL or MariaDB, as a user that may create databases."""
        self.command = shlex.split(client) + ["-BN", "--default-character-set=utf8mb4"]
        self.database = f"conformance_{os.getpid()}"

    def client(self, text, *database):
        return subprocess.run(self.command + list(database), input=text, capture_output=True, text=True)

    def start(self):
        self.stop()
        self.client(f"CREATE DATABASE {self.database} CHARACTER SET utf8mb4")

    def stop(self):
        self.client(f"DROP DATABASE IF EXISTS {self.database}")

    def run(self, text):
        done = self.client(text, self.database)
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]  # behind the statement
        return None if done.returncode == 0 else "\n".join(said) or done.stderr

    def state(self):
        done = self.client(MYSQL_STATE, self.database)
        assert done.returncode == 0, done.stderr
        return set(done.stdout.splitlines())

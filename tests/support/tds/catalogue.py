"""The catalogue of one database, as one connection sees it: what is there, and the SQLite table that each table is.

The catalogue says what a table is; rebuild() makes SQLite's own definition of it follow, in the middle of a transaction
and with the rows in place, by writing it into SQLite's schema. Keys are SQLite's unique indexes, foreign keys its own."""
import contextlib
import sqlite3
from dataclasses import dataclass

from support.tds import errors, types
from support.tds.catalogue_schema import SCHEMA, TYPES
from support.tds.lexer import tokenize
from support.tds.translate import Translator, physical, quoted

DESCRIPTIONS = {"U": "USER_TABLE", "V": "VIEW", "PK": "PRIMARY_KEY_CONSTRAINT", "UQ": "UNIQUE_CONSTRAINT",
                "F": "FOREIGN_KEY_CONSTRAINT", "D": "DEFAULT_CONSTRAINT", "C": "CHECK_CONSTRAINT",
                "P": "SQL_STORED_PROCEDURE", "FN": "SQL_SCALAR_FUNCTION", "TR": "SQL_TRIGGER", "SO": "SEQUENCE_OBJECT"}
ACTIONS = ["NO ACTION", "CASCADE", "SET NULL", "SET DEFAULT"]
FIRST_ID, ID_STEP = 901578250, 16


@dataclass
class Table:
    object_id: int
    schema_id: int
    schema: str
    name: str
    kind: str

    @property
    def physical(self):
        return physical(self.schema, self.name)

    @property
    def full_name(self):
        return f"{self.schema}.{self.name}"


def create(path):
    """A new, empty database."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.create_function("DB_NAME", 0, lambda: "")
    connection.executescript("BEGIN;" + SCHEMA + "COMMIT;")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO sys_types(name, system_type_id, user_type_id, max_length, precision, scale) "
                           "VALUES (?, ?, ?, ?, ?, ?)", TYPES)
    connection.execute("COMMIT")
    connection.close()


class Catalogue:
    def __init__(self, connection):
        self.connection = connection
        connection.row_factory = None

    def all(self, sql, *parameters):
        return self.connection.execute(sql, parameters).fetchall()

    def one(self, sql, *parameters):
        return self.connection.execute(sql, parameters).fetchone()

    def value(self, sql, *parameters):
        row = self.one(sql, *parameters)
        return row[0] if row else None

    def run(self, sql, *parameters):
        self.connection.execute(sql, parameters)

    @contextlib.contextmanager
    def atomic(self):
        """All of a statement, or nothing of it."""
        self.run("SAVEPOINT statement")
        try:
            yield
        except BaseException:
            self.run("ROLLBACK TO statement")
            self.run("RELEASE statement")
            raise
        self.run("RELEASE statement")

    # --- objects

    def schemas(self):
        return [name for name, in self.all("SELECT name FROM sys_schemas")]

    def schema_id(self, name):
        return self.value("SELECT schema_id FROM sys_schemas WHERE name = ?", name or "dbo")

    def need_schema(self, name):
        found = self.schema_id(name)
        if found is None:
            raise errors.SqlError(2760, f'The specified schema name "{name}" either does not exist or you do not have '
                                  "permission to use it.")
        return found

    def find(self, name, *kinds):
        """The object of that name, or None."""
        row = self.one("SELECT o.object_id, o.schema_id, s.name, o.name, o.type FROM sys_all_objects o "
                       "JOIN sys_schemas s ON s.schema_id = o.schema_id WHERE s.name = ? AND o.name = ?",
                       name.schema or "dbo", name.name)
        return Table(*row) if row and (not kinds or row[4] in kinds) else None

    def table_of(self, object_id):
        return Table(*self.one("SELECT o.object_id, o.schema_id, s.name, o.name, o.type FROM sys_all_objects o "
                               "JOIN sys_schemas s ON s.schema_id = o.schema_id WHERE o.object_id = ?", object_id))

    def table_by_physical(self, name):
        for object_id, in self.all("SELECT object_id FROM sys_all_objects WHERE type IN ('U', 'V')"):
            table = self.table_of(object_id)
            if table.physical.lower() == name.lower():
                return table
        return None

    def add_object(self, name, schema_id, kind, parent=0):
        if self.one("SELECT 1 FROM sys_all_objects WHERE schema_id = ? AND name = ?", schema_id, name):
            raise errors.exists(name)
        object_id = (self.value("SELECT MAX(object_id) FROM sys_all_objects") or FIRST_ID) + ID_STEP
        self.run("INSERT INTO sys_all_objects(name, object_id, schema_id, parent_object_id, type, type_desc) "
                 "VALUES (?, ?, ?, ?, ?, ?)", name, object_id, schema_id, parent, kind, DESCRIPTIONS[kind])
        return object_id

    def remove_object(self, object_id):
        for table in ("sys_all_objects", "constraint_details", "foreign_keys", "sys_sql_modules", "sequences",
                      "sys_columns", "sys_identity_columns", "sys_indexes", "sys_index_columns"):
            self.run(f"DELETE FROM {table} WHERE object_id = ?", object_id)
        self.run("DELETE FROM sys_foreign_key_columns WHERE constraint_object_id = ?", object_id)

    # --- columns

    def column_id(self, object_id, name):
        return self.value("SELECT column_id FROM sys_columns WHERE object_id = ? AND name = ?", object_id, name)

    def column_name(self, object_id, column_id):
        return self.value("SELECT name FROM sys_columns WHERE object_id = ? AND column_id = ?", object_id, column_id)

    def columns(self, object_id):
        """(column id, name, its type, nullable, default's definition, seed of an identity or None), in their order"""
        found = []
        for row in self.all(
                "SELECT c.column_id, c.name, c.is_nullable, t.name, c.system_type_id, c.user_type_id, c.max_length, "
                "c.precision, c.scale, d.definition, i.seed_value FROM sys_columns c "
                "JOIN sys_types t ON t.user_type_id = c.user_type_id "
                "LEFT JOIN constraint_details d ON d.object_id = c.default_object_id AND c.default_object_id <> 0 "
                "LEFT JOIN sys_identity_columns i ON i.object_id = c.object_id AND i.column_id = c.column_id "
                "WHERE c.object_id = ? ORDER BY c.column_id", object_id):
            found.append((row[0], row[1], types.Resolved(*row[3:9]), bool(row[2]), row[9], row[10]))
        return found

    def index_columns(self, object_id, index_id):
        """(name, descending) of the key's columns"""
        return self.all("SELECT c.name, x.is_descending_key FROM sys_index_columns x JOIN sys_columns c "
                        "ON c.object_id = x.object_id AND c.column_id = x.column_id WHERE x.object_id = ? "
                        "AND x.index_id = ? AND x.is_included_column = 0 ORDER BY x.key_ordinal", object_id, index_id)

    def foreign_key(self, object_id):
        """(table, its columns, table referred to, its columns, on delete, on update)"""
        parent, referenced, on_delete, on_update = self.one(
            "SELECT o.parent_object_id, f.referenced_object_id, f.delete_referential_action, "
            "f.update_referential_action FROM foreign_keys f JOIN sys_all_objects o ON o.object_id = f.object_id "
            "WHERE f.object_id = ?", object_id)
        pairs = self.all("SELECT parent_column_id, referenced_column_id FROM sys_foreign_key_columns "
                         "WHERE constraint_object_id = ? ORDER BY constraint_column_id", object_id)
        return (self.table_of(parent), [self.column_name(parent, a) for a, _ in pairs],
                self.table_of(referenced), [self.column_name(referenced, b) for _, b in pairs],
                ACTIONS[on_delete], ACTIONS[on_update])

    # --- the tables of SQLite

    def expression(self, definition):
        """A default, a check or a filter of the catalogue as SQLite's SQL."""
        return Translator(self.schemas()).translate(tokenize(definition)[:-1])

    def column_sql(self, table, column):
        _, name, kind, nullable, default, seed = column
        parts = [quoted(name), kind.affinity]
        if not nullable:
            parts.append("NOT NULL")
        if seed is not None:
            parts.append(f"DEFAULT (tds_identity({table.object_id}))")
        elif default is not None:
            parts.append(f"DEFAULT ({self.expression(default)})")
        for what, condition in self.limits(kind, quoted(name)):
            parts.append(f"CONSTRAINT {quoted(what + ' ' + name)} CHECK ({condition})")
        return " ".join(parts)

    @staticmethod
    def limits(kind, name):
        """What values have to be like, with the word that told() knows it by."""
        if kind.characters is not None:
            yield "truncated", f"length({name}) <= {kind.characters}"
        elif kind.name in types.INTEGERS and kind.name != "bit":
            yield "conversion", f"typeof({name}) IN ('integer', 'null')"
            least, most = types.RANGES[kind.name]
            yield "overflow", f"{name} BETWEEN {least} AND {most}"

    def table_sql(self, table):
        lines = [self.column_sql(table, column) for column in self.columns(table.object_id)]
        for name, definition in self.all("SELECT name, definition FROM sys_check_constraints WHERE parent_object_id = ?",
                                         table.object_id):
            lines.append(f"CONSTRAINT {quoted('check ' + name)} CHECK ({self.expression(definition)})")
        for object_id, in self.all("SELECT object_id FROM sys_foreign_keys WHERE parent_object_id = ?", table.object_id):
            _, columns, referenced, keys, on_delete, on_update = self.foreign_key(object_id)
            lines.append(f"FOREIGN KEY ({', '.join(map(quoted, columns))}) REFERENCES {quoted(referenced.physical)}"
                         f"({', '.join(map(quoted, keys))}) ON DELETE {on_delete} ON UPDATE {on_update}")
        return f"CREATE TABLE {quoted(table.physical)}({', '.join(lines)})"

    def create_table(self, table):
        self.run(self.table_sql(table))
        self.create_triggers(table)

    def create_triggers(self, table):
        """Values of these types are written in one way each, whatever way they are given in."""
        changes, own = [], f"convert_{table.object_id}"
        for _, name, kind, *_ in self.columns(table.object_id):
            if kind.name in types.CONVERTED:
                value = f"tds_convert({quoted(name)}, '{kind.name}', -1, {kind.scale}, NULL, 0)"
                changes.append(f"{quoted(name)} = {value}")
        for event in ("INSERT", "UPDATE"):
            self.run(f"DROP TRIGGER IF EXISTS {own}_{event}")
            if changes:
                self.run(f"CREATE TRIGGER {own}_{event} AFTER {event} ON {quoted(table.physical)} BEGIN UPDATE "
                         f"{quoted(table.physical)} SET {', '.join(changes)} WHERE rowid = NEW.rowid; END")

    def rebuild(self, table):
        """Makes SQLite's definition of the table what the catalogue says."""
        version = self.value("PRAGMA schema_version")
        self.run("PRAGMA writable_schema = ON")
        try:
            self.run("UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", self.table_sql(table),
                     table.physical)
        finally:
            self.run("PRAGMA writable_schema = RESET")
        self.run(f"PRAGMA schema_version = {version + 1}")
        self.create_triggers(table)

    # NULL is one value more in a unique index here, where SQLite takes each for another.
    def create_index(self, table, index_id):
        """SQLite's part of a unique index; one that is not unique has none."""
        unique, condition = self.one("SELECT is_unique, filter_definition FROM sys_indexes WHERE object_id = ? "
                                     "AND index_id = ?", table.object_id, index_id)
        if not unique:
            return
        columns = self.index_columns(table.object_id, index_id)
        name = f"index_{table.object_id}_{index_id}"
        where = f" WHERE {self.expression(condition)}" if condition else ""
        listed = ", ".join(quoted(column) + (" DESC" if descending else "") for column, descending in columns)
        self.run(f"CREATE UNIQUE INDEX {quoted(name)} ON {quoted(table.physical)}({listed}){where}")
        nullable = {column[1] for column in self.columns(table.object_id) if column[3]}
        if any(column in nullable for column, _ in columns) and not condition:
            listed = ", ".join(f"{quoted(c)} IS NULL, ifnull({quoted(c)}, 0) COLLATE NOCASE" for c, _ in columns)
            empty = " OR ".join(f"{quoted(c)} IS NULL" for c, _ in columns)
            self.run(f"CREATE UNIQUE INDEX {quoted(name + '_null')} ON {quoted(table.physical)}({listed}) WHERE {empty}")

    def drop_index(self, table, index_id):
        for end in ("", "_null"):
            self.run(f"DROP INDEX IF EXISTS {quoted(f'index_{table.object_id}_{index_id}{end}')}")

    def index_of_failure(self, table, text):
        """(index id, name, kind) of the unique index that SQLite's message is about."""
        names = [part.rsplit(".", 1)[-1].lower() for part in text.split(": ", 1)[1].split(", ")]
        for index_id, name, primary, constraint in self.all(
                "SELECT index_id, name, is_primary_key, is_unique_constraint FROM sys_indexes WHERE object_id = ? "
                "AND is_unique = 1", table.object_id):
            columns = [column.lower() for column, _ in self.index_columns(table.object_id, index_id)]
            if columns == names or f"index_{table.object_id}_{index_id}_null" in text:
                return index_id, name, "PRIMARY KEY" if primary else "UNIQUE KEY" if constraint else None
        return None

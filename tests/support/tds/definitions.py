"""CREATE, ALTER, DROP and sp_rename on the tables of a database: the catalogue first, SQLite's tables after it."""
import sqlite3
import zlib

from support.tds import errors, syntax as ast, types
from support.tds.catalogue import ACTIONS
from support.tds.errors import SqlError
from support.tds.translate import Translator, literal, physical, quoted

ITEM_ENDS = {"D": "DF", "PK": "PK", "UQ": "UQ", "F": "FK", "C": "CK"}


def definition_text(tokens):
    """Tokens as the server keeps them: names in brackets, functions in small letters, numbers in parentheses."""
    out = ""
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        if token.is_word("CURRENT_TIMESTAMP"):
            text = "getdate()"
        elif token.kind == "number":
            text = f"({token.text})"
        elif token.kind == "string":
            text = token.text[0].upper() + token.text[1:] if token.text[0] in "nN" else token.text
        elif token.is_keyword:
            text = f" {token.text.upper()} "
        elif token.kind == "word" and following is not None and following.is_op("("):
            text = token.text.lower()
        elif token.is_name:
            text = f"[{token.value}]"
        else:
            text = token.text
        out += text
    return " ".join(out.split())


def without_parentheses(tokens):
    """Without those around the whole."""
    while len(tokens) > 1 and tokens[0].is_op("(") and tokens[-1].is_op(")"):
        depth = 0
        for i, token in enumerate(tokens):
            depth += token.is_op("(") - token.is_op(")")
            if depth == 0 and i < len(tokens) - 1:
                return tokens
        tokens = tokens[1:-1]
    return tokens


def default_text(tokens):
    tokens = without_parentheses(tokens)
    if len(tokens) == 2 and tokens[0].is_op("-") and tokens[1].kind == "number":
        return f"((-{tokens[1].text}))"
    return f"({definition_text(tokens)})"


class Definitions:
    """database: the name that messages have."""

    def __init__(self, catalogue, database):
        self.catalogue, self.database = catalogue, database

    def run(self, statement):
        with self.catalogue.atomic():
            getattr(self, type(statement).__name__)(statement)

    def need_table(self, name, number=4902):
        table = self.catalogue.find(name, "U")
        if not table:
            raise errors.cannot_find(str(name), number)
        return table

    def need_column(self, table, name):
        column_id = self.catalogue.column_id(table.object_id, name)
        if column_id is None:
            raise SqlError(1911, f"Column name '{name}' does not exist in the target table or view.")
        return column_id

    # --- CREATE

    def CreateTable(self, statement):
        schema_id = self.catalogue.need_schema(statement.name.schema)
        object_id = self.catalogue.add_object(statement.name.name, schema_id, "U")
        table = self.catalogue.table_of(object_id)
        columns = [item for item in statement.items if isinstance(item, ast.Column)]
        keys = [c for c in self.constraints(statement.items) if c.kind == "PK"]
        if len(keys) > 1:
            raise SqlError(8110, f"Cannot add multiple PRIMARY KEY constraints to table '{table.full_name}'.", state=0)
        in_key = {name.lower() for key in keys for name, _ in key.columns}
        for column in columns:
            if column.name.lower() in in_key and column.nullable is None:
                column.nullable = False
            self.add_column(table, column)
        constraints = self.constraints(statement.items)
        self.add_defaults(table, constraints)
        self.catalogue.create_table(table)
        self.add_constraints(table, [c for c in constraints if c.kind != "D"])
        self.keep_heap(table)

    def keep_heap(self, table):
        """A table without a clustered index has an entry of its own among the indexes, without a name."""
        self.catalogue.run("DELETE FROM sys_indexes WHERE object_id = ? AND index_id = 0", table.object_id)
        if not self.has_clustered(table):
            self.catalogue.run("INSERT INTO sys_indexes(object_id, index_id, type, type_desc) VALUES (?, 0, 0, 'HEAP')",
                               table.object_id)

    @staticmethod
    def constraints(items):
        found = []
        for item in items:
            found += item.constraints if isinstance(item, ast.Column) else [item]
        return found

    def add_column(self, table, column):
        c = self.catalogue
        position = (c.value("SELECT MAX(column_id) FROM sys_columns WHERE object_id = ?", table.object_id) or 0) + 1
        if c.column_id(table.object_id, column.name) is not None:
            raise SqlError(2705, "Column names in each table must be unique. Column name "
                           f"'{column.name}' in table '{table.full_name}' is specified more than once.", state=4)
        kind = types.resolve(column.type, position)
        nullable = column.nullable if column.nullable is not None else not column.identity
        c.run("INSERT INTO sys_columns(object_id, name, column_id, system_type_id, user_type_id, max_length, precision, "
              "scale, collation_name, is_nullable, is_identity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              table.object_id, column.name, position, kind.system_type_id, kind.user_type_id, kind.max_length,
              kind.precision, kind.scale, kind.collation, nullable, column.identity is not None)
        if column.identity:
            if c.one("SELECT 1 FROM sys_identity_columns WHERE object_id = ?", table.object_id):
                raise SqlError(2744, f"Multiple identity columns specified for table '{table.name}'. Only one identity "
                               "column per table is allowed.", state=2)
            c.run("INSERT INTO sys_identity_columns(object_id, name, column_id, seed_value, increment_value) "
                  "VALUES (?, ?, ?, ?, ?)", table.object_id, column.name, position, *column.identity)

    def add_constraint_object(self, table, constraint):
        name, system_named = constraint.name, constraint.name is None
        if system_named:
            seed = repr((table.object_id, constraint.kind, constraint.columns, constraint.referenced))
            mark = f"{zlib.crc32(seed.encode()):08X}"
            of_column = constraint.columns[0][0][:5] + "__" if constraint.kind in "DFC" and constraint.columns else ""
            name = f"{ITEM_ENDS[constraint.kind]}__{table.name[:9]}__{of_column}{mark}"
        object_id = self.catalogue.add_object(name, table.schema_id, constraint.kind, table.object_id)
        self.catalogue.run("INSERT INTO constraint_details(object_id, is_system_named) VALUES (?, ?)", object_id,
                           system_named)
        constraint.name = name
        return object_id

    def add_defaults(self, table, constraints):
        for constraint in constraints:
            if constraint.kind != "D":
                continue
            self.check_names(constraint)
            column_id = self.need_column(table, constraint.columns[0][0])
            if self.catalogue.value("SELECT default_object_id FROM sys_columns WHERE object_id = ? AND column_id = ?",
                                    table.object_id, column_id):
                raise errors.no_constraint().after(
                    SqlError(1781, "Column already has a DEFAULT bound to it."))
            object_id = self.add_constraint_object(table, constraint)
            self.catalogue.run("UPDATE constraint_details SET definition = ?, column_id = ? WHERE object_id = ?",
                               default_text(constraint.tokens), column_id, object_id)
            self.catalogue.run("UPDATE sys_columns SET default_object_id = ? WHERE object_id = ? AND column_id = ?",
                               object_id, table.object_id, column_id)

    def check_names(self, constraint):
        """A default may not name a column, nor a function that is not there."""
        tokens = constraint.tokens
        for i, token in enumerate(tokens):
            called = i + 1 < len(tokens) and tokens[i + 1].is_op("(")
            if token.kind == "word" and not token.is_keyword and not called and \
                    not token.is_word("MAX", "NEXT", "VALUE", "SYSTEM_USER", "USER", "NVARCHAR", "INT", "DATETIME2") and \
                    not (i and (tokens[i - 1].is_op(".") or tokens[i - 1].is_word("FOR"))):
                raise SqlError(128, f"The name \"{token.text}\" is not permitted in this context. Valid expressions are "
                               "constants, constant expressions, and (in some contexts) variables. Column names are "
                               "not permitted.", severity=15)
        sql = Translator(self.catalogue.schemas()).translate(tokens)
        try:
            self.catalogue.run(f"EXPLAIN SELECT {sql}")
        except sqlite3.OperationalError as failure:
            name = str(failure).rsplit(": ", 1)[-1]
            if "no such function" in str(failure):
                raise SqlError(195, f"'{name}' is not a recognized built-in function name.", severity=15) from failure
            raise errors.unknown(f"the default {sql}: {failure}") from failure

    def add_constraints(self, table, constraints):
        """Keys before what refers to them."""
        for constraint in sorted(constraints, key=lambda c: ["D", "PK", "UQ", "C", "F"].index(c.kind)):
            {"PK": self.add_key, "UQ": self.add_key, "C": self.add_check, "F": self.add_foreign_key,
             "D": lambda t, c: self.add_defaults(t, [c])}[constraint.kind](table, constraint)

    def add_key(self, table, constraint):
        c, primary = self.catalogue, constraint.kind == "PK"
        if primary and c.one("SELECT 1 FROM sys_indexes WHERE object_id = ? AND is_primary_key", table.object_id):
            raise errors.no_constraint().after(
                SqlError(1779, f"Table '{table.name}' already has a primary key defined on it.", state=0))
        for name, _ in constraint.columns:
            column_id = self.need_column(table, name)
            if primary and c.value("SELECT is_nullable FROM sys_columns WHERE object_id = ? AND column_id = ?",
                                   table.object_id, column_id):
                raise errors.no_constraint().after(SqlError(
                    8111, f"Cannot define PRIMARY KEY constraint on nullable column in table '{table.name}'."))
        object_id = self.add_constraint_object(table, constraint)
        clustered = primary if constraint.clustered is None else constraint.clustered
        if clustered and constraint.clustered is None and self.has_clustered(table):
            clustered = False
        index_id = self.add_index(table, constraint.name, constraint.columns, clustered, True, kind=constraint.kind)
        c.run("UPDATE constraint_details SET index_id = ? WHERE object_id = ?", index_id, object_id)

    def has_clustered(self, table):
        return self.catalogue.value("SELECT name FROM sys_indexes WHERE object_id = ? AND index_id = 1", table.object_id)

    def add_index(self, table, name, columns, clustered, unique, included=(), condition=None, kind=None):
        c = self.catalogue
        if c.one("SELECT 1 FROM sys_indexes WHERE object_id = ? AND name = ?", table.object_id, name):
            raise SqlError(1913, f"The operation failed because an index or statistics with name '{name}' already exists "
                           f"on table '{table.full_name}'.")
        if clustered and self.has_clustered(table):
            raise SqlError(1902, "Cannot create more than one clustered index on table "
                           f"'{table.full_name}'. Drop the existing clustered index '{self.has_clustered(table)}' "
                           "before creating another.", state=3)
        last = c.value("SELECT MAX(index_id) FROM sys_indexes WHERE object_id = ?", table.object_id) or 0
        index_id = 1 if clustered else max(last, 1) + 1
        c.run("INSERT INTO sys_indexes(object_id, name, index_id, type, type_desc, is_unique, is_primary_key, "
              "is_unique_constraint, has_filter, filter_definition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
              table.object_id, name, index_id, 1 if clustered else 2, "CLUSTERED" if clustered else "NONCLUSTERED",
              bool(unique), kind == "PK", kind == "UQ", condition is not None, condition)
        seen = set()
        for position, (column, descending) in enumerate([*columns, *((n, False) for n in included)], 1):
            if column.lower() in seen:
                raise SqlError(1909, f"Cannot use duplicate column names in index. Column name '{column}' listed more "
                               "than once.")
            seen.add(column.lower())
            is_included = position > len(columns)
            c.run("INSERT INTO sys_index_columns(object_id, index_id, index_column_id, column_id, key_ordinal, "
                  "is_descending_key, is_included_column) VALUES (?, ?, ?, ?, ?, ?, ?)", table.object_id, index_id,
                  position, self.need_column(table, column), 0 if is_included else position, descending, is_included)
        self.keep_heap(table)
        try:
            c.create_index(table, index_id)
        except sqlite3.IntegrityError as failure:
            value = self.duplicate(table, [column for column, _ in columns])
            duplicate = SqlError(1505, "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found "
                                 f"for the object name '{table.full_name}' and the index name '{name}'. The duplicate "
                                 f"key value is {value}.")
            raise (errors.no_constraint().after(duplicate) if kind else duplicate) from failure
        return index_id

    def duplicate(self, table, columns):
        """A key that more than one row has, as messages show it."""
        listed = ", ".join(map(quoted, columns))
        row = self.catalogue.one(f"SELECT {listed} FROM {quoted(table.physical)} GROUP BY {listed} HAVING COUNT(*) > 1")
        return "(" + ", ".join("<NULL>" if value is None else str(value) for value in row or ()) + ")"

    def add_check(self, table, constraint):
        object_id = self.add_constraint_object(table, constraint)
        column_id = self.catalogue.column_id(table.object_id, constraint.columns[0][0]) if constraint.columns else 0
        self.catalogue.run("UPDATE constraint_details SET definition = ?, column_id = ? WHERE object_id = ?",
                           f"({definition_text(constraint.tokens)})", column_id, object_id)
        self.rebuild(table)
        condition = self.catalogue.expression(definition_text(constraint.tokens))
        if self.catalogue.one(f"SELECT 1 FROM {quoted(table.physical)} WHERE NOT ({condition})"):
            raise SqlError(547, "The ALTER TABLE statement conflicted with the CHECK constraint "
                           f'"{constraint.name}". The conflict occurred in database "{self.database}", table '
                           f'"{table.full_name}".', state=0)

    def rebuild(self, table):
        try:
            self.catalogue.rebuild(table)
            self.catalogue.run(f"EXPLAIN SELECT * FROM {quoted(table.physical)}")
        except sqlite3.DatabaseError as failure:
            raise errors.unknown(f"table {table.full_name} as SQLite has it: {failure}") from failure

    def add_foreign_key(self, table, constraint):
        c = self.catalogue
        referenced = c.find(constraint.table, "U")
        if not referenced:
            raise errors.no_constraint().after(SqlError(
                1767, f"Foreign key '{constraint.name}' references invalid table '{constraint.table}'.", state=0))
        keys = constraint.referenced or [name for name, _ in self.primary_key(referenced)]
        for column, _ in constraint.columns:
            if c.column_id(table.object_id, column) is None:
                raise errors.no_constraint().after(SqlError(
                    1769, f"Foreign key '{constraint.name}' references invalid column '{column}' in referencing table "
                    f"'{table.name}'."))
        for column in keys:
            if c.column_id(referenced.object_id, column) is None:
                raise errors.no_constraint().after(SqlError(
                    1770, f"Foreign key '{constraint.name}' references invalid column '{column}' in referenced table "
                    f"'{referenced.name}'.", state=0))
        object_id = self.add_constraint_object(table, constraint)
        c.run("INSERT INTO foreign_keys VALUES (?, ?, ?, ?, ?, ?, ?)", object_id, referenced.object_id,
              self.candidate_key(constraint, referenced, keys), ACTIONS.index(constraint.on_delete),
              constraint.on_delete.replace(" ", "_"), ACTIONS.index(constraint.on_update),
              constraint.on_update.replace(" ", "_"))
        for position, ((column, _), key) in enumerate(zip(constraint.columns, keys), 1):
            c.run("INSERT INTO sys_foreign_key_columns VALUES (?, ?, ?, ?, ?, ?)", object_id, position, table.object_id,
                  self.need_column(table, column), referenced.object_id, self.need_column(referenced, key))
        self.check_cascades(table, referenced, constraint)
        self.rebuild(table)
        if c.one(f"SELECT 1 FROM pragma_foreign_key_check({literal(table.physical)})"):
            raise SqlError(547, f'The ALTER TABLE statement conflicted with the FOREIGN KEY constraint "{constraint.name}". '
                           f'The conflict occurred in database "{self.database}", table "{referenced.full_name}"'
                           + (f", column '{keys[0]}'." if len(keys) == 1 else "."), state=0)

    def primary_key(self, table):
        index_id = self.catalogue.value("SELECT index_id FROM sys_indexes WHERE object_id = ? AND is_primary_key",
                                        table.object_id)
        return self.catalogue.index_columns(table.object_id, index_id)

    def candidate_key(self, constraint, referenced, keys):
        """The unique index that the key refers to."""
        for index_id, in self.catalogue.all("SELECT index_id FROM sys_indexes WHERE object_id = ? AND is_unique = 1 "
                                            "AND has_filter = 0 ORDER BY index_id", referenced.object_id):
            columns = [name.lower() for name, _ in self.catalogue.index_columns(referenced.object_id, index_id)]
            if sorted(columns) == sorted(key.lower() for key in keys):
                return index_id
        raise errors.no_constraint().after(SqlError(
            1776, f"There are no primary or candidate keys in the referenced table '{referenced.full_name}' that match "
            f"the referencing column list in the foreign key '{constraint.name}'.", state=0))

    def check_cascades(self, table, referenced, constraint):
        """A row may be reached by one path of cascades only, and never from itself."""
        for action, column in ((constraint.on_delete, "delete_referential_action"),
                               (constraint.on_update, "update_referential_action")):
            if action == "NO ACTION":
                continue
            edges = self.catalogue.all(f"SELECT o.parent_object_id, f.referenced_object_id FROM foreign_keys f "
                                       f"JOIN sys_all_objects o ON o.object_id = f.object_id WHERE f.{column} <> 0")
            if has_cycle_or_two_paths(edges):
                raise errors.no_constraint().after(SqlError(
                    1785, f"Introducing FOREIGN KEY constraint '{constraint.name}' on table '{table.name}' may cause "
                    "cycles or multiple cascade paths. Specify ON DELETE NO ACTION or ON UPDATE NO ACTION, or modify "
                    "other FOREIGN KEY constraints.", state=0))

    def CreateIndex(self, statement):
        table = self.need_table(statement.table, 1088)
        condition = f"({definition_text(statement.filter)})" if statement.filter else None
        self.add_index(table, statement.name, statement.columns, statement.clustered, statement.unique,
                       statement.included, condition)

    def CreateSchema(self, statement):
        if self.catalogue.schema_id(statement.name) is not None:
            raise errors.exists(statement.name)
        self.catalogue.run("INSERT INTO sys_schemas(name, schema_id) VALUES (?, (SELECT MAX(schema_id) + 1 FROM "
                           "sys_schemas))", statement.name)

    def CreateSequence(self, statement):
        c = self.catalogue
        object_id = c.add_object(statement.name.name, c.need_schema(statement.name.schema), "SO")
        kind = types.resolve(statement.type)
        c.run("INSERT INTO sequences(object_id, start_value, increment, system_type_id, user_type_id) "
              "VALUES (?, ?, ?, ?, ?)", object_id, statement.start, statement.increment, kind.system_type_id,
              kind.user_type_id)

    def CreateModule(self, statement):
        c = self.catalogue
        kind = {"VIEW": "V", "PROCEDURE": "P", "FUNCTION": "FN", "TRIGGER": "TR"}[statement.kind]
        object_id = c.add_object(statement.name.name, c.need_schema(statement.name.schema), kind)
        c.run("INSERT INTO sys_sql_modules(object_id, definition) VALUES (?, ?)", object_id, statement.text)
        if kind != "V":
            return
        view = c.table_of(object_id)
        columns = f"({', '.join(map(quoted, statement.columns))})" if statement.columns else ""
        c.run(f"CREATE VIEW {quoted(view.physical)}{columns} AS {Translator(c.schemas()).translate(statement.tokens)}")
        for position, row in enumerate(c.all(f"PRAGMA table_info({quoted(view.physical)})"), 1):
            kind = types.resolve(ast.Type("int" if row[2] == "INTEGER" else "nvarchar", -1))
            c.run("INSERT INTO sys_columns(object_id, name, column_id, system_type_id, user_type_id, max_length, precision, "
                  "scale, is_nullable) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)", object_id, row[1], position,
                  kind.system_type_id, kind.user_type_id, kind.max_length, kind.precision, kind.scale)

    # --- ALTER TABLE

    def AddItems(self, statement):
        table = self.need_table(statement.table)
        columns = [item for item in statement.items if isinstance(item, ast.Column)]
        constraints = self.constraints(statement.items)
        has_rows = self.catalogue.one(f"SELECT 1 FROM {quoted(table.physical)} LIMIT 1")
        for column in columns:
            has_default = any(c.kind == "D" for c in column.constraints)
            if has_rows and column.nullable is False and not has_default and not column.identity:
                raise SqlError(4901, "ALTER TABLE only allows columns to be added that can contain nulls, or have a "
                               "DEFAULT definition specified, or the column being added is an identity or timestamp "
                               "column, or alternatively if none of the previous conditions are satisfied the table "
                               "must be empty to allow addition of this column. Column "
                               f"'{column.name}' cannot be added to non-empty table '{table.name}' because it does not "
                               "satisfy these conditions.")
            self.add_column(table, column)
            self.catalogue.run(f"ALTER TABLE {quoted(table.physical)} ADD COLUMN {quoted(column.name)}")
        self.add_defaults(table, constraints)
        self.fill(table, columns)
        self.rebuild(table)
        self.add_constraints(table, [c for c in constraints if c.kind != "D"])

    def fill(self, table, columns):
        """What rows that are there get in new columns."""
        made = {column[1]: column for column in self.catalogue.columns(table.object_id)}
        for column in columns:
            _, name, _, nullable, default, seed = made[column.name]
            if seed is not None:
                value = f"tds_identity({table.object_id})"
            elif default is not None and not nullable:
                value = self.catalogue.expression(default)
            else:
                continue
            self.catalogue.run(f"UPDATE {quoted(table.physical)} SET {quoted(name)} = {value}")

    def DropItems(self, statement):
        table = self.need_table(statement.table)
        for kind, name, if_exists in sorted(statement.items, key=lambda item: item[0] == "COLUMN"):
            if kind == "CONSTRAINT":
                self.drop_constraint(table, name, if_exists)
            else:
                self.drop_column(table, name, if_exists)

    def drop_constraint(self, table, name, if_exists):
        c = self.catalogue
        row = c.one("SELECT object_id, type FROM sys_all_objects WHERE parent_object_id = ? AND name = ?",
                    table.object_id, name)
        if not row:
            if if_exists:
                return
            raise SqlError(3727, "Could not drop constraint. See previous errors.", state=0).after(
                SqlError(3728, f"'{name}' is not a constraint."))
        object_id, kind = row
        index_id = c.value("SELECT index_id FROM constraint_details WHERE object_id = ?", object_id)
        if kind in ("PK", "UQ"):
            user = c.one("SELECT k.name, t.name FROM sys_foreign_keys k JOIN sys_all_objects t "
                         "ON t.object_id = k.parent_object_id WHERE k.referenced_object_id = ? AND k.key_index_id = ?",
                         table.object_id, index_id)
            if user:
                raise SqlError(3727, "Could not drop constraint. See previous errors.", state=0).after(
                    SqlError(3725, f"The constraint '{name}' is being referenced by table '{user[1]}', foreign key "
                             f"constraint '{user[0]}'.", state=0))
            self.remove_index(table, index_id)
        c.remove_object(object_id)
        if kind == "D":
            c.run("UPDATE sys_columns SET default_object_id = 0 WHERE default_object_id = ?", object_id)
        self.rebuild(table)

    def remove_index(self, table, index_id):
        self.catalogue.drop_index(table, index_id)
        for view in ("sys_indexes", "sys_index_columns"):
            self.catalogue.run(f"DELETE FROM {view} WHERE object_id = ? AND index_id = ?", table.object_id, index_id)
        self.keep_heap(table)

    def dependents(self, table, column_id, defaults=True):
        """(kind, name) of what needs a column."""
        c, found = self.catalogue, []
        if defaults:
            found += c.all("SELECT 'object', name FROM sys_default_constraints WHERE parent_object_id = ? AND "
                           "parent_column_id = ?", table.object_id, column_id)
        name = c.column_name(table.object_id, column_id)
        found += c.all("SELECT 'object', name FROM sys_check_constraints WHERE parent_object_id = ? AND "
                       "(parent_column_id = ? OR instr(definition, ?))", table.object_id, column_id, f"[{name}]")
        found += c.all("SELECT CASE WHEN i.is_primary_key OR i.is_unique_constraint THEN 'object' ELSE 'index' END, i.name "
                       "FROM sys_indexes i JOIN sys_index_columns x ON x.object_id = i.object_id AND "
                       "x.index_id = i.index_id WHERE i.object_id = ? AND x.column_id = ?", table.object_id, column_id)
        found += c.all("SELECT DISTINCT 'object', o.name FROM sys_foreign_key_columns k JOIN sys_all_objects o ON "
                       "o.object_id = k.constraint_object_id WHERE (k.parent_object_id = ? AND k.parent_column_id = ?) "
                       "OR (k.referenced_object_id = ? AND k.referenced_column_id = ?)",
                       table.object_id, column_id, table.object_id, column_id)
        return found

    @staticmethod
    def depended_on(what, name, dependents):
        return SqlError(4922, f"ALTER TABLE {what} COLUMN {name} failed because one or more objects access this column.",
                        state=9).after(*(SqlError(5074, f"The {kind} '{other}' is dependent on column '{name}'.")
                                         for kind, other in dependents))

    def drop_column(self, table, name, if_exists):
        c = self.catalogue
        column_id = c.column_id(table.object_id, name)
        if column_id is None:
            if if_exists:
                return
            raise SqlError(4924, f"ALTER TABLE DROP COLUMN failed because column '{name}' does not exist in table "
                           f"'{table.name}'.")
        dependents = self.dependents(table, column_id)
        if dependents:
            raise self.depended_on("DROP", name, dependents)
        if c.value("SELECT COUNT(*) FROM sys_columns WHERE object_id = ?", table.object_id) == 1:
            raise SqlError(4923, f"ALTER TABLE DROP COLUMN failed because '{name}' is the only data column in table "
                           f"'{table.name}'. A table must have at least one data column.")
        c.run("DELETE FROM sys_identity_columns WHERE object_id = ? AND column_id = ?", table.object_id, column_id)
        c.run("DELETE FROM sys_columns WHERE object_id = ? AND column_id = ?", table.object_id, column_id)
        c.create_triggers(table)  # without the column
        c.run(f"ALTER TABLE {quoted(table.physical)} DROP COLUMN {quoted(name)}")
        self.rebuild(table)

    def AlterColumn(self, statement):
        c, table, column = self.catalogue, self.need_table(statement.table), statement.column
        column_id = c.column_id(table.object_id, column.name)
        if column_id is None:
            raise SqlError(4924, f"ALTER TABLE ALTER COLUMN failed because column '{column.name}' does not exist in table "
                           f"'{table.name}'.")
        old = next(known for known in c.columns(table.object_id) if known[0] == column_id)
        kind, nullable = types.resolve(column.type, column_id), column.nullable is not False
        same = kind.name == old[2].name
        grows = same and kind.characters != old[2].characters or same and kind == old[2] and nullable == old[3]
        dependents = self.dependents(table, column_id, defaults=not same)
        if dependents and not (grows and kind.name in ("nvarchar", "varchar", "varbinary") and nullable == old[3]):
            raise self.depended_on("ALTER", column.name, dependents)
        name = quoted(column.name)
        if not nullable and c.one(f"SELECT 1 FROM {quoted(table.physical)} WHERE {name} IS NULL"):
            raise SqlError(515, f"Cannot insert the value NULL into column '{column.name}', table "
                           f"'{self.database}.{table.full_name}'; column does not allow nulls. UPDATE fails.", state=2)
        c.run("UPDATE sys_columns SET system_type_id = ?, user_type_id = ?, max_length = ?, precision = ?, scale = ?, "
              "collation_name = ?, is_nullable = ? WHERE object_id = ? AND column_id = ?", kind.system_type_id,
              kind.user_type_id, kind.max_length, kind.precision, kind.scale, kind.collation, nullable, table.object_id,
              column_id)
        self.rebuild(table)
        c.run(f"UPDATE {quoted(table.physical)} SET {name} = tds_convert({name}, '{kind.name}', -1, {kind.scale}, NULL, 0)")

    # --- DROP

    def Drop(self, statement):
        for name in statement.names:
            if statement.kind == "INDEX":
                self.drop_index(*name, statement.if_exists)
            elif statement.kind == "SCHEMA":
                self.drop_schema(name, statement.if_exists)
            else:
                self.drop_object(statement, name)

    def drop_index(self, name, table_name, if_exists):
        c, table = self.catalogue, self.catalogue.find(table_name, "U")
        row = table and c.one("SELECT index_id, is_primary_key, is_unique_constraint FROM sys_indexes WHERE object_id = ? "
                              "AND name = ?", table.object_id, name)
        if not row:
            if if_exists:
                return
            raise errors.cannot_drop("index", f"{table_name}.{name}")
        if row[1] or row[2]:
            kind = "PRIMARY KEY" if row[1] else "UNIQUE KEY"
            raise SqlError(3723, f"An explicit DROP INDEX is not allowed on index '{table_name}.{name}'. It is being used "
                           f"for {kind} constraint enforcement.", state=4)
        self.remove_index(table, row[0])

    def drop_schema(self, name, if_exists):
        schema_id = self.catalogue.schema_id(name.name)
        if schema_id is None:
            if if_exists:
                return
            raise SqlError(15151, f"Cannot drop the schema '{name.name}', because it does not exist or you do not have "
                           "permission.")
        user = self.catalogue.value("SELECT name FROM sys_all_objects WHERE schema_id = ?", schema_id)
        if user:
            raise SqlError(3729, f"Cannot drop schema '{name.name}' because it is being referenced by object '{user}'.")
        self.catalogue.run("DELETE FROM sys_schemas WHERE schema_id = ?", schema_id)

    def drop_object(self, statement, name):
        c, kind = self.catalogue, {"TABLE": "U", "VIEW": "V", "SEQUENCE": "SO", "PROCEDURE": "P", "FUNCTION": "FN",
                                   "TRIGGER": "TR"}[statement.kind]
        found = c.find(name, kind)
        if not found:
            if statement.if_exists:
                return
            raise errors.cannot_drop(statement.kind.lower(), str(name))
        if kind == "U":
            self.drop_table(found, name)
        elif kind == "V":
            c.run(f"DROP VIEW {quoted(found.physical)}")
        c.remove_object(found.object_id)

    def drop_table(self, table, name):
        c = self.catalogue
        if c.one("SELECT 1 FROM sys_foreign_keys WHERE referenced_object_id = ? AND parent_object_id <> ?",
                 table.object_id, table.object_id):
            raise SqlError(3726, f"Could not drop object '{name}' because it is referenced by a FOREIGN KEY constraint.")
        for object_id, in c.all("SELECT object_id FROM sys_all_objects WHERE parent_object_id = ?", table.object_id):
            c.remove_object(object_id)
        self.rebuild(table)  # without keys that refer to itself
        c.run(f"DROP TABLE {quoted(table.physical)}")

    # --- sp_rename

    def rename(self, old, new, kind):
        with self.catalogue.atomic():
            self.rename_item(old, new, kind)

    def rename_item(self, old, new, kind):
        kind = (kind or "OBJECT").upper()
        if kind == "COLUMN":
            self.rename_column(ast.Name(*reversed(old[:-1][-2:])), old[-1], new)
        elif kind == "INDEX":
            self.rename_index(ast.Name(*reversed(old[:-1][-2:])), old[-1], new)
        else:
            found = self.catalogue.find(ast.Name(*reversed(old[-2:])))
            if not found:
                raise SqlError(15225, f"No item by the name of '{'.'.join(old)}' could be found in the current database "
                               f"'{self.database}', given that @itemtype was input as '(null)'.", severity=11)
            self.rename_object(found, new)

    def rename_object(self, found, new):
        c = self.catalogue
        if c.one("SELECT 1 FROM sys_all_objects WHERE schema_id = ? AND name = ? AND object_id <> ?", found.schema_id, new,
                 found.object_id):
            raise SqlError(15335, f"Error: The new name '{new}' is already in use as a OBJECT name and would cause a "
                           "duplicate that is not permitted.", severity=11)
        c.run("UPDATE sys_all_objects SET name = ? WHERE object_id = ?", new, found.object_id)
        if found.kind in ("PK", "UQ"):
            c.run("UPDATE sys_indexes SET name = ? WHERE index_id = (SELECT index_id FROM constraint_details WHERE "
                  "object_id = ?) AND object_id = (SELECT parent_object_id FROM sys_all_objects WHERE object_id = ?)",
                  new, found.object_id, found.object_id)
        elif found.kind == "U":
            c.run(f"ALTER TABLE {quoted(found.physical)} RENAME TO {quoted(physical(found.schema, new))}")

    def rename_column(self, table_name, old, new):
        c, table = self.catalogue, self.catalogue.find(table_name, "U")
        column_id = table and c.column_id(table.object_id, old)
        if column_id is None:
            raise SqlError(15248, "Either the parameter @objname is ambiguous or the claimed @objtype (COLUMN) is wrong.",
                           severity=11)
        if c.column_id(table.object_id, new) not in (None, column_id):
            raise SqlError(15335, f"Error: The new name '{new}' is already in use as a COLUMN name and would cause a "
                           "duplicate that is not permitted.", severity=11)
        c.run(f"ALTER TABLE {quoted(table.physical)} RENAME COLUMN {quoted(old)} TO {quoted(new)}")
        for view in ("sys_columns", "sys_identity_columns"):
            c.run(f"UPDATE {view} SET name = ? WHERE object_id = ? AND column_id = ?", new, table.object_id, column_id)

    def rename_index(self, table_name, old, new):
        c, table = self.catalogue, self.catalogue.find(table_name, "U")
        index_id = table and c.value("SELECT index_id FROM sys_indexes WHERE object_id = ? AND name = ?",
                                     table.object_id, old)
        if index_id is None:
            raise SqlError(15248, "Either the parameter @objname is ambiguous or the claimed @objtype (INDEX) is wrong.",
                           severity=11)
        if c.one("SELECT 1 FROM sys_indexes WHERE object_id = ? AND name = ? AND index_id <> ?", table.object_id, new,
                 index_id):
            raise SqlError(15335, f"Error: The new name '{new}' is already in use as a INDEX name and would cause a "
                           "duplicate that is not permitted.", severity=11)
        c.run("UPDATE sys_indexes SET name = ? WHERE object_id = ? AND index_id = ?", new, table.object_id, index_id)
        c.run("UPDATE sys_all_objects SET name = ? WHERE name = ? AND parent_object_id = ? AND type IN ('PK', 'UQ')", new,
              old, table.object_id)



def has_cycle_or_two_paths(edges):
    """Of edges (child, parent): does more than one path lead from a table to another, or one to itself?"""
    children = {}
    for child, parent in edges:
        children.setdefault(parent, []).append(child)

    def paths(node, seen):
        """How many paths lead from node to each table below it; None for a cycle."""
        counts = {}
        for child in children.get(node, ()):
            if child in seen:
                return None
            counts[child] = counts.get(child, 0) + 1
            below = paths(child, seen | {child})
            if below is None:
                return None
            for name, number in below.items():
                counts[name] = counts.get(name, 0) + number
        return counts
    for parent in list(children):
        counts = paths(parent, {parent})
        if counts is None or any(number > 1 for number in counts.values()):
            return True
    return False

"""One query on a session's database: translated, run, and its failures told as SQL Server tells them."""
import re
import sqlite3
from dataclasses import replace

from support.tds import columns, errors, views
from support.tds.errors import SqlError
from support.tds.lexer import tokenize
from support.tds.syntax import Name
from support.tds.translate import Translator, is_op, is_token, literal, quoted, split, tree

LOCK_POLL = 0.01
FOUND_EARLY = (102, 195, 207, 209)  # when a batch is compiled


class Queries:
    """Of one session: what it has for connection, catalogue and variables is asked of it each time."""

    def __init__(self, session):
        self.session = session

    def translator(self, lazily=False):
        s = self.session
        return Translator(s.catalogue.schemas(), s.variables, s.server_value, lazily)

    def prepared(self, tokens, lazily=False):
        translator = self.translator(lazily)
        sql = translator.translate(tokens)
        if translator.database and translator.database.lower() != self.session.database.lower():
            raise errors.unknown(f"the other database {translator.database} in a query", tokens[0].line)
        views.refresh(self.session, self.session.connection, translator.tables)
        return translator, sql

    def execute(self, sql, parameters, tokens, translator):
        """A cursor, once no other connection is in its way."""
        waited, session = 0.0, self.session
        while True:
            session.failure = None
            try:
                return session.connection.execute(sql, parameters)
            except sqlite3.OperationalError as failure:
                if "locked" not in str(failure) or session.failure:
                    raise self.told(failure, tokens, translator) from failure
                if waited >= session.lock_seconds:
                    raise SqlError(1222, "Lock request time out period exceeded.", state=45) from failure
            except sqlite3.Error as failure:
                raise self.told(failure, tokens, translator) from failure
            session.pause(LOCK_POLL)
            waited += LOCK_POLL

    def check(self, tokens):
        """What the server finds when it compiles a batch: wrong columns of tables that are there."""
        if self.assigned(tokens):
            return
        if tokens[0].is_word("INSERT"):
            tokens = self.with_defaults(tokens)
        translator, sql = self.prepared(tokens)
        try:
            self.session.connection.execute("EXPLAIN " + sql, translator.parameters)
        except sqlite3.Error as failure:
            error = self.told(failure, tokens, translator)
            if error.number in FOUND_EARLY:
                raise error from failure

    def with_defaults(self, tokens):
        """DEFAULT among an INSERT's values, which SQLite has not, as what it stands for."""
        table, listed = self.target(tokens)
        if not table:
            return tokens
        columns = {column[1].lower(): column for column in self.session.catalogue.columns(table.object_id)}
        listed = listed or [name for name, column in columns.items() if column[5] is None]
        out, depth, position, values = [], 0, 0, False
        for i, token in enumerate(tokens):
            values = values or token.is_word("VALUES")
            depth += token.is_op("(") - token.is_op(")")
            position = 0 if token.is_op("(") and depth == 1 else position + (token.is_op(",") and depth == 1)
            if not (values and depth == 1 and token.is_word("DEFAULT") and position < len(listed)):
                out.append(token)
                continue
            default = columns[listed[position].lower()][4] or "NULL"
            out += [replace(part, line=token.line) for part in tokenize(default)[:-1]]
        return out

    def run(self, tokens):
        """(names, rows, kinds) of a result, or how many rows were changed."""
        if tokens[0].is_word("INSERT"):
            self.check_identity(tokens)
            tokens = self.with_defaults(tokens)
        translator, sql = self.prepared(tokens)
        cursor = self.execute(sql, translator.parameters, tokens, translator)
        if cursor.description is None:
            self.after_change(tokens, translator)
            return cursor.rowcount
        try:
            rows = cursor.fetchall()
        except sqlite3.Error as failure:
            raise self.told(failure, tokens, translator) from failure
        names = [self.column_name(column[0]) for column in cursor.description]
        if not tokens[0].is_word("SELECT", "WITH"):
            self.after_change(tokens, translator)
        return names, rows, columns.result_kinds(self.session.catalogue, tokens, len(names))

    @staticmethod
    def column_name(name):
        """SQLite names an expression by its text, SQL Server not at all."""
        return "" if re.search(r"[('|+*/<>=@:]|^-?\d|^X'|^CASE ", name, re.IGNORECASE) or name.upper() == "NULL" else name

    def value(self, tokens):
        """What an expression is."""
        translator = self.translator()
        sql = translator.translate(tokens)
        views.refresh(self.session, self.session.connection, translator.tables)
        row = self.execute(f"SELECT {sql}", translator.parameters, tokens, translator).fetchone()
        return row[0]

    def holds(self, tokens):
        """Whether a condition is true."""
        translator = self.translator()
        sql = translator.translate(tokens)
        views.refresh(self.session, self.session.connection, translator.tables)
        cursor = self.execute(f"SELECT CASE WHEN {sql} THEN 1 ELSE 0 END", translator.parameters, tokens, translator)
        return bool(cursor.fetchone()[0])

    # --- SELECT @x = ...

    @staticmethod
    def assigned(tokens):
        """Does the SELECT give values to variables?"""
        return tokens[0].is_word("SELECT") and any(
            token.kind == "variable" and tokens[i + 1].is_op("=", "+=") and
            (tokens[i - 1].is_word("SELECT", "DISTINCT") or tokens[i - 1].is_op(",") or tokens[i - 2].is_word("TOP"))
            for i, token in enumerate(tokens[:-1]) if i)

    def assign(self, tokens):
        """Row by row, so that each sees what the one before it left."""
        items = tree(tokens)
        end = next((i for i, item in enumerate(items) if is_token(item) and item.is_word("FROM")), len(items))
        start = next(i for i, item in enumerate(items) if is_token(item) and item.kind == "variable"
                     and is_token(items[i + 1]) and items[i + 1].is_op("=", "+="))
        targets, expressions = [], []
        for part in split(items[start:end]):
            if len(part) < 3 or not is_op(part[1], "=", "+="):
                raise SqlError(141, "A SELECT statement that assigns a value to a variable must not be combined with "
                               "data-retrieval operations.", severity=15)
            targets.append((part[0].text.lower(), part[1].text))
            expressions.append(part[2:])
        translator = self.translator(lazily=True)
        head, rest = translator.sequence(items[:start]), translator.sequence(["*", *items[end:]][1:])
        listed = ", ".join(translator.sequence(expression) for expression in expressions)
        views.refresh(self.session, self.session.connection, translator.tables)
        count = 0
        for row in self.execute(f"{head} {listed} {rest}", translator.parameters, tokens, translator):
            for (name, operator), value in zip(targets, row):
                self.session.set_variable(name, value, operator)
            count += 1
        return count

    # --- IDENTITY

    def target(self, tokens):
        """The table that a statement changes, with its listed columns or None."""
        at = 1 + tokens[1].is_word("INTO", "FROM")
        parts, i = [tokens[at].value], at + 1
        while i + 1 < len(tokens) and tokens[i].is_op("."):
            parts.append(tokens[i + 1].value)
            i += 2
        table = self.session.catalogue.find(Name(*reversed(parts[-2:])), "U")
        listed = None
        if i < len(tokens) and tokens[i].is_op("("):
            end = next(j for j in range(i, len(tokens)) if tokens[j].is_op(")"))
            listed = [token.value for token in tokens[i:end] if token.is_name]
        return table, listed

    def check_identity(self, tokens):
        table, listed = self.target(tokens)
        column = table and self.session.catalogue.value("SELECT name FROM sys_identity_columns WHERE object_id = ?",
                                                        table.object_id)
        if not column:
            return
        is_on = self.session.identity_insert == table.object_id
        if listed is not None and column.lower() in (name.lower() for name in listed):
            if not is_on:
                raise SqlError(544, f"Cannot insert explicit value for identity column in table '{table.name}' when "
                               "IDENTITY_INSERT is set to OFF.")
        elif is_on:
            raise SqlError(545, f"Explicit value must be specified for identity column in table '{table.name}' either when "
                           "IDENTITY_INSERT is set to ON or when a replication user is inserting into a NOT FOR "
                           "REPLICATION identity column.")

    def after_change(self, tokens, translator):
        """An identity goes on after the highest value that was put in by hand."""
        if tokens[0].is_word("TRUNCATE"):
            table = self.session.catalogue.table_by_physical(next(iter(translator.tables)))
            self.session.catalogue.run("UPDATE sys_identity_columns SET last_value = NULL WHERE object_id = ?",
                                       table.object_id)
        if not tokens[0].is_word("INSERT") or self.session.identity_insert is None:
            return
        table, _ = self.target(tokens)
        if table and table.object_id == self.session.identity_insert:
            c = self.session.catalogue
            name = c.value("SELECT name FROM sys_identity_columns WHERE object_id = ?", table.object_id)
            c.run(f"UPDATE sys_identity_columns SET last_value = MAX(IFNULL(last_value, seed_value), (SELECT "
                  f"MAX({quoted(name)}) FROM {quoted(table.physical)})) WHERE object_id = ?", table.object_id)

    # --- failures

    def told(self, failure, tokens, translator):
        """SQLite's failure as the error that SQL Server has for it."""
        if self.session.failure:
            found, self.session.failure = self.session.failure, None
            return found
        text = str(failure)
        what = text.rsplit(": ", 1)[-1]
        if "no such table" in text:
            return errors.no_object(translator.tables.get(what.removeprefix("main.").lower(), what))
        if "no such column" in text:
            return errors.no_column(what.rsplit(".", 1)[-1])
        if "has no column named" in text:
            return errors.no_column(text.rsplit(" named ", 1)[-1])
        if "no such function" in text:
            return SqlError(195, f"'{what}' is not a recognized built-in function name.", severity=15, state=10)
        if "ambiguous column name" in text:
            return SqlError(209, f"Ambiguous column name '{what.rsplit('.', 1)[-1]}'.")
        if "syntax error" in text:
            return self.syntax_error(re.search(r'near "(.*?)": syntax', text), tokens)
        if re.search(r"has \d+ columns but \d+ values", text):
            return SqlError(213, "Column name or number of supplied values does not match table definition.")
        if re.search(r"\d+ values for \d+ columns", text):
            values, wanted = map(int, re.search(r"(\d+) values for (\d+) columns", text).groups())
            number, how = (109, "more columns") if wanted > values else (110, "fewer columns")
            return SqlError(number, f"There are {how} in the INSERT statement than values specified in the VALUES clause. "
                            "The number of values in the VALUES clause must match the number of columns specified in "
                            "the INSERT statement.", severity=15)
        if "constraint failed" in text:
            return self.constraint_failed(text, what, tokens, translator)
        if "integer overflow" in text:
            return SqlError(8115, "Arithmetic overflow error converting expression to data type int.", state=2)
        return errors.unknown(text)

    @staticmethod
    def syntax_error(near, tokens):
        """SQLite tells the word; the last of the statement's that is this one is taken for it."""
        word = near.group(1).strip("[]") if near else ""
        line = next((token.line for token in reversed(tokens) if token.value == word), None)
        return SqlError(102, f"Incorrect syntax near '{word}'.", severity=15, line=line)

    def constraint_failed(self, text, what, tokens, translator):
        verb = "UPDATE" if tokens[0].is_word("UPDATE") else "INSERT"
        if "FOREIGN KEY" in text:
            return self.foreign_key_failed(tokens, translator)
        if "UNIQUE" in text:
            return self.duplicate(text, tokens, translator)
        if "NOT NULL" in text:
            table = self.session.catalogue.table_by_physical(what.rsplit(".", 1)[0])
            return SqlError(515, f"Cannot insert the value NULL into column '{what.rsplit('.', 1)[-1]}', table "
                            f"'{self.session.database}.{table.full_name}'; column does not allow nulls. {verb} fails.",
                            state=2)
        kind, _, name = what.partition(" ")
        table = self.target(tokens)[0]
        if kind == "truncated":
            return SqlError(2628, "String or binary data would be truncated in table "
                            f"'{self.session.database}.{table.full_name}', column '{name}'. Truncated value: ''.")
        if kind == "conversion":
            return SqlError(245, f"Conversion failed when converting the varchar value to the data type of column '{name}'.")
        if kind == "overflow":
            return SqlError(8115, f"Arithmetic overflow error converting expression to the data type of column '{name}'.",
                            state=2)
        return SqlError(547, f'The {verb} statement conflicted with the CHECK constraint "{name}". The conflict occurred in '
                        f'database "{self.session.database}", table "{table.full_name}".', state=0)

    def replay(self, tokens, translator, prepare, look):
        """Does the failed statement again without what stopped it, looks at what it left, and takes it all back."""
        connection = self.session.connection
        connection.execute("SAVEPOINT replay")
        try:
            prepare()
            connection.execute(self.translator().translate(tokens), translator.parameters).fetchall()
            return look()
        except sqlite3.Error:
            return None
        finally:
            connection.execute("ROLLBACK TO replay")
            connection.execute("RELEASE replay")

    def duplicate(self, text, tokens, translator):
        c = self.session.catalogue
        name = re.search(r": index '(index_(\d+)_.*)'", text)
        table = c.table_of(int(name.group(2))) if name else c.table_by_physical(
            text.split(": ", 1)[1].split(", ")[0].rsplit(".", 1)[0])
        index_id, index, kind = c.index_of_failure(table, text)
        listed = ", ".join(quoted(column) for column, _ in c.index_columns(table.object_id, index_id))
        row = self.replay(tokens, translator, lambda: c.drop_index(table, index_id), lambda: c.one(
            f"SELECT {listed} FROM {quoted(table.physical)} GROUP BY {listed} HAVING COUNT(*) > 1"))
        key = "(" + ", ".join("<NULL>" if value is None else str(value) for value in row or ()) + ")"
        if kind:
            return SqlError(2627, f"Violation of {kind} constraint '{index}'. Cannot insert duplicate key in object "
                            f"'{table.full_name}'. The duplicate key value is {key}.", severity=14)
        return SqlError(2601, f"Cannot insert duplicate key row in object '{table.full_name}' with unique index '{index}'. "
                        f"The duplicate key value is {key}.", severity=14)

    def foreign_key_failed(self, tokens, translator):
        c = self.session.catalogue
        violated = self.replay(tokens, translator, lambda: c.run("PRAGMA defer_foreign_keys = ON"),
                               lambda: c.one("PRAGMA foreign_key_check"))
        verb = tokens[0].text.upper()
        if not violated:
            return SqlError(547, f"The {verb} statement conflicted with a FOREIGN KEY constraint.", state=0)
        table, parent = c.table_by_physical(violated[0]), c.table_by_physical(violated[2])
        rule = [row for row in c.all(f"SELECT \"from\" FROM pragma_foreign_key_list({literal(violated[0])}) WHERE id = ? "
                                     "ORDER BY seq", violated[3])]
        wanted = [name.lower() for name, in rule]
        for object_id, in c.all("SELECT object_id FROM sys_foreign_keys WHERE parent_object_id = ?", table.object_id):
            _, own, referenced, keys, _, _ = c.foreign_key(object_id)
            if [name.lower() for name in own] == wanted and referenced.object_id == parent.object_id:
                break
        name = c.table_of(object_id).name
        at_child = self.target(tokens)[0]
        at_child = at_child is not None and at_child.object_id == table.object_id and not tokens[0].is_word("DELETE")
        where, column = (parent, keys) if at_child else (table, own)
        kind = "FOREIGN KEY" if at_child else "REFERENCE" if parent.object_id != table.object_id else "SAME TABLE REFERENCE"
        return SqlError(547, f'The {verb} statement conflicted with the {kind} constraint "{name}". The conflict occurred in '
                        f'database "{self.session.database}", table "{where.full_name}"'
                        + (f", column '{column[0]}'." if len(column) == 1 else "."), state=0)

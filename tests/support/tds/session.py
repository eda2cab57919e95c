"""One connection's session: what a batch does, statement by statement, and what it answers."""
import socket
import sqlite3
import struct

from support.tds import errors, functions, reply, syntax as ast, types
from support.tds.catalogue import Catalogue
from support.tds.definitions import Definitions
from support.tds.errors import Cancelled, SqlError
from support.tds.instance import weakness
from support.tds.lexer import tokenize
from support.tds.parser import parse
from support.tds.procedures import PROCEDURES
from support.tds.query import FOUND_EARLY, LOCK_POLL, Queries

FOREVER = 3600.0  # a lock is waited for without end, which a test has not


class Leaving(Exception):
    """RETURN, BREAK and CONTINUE."""


class Session:
    """login: who; transport: waited on while a statement waits, so that an attention is seen."""

    def __init__(self, instance, login, database, connected):
        self.instance, self.login, self.connected = instance, login, connected
        self.address, self.encrypted = connected.address, connected.encrypted
        self.login_time, self.busy, self.killed = functions.stamp(), False, False
        self.transactions, self.doomed, self.abort = 0, False, False
        self.variables, self.identity_insert, self.identity = {}, None, None
        self.caught, self.failure, self.row_count, self.lock_seconds = [], None, 0, FOREVER
        self.queries, self.reply = Queries(self), None
        self.database, self.connection = None, None
        self.move_to(database)
        self.spid = instance.enter(self)

    def close(self):
        self.instance.leave(self)
        if self.connection:
            self.connection.close()

    def kill(self):
        self.killed = True
        self.connected.drop()

    def pause(self, seconds):
        """Waits, unless the client has enough of it."""
        self.connected.pause(seconds)

    # --- the database

    def move_to(self, name):
        known = self.instance.database(name)
        if not known:
            raise errors.no_database(name)
        if self.connection:
            self.connection.close()
        self.database, self.connection = known, self.instance.connect(known)
        self.catalogue = Catalogue(self.connection)
        self.definitions = Definitions(self.catalogue, known)
        functions.install(self.connection, self.keep_failure, self.own_functions())

    def keep_failure(self, failure):
        self.failure = failure

    def own_functions(self):
        c = self.catalogue
        names = {"tds_identity": (1, self.next_identity), "tds_next_value": (1, self.next_value),
                 "tds_variable": (1, lambda name: self.variables[name]),
                 "OBJECT_ID": (-1, self.object_id), "OBJECT_NAME": (-1, self.object_name),
                 "OBJECT_SCHEMA_NAME": (-1, lambda i, *_: c.value(
                     "SELECT s.name FROM sys_schemas s JOIN sys_all_objects o ON o.schema_id = s.schema_id "
                     "WHERE o.object_id = ?", i)),
                 "SCHEMA_NAME": (-1, lambda *i: "dbo" if not i else c.value(
                     "SELECT name FROM sys_schemas WHERE schema_id = ?", i[0])),
                 "SCHEMA_ID": (-1, lambda *name: c.schema_id(name[0] if name else "dbo")),
                 "COL_NAME": (2, lambda table, column: c.column_name(table, column)),
                 "TYPE_NAME": (1, lambda i: c.value("SELECT name FROM sys_types WHERE user_type_id = ?", i)),
                 "TYPE_ID": (1, lambda name: c.value("SELECT user_type_id FROM sys_types WHERE name = ?", name)),
                 "COLUMNPROPERTY": (3, self.column_property), "OBJECTPROPERTY": (2, lambda *_: None),
                 "DB_NAME": (-1, self.db_name), "DB_ID": (-1, self.db_id), "SERVERPROPERTY": (1, self.server_property),
                 "DATABASEPROPERTYEX": (2, lambda *_: None), "SESSIONPROPERTY": (1, lambda *_: 1),
                 "CONNECTIONPROPERTY": (1, lambda *_: None), "HOST_NAME": (0, lambda: self.login.host),
                 "APP_NAME": (0, lambda: self.login.application),
                 "SCOPE_IDENTITY": (0, lambda: self.identity), "IDENT_CURRENT": (1, self.current_identity),
                 "XACT_STATE": (0, lambda: -1 if self.doomed else int(self.transactions > 0)),
                 "APPLOCK_MODE": (3, lambda _, resource, owner: self.instance.locks.mode_of(
                     self.database, resource, owner.lower(), self))}
        fields = {"NUMBER": "number", "MESSAGE": "message", "LINE": "line", "STATE": "state", "SEVERITY": "severity"}
        for name, field in fields.items():
            names[f"ERROR_{name}"] = 0, lambda f=field: getattr(self.caught[-1], f) if self.caught else None
        names["ERROR_PROCEDURE"] = 0, lambda: None
        return names

    def next_identity(self, object_id):
        c = self.catalogue
        c.run("UPDATE sys_identity_columns SET last_value = IFNULL(last_value + increment_value, seed_value) "
              "WHERE object_id = ?", object_id)
        self.identity = c.value("SELECT last_value FROM sys_identity_columns WHERE object_id = ?", object_id)
        return self.identity

    def current_identity(self, name):
        return self.catalogue.value("SELECT last_value FROM sys_identity_columns WHERE object_id = ?", self.object_id(name))

    def next_value(self, name):
        c, object_id = self.catalogue, self.object_id(name)
        c.run("UPDATE sequences SET current_value = IFNULL(current_value + increment, start_value) WHERE object_id = ?",
              object_id)
        return c.value("SELECT current_value FROM sequences WHERE object_id = ?", object_id)

    @staticmethod
    def name_parts(text):
        return [token.value for token in tokenize(text) if token.kind in ("word", "name")]

    def object_id(self, name, kind=None):
        parts = self.name_parts(name or "")
        found = parts and self.catalogue.find(ast.Name(*reversed(parts[-2:])), *([kind.strip()] if kind else []))
        return found.object_id if found else None

    def object_name(self, object_id, *_):
        return self.catalogue.value("SELECT name FROM sys_all_objects WHERE object_id = ?", object_id)

    def column_property(self, object_id, name, prop):
        field = {"isidentity": "is_identity", "allowsnull": "is_nullable", "columnid": "column_id",
                 "iscomputed": "is_computed"}.get(prop.lower())
        return field and self.catalogue.value(f"SELECT {field} FROM sys_columns WHERE object_id = ? AND name = ?",
                                              object_id, name)

    def db_name(self, *number):
        return self.database if not number else next(
            (name for name, known, _ in self.instance.databases() if known == number[0]), None)

    def db_id(self, *name):
        return self.instance.database_id(name[0] if name else self.database)

    def server_property(self, name):
        major, minor, build = self.instance.version
        return {"productversion": f"{major}.{minor}.{build}.1", "productmajorversion": str(major),
                "productlevel": "RTM", "edition": "Developer Edition (64-bit)", "engineedition": 3,
                "collation": types.COLLATION, "servername": self.instance.name, "machinename": socket.gethostname(),
                "isintegratedsecurityonly": 0, "instancename": None}.get(name.lower())

    def server_value(self, name):
        """What @@NAME is."""
        last = self.caught[-1] if self.caught else None
        known = {"@@trancount": self.transactions, "@@rowcount": self.row_count, "@@spid": self.spid,
                 "@@identity": self.identity, "@@error": last.number if last else 0, "@@servername": self.instance.name,
                 "@@servicename": "MSSQLSERVER", "@@version": self.version_text(), "@@lock_timeout": -1,
                 "@@language": "us_english", "@@microsoftversion": self.instance.version[0] << 24, "@@options": 5496}
        if name not in known:
            raise errors.unknown(name)
        return known[name]

    def version_text(self):
        major, minor, build = self.instance.version
        return (f"Microsoft SQL Server {self.instance.product} (stand-in for tests) - {major}.{minor}.{build}.1 (X64) \n"
                "\tDeveloper Edition (64-bit) on Linux")

    # --- batches

    def run_batch(self, text):
        """The bytes of the reply to a batch."""
        self.reply, self.variables, self.caught, self.busy = reply.Reply(self.instance.name), {}, [], True
        try:
            self.run_text(text)
        except SqlError as error:
            self.report(error)
        except Leaving:
            pass
        except Cancelled:
            self.roll_back_if_aborting()
            self.reply.done(attention=True)
        except sqlite3.Error as failure:
            self.report(errors.unknown(f"{type(failure).__name__}: {failure}", 1))
        finally:
            self.busy = False
        if self.doomed:
            self.roll_back()
            self.report(SqlError(3998, "Uncommittable transaction is detected at the end of the batch. The transaction is "
                                 "rolled back.", line=1))
        return self.reply.finished()

    def run_text(self, text):
        statements = parse(text)
        self.compile(statements)
        for statement in statements:
            self.step(statement)

    def compile(self, statements):
        """Wrong columns are found before anything runs."""
        for statement in statements:
            if isinstance(statement, ast.Query):
                try:
                    self.queries.check(statement.tokens)
                except SqlError as error:
                    if error.number in FOUND_EARLY:
                        raise error.at(statement.line)
            elif isinstance(statement, ast.Block):
                self.compile(statement.body)
            elif isinstance(statement, ast.TryCatch):
                self.compile(statement.body + statement.catch)

    def report(self, error):
        for one in error.each():
            self.reply.error(one)
        self.reply.done(failed=True)

    def step(self, statement):
        """One statement. An error ends the batch, or the statement alone."""
        try:
            self.execute(statement)
        except SqlError as error:
            error.at(statement.line)
            if self.trying or error.number in errors.ENDS_BATCH or getattr(error, "thrown", False) or self.abort:
                self.end_batch(error)
            self.report(error)
            self.caught = [error]
            if error.number in (515, 547, 2627, 2601, 2628, 245, 8115):
                self.reply.info(3621, "The statement has been terminated.", state=0, line=error.line)

    trying = 0

    def end_batch(self, error):
        if self.abort and (not self.trying or error.number in errors.NOT_CAUGHT):
            self.roll_back_if_aborting()
        raise error

    def roll_back_if_aborting(self):
        if self.abort:
            self.roll_back()

    def execute(self, statement):
        try:
            self.failure = None
            getattr(self, "do_" + type(statement).__name__, self.define)(statement)
        except sqlite3.OperationalError as failure:
            if self.failure:
                found, self.failure = self.failure, None
                raise found from failure
            if "locked" not in str(failure):
                raise errors.unknown(str(failure)) from failure
            raise SqlError(1205, f"Transaction (Process ID {self.spid}) was deadlocked on lock resources with another "
                           "process and has been chosen as the deadlock victim. Rerun the transaction.", severity=13,
                           state=51) from failure

    def define(self, statement):
        self.enter_transaction(writes=True)
        waited = 0.0
        while True:
            try:
                self.definitions.run(statement)
                break
            except sqlite3.OperationalError as failure:
                if "locked" not in str(failure) or self.transactions or waited > self.lock_seconds:
                    raise
            self.pause(LOCK_POLL)
            waited += LOCK_POLL
        self.reply.done()

    def do_Nothing(self, statement):
        self.reply.done()

    # --- control flow

    def do_Block(self, statement):
        for one in statement.body:
            self.step(one)

    def do_If(self, statement):
        if self.queries.holds(statement.condition):
            self.step(statement.then)
        elif statement.otherwise:
            self.step(statement.otherwise)

    def do_While(self, statement):
        while self.queries.holds(statement.condition):
            self.pause(0)
            try:
                self.step(statement.body)
            except Leaving as leaving:
                if leaving.args[0] == "BREAK":
                    break
                if leaving.args[0] == "RETURN":
                    raise

    def do_Leave(self, statement):
        raise Leaving(statement.how)

    def do_TryCatch(self, statement):
        self.trying += 1
        try:
            for one in statement.body:
                self.step(one)
            return
        except SqlError as error:
            if error.number in errors.NOT_CAUGHT and not getattr(error, "from_inside", False):
                raise
            caught = error
        finally:
            self.trying -= 1
        if self.abort and self.transactions:
            self.doomed = True
        self.caught.append(caught)
        try:
            for one in statement.catch:
                self.step(one)
        finally:
            self.caught.remove(caught)

    def do_WaitFor(self, statement):
        self.pause(statement.seconds)
        self.reply.done()

    # --- variables and messages

    def do_Declare(self, statement):
        for name, declared, tokens in statement.variables:
            types.resolve(declared)
            if name.lower() in self.variables:
                raise SqlError(134, f"The variable name '{name}' has already been declared. Variable names must be unique "
                               "within a query batch or stored procedure.", severity=15)
            self.variables[name.lower()] = None
            if tokens:
                self.variables[name.lower()] = self.queries.value(tokens)

    def set_variable(self, name, value, operator="="):
        name = name.lower()
        if name not in self.variables:
            raise SqlError(137, f'Must declare the scalar variable "{name}".', severity=15, state=1)
        old = self.variables[name]
        if operator != "=":
            if old is None or value is None:
                value = None
            elif operator == "+=":
                value = str(old) + str(value) if isinstance(old, str) or isinstance(value, str) else old + value
            else:
                value = old - value
        self.variables[name] = value

    def do_Assign(self, statement):
        self.set_variable(statement.variable, self.queries.value(statement.tokens), statement.operator)

    def do_Print(self, statement):
        value = self.queries.value(statement.tokens)
        self.reply.info(0, " " if value is None else str(value), line=statement.line)

    def do_Raise(self, statement):
        if statement.is_throw and not statement.arguments:
            if not self.caught:
                raise SqlError(10704, "To rethrow an error, a THROW statement must be used inside a CATCH block. Insert the "
                               "THROW statement inside a CATCH block, or add error parameters to the THROW statement.",
                               severity=15)
            error = self.caught[-1]
            error.thrown = True
            raise error
        values = [self.queries.value(tokens) for tokens in statement.arguments]
        if statement.is_throw:
            error = SqlError(values[0], str(values[1]), state=values[2])
            error.thrown = True
            raise error
        text, severity, state = values[:3]
        if isinstance(text, int):
            raise errors.unknown("RAISERROR with a message's number")
        for value in values[3:]:
            text = text.replace("%s", str(value), 1) if isinstance(value, str) else text.replace("%d", str(value), 1)
        if severity <= 10:
            self.reply.info(50000, text, state=state, line=statement.line, severity=severity)
            return
        raise SqlError(50000, text, state=state, severity=severity)

    # --- SET

    def do_SetOption(self, statement):
        words = [token.text.upper() for token in statement.value]
        if "XACT_ABORT" in statement.options:
            self.abort = words == ["ON"]
        elif "NOCOUNT" in statement.options:
            self.reply.count_rows = words != ["ON"]
        elif "LOCK_TIMEOUT" in statement.options:
            milliseconds = int("".join(words))
            self.lock_seconds = FOREVER if milliseconds < 0 else milliseconds / 1000
        elif statement.options[0] in ("NOEXEC", "PARSEONLY", "SHOWPLAN_TEXT", "SHOWPLAN_ALL", "IMPLICIT_TRANSACTIONS",
                                      "FMTONLY", "ROWCOUNT") and words not in (["OFF"], ["0"]):
            raise errors.unknown("SET " + statement.options[0])
        self.reply.done()

    def do_IdentityInsert(self, statement):
        table = self.catalogue.find(statement.table, "U")
        if not table:
            raise errors.cannot_find(str(statement.table), 1088)
        if not self.catalogue.one("SELECT 1 FROM sys_identity_columns WHERE object_id = ?", table.object_id):
            raise SqlError(8106, f"Table '{statement.table}' does not have the identity property. Cannot perform SET "
                           "operation.")
        if statement.on and self.identity_insert not in (None, table.object_id):
            other = self.catalogue.table_of(self.identity_insert)
            raise SqlError(8107, "IDENTITY_INSERT is already ON for table "
                           f"'{self.database}.{other.full_name}'. Cannot perform SET operation for table "
                           f"'{statement.table}'.")
        if statement.on or self.identity_insert == table.object_id:
            self.identity_insert = table.object_id if statement.on else None
        self.reply.done()

    # --- transactions

    def do_Transaction(self, statement):
        getattr(self, statement.what.lower() + "_transaction")(statement.name)
        self.reply.done()

    def descriptor(self):
        return struct.pack("<Q", self.spid)

    def begin_transaction(self, _):
        if not self.transactions:
            self.reply.changed_bytes(reply.BEGIN, self.descriptor())
        self.transactions += 1

    def enter_transaction(self, writes):
        """SQLite's transaction begins with the first statement: one that will write waits here for other writers, where
        one that has read before could only fail."""
        if not self.transactions or self.connection.in_transaction:
            return
        waited = 0.0
        while True:
            try:
                self.connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                return
            except sqlite3.OperationalError:
                if waited >= self.lock_seconds:
                    raise SqlError(1222, "Lock request time out period exceeded.", state=45) from None
            self.pause(LOCK_POLL)
            waited += LOCK_POLL

    def commit_transaction(self, _):
        if not self.transactions:
            raise SqlError(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        if self.doomed:
            raise SqlError(3930, "The current transaction cannot be committed and cannot support operations that write to "
                           "the log file. Roll back the transaction.")
        if self.transactions == 1:
            if self.connection.in_transaction:
                self.connection.execute("COMMIT")
            self.instance.locks.release_all(self, "transaction")
            self.reply.changed_bytes(reply.COMMIT, b"", self.descriptor())
        self.transactions -= 1

    def rollback_transaction(self, name):
        if not self.transactions:
            raise SqlError(3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.")
        if name and name.lower() in self.savepoints:
            self.connection.execute(f"ROLLBACK TO [save_{name}]")
            return
        self.roll_back()

    savepoints = frozenset()

    def save_transaction(self, name):
        if not self.transactions:
            raise SqlError(628, "Cannot issue SAVE TRANSACTION when there is no active transaction.", state=0)
        self.enter_transaction(writes=True)
        self.connection.execute(f"SAVEPOINT [save_{name}]")
        self.savepoints = self.savepoints | {name.lower()}

    def roll_back(self):
        if self.transactions:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            self.reply.changed_bytes(reply.ROLLBACK, b"", self.descriptor())
        self.instance.locks.release_all(self, "transaction")
        self.transactions, self.doomed, self.savepoints = 0, False, frozenset()

    # --- queries

    def do_Query(self, statement):
        if self.queries.assigned(statement.tokens):
            self.row_count = self.queries.assign(statement.tokens)
            self.reply.done()
            return
        if self.doomed and not statement.tokens[0].is_word("SELECT"):
            raise SqlError(3930, "The current transaction cannot be committed and cannot support operations that write to "
                           "the log file. Roll back the transaction.")
        self.enter_transaction(writes=not statement.tokens[0].is_word("SELECT"))
        found = self.queries.run(statement.tokens)
        if isinstance(found, int):
            self.row_count = max(found, 0)
            self.reply.done(self.row_count)
            return
        names, rows, kinds = found
        self.row_count = len(rows)
        self.reply.result(names, rows, kinds)

    # --- the server's own things

    def do_Use(self, statement):
        old = self.database
        if self.transactions:
            raise errors.unknown("USE within a transaction")
        self.move_to(statement.database)
        self.reply.changed(reply.DATABASE, self.database, old)
        self.reply.info(5701, f"Changed database context to '{self.database}'.", state=1)
        self.reply.done()

    def refuse_in_transaction(self, what):
        if self.transactions:
            raise SqlError(226, f"{what} statement not allowed within multi-statement transaction.", state=6)

    def do_CreateDatabase(self, statement):
        self.refuse_in_transaction("CREATE DATABASE")
        self.instance.create_database(statement.name)
        self.reply.done()

    def do_AlterDatabase(self, statement):
        self.refuse_in_transaction("ALTER DATABASE")
        name = self.database if statement.name.upper() == "CURRENT" else self.instance.database(statement.name)
        if not name:
            raise SqlError(5011, f"User does not have permission to alter database '{statement.name}', the database does not "
                           "exist, or the database is not in a state that allows access checks.", state=2, severity=14)
        words = statement.options
        if "SINGLE_USER" in words:
            if "IMMEDIATE" in words:
                self.instance.end_others(name, self)
            self.instance.set_option(name, "single_user", True)
        elif "MULTI_USER" in words:
            self.instance.set_option(name, "single_user", False)
        elif "READ_COMMITTED_SNAPSHOT" in words:
            self.instance.set_option(name, "read_committed_snapshot", "ON" in words)
        elif words[0] != "SET":
            raise errors.unknown("ALTER DATABASE " + words[0])
        self.reply.done()

    def do_Login(self, statement):
        weak = weakness(statement.password)
        if weak:
            raise SqlError(15118, "Password validation failed. " + weak + ".")
        exists = statement.name.lower() in (name.lower() for name in self.instance.logins())
        if statement.create and exists:
            raise SqlError(15025, f"The server principal '{statement.name}' already exists.")
        if not statement.create and not exists:
            raise SqlError(15151, f"Cannot alter the login '{statement.name}', because it does not exist or you do not have "
                           "permission.")
        self.instance.set_password(statement.name, statement.password)
        self.reply.done()

    def do_Drop(self, statement):
        if statement.kind == "DATABASE":
            self.refuse_in_transaction("DROP DATABASE")
            for name in statement.names:
                if self.instance.database(name.name) or not statement.if_exists:
                    self.instance.drop_database(name.name)
            self.reply.done()
            return
        if statement.kind == "LOGIN":
            raise errors.unknown("DROP LOGIN")
        self.define(statement)

    # --- EXEC

    def do_Execute(self, statement):
        arguments = [(name and name.lower(), None if tokens[0].is_word("DEFAULT") else self.argument(tokens),
                      tokens[0].text if is_output else None) for name, tokens, is_output in statement.arguments]
        if statement.procedure is None:
            self.inner(arguments[0][1])
            return
        name = statement.procedure.name.lower()
        if name not in PROCEDURES:
            raise SqlError(2812, f"Could not find stored procedure '{statement.procedure}'.", state=62)
        status = PROCEDURES[name](self, arguments)
        if statement.result:
            self.set_variable(statement.result, status)
        self.reply.return_status(status)
        self.reply.done(kind=reply.DONE_PROCEDURE)

    def argument(self, tokens):
        """A procedure's argument may be a word without quotes, for a text."""
        if len(tokens) == 1 and tokens[0].is_name:
            return tokens[0].value
        return self.queries.value(tokens)

    def inner(self, text, variables=None):
        """A text as a batch of its own, within this one: its names are resolved when it starts, so a CATCH sees that."""
        outer, self.variables = self.variables, variables or {}
        try:
            self.run_text(text)
        except Leaving:
            pass
        except SqlError as error:
            error.from_inside = True
            raise
        finally:
            self.variables = outer

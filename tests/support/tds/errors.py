"""The errors of SQL Server that the stand-in answers with: number, state, class and text as the real server has them."""

# The engine ends the whole batch over these, not the statement alone.
ENDS_BATCH = {102, 105, 111, 156, 207, 208, 2714, 2812, 4104}
# Names are resolved when a statement is compiled: no CATCH of the same batch sees these.
NOT_CAUGHT = {102, 105, 111, 156, 207, 208, 4104}
UNKNOWN = 49999


class SqlError(Exception):
    def __init__(self, number, message, state=1, severity=16, line=None, procedure=""):
        super().__init__(message)
        self.number, self.message, self.state, self.severity = number, message, state, severity
        self.line, self.procedure = line, procedure
        self.before = []  # errors that the server reports in front of this one

    def after(self, *errors):
        self.before = list(errors)
        return self

    def each(self):
        """All that is reported, in its order."""
        return [*self.before, self]

    def at(self, line):
        """Gives it the line of the statement that failed, unless it knows a better one."""
        for error in self.each():
            error.line = error.line or line
        return self


class Disconnected(Exception):
    """The client is gone, or is to be dropped."""


class Cancelled(Exception):
    """The client sent an attention."""


def unknown(what, line=None):
    """What the real server may know, and the stand-in does not: never to be taken for an answer of the real one."""
    return SqlError(UNKNOWN, f"The stand-in does not know this: {what}", line=line)


def syntax(token):
    if token.kind == "end":
        return SqlError(102, "Incorrect syntax near the end of the batch.", severity=15, line=token.line)
    if token.is_keyword and token.text.upper() != "GO":
        return SqlError(156, f"Incorrect syntax near the keyword '{token.text}'.", severity=15, line=token.line)
    return SqlError(102, f"Incorrect syntax near '{token.value}'.", severity=15, line=token.line)


def unclosed(text, line):
    return SqlError(105, f"Unclosed quotation mark after the character string '{text[:200]}'.", severity=15,
                    line=line)


def no_object(name):
    return SqlError(208, f"Invalid object name '{name}'.")


def no_column(name):
    return SqlError(207, f"Invalid column name '{name}'.")


def exists(name):
    return SqlError(2714, f"There is already an object named '{name}' in the database.", state=6)


def cannot_find(name, number=4902):
    return SqlError(number, f'Cannot find the object "{name}" because it does not exist or you do not have permissions.',
                    state=12 if number == 1088 else 1)


def cannot_drop(kind, name):
    return SqlError(3701, f"Cannot drop the {kind} '{name}', because it does not exist or you do not have permission.",
                    state=5, severity=11)


def database_exists(name):
    return SqlError(1801, f"Database '{name}' already exists. Choose a different database name.", state=3)


def no_database(name):
    return SqlError(911, f"Database '{name}' does not exist. Make sure that the name is entered correctly.")


def login_failed(user):
    return SqlError(18456, f"Login failed for user '{user}'.", severity=14, line=1)


def upgrading(user):
    return SqlError(18401, f"Login failed for user '{user}'. Reason: Server is in script upgrade mode. "
                    "Only administrator can connect at this time.", severity=14, line=1)


def cannot_open(name):
    return SqlError(4060, f'Cannot open database "{name}" requested by the login. The login failed.', severity=11, line=1)


def no_constraint():
    return SqlError(1750, "Could not create constraint or index. See previous errors.", state=0)

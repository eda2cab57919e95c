"""The statements of a batch: control flow and single commands here, definitions of tables in parse_ddl.py."""
from support.tds import parse_ddl, syntax as ast
from support.tds.errors import SqlError, syntax, unknown
from support.tds.lexer import tokenize

QUERIES = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "TRUNCATE")
STARTS = {*QUERIES, "MERGE", "CREATE", "ALTER", "DROP", "EXEC", "EXECUTE", "DECLARE", "SET", "IF", "BEGIN", "END",
          "COMMIT", "ROLLBACK", "SAVE", "PRINT", "RAISERROR", "THROW", "USE", "WAITFOR", "WHILE", "RETURN", "BREAK",
          "CONTINUE", "ELSE", "GO"}
TYPES_WITHOUT_EFFECT = ("GRANT", "REVOKE", "DENY", "DBCC", "CHECKPOINT", "KILL", "BACKUP", "RESTORE")


def parse(text):
    """The statements of a batch; the first that is not T-SQL is an error of the whole batch."""
    return Parser(text).batch()


class Parser:
    def __init__(self, text):
        self.text, self.tokens, self.position = text, tokenize(text), 0

    # --- what the grammar is written with

    @property
    def token(self):
        return self.tokens[self.position]

    def peek(self, distance=1):
        return self.tokens[min(self.position + distance, len(self.tokens) - 1)]

    def next(self):
        token = self.token
        if token.kind != "end":
            self.position += 1
        return token

    def fail(self, token=None):
        raise syntax(token or self.token)

    def accept(self, *words):
        """Takes the words when they come next, all of them."""
        if all(self.peek(i).is_word(word) for i, word in enumerate(words)):
            self.position += len(words)
            return True
        return False

    def accept_one(self, *words):
        return self.next().text.upper() if self.token.is_word(*words) else None

    def expect(self, *words):
        for word in words:
            if not self.accept(word):
                self.fail()

    def accept_op(self, op):
        if self.token.is_op(op):
            return self.next()
        return None

    def expect_op(self, op):
        return self.accept_op(op) or self.fail()

    def identifier(self):
        if not self.token.is_name:
            self.fail()
        return self.next().value

    def name(self):
        parts = [self.identifier()]
        while self.accept_op("."):
            # master..x leaves the schema out
            parts.append(None if self.token.is_op(".") else self.identifier())
        return ast.Name(*reversed(parts[-3:]))

    def listed(self, one):
        items = [one()]
        while self.accept_op(","):
            items.append(one())
        return items

    def integer(self):
        sign = -1 if self.accept_op("-") else 1
        if self.token.kind != "number":
            self.fail()
        return sign * int(float(self.next().value))

    def text_value(self):
        if self.token.kind != "string":
            self.fail()
        return self.next().value

    def parenthesised(self):
        """The tokens between the parenthesis that comes next and its partner."""
        self.expect_op("(")
        start, depth = self.position, 1
        while depth:
            token = self.next()
            if token.kind == "end":
                self.fail(token)
            depth += token.is_op("(") - token.is_op(")")
        return self.tokens[start:self.position - 1]

    def expression(self, *ends):
        """Tokens of an expression, up to a comma, a statement's start or one of the words."""
        start, depth, cases = self.position, 0, 0
        while True:
            token = self.token
            if token.kind == "end" or token.is_op(";", "::"):
                break
            if depth == 0 and (token.is_op(",", ")") or token.is_word(*ends) or
                               (token.is_word(*STARTS) and not (cases and token.is_word("END", "ELSE")))):
                break
            depth += token.is_op("(") - token.is_op(")")
            cases += token.is_word("CASE") - token.is_word("END")
            self.next()
        if start == self.position or self.token.is_op("::"):
            self.fail()
        return self.tokens[start:self.position]

    # --- statements

    def batch(self):
        statements = self.statements()
        if self.token.kind != "end":
            self.fail()
        return statements

    def statements(self, *ends):
        """Up to END, or the end of the batch."""
        found = []
        while True:
            while self.accept_op(";"):
                pass
            if self.token.kind == "end" or self.token.is_word("END", *ends):
                return found
            found.append(self.statement())

    def statement(self):
        token = self.token
        if token.is_word(*QUERIES):
            return self.query()
        if token.kind != "word":
            self.fail()
        word = token.text.upper()
        rule = getattr(self, "parse_" + word.lower(), None)
        if rule:
            self.next()
            return rule(token.line)
        if word in TYPES_WITHOUT_EFFECT or word == "MERGE":
            raise unknown(word, token.line)
        # Without EXEC a procedure can only be called first in a batch.
        if self.position == 0 and token.is_name:
            return self.call(token.line)
        return self.fail()

    def query(self):
        """Up to the semicolon, or to what can only start another statement."""
        first, start, depth, cases = self.next(), self.position - 1, 0, 0
        main = first.text.upper()
        rows_known = set_seen = False
        while True:
            token, before = self.token, self.peek(-1)
            if token.kind == "end" or token.is_op(";"):
                break
            if token.is_word("GO"):
                self.fail()
            if depth == 0 and token.is_word(*STARTS):
                word = token.text.upper()
                if main == "WITH" and word in QUERIES and word != "WITH":
                    main = word
                elif word == "SELECT" and before.is_word("UNION", "ALL", "EXCEPT", "INTERSECT"):
                    pass
                elif word == "SELECT" and main == "INSERT" and not rows_known:
                    rows_known = True
                elif word == "SET" and main == "UPDATE" and not set_seen:
                    set_seen = True
                elif word == "WITH" and not before.is_op(";"):
                    pass  # a table's hints
                elif not (cases and word in ("END", "ELSE")):
                    break
            rows_known = rows_known or (depth == 0 and token.is_word("VALUES"))
            depth += token.is_op("(") - token.is_op(")")
            if depth < 0:
                self.fail()
            cases += token.is_word("CASE") - (token.is_word("END") and cases > 0)
            self.next()
        if depth or self.position - start < 2:
            self.fail()
        return ast.Query(first.line, self.tokens[start:self.position])

    def parse_begin(self, line):
        if self.accept_one("TRAN", "TRANSACTION"):
            return ast.Transaction(line, "BEGIN", self.transaction_name())
        if not self.accept("TRY"):
            body = self.statements()
            self.expect("END")
            return ast.Block(line, body)
        body = self.statements()
        self.expect("END", "TRY")
        self.accept_op(";")
        self.expect("BEGIN", "CATCH")
        catch = self.statements()
        self.expect("END", "CATCH")
        return ast.TryCatch(line, body, catch)

    def transaction_name(self):
        if self.token.kind == "variable":
            return self.next().text
        return self.identifier() if self.token.is_name else None

    def parse_commit(self, line):
        self.accept_one("TRAN", "TRANSACTION", "WORK")
        self.transaction_name()
        return ast.Transaction(line, "COMMIT")

    def parse_rollback(self, line):
        self.accept_one("TRAN", "TRANSACTION", "WORK")
        return ast.Transaction(line, "ROLLBACK", self.transaction_name())

    def parse_save(self, line):
        if not self.accept_one("TRAN", "TRANSACTION"):
            self.fail()
        return ast.Transaction(line, "SAVE", self.transaction_name() or self.fail())

    def parse_if(self, line):
        condition = self.expression()
        then = self.statement()
        if self.token.is_op(";") and self.peek().is_word("ELSE"):
            self.next()
        otherwise = self.statement() if self.accept("ELSE") else None
        return ast.If(line, condition, then, otherwise)

    def parse_while(self, line):
        return ast.While(line, self.expression(), self.statement())

    def parse_return(self, line):
        if self.token.kind == "number":
            self.next()
        return ast.Leave(line, "RETURN")

    def parse_break(self, line):
        return ast.Leave(line, "BREAK")

    def parse_continue(self, line):
        return ast.Leave(line, "CONTINUE")

    def parse_declare(self, line):
        def one():
            if self.token.kind != "variable":
                self.fail()
            name = self.next().text
            self.accept("AS")
            if self.token.is_word("TABLE", "CURSOR"):
                raise unknown("DECLARE of a table or cursor", line)
            kind = parse_ddl.data_type(self)
            return name, kind, self.expression() if self.accept_op("=") else None
        return ast.Declare(line, self.listed(one))

    def parse_set(self, line):
        if self.token.kind == "variable":
            name = self.next().text
            for operator in ("=", "+=", "-="):
                if self.accept_op(operator):
                    return ast.Assign(line, name, operator, self.expression())
            self.fail()
        if self.accept("IDENTITY_INSERT"):
            table = self.name()
            return ast.IdentityInsert(line, table, (self.accept_one("ON", "OFF") or self.fail()) == "ON")
        if self.accept("TRANSACTION", "ISOLATION", "LEVEL"):
            return ast.SetOption(line, ["TRANSACTION ISOLATION LEVEL"], [self.next(), *self.more_words()])
        options = self.listed(lambda: self.next().text.upper())
        value = []
        while self.token.kind in ("word", "number", "string", "variable") and (
                self.token.is_word("ON", "OFF") or not self.token.is_word(*STARTS)):
            value.append(self.next())
        negative = self.accept_op("-")
        if negative:
            value = [negative, self.next()]
        if not value:
            self.fail()
        return ast.SetOption(line, options, value)

    def more_words(self):
        words = []
        while self.token.kind == "word" and not self.token.is_word(*STARTS):
            words.append(self.next())
        return words

    def parse_print(self, line):
        return ast.Print(line, self.expression())

    def parse_raiserror(self, line):
        inside = Parser.__new__(Parser)
        inside.text, inside.position = self.text, 0
        tokens = self.parenthesised()
        inside.tokens = [*tokens, self.peek(-1)]
        if self.accept("WITH"):
            self.listed(self.next)
        return ast.Raise(line, inside.listed(inside.expression), False)

    def parse_throw(self, line):
        if self.token.kind not in ("number", "variable"):
            return ast.Raise(line, [], True)
        return ast.Raise(line, self.listed(self.expression), True)

    def parse_exec(self, line):
        if self.token.is_op("("):
            tokens = self.parenthesised()
            return ast.Execute(line, None, None, [(None, tokens, False)])
        result = None
        if self.token.kind == "variable" and self.peek().is_op("="):
            result = self.next().text
            self.next()
        return self.call(line, result)

    parse_execute = parse_exec

    def call(self, line, result=None):
        procedure, arguments = self.name(), []
        if self.token.kind not in ("end", "op") and not self.token.is_word(*STARTS) or self.token.is_op("-"):
            arguments = self.listed(self.argument)
        return ast.Execute(line, procedure, result, arguments)

    def argument(self):
        name = None
        if self.token.kind == "variable" and self.peek().is_op("="):
            name = self.next().text
            self.next()
        if self.token.is_word("DEFAULT"):
            tokens = [self.next()]
        else:
            tokens = self.expression("OUTPUT", "OUT")
        return name, tokens, bool(self.accept_one("OUTPUT", "OUT"))

    def parse_use(self, line):
        return ast.Use(line, self.identifier())

    def parse_waitfor(self, line):
        self.expect("DELAY")
        hours, minutes, seconds = self.text_value().split(":")
        return ast.WaitFor(line, int(hours) * 3600 + int(minutes) * 60 + float(seconds))

    def parse_create(self, line):
        return parse_ddl.create(self, line)

    def parse_alter(self, line):
        return parse_ddl.alter(self, line)

    def parse_drop(self, line):
        return parse_ddl.drop(self, line)

    def rest_of_batch(self, kind, line, before):
        """A view or a procedure is a batch of its own."""
        if before != 0:
            raise SqlError(111, f"'CREATE {kind}' must be the first statement in a query batch.", severity=15, line=line)
        start = self.position
        self.position = len(self.tokens) - 1
        return self.tokens[start:self.position]

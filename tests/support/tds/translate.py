"""A query's tokens as SQLite's SQL. It works on tokens and what they mean by their places, and knows no query by its
text; whatever it cannot say in SQLite's terms is an error that says so, never a guess.

Not done: + joins texts only where one of them is seen to be a text (a literal, a function or a variable with a text)."""
from support.tds import parse_ddl, types
from support.tds.errors import SqlError, syntax, unknown
from support.tds.lexer import Token

# Words of queries that are no names, besides the lexer's keywords.
QUERY_WORDS = {"ROWS", "ROW", "NEXT", "FIRST", "ONLY", "PARTITION", "RANGE", "PRECEDING", "FOLLOWING", "UNBOUNDED",
               "CURRENT", "RECURSIVE"}
RENAMED = {"ISNULL": "ifnull", "COUNT_BIG": "count", "SUBSTRING": "substr", "STRING_AGG": "group_concat",
           "LEFT": "tds_left", "RIGHT": "tds_right", "NCHAR": "char", "CEILING": "ceil", "STDEV": "tds_stdev"}
TEXT_FUNCTIONS = {"QUOTENAME", "OBJECT_NAME", "SCHEMA_NAME", "OBJECT_SCHEMA_NAME", "COL_NAME", "DB_NAME", "CONCAT",
                  "REPLACE", "SUBSTRING", "LEFT", "RIGHT", "LTRIM", "RTRIM", "UPPER", "LOWER", "CHAR", "NCHAR",
                  "STRING_AGG", "REPLICATE", "SPACE", "STUFF"}
DATE_FUNCTIONS = {"DATEADD", "DATEDIFF", "DATEDIFF_BIG", "DATEPART", "DATENAME"}
NO_CALLS = {"IN", "VALUES", "AND", "OR", "NOT", "EXISTS", "ON", "SELECT", "FROM", "WHERE", "AS", "OVER", "ALL", "ANY",
            "BY", "JOIN", "INTO", "SET", "WHEN", "THEN", "ELSE", "CASE", "UNION", "EXCEPT", "INTERSECT", "HAVING",
            "LIKE", "BETWEEN", "DISTINCT", "TOP", "UPDATE", "INSERT", "DELETE", "VALUES", "DEFAULT", "IS", "NULL",
            "WITH", "END", "ESCAPE", "RECURSIVE"}
TABLE_FOLLOWS = {"FROM", "JOIN", "INTO", "UPDATE", "INSERT", "DELETE", "TABLE"}
CHAIN_ENDS = {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "CASE", "AS", "SET", "BY", "LIKE",
              "IN", "BETWEEN", "ON", "HAVING", "VALUES", "TOP", "DISTINCT", "RETURN", "IS", "ORDER", "GROUP", "UNION"}


class Group:
    """What is between parentheses."""

    def __init__(self, items):
        self.items = items


def tree(tokens):
    """The tokens with their parentheses as groups."""
    levels = [[]]
    for token in tokens:
        if token.is_op("("):
            levels.append([])
        elif token.is_op(")"):
            if len(levels) == 1:
                raise syntax(token)
            levels[-2].append(Group(levels.pop()))
        else:
            levels[-1].append(token)
    if len(levels) > 1:
        raise syntax(tokens[-1])
    return levels[0]


def is_token(item):
    return isinstance(item, Token)


def is_word(item, *words):
    return is_token(item) and item.is_word(*words)


def is_op(item, *ops):
    return is_token(item) and item.is_op(*ops)


def split(items, separator=lambda item: is_op(item, ",")):
    parts = [[]]
    for item in items:
        if separator(item):
            parts.append([])
        else:
            parts[-1].append(item)
    return parts


def flat(items):
    """A tree's tokens again."""
    for item in items:
        if is_token(item):
            yield item
        else:
            yield Token("op", "(", "(", 0, 0, 0)
            yield from flat(item.items)
            yield Token("op", ")", ")", 0, 0, 0)


def quoted(name):
    # SQLite would take an unknown name in double quotes for a text.
    return f"[{name}]" if "]" not in name else '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def physical(schema, name):
    """What a table is called in SQLite."""
    schema = (schema or "dbo").lower()
    if schema in ("sys", "information_schema"):
        return f"{schema}_{name.lower()}"
    return name if schema == "dbo" else f"{schema}.{name}"


class Translator:
    """schemas: the names of the database's schemas; variables: {name: value}. Afterwards tables has what was asked for,
    {SQLite's name: as written}, and parameters the values of the variables."""

    def __init__(self, schemas=("dbo", "sys"), variables=None, server_value=None, lazily=False):
        self.schemas = {name.lower() for name in schemas}
        self.variables, self.server_value, self.lazily = variables or {}, server_value, lazily
        self.tables, self.parameters, self.database = {}, {}, None

    def translate(self, tokens):
        items = tree(tokens)
        if is_word(items[0], "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            items = self.change(items)
        return self.sequence(items)

    # --- statements that change rows

    def change(self, items):
        """Their T-SQL spelling as SQLite's: INTO and FROM may be missing, OUTPUT is at the end."""
        first = items[0]
        if is_word(first, "TRUNCATE"):
            return [self.word(first, "DELETE"), self.word(first, "FROM"), *items[2:]]
        if is_word(first, "INSERT") and not is_word(items[1], "INTO"):
            items = [first, self.word(first, "INTO"), *items[1:]]
        if is_word(first, "DELETE") and not is_word(items[1], "FROM"):
            if is_word(items[1], "TOP") or any(is_word(item, "FROM") for item in items):
                raise unknown("DELETE with TOP or a second FROM", first.line)
            items = [first, self.word(first, "FROM"), *items[1:]]
        at = next((i for i, item in enumerate(items) if is_word(item, "OUTPUT")), None)
        if at is None:
            return items
        end = next((i for i in range(at, len(items)) if is_word(items[i], "VALUES", "SELECT", "WHERE", "FROM",
                                                               "DEFAULT", "INTO")), len(items))
        if end < len(items) and is_word(items[end], "INTO"):
            raise unknown("OUTPUT INTO", first.line)
        returned, skip = [], False
        for i, item in enumerate(items[at + 1:end], at + 1):
            if skip or (is_word(item, "INSERTED", "DELETED") and is_op(items[i + 1], ".")):
                skip = not skip
                continue
            returned.append(item)
        return [*items[:at], *items[end:], self.word(first, "RETURNING"), *returned]

    @staticmethod
    def word(like, text):
        return Token("word", text, text, like.line, like.start, like.end)

    # --- one level of parentheses

    def sequence(self, items):
        out, limit, offset, alias = [], None, None, None
        in_list = item_starts = False
        context = None
        i = 0
        while i < len(items):
            item = items[i]
            following = items[i + 1] if i + 1 < len(items) else None
            if not is_token(item):
                out.append("(" + self.sequence(item.items) + ")")
                context, item_starts, i = None, False, i + 1
                continue
            word = item.text.upper() if item.kind == "word" else None
            if word in ("SELECT",):
                in_list, item_starts, context = True, True, None
                out.append("SELECT")
                i += 1
                continue
            if in_list and item_starts and item.is_name and is_op(following, "="):
                alias, i, item_starts = item.value, i + 2, False
                continue
            if alias and (is_op(item, ",") or word in ("FROM", "WHERE", "UNION", "ORDER")):
                out.append("AS " + quoted(alias))
                alias = None
            if word == "TOP":
                limit, i = self.top(items, i + 1)
                continue
            if word in ("DISTINCT", "ALL") and item_starts:
                out.append(word)
                i += 1
                continue
            if is_op(item, ","):
                out.append(",")
                item_starts = in_list
                context = "FROM" if context == "FROM list" else None
                i += 1
                continue
            item_starts = False
            if word in ("FROM", "WHERE", "GROUP", "ORDER", "UNION", "EXCEPT", "INTERSECT"):
                in_list = False
            if word == "INTO" and out and out[0] == "SELECT":
                raise unknown("SELECT INTO", item.line)
            if word == "OFFSET" and following is not None:
                offset, limit, i = self.offset(items, i + 1, limit)
                continue
            if word in TABLE_FOLLOWS:
                out.append(item.text)
                context, i = word, i + 1
                continue
            taken = self.skipped(items, i)
            if taken:
                i += taken
                continue
            if item.is_op("+"):
                out.append("||" if self.joins_texts(items, i) else "+")
                i += 1
                continue
            if item.is_op("+=", "-=", "*=", "/=") and out:  # SET a += 1
                joined = item.is_op("+=") and self.joins_texts(items, i + 1)
                out.append(f"= {out[-1]} {'||' if joined else item.text[0]}")
                i += 1
                continue
            if item.is_op("/", "%") and following is not None:
                end = self.operand_end(items, i + 1)
                out.append(f"{item.text} tds_divisor({self.sequence(items[i + 1:end])})")
                i = end
                continue
            text, i, was_table = self.piece(items, i, context)
            out.append(text)
            context = "FROM list" if was_table and context in ("FROM", "JOIN", "FROM list") else (
                context if context == "FROM list" and (item.is_name or word == "AS") else None)
        if alias:
            out.append("AS " + quoted(alias))
        if limit is not None or offset is not None:
            out.append(f"LIMIT {limit or -1}" + (f" OFFSET {offset}" if offset else ""))
        return " ".join(out)

    def top(self, items, i):
        limit = self.sequence(items[i].items) if isinstance(items[i], Group) else self.sequence([items[i]])
        i += 1
        if i < len(items) and is_word(items[i], "PERCENT", "WITH"):
            raise unknown("TOP with PERCENT or TIES", items[i].line)
        return limit, i

    def offset(self, items, i, limit):
        end = next((j for j in range(i, len(items)) if is_word(items[j], "ROWS", "ROW")), None)
        if end is None:
            raise syntax(items[-1] if is_token(items[-1]) else items[i])
        offset, i = self.sequence(items[i:end]), end + 1
        if i < len(items) and is_word(items[i], "FETCH"):
            end = next(j for j in range(i, len(items)) if is_word(items[j], "ROWS", "ROW") and j > i + 1)
            limit, i = self.sequence(items[i + 2:end]), end + 2
        return offset, limit, i

    def skipped(self, items, i):
        """How many items are without effect here: hints, OPTION, AT TIME ZONE."""
        def group_follows():
            return i + 1 < len(items) and isinstance(items[i + 1], Group)
        item = items[i]
        if is_word(item, "WITH") and i > 0 and group_follows():
            return 2
        if is_word(item, "OPTION") and group_follows():
            return 2
        if is_word(item, "WITHIN") and i + 2 < len(items) and is_word(items[i + 1], "GROUP"):
            return 3
        if is_word(item, "AT") and i + 3 < len(items) and is_word(items[i + 1], "TIME"):
            return 4
        if is_word(item, "FOR") and i + 1 < len(items) and is_word(items[i + 1], "XML", "JSON", "BROWSE"):
            raise unknown("FOR " + items[i + 1].text, item.line)
        if is_word(item, "APPLY", "PIVOT", "UNPIVOT", "TABLESAMPLE") and i > 0:
            raise unknown(item.text, item.line)
        return 0

    def joins_texts(self, items, at):
        """Is one of the values that these + join a text?"""
        def ends(item):
            return is_op(item, ",", "=", "<", ">", "<>", "!=", "<=", ">=", ";") or is_word(item, *CHAIN_ENDS)
        start = end = at
        while start > 0 and not ends(items[start - 1]):
            start -= 1
        while end < len(items) and not ends(items[end]):
            end += 1
        return any(self.is_text(items, i) for i in range(start, end))

    def is_text(self, items, i):
        item = items[i]
        if not is_token(item):
            before = items[i - 1] if i else None
            if is_token(before) and before.is_name:
                return is_word(before, "CAST", "CONVERT") and any(
                    is_word(t, "NVARCHAR", "VARCHAR", "CHAR", "NCHAR") for t in flat(item.items))
            return any(self.is_text(item.items, j) for j in range(len(item.items)))
        if item.kind == "variable":
            return isinstance(self.variables.get(item.text.lower()), str)
        return item.kind == "string" or is_word(item, *TEXT_FUNCTIONS)

    @staticmethod
    def operand_end(items, i):
        """Where the value that begins at i ends: a name with dots, a call, a sign."""
        if is_op(items[i], "-", "+", "~"):
            i += 1
        if i < len(items) and not is_token(items[i]):
            return i + 1
        i += 1
        while i + 1 < len(items) and is_op(items[i], "."):
            i += 2
        if i < len(items) and not is_token(items[i]):
            i += 1
        return i

    # --- names, calls and values

    def piece(self, items, i, context):
        """(SQL, next position, whether it is a table)"""
        item = items[i]
        following = items[i + 1] if i + 1 < len(items) else None
        if item.kind == "string":
            return literal(item.value), i + 1, False
        if item.kind == "binary":
            digits = item.text[2:]
            return f"X'{'0' * (len(digits) % 2)}{digits}'", i + 1, False
        if item.kind == "variable":
            return self.variable(item), i + 1, False
        if item.is_op("::"):
            raise syntax(item)
        if item.kind in ("number", "op"):
            return {"!<": ">=", "!>": "<="}.get(item.text, item.text), i + 1, False
        if item.kind == "word":
            word = item.text.upper()
            in_from = context in ("FROM", "JOIN", "INTO", "UPDATE", "INSERT", "DELETE", "TABLE")
            if isinstance(following, Group) and word not in NO_CALLS and not in_from:
                return self.call(word, following, item), i + 2, False
            special = self.special_word(word, items, i)
            if special:
                return special[0], special[1], False
            if (item.is_keyword or word in QUERY_WORDS or word == "RETURNING") and not is_op(following, "."):
                return item.text, i + 1, False
        return self.name(items, i, context)

    def special_word(self, word, items, i):
        if word == "CURRENT_TIMESTAMP":
            return "GETDATE()", i + 1
        if word in ("SYSTEM_USER", "SUSER_NAME"):
            return "'sa'", i + 1
        if word in ("CURRENT_USER", "SESSION_USER", "USER"):
            return "'dbo'", i + 1
        if word == "COLLATE":
            collation = items[i + 1].text.upper()
            return "COLLATE " + ("BINARY" if "_BIN" in collation or "_CS_" in collation else "NOCASE"), i + 2
        if word == "NEXT" and i + 2 < len(items) and is_word(items[i + 1], "VALUE"):
            parts, end = self.chain(items, i + 3)
            return f"tds_next_value({literal('.'.join(parts))})", end
        return None

    def variable(self, item):
        name = item.text.lower()
        if name.startswith("@@"):
            self.parameters[name[2:]] = self.server_value(name)
            return "@" + name[2:]
        if name not in self.variables:
            raise SqlError(137, f'Must declare the scalar variable "{item.text}".', severity=15, state=2, line=item.line)
        if self.lazily:
            return f"tds_variable({literal(name)})"
        key = "".join(c if c.isalnum() else f"_{ord(c)}" for c in name[1:])
        self.parameters[key] = self.variables[name]
        return "@" + key

    def call(self, word, group, item):
        arguments = split(group.items)
        if word in ("CAST", "TRY_CAST"):
            at = max(i for i, part in enumerate(group.items) if is_word(part, "AS")) if any(
                is_word(part, "AS") for part in group.items) else self.fail(item)
            return self.convert(word, group.items[:at], group.items[at + 1:], None)
        if word in ("CONVERT", "TRY_CONVERT"):
            style = self.sequence(arguments[2]) if len(arguments) > 2 else None
            return self.convert(word, arguments[1], arguments[0], style)
        if word in DATE_FUNCTIONS and is_token(arguments[0][0]):
            rest = ", ".join(self.sequence(part) for part in arguments[1:])
            return f"{word}({literal(arguments[0][0].text.lower())}, {rest})"
        return f"{RENAMED.get(word, item.text)}({self.sequence(group.items)})"

    @staticmethod
    def fail(item):
        raise syntax(item)

    def convert(self, word, value, declared, style):
        kind = types.resolve(parse_type(list(flat(declared))))
        lenient = 1 if word.startswith("TRY") else 0
        return (f"tds_convert({self.sequence(value)}, {literal(kind.name)}, {kind.characters or -1}, {kind.scale}, "
                f"{style or 'NULL'}, {lenient})")

    def chain(self, items, i):
        """The parts of a name with dots, and where it ends. A part that was left out is empty."""
        parts = [items[i].value]
        i += 1
        while i < len(items) and is_op(items[i], "."):
            i += 1
            if i < len(items) and is_op(items[i], "."):
                parts.append("")
                continue
            if i >= len(items) or not (is_op(items[i], "*") or items[i].kind in ("word", "name")):
                raise syntax(items[i - 1])
            parts.append("*" if is_op(items[i], "*") else items[i].value)
            i += 1
        return parts, i

    def name(self, items, i, context):
        parts, end = self.chain(items, i)
        is_table = context in ("FROM", "JOIN", "INTO", "UPDATE", "INSERT", "DELETE", "TABLE")
        if is_table:
            schema = parts[-2] if len(parts) > 1 else None
            if len(parts) > 2 and (schema or "dbo").lower() not in ("sys", "information_schema"):
                self.database = parts[-3]
            table = physical(schema, parts[-1])
            self.tables[table.lower()] = ".".join(parts)
            text = quoted(table)
            has_alias = end < len(items) and is_token(items[end]) and (items[end].is_name or is_word(items[end], "AS"))
            if context in ("FROM", "JOIN") and table != parts[-1] and not has_alias:
                text += " AS " + quoted(parts[-1])
            return text, end, True
        if len(parts) > 2 and parts[0].lower() in self.schemas:
            parts = parts[1:]  # schema.table.column: the table has its own name for an alias
        return ".".join("*" if part == "*" else quoted(part) for part in parts), end, False


def parse_type(tokens):
    """A type's tokens as a declared type."""
    from support.tds.parser import Parser
    parser = Parser.__new__(Parser)
    parser.text, parser.position = "", 0
    parser.tokens = [*tokens, Token("end", "", "", tokens[0].line if tokens else 1, 0, 0)]
    declared = parse_ddl.data_type(parser)
    if parser.token.kind != "end":
        parser.fail()
    return declared



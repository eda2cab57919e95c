"""What is known of the types of a query's result columns: those that are plain columns of tables, and conversions.
Everything else the values tell."""
from support.tds import types, values
from support.tds.errors import SqlError
from support.tds.translate import Group, flat, is_op, is_token, is_word, parse_type, split, tree

ENDS = ("FROM", "WHERE", "ORDER", "UNION", "EXCEPT", "INTERSECT", "GROUP", "OFFSET", "OPTION", "FOR")
FUNCTIONS = {"COUNT": "int", "LEN": "int", "OBJECT_ID": "int", "SCHEMA_ID": "int", "DB_ID": "int",
             "SYSDATETIMEOFFSET": "datetimeoffset", "SYSUTCDATETIME": "datetime2", "SYSDATETIME": "datetime2",
             "GETDATE": "datetime", "GETUTCDATE": "datetime", "COUNT_BIG": "bigint", "DATEDIFF_BIG": "bigint",
             "NEWID": "uniqueidentifier", "HAS_PERMS_BY_NAME": "int"}


def kind_of(resolved):
    return values.declared(resolved.name, resolved.characters, resolved.precision, resolved.scale)


class Sources:
    """The tables that a FROM names, with the columns of those that are the database's own."""

    def __init__(self, catalogue, items):
        self.catalogue, self.found = catalogue, []
        start = next((i for i, item in enumerate(items) if is_word(item, "FROM")), None)
        if start is None:
            return
        end = next((i for i in range(start + 1, len(items)) if is_word(items[i], *ENDS)), len(items))
        i = start
        while i < end:
            if is_word(items[i], "FROM", "JOIN") or is_op(items[i], ","):
                i = self.table(items, i + 1, end)
            else:
                i += 1

    def table(self, items, i, end):
        parts = []
        while i < end and is_token(items[i]) and (items[i].is_name or items[i].is_op(".")):
            if items[i].is_name:
                if parts and not items[i - 1].is_op("."):
                    break
                parts.append(items[i].value)
            i += 1
        if i < end and is_word(items[i], "AS"):
            i += 1
        alias = parts[-1] if parts else None
        if i < end and is_token(items[i]) and items[i].is_name:
            alias = items[i].value
        columns = None
        if parts:
            from support.tds.syntax import Name
            table = self.catalogue.find(Name(parts[-1], parts[-2] if len(parts) > 1 else None), "U")
            if table:
                columns = [(column[1], column[2]) for column in self.catalogue.columns(table.object_id)]
        self.found.append((alias, columns))
        return i

    def column(self, qualifier, name):
        for alias, columns in self.found:
            if columns is None or (qualifier and (alias or "").lower() != qualifier.lower()):
                continue
            for known, kind in columns:
                if known.lower() == name.lower():
                    return kind_of(kind)
        return None

    def star(self, qualifier):
        """The kinds of all columns, or None when a table is not known."""
        kinds = []
        for alias, columns in self.found:
            if qualifier and (alias or "").lower() != qualifier.lower():
                continue
            if columns is None:
                return None
            kinds += [kind_of(kind) for _, kind in columns]
        return kinds


def item_kinds(item, sources):
    """The kinds of one item of a select list; None when it cannot be said how many columns it is."""
    at = next((i for i, part in enumerate(item) if is_word(part, "AS")), None)
    if at is not None:
        item = item[:at]
    if len(item) > 2 and is_token(item[0]) and item[0].is_name and is_op(item[1], "="):
        item = item[2:]
    names = [part for part in item if is_token(part) and not part.is_op(".")]
    if item and is_op(item[-1], "*"):
        return sources.star(names[0].value if len(names) > 1 else None)
    if len(item) >= 2 and is_token(item[0]) and isinstance(item[1], Group):
        return [call_kind(item)]
    if item and all(is_token(part) and (part.is_name or part.is_op(".")) for part in item):
        dotted = [part for i, part in enumerate(item) if i == 0 or item[i - 1].is_op(".") or part.is_op(".")]
        parts = [part.value for part in dotted if not part.is_op(".")]
        return [sources.column(parts[-2] if len(parts) > 1 else None, parts[-1])]
    return [None]


def call_kind(item):
    if len(item) > 3 or (len(item) == 3 and not (is_token(item[2]) and item[2].is_name)):
        return None
    word, inside = item[0].text.upper(), item[1].items
    if word in ("CAST", "TRY_CAST"):
        at = [i for i, part in enumerate(inside) if is_word(part, "AS")]
        declared = inside[at[-1] + 1:] if at else None
    elif word in ("CONVERT", "TRY_CONVERT"):
        declared = split(inside)[0]
    elif word in FUNCTIONS:
        return values.declared(FUNCTIONS[word], None, 0, 7)
    else:
        return None
    return kind_of(types.resolve(parse_type(list(flat(declared))))) if declared else None


def result_kinds(catalogue, tokens, count):
    """The kinds of a query's columns, None for each that only its values tell."""
    unknown = [None] * count
    if not tokens[0].is_word("SELECT"):
        return unknown
    try:
        items = tree(tokens)
        if any(is_word(item, "UNION", "EXCEPT", "INTERSECT") for item in items):
            return unknown
        sources = Sources(catalogue, items)
        start = 1
        while start < len(items) and is_word(items[start], "DISTINCT", "ALL", "TOP"):
            start += 2 if is_word(items[start], "TOP") else 1
        end = next((i for i in range(start, len(items)) if is_word(items[i], *ENDS)), len(items))
        kinds = []
        for item in split(items[start:end]):
            found = item_kinds(item, sources)
            if found is None:
                return unknown
            kinds += found
    except SqlError:
        return unknown
    return kinds if len(kinds) == count else unknown

"""CREATE, ALTER and DROP. Every rule takes the parser and the line that the statement begins in."""
from support.tds import syntax as ast
from support.tds.errors import SqlError, unknown

COLUMN_ENDS = ("CONSTRAINT", "NOT", "NULL", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "IDENTITY", "FOR", "WITH",
               "COLLATE", "DEFAULT")
MODULES = ("VIEW", "PROCEDURE", "PROC", "FUNCTION", "TRIGGER")


def data_type(parser):
    name = parser.name().name.lower()
    if name == "double" and parser.accept("PRECISION"):
        name = "float"
    kind = ast.Type(name)
    if parser.accept_op("("):
        kind.length = -1 if parser.accept("MAX") else parser.integer()
        if parser.accept_op(","):
            kind.scale = parser.integer()
        parser.expect_op(")")
    return kind


def index_columns(parser):
    """(a ASC, b DESC)"""
    def one():
        name = parser.identifier()
        return name, parser.accept_one("ASC", "DESC") == "DESC"
    parser.expect_op("(")
    columns = parser.listed(one)
    parser.expect_op(")")
    return columns


def names_in_parentheses(parser):
    return [name for name, _ in index_columns(parser)]


def clustered(parser):
    word = parser.accept_one("CLUSTERED", "NONCLUSTERED")
    return None if word is None else word == "CLUSTERED"


def options(parser):
    """WITH (…), ON [PRIMARY]: taken, and without effect."""
    if parser.token.is_word("WITH") and parser.peek().is_op("("):
        parser.next()
        parser.parenthesised()
    if parser.token.is_word("ON") and parser.peek().kind == "name":
        parser.next()
        parser.next()


def action(parser):
    if parser.accept("NO", "ACTION"):
        return "NO ACTION"
    if parser.accept("SET"):
        return "SET " + (parser.accept_one("NULL", "DEFAULT") or parser.fail())
    return parser.accept_one("CASCADE") or parser.fail()


def references(parser, constraint):
    constraint.table = parser.name()
    if parser.token.is_op("("):
        constraint.referenced = names_in_parentheses(parser)
    while parser.accept("ON"):
        if parser.accept("DELETE"):
            constraint.on_delete = action(parser)
        else:
            parser.expect("UPDATE")
            constraint.on_update = action(parser)
    return constraint


def constraint(parser, column=None):
    """One constraint, of a table or of a column, or None."""
    name = parser.identifier() if parser.accept("CONSTRAINT") else None
    of_column = [(column, False)] if column else []

    def key(kind):
        made = ast.Constraint(kind, name, of_column, clustered(parser))
        if not column or parser.token.is_op("("):
            made.columns = index_columns(parser)
        options(parser)
        return made
    if parser.accept("PRIMARY", "KEY"):
        return key("PK")
    if parser.accept("UNIQUE"):
        return key("UQ")
    if parser.accept("CHECK"):
        return ast.Constraint("C", name, of_column, tokens=parser.parenthesised())
    if parser.accept("FOREIGN", "KEY"):
        made = ast.Constraint("F", name, index_columns(parser))
        parser.expect("REFERENCES")
        return references(parser, made)
    if column and parser.accept("REFERENCES"):
        return references(parser, ast.Constraint("F", name, of_column))
    if parser.accept("DEFAULT"):
        made = ast.Constraint("D", name, of_column, tokens=parser.expression(*COLUMN_ENDS))
        if not column:
            parser.expect("FOR")
            made.columns = [(parser.identifier(), False)]
        return made
    if name:
        parser.fail()
    return None


def column(parser):
    name = parser.identifier()
    if parser.token.is_word("AS"):
        raise unknown("computed columns", parser.token.line)
    made = ast.Column(name, data_type(parser))
    while True:
        if parser.accept("NOT", "NULL"):
            made.nullable = False
        elif parser.accept("NULL"):
            made.nullable = True
        elif parser.accept("IDENTITY"):
            made.identity = 1, 1
            if parser.accept_op("("):
                seed = parser.integer()
                parser.expect_op(",")
                made.identity = seed, parser.integer()
                parser.expect_op(")")
        elif parser.accept("COLLATE"):
            parser.identifier()
        elif parser.accept_one("ROWGUIDCOL", "SPARSE"):
            pass
        else:
            found = constraint(parser, name)
            if not found:
                return made
            made.constraints.append(found)


def table_item(parser):
    if parser.token.is_word("CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "DEFAULT"):
        return constraint(parser)
    if parser.token.is_word("INDEX"):
        raise unknown("an index within CREATE TABLE", parser.token.line)
    return column(parser)


def create_table(parser, line):
    name = parser.name()
    parser.expect_op("(")
    items = [table_item(parser)]
    while parser.accept_op(","):
        if parser.token.is_op(")"):
            break  # a comma may be left at the end
        items.append(table_item(parser))
    parser.expect_op(")")
    options(parser)
    return ast.CreateTable(line, name, items)


def create_index(parser, line):
    unique = parser.accept("UNIQUE")
    is_clustered = clustered(parser) or False
    parser.expect("INDEX")
    name = parser.identifier()
    parser.expect("ON")
    table = parser.name()
    columns = index_columns(parser)
    included = names_in_parentheses(parser) if parser.accept("INCLUDE") else []
    condition = parser.expression("WITH", "ON") if parser.accept("WHERE") else []
    options(parser)
    return ast.CreateIndex(line, name, table, unique, is_clustered, columns, included, condition)


def create_sequence(parser, line):
    made = ast.CreateSequence(line, parser.name(), ast.Type("bigint"), 1, 1)
    while True:
        if parser.accept("AS"):
            made.type = data_type(parser)
        elif parser.accept("START", "WITH"):
            made.start = parser.integer()
        elif parser.accept("INCREMENT", "BY"):
            made.increment = parser.integer()
        elif parser.accept_one("MINVALUE", "MAXVALUE", "CACHE"):
            if parser.token.kind == "number" or parser.token.is_op("-"):
                parser.integer()
        elif parser.accept("NO"):
            parser.next()
        elif not parser.accept_one("CYCLE"):
            return made


def create_module(parser, line, kind, before):
    kind = "PROCEDURE" if kind == "PROC" else kind
    name, columns = parser.name(), []
    if kind == "VIEW" and parser.accept_op("("):
        columns.append(parser.identifier())
        while parser.accept_op(","):
            columns.append(parser.identifier())
        parser.expect_op(")")
    tokens = parser.rest_of_batch(kind, line, before)
    if kind == "VIEW":
        if not tokens or not tokens[0].is_word("AS"):
            raise unknown("a view with options", line)
        tokens = tokens[1:]
    return ast.CreateModule(line, kind, name, parser.text, columns, tokens)


def login(parser, line, create):
    name = parser.identifier()
    parser.expect("WITH", "PASSWORD")
    parser.expect_op("=")
    made = ast.Login(line, create, name, parser.text_value())
    while not (parser.token.is_op(";") or parser.token.kind == "end"):
        parser.next()  # OLD_PASSWORD, CHECK_POLICY
    return made


def create(parser, line):
    before = parser.position - 1
    if parser.accept("OR", "ALTER"):
        raise unknown("CREATE OR ALTER", line)
    if parser.accept("TABLE"):
        return create_table(parser, line)
    if parser.token.is_word("UNIQUE", "CLUSTERED", "NONCLUSTERED", "INDEX"):
        return create_index(parser, line)
    if parser.accept("DATABASE"):
        name = parser.identifier()
        if parser.accept("COLLATE"):
            parser.identifier()
        return ast.CreateDatabase(line, name)
    if parser.accept("SCHEMA"):
        made = ast.CreateSchema(line, parser.identifier())
        if parser.accept("AUTHORIZATION"):
            parser.identifier()
        return made
    if parser.accept("SEQUENCE"):
        return create_sequence(parser, line)
    if parser.accept("LOGIN"):
        return login(parser, line, True)
    kind = parser.accept_one(*MODULES)
    if kind:
        return create_module(parser, line, kind, before)
    if parser.accept_one("USER", "TYPE", "ROLE", "STATISTICS"):
        raise unknown("CREATE " + parser.peek(-1).text, line)
    return parser.fail()


def alter_table(parser, line):
    table = parser.name()
    if parser.accept("ALTER", "COLUMN"):
        return ast.AlterColumn(line, table, column(parser))
    if parser.accept_one("WITH"):
        if not parser.accept_one("CHECK", "NOCHECK"):
            parser.fail()
    if parser.accept("ADD"):
        return ast.AddItems(line, table, parser.listed(lambda: table_item(parser)))
    if parser.accept_one("CHECK", "NOCHECK"):
        parser.expect("CONSTRAINT")
        parser.next()
        return ast.Nothing(line, "ALTER TABLE")
    parser.expect("DROP")
    kinds = ["CONSTRAINT"]

    def one():
        kinds.append(parser.accept_one("COLUMN", "CONSTRAINT") or kinds[-1])
        if_exists = parser.accept("IF", "EXISTS")
        return kinds[-1], parser.identifier(), if_exists
    return ast.DropItems(line, table, parser.listed(one))


def alter(parser, line):
    if parser.accept("TABLE"):
        return alter_table(parser, line)
    if parser.accept("DATABASE"):
        # CURRENT is no keyword
        name, words = parser.identifier(), []
        while not (parser.token.is_op(";") or parser.token.kind == "end"):
            words.append(parser.next().text.upper())
        return ast.AlterDatabase(line, name, words)
    if parser.accept("LOGIN"):
        return login(parser, line, False)
    raise unknown("ALTER " + parser.token.text, line)


def drop(parser, line):
    kind = parser.accept_one("TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "SEQUENCE", "LOGIN", *MODULES)
    if not kind:
        if parser.token.is_name:
            raise unknown("DROP " + parser.token.text, line)
        parser.fail()
    if_exists = parser.accept("IF", "EXISTS")

    def index():
        name = parser.name()
        if parser.accept("ON"):
            return name.name, parser.name()
        if not name.schema:
            raise SqlError(159, "Must specify the table name and index name for the DROP INDEX statement.",
                           severity=15, line=line)
        return name.name, ast.Name(name.schema, name.database)
    kind = "PROCEDURE" if kind == "PROC" else kind
    return ast.Drop(line, kind, parser.listed(index if kind == "INDEX" else parser.name), if_exists)

"""What a batch consists of. Queries and expressions stay lists of tokens: translate.py makes SQLite's SQL of them."""
from dataclasses import dataclass, field


@dataclass
class Name:
    """[database.][schema.]object"""
    name: str
    schema: str = None
    database: str = None

    def __str__(self):
        return ".".join(part for part in (self.database, self.schema, self.name) if part)


@dataclass
class Type:
    name: str
    length: int = None  # -1: max
    scale: int = None


@dataclass
class Constraint:
    kind: str  # PK, UQ, F, C, D
    name: str = None
    columns: list = field(default_factory=list)  # of (name, descending)
    clustered: bool = None
    table: Name = None  # of a foreign key: what it refers to
    referenced: list = field(default_factory=list)
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    tokens: list = field(default_factory=list)  # of a check or a default


@dataclass
class Column:
    name: str
    type: Type
    nullable: bool = None
    identity: tuple = None  # seed, increment
    constraints: list = field(default_factory=list)


@dataclass
class Statement:
    line: int


@dataclass
class Query(Statement):
    tokens: list


@dataclass
class Block(Statement):
    body: list


@dataclass
class TryCatch(Statement):
    body: list
    catch: list


@dataclass
class If(Statement):
    condition: list
    then: Statement
    otherwise: Statement


@dataclass
class While(Statement):
    condition: list
    body: Statement


@dataclass
class Leave(Statement):
    how: str  # RETURN, BREAK, CONTINUE


@dataclass
class Declare(Statement):
    variables: list  # of (name, Type, tokens or None)


@dataclass
class Assign(Statement):
    variable: str
    operator: str
    tokens: list


@dataclass
class SetOption(Statement):
    options: list
    value: list  # tokens


@dataclass
class IdentityInsert(Statement):
    table: Name
    on: bool


@dataclass
class Transaction(Statement):
    what: str  # BEGIN, COMMIT, ROLLBACK, SAVE
    name: str = None


@dataclass
class Print(Statement):
    tokens: list


@dataclass
class Raise(Statement):
    arguments: list  # lists of tokens
    is_throw: bool


@dataclass
class Execute(Statement):
    procedure: Name  # None: the text of the first argument
    result: str
    arguments: list  # of (parameter name or None, tokens, is output)


@dataclass
class WaitFor(Statement):
    seconds: float


@dataclass
class Use(Statement):
    database: str


@dataclass
class CreateDatabase(Statement):
    name: str


@dataclass
class AlterDatabase(Statement):
    name: str
    options: list  # words


@dataclass
class Login(Statement):
    create: bool
    name: str
    password: str


@dataclass
class Drop(Statement):
    kind: str  # TABLE, VIEW, INDEX, DATABASE, SCHEMA, SEQUENCE, PROCEDURE, ...
    names: list  # of Name; of (index, table Name) for INDEX
    if_exists: bool


@dataclass
class CreateTable(Statement):
    name: Name
    items: list  # of Column and Constraint


@dataclass
class CreateIndex(Statement):
    name: str
    table: Name
    unique: bool
    clustered: bool
    columns: list
    included: list
    filter: list


@dataclass
class CreateSchema(Statement):
    name: str


@dataclass
class CreateSequence(Statement):
    name: Name
    type: Type
    start: int
    increment: int


@dataclass
class CreateModule(Statement):
    """A view, or what is only kept: procedures, functions, triggers."""
    kind: str
    name: Name
    text: str
    columns: list  # the names that a view gives them; may be empty
    tokens: list   # the query of a view


@dataclass
class AddItems(Statement):
    table: Name
    items: list


@dataclass
class DropItems(Statement):
    table: Name
    items: list  # of (COLUMN or CONSTRAINT, name, if exists)


@dataclass
class AlterColumn(Statement):
    table: Name
    column: Column


@dataclass
class Nothing(Statement):
    """Taken, and without an effect here."""
    what: str

"""Rows for the databases of random schemas, and whether a change of the schema left them as they were.

The databases tell their columns and types themselves. Keys, and what refers to them, are the same in each table: row i has
the key i, so that every reference holds.
"""
import re

from support.postgres_session import SqlError

ROWS = 2
KEY = re.compile(r"(id2?|rel.*_id2?|A|B)", re.I)
# Small numbers and short texts mostly, which fit many types, and some that do not.
VALUES = {
    "smallint": ["1", "2", "300", "-7"], "integer": ["1", "2", "300", "70000", "-7"], "bigint": ["3", "4", "9007199254740993"],
    "oid": ["5", "6"], "real": ["0.5", "2.25"], "double precision": ["0.5", "2.25", "1e20"], "numeric": ["1.5", "20.25", "-3"],
    "money": ["12.34", "5"], "boolean": ["true", "false"], "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1{}"],
    "text": ["a{}", "it's {}", "ü{}", "two\nlines {}", '"{}"', "4{}", ""], "character varying": ["a{}", "'{}", "4{}"],
    "character": ["{}"], "citext": ["A{}", "b{}"], "xml": ["<a>{}</a>"], "inet": ["10.0.0.{}"], "bit": ["{:b}"],
    "bit varying": ["10{:b}"], "timestamp": ["2020-02-29 23:59:5{}.123456", "1970-01-01"], "date": ["2020-02-2{}"],
    "time": ["23:59:5{}.5", "00:00"], "json": ['{{"a": {}}}', "[1, null]", '"x"'], "jsonb": ['{{"a": {}}}', "[1, null]", '"x"'],
    "bytea": ["\\x00ff{:02x}", "\\x"], "tsvector": ["a b{}"], "point": ["(1,{})"], "polygon": ["((0,0),(1,1),(2,{}))"],
}
NO_CAST = "42846"
LENGTHS = {"bit": 1, "character": 1, "character varying": 200}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"


def key_value(is_number, row):
    return str(row + 1) if is_number else f"k{row}"


def dropped(script):
    """What the script says that it drops: {(table, column or None)}. A redefined table is not dropped."""
    found = {(table, None) for table in re.findall(r'^DROP TABLE ["`](.*?)["`];', script, re.M)}
    for table, clauses in re.findall(r'^ALTER TABLE ["`](.*?)["`] (.*?);$', script, re.M | re.S):
        found |= {(table, column) for column in re.findall(r'DROP COLUMN ["`](.*?)["`]', clauses)}
    return found - {(table, None) for table in re.findall(r'^ALTER TABLE ".*?" RENAME TO "(.*?)";', script, re.M)}


class PostgresRows:
    COLUMNS = """
SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef, t.typcategory = 'A',
       (SELECT string_agg(enumlabel, E'\\n' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid IN (t.oid, t.typelem))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, a.attnum"""

    def __init__(self, session):
        self.session = session
        self.kept = {}

    def tables(self):
        """{table: {column: (type, is required, has default, is list, enum's values)}}"""
        found = {}
        for table, column, kind, required, default, is_list, values in self.session.query(self.COLUMNS):
            found.setdefault(table, {})[column] = (kind, required == "t", default == "t", is_list == "t", (values or "").split("\n"))
        return found

    def value(self, random, name, column, row):
        kind, required, default, is_list, labels = column
        base = re.sub(r"\(.*?\)|\[\]| with.*", "", kind)
        if KEY.fullmatch(name) and not is_list:
            return key_value(base in VALUES and "int" in base, row)
        if not required and random.random() < 0.25:
            return None
        if labels != [""]:
            choices = labels
        else:
            length = int((re.findall(r"\((\d+)", kind) or [LENGTHS.get(base, 0)])[0])
            choices = [text.format(row) if "{" in text else text for text in VALUES[base]]
            if base in ("character", "character varying"):
                choices = [text[:length] for text in choices]
            elif base == "bit":
                choices = [text.zfill(length) for text in choices]
        if is_list:
            items = [random.choice(choices) for _ in range(random.choice([0, 1, 2]))]
            return "{" + ",".join('"' + item.replace("\\", "\\\\").replace('"', '\\"') + '"' for item in items) + "}"
        return choices[(row + random.randrange(2)) % len(choices)] if len(choices) > 2 else choices[row % len(choices)]

    def fill(self, random):
        """Rows for each table that has none."""
        statements = ["SET session_replication_role = replica"]  # in any order: references hold in the end
        for table, columns in self.tables().items():
            if self.session.query(f"SELECT 1 FROM {quoted(table)} LIMIT 1"):
                continue
            for row in range(ROWS):
                values = [literal(self.value(random, name, column, row)) for name, column in columns.items()]
                statements.append(f"INSERT INTO {quoted(table)} VALUES ({', '.join(values)}) ON CONFLICT DO NOTHING")
        self.session.query(";\n".join(statements) + "; SET session_replication_role = origin")

    def keep(self):
        """Copies of all tables, with enums as the texts that they are."""
        self.kept = self.tables()
        statements = ["DROP SCHEMA IF EXISTS keep CASCADE; CREATE SCHEMA keep"]
        for number, (table, columns) in enumerate(self.kept.items()):
            shown = [quoted(name) + ("" if column[4] == [""] else "::text[]" if column[3] else "::text") + f" AS {quoted(name)}"
                     for name, column in columns.items()]
            statements.append(f"CREATE TABLE keep.t{number} AS SELECT {', '.join(shown)} FROM {quoted(table)}")
        self.session.query(";\n".join(statements))

    def cast(self, before, after):
        """What makes a value as kept one of the type of now: by another type where there is no cast."""
        mark = "[]" if before[3] else ""
        source = before[0] if before[4] == [""] else "text" + mark
        for step in ("", f"::numeric{mark}", f"::text{mark}"):
            try:
                self.session.query(f"SELECT NULL::{source}{step}::{after[0]}")
                return f"{step}::{after[0]}"
            except SqlError as error:
                if error.code != NO_CAST:
                    raise
        raise AssertionError(f"{source} becomes {after[0]}, and there is no cast")

    def lost(self, script):
        """(values that survived, what is not as it was although the script did not drop it)."""
        gone, now, count, problems = dropped(script), self.tables(), 0, []
        for number, (table, columns) in enumerate(self.kept.items()):
            names = [name for name in columns if (table, name) not in gone]
            if (table, None) in gone:
                continue
            if table not in now or not all(name in now[table] for name in names):
                problems.append(f"{table}: went without a word, or a column of {names}")
                continue
            if not names:
                continue
            before = ", ".join(quoted(name) + self.cast(columns[name], now[table][name]) for name in names)
            after = ", ".join(map(quoted, names))
            was = self.session.query(f"SELECT ROW({before})::text FROM keep.t{number} ORDER BY 1")
            is_now = self.session.query(f"SELECT ROW({after})::text FROM {quoted(table)} ORDER BY 1")
            count += len(was) * len(names)
            if was != is_now:
                problems.append(f"{table} ({after}): {was} became {is_now}")
        return count, problems


class MysqlRows:
    COLUMNS = """
SELECT c.table_name, c.column_name, c.column_type, c.is_nullable FROM information_schema.columns c
JOIN information_schema.tables USING (table_schema, table_name)
WHERE c.table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY BINARY c.table_name, ordinal_position"""
    CHECKS = "SELECT table_name, check_clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()"
    NUMBERS = {"tinyint": ["1", "2", "100"], "smallint": ["1", "2", "300"], "mediumint": ["1", "2", "300", "70000"],
               "int": ["1", "2", "300", "70000", "-7"], "bigint": ["3", "4", "9007199254740993"], "year": ["2020", "1999"],
               "float": ["0.5", "2.25"], "double": ["0.5", "2.25", "1e20"], "decimal": ["1.5", "20.25", "-3"], "bit": ["1", "0"]}
    BYTES = ["0x00ff{:02x}", "0x41{:02x}", "''"]
    TEXTS = ["a{}", "it's {}", "ü{}", "two\nlines {}", '"{}"', "4{}", ""]
    MOMENTS = {"date": ["2020-02-2{}"], "time": ["23:59:5{}.5", "00:00"], "datetime": ["2020-02-29 23:59:5{}.123456", "1971-01-01"]}
    JSON = ['{{"a": {}}}', "[1, null]", '"x"']
    # Zero dates, and on MariaDB an empty text for JSON, are what new required columns have in rows of before.
    LENIENT = "SET sql_mode = 'STRICT_TRANS_TABLES' /*M!100201 , check_constraint_checks = 0 */"
    STRICT = "SET sql_mode = DEFAULT /*M!100201 , check_constraint_checks = 1 */"

    def __init__(self, database):
        self.database, self.session = database, database.session
        self.kept = {}

    def tables(self):
        """{table: {column: (type, is required)}}; MariaDB's JSON is a text with a check."""
        is_mariadb = b"MariaDB" in self.session.query("SELECT VERSION()")[0][0]
        json = {tuple(map(bytes.decode, row)) for row in self.session.query(self.CHECKS)} if is_mariadb else ()
        found = {}
        for row in self.session.query(self.COLUMNS):
            table, column, kind, nullable = map(bytes.decode, row)
            kind = "json" if (table, f"json_valid(`{column}`)") in json else kind
            found.setdefault(table, {})[column] = (kind, nullable == "NO")
        return found

    def value(self, random, name, column, row):
        """A literal."""
        kind, required = column
        base = re.match(r"\w+", kind)[0]
        if KEY.fullmatch(name):
            return key_value("int" in base, row) if "int" in base else literal(f"k{row}")
        if not required and random.random() < 0.25:
            return "NULL"
        if base in ("enum", "set"):
            choices = re.findall(r"'(?:[^']|'')*'", kind)
        elif base in ("point", "geometry"):
            choices = ["ST_GeomFromText('POINT(1 2)')"]
        elif kind == "tinyint(1)":
            choices = ["0", "1"]
        elif base in self.NUMBERS:
            choices = [text.replace("-", "") if "unsigned" in kind else text for text in self.NUMBERS[base]]
        elif base.endswith(("blob", "binary")):
            choices = [text.format(row) for text in self.BYTES]
        else:
            choices = self.texts(kind, base, row)
        return choices[(row + random.randrange(2)) % len(choices)] if len(choices) > 2 else choices[row % len(choices)]

    def texts(self, kind, base, row):
        length = int((re.findall(r"char\((\d+)", kind) or [None])[0] or 0)
        found = self.JSON if base == "json" else self.MOMENTS.get(base.replace("timestamp", "datetime"), self.TEXTS)
        return [literal(text.format(row)[:length or None] if "{" in text else text) for text in found]

    def fill(self, random):
        """Rows for each table that has none."""
        statements = ["SET foreign_key_checks = 0"]  # in any order: references hold in the end
        for table, columns in self.tables().items():
            if self.session.query(f"SELECT 1 FROM `{table}` LIMIT 1"):
                continue
            for row in range(ROWS):
                values = [self.value(random, name, column, row) for name, column in columns.items()]
                first = next(iter(columns))
                statements.append(f"INSERT INTO `{table}` VALUES ({', '.join(values)}) ON DUPLICATE KEY UPDATE `{first}` = `{first}`")
        self.session.query(";\n".join(statements) + "; SET foreign_key_checks = 1")

    def keep(self):
        """Copies of all tables, which may have zero dates for defaults."""
        kept = self.database.kept
        self.kept = self.tables()
        statements = [f"{self.LENIENT}; DROP DATABASE `{kept}`; CREATE DATABASE `{kept}` CHARACTER SET utf8mb4"]
        statements += [f"CREATE TABLE `{kept}`.t{number} AS SELECT * FROM `{table}`" for number, table in enumerate(self.kept)]
        self.session.query(";\n".join(statements) + f"; {self.STRICT}")

    def definitions(self, table):
        """{column: its definition}, but for what needs a key."""
        text = self.session.query(f"SHOW CREATE TABLE `{table}`")[0][1].decode()
        lines = re.findall(r"^  (`(.*?)` .*?),?$", text, re.M)
        return {name: line.replace(" AUTO_INCREMENT", "") for line, name in lines}

    def lost(self, script):
        """(values that survived, what is not as it was although the script did not drop it). What was is what the
        server makes of it in columns of now."""
        gone, now, count, problems = dropped(script), self.tables(), 0, []
        for number, (table, columns) in enumerate(self.kept.items()):
            names = [name for name in columns if (table, name) not in gone]
            if (table, None) in gone:
                continue
            if table not in now or not all(name in now[table] for name in names):
                problems.append(f"{table}: went without a word, or a column of {names}")
                continue
            if not names:
                continue
            shown, kept = ", ".join(f"`{name}`" for name in names), f"`{self.database.kept}`.t{number}"
            types = self.definitions(table)
            changes = ", ".join(f"MODIFY {types[name]}" for name in names)
            self.session.query(f"{self.LENIENT}; ALTER TABLE {kept} {changes}; {self.STRICT}")
            was = sorted(self.session.query(f"SELECT {shown} FROM {kept}"), key=repr)
            is_now = sorted(self.session.query(f"SELECT {shown} FROM `{table}`"), key=repr)
            count += len(was) * len(names)
            if was != is_now:
                problems.append(f"{table} ({shown}): {was} became {is_now}")
        return count, problems


class SqliteRows:
    VALUES = {"INTEGER": [1, 2, 300, -7], "BIGINT": [3, 9007199254740993], "REAL": [0.5, 2.25, 3.0], "DECIMAL": [1.5, 20, "1.10"],
              "BOOLEAN": [0, 1], "TEXT": ["a{}", "it's {}", "ü{}", "two\nlines {}", "4{}", ""], "JSONB": ['{{"a": {}}}', "[1, null]"],
              "DATETIME": [1582934400000, "2020-02-29T23:59:5{}.123Z"], "BLOB": [b"\0\xff", b""]}

    def __init__(self, database):
        self.database = database  # its connection is another one whenever it was cleared
        self.kept = {}

    def query(self, sql, *values):
        return self.database.connection.execute(sql, values).fetchall()

    def tables(self):
        """{table: {column: (type, is required, default)}}"""
        names = [name for (name,) in self.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")]
        return {name: {column: (kind, required, default) for _, column, kind, required, default, _ in
                       self.query(f"PRAGMA table_info({quoted(name)})")} for name in names}

    def value(self, random, name, column, row):
        kind, required, _ = column
        if KEY.fullmatch(name):
            return row + 1 if kind in ("INTEGER", "BIGINT") else f"k{row}"
        if not required and random.random() < 0.25:
            return None
        choices = [text.format(row) if isinstance(text, str) and "{" in text else text for text in self.VALUES.get(kind, ["x{}"])]
        return choices[(row + random.randrange(2)) % len(choices)] if len(choices) > 2 else choices[row % len(choices)]

    def fill(self, random):
        self.query("BEGIN")
        for table, columns in self.tables().items():
            if self.query(f"SELECT 1 FROM {quoted(table)} LIMIT 1"):
                continue
            for row in range(ROWS):
                values = [self.value(random, name, column, row) for name, column in columns.items()]
                self.query(f"INSERT OR IGNORE INTO {quoted(table)} VALUES ({', '.join('?' * len(values))})", *values)
        self.query("COMMIT")

    def keep(self):
        self.kept = {table: (columns, self.query(f"SELECT * FROM {quoted(table)}")) for table, columns in self.tables().items()}

    def stored(self, columns, names, rows):
        """The rows as columns of these types would hold them; a column that became required takes its default for NULL."""
        self.query("CREATE TEMP TABLE kept (" + ", ".join(f"c{i} {columns[name][0]}" for i, name in enumerate(names)) + ")")
        values = []
        for name in names:
            _, required, default = columns[name]
            values.append(f"coalesce(?, {default})" if required and default is not None else "?")
        for row in rows:
            self.query(f"INSERT INTO temp.kept VALUES ({', '.join(values)})", *row)
        found = self.query("SELECT * FROM temp.kept")
        self.query("DROP TABLE temp.kept")
        return sorted(found, key=repr)

    def lost(self, script):
        gone, now, count, problems = dropped(script), self.tables(), 0, []
        for table, (columns, rows) in self.kept.items():
            names = [name for name in columns if name in now.get(table, ())]
            if (table, None) in gone or not names:
                continue
            if table not in now:
                problems.append(f"{table} went without a word")
                continue
            positions = [list(columns).index(name) for name in names]
            was = self.stored(now[table], names, [[row[position] for position in positions] for row in rows])
            is_now = sorted(self.query(f"SELECT {', '.join(map(quoted, names))} FROM {quoted(table)}"), key=repr)
            count += len(was) * len(names)
            if was != is_now:
                problems.append(f"{table} ({', '.join(names)}): {was} became {is_now}")
        return count, problems

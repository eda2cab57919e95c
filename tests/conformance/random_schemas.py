"""Random schemas and random edits of them, the same for the same seed.

A schema is a tree of plain Python values; text(schema) writes it, edit(random, schema) returns a changed copy. What is made is
meant to be valid, but not always is: whoever compares programs must also compare their refusals.
"""
import copy
import re

SCALARS = {
    "postgresql": ["Int", "BigInt", "Float", "Decimal", "Boolean", "String", "DateTime", "Json", "Bytes"],
    "sqlite": ["Int", "BigInt", "Float", "Decimal", "Boolean", "String", "DateTime", "Json", "Bytes"],
    "mysql": ["Int", "BigInt", "Float", "Decimal", "Boolean", "String", "DateTime", "Json", "Bytes"],
}
NATIVE = {
    "postgresql": {
        "Int": ["SmallInt", "Integer", "Oid"],
        "BigInt": ["BigInt"],
        "Float": ["Real", "DoublePrecision"],
        "Decimal": ["Decimal(10, 2)", "Decimal(5, 0)", "Money", "Decimal(30, 10)"],
        "String": ["Text", "VarChar", "VarChar(10)", "VarChar(200)", "Char(3)", "Char", "Uuid", "Xml", "Inet", "Citext", "Bit(4)", "VarBit"],
        "DateTime": ["Timestamp(6)", "Timestamp", "Timestamptz", "Timestamptz(3)", "Date", "Time", "Timetz(0)"],
        "Json": ["Json", "JsonB"],
        "Boolean": ["Boolean"],
        "Bytes": ["ByteA"],
    },
    "mysql": {
        "Int": ["Int", "UnsignedInt", "SmallInt", "UnsignedSmallInt", "TinyInt", "UnsignedTinyInt", "MediumInt", "UnsignedMediumInt", "Year"],
        "BigInt": ["BigInt", "UnsignedBigInt"],
        "Float": ["Float", "Double"],
        "Decimal": ["Decimal(10, 2)", "Decimal(5, 0)", "Decimal(30, 10)"],
        "String": ["Char(3)", "Char(36)", "VarChar(10)", "VarChar(200)", "TinyText", "Text", "MediumText", "LongText"],
        "DateTime": ["Date", "Time", "Time(3)", "DateTime(0)", "DateTime(6)", "Timestamp(0)", "Timestamp(3)"],
        "Json": ["Json"],
        "Boolean": ["TinyInt", "Bit(1)"],
        "Bytes": ["Bit(16)", "Binary(5)", "VarBinary(20)", "TinyBlob", "Blob", "MediumBlob", "LongBlob"],
    },
}
# What a MySQL index has the beginning of, and no more; and what no index of it has at all.
PREFIXED = re.compile(r"(Tiny|Medium|Long|)(Text|Blob)")
MYSQL_DEFAULTS = {"Year": "2020", "Decimal(5, 0)": "7", "Bit(16)": None}
UNSUPPORTED = {"mysql": ["point", "geometry", "set('a','b')"]}
KEY_NATIVE = {"Int": [None, None, "UnsignedInt", "SmallInt"], "BigInt": [None, "UnsignedBigInt"], "String": [None, "VarChar(50)", "Char(36)"],
              "Bytes": ["Binary(5)", "VarBinary(20)"]}
DEFAULTS = {
    "Int": ["0", "1", "-5", "42", 'dbgenerated("1 + 1")'],
    "BigInt": ["0", "9007199254740993", "-3"],
    "Float": ["0", "1.5", "-2.25", "3.0"],
    "Decimal": ["0", "1.50", "-10.1"],
    "Boolean": ["true", "false"],
    "String": ['"x"', '"it\'s"', '""', '"two\\nlines"', "uuid()", "cuid()", 'dbgenerated("gen_random_uuid()")', '"a\\"b"', '"ü"'],
    "DateTime": ["now()", '"2020-01-02T03:04:05Z"', '"2020-01-02T03:04:05.5+02:00"'],
    "Json": ['"{}"', '"[1, 2]"', '"{\\"a\\": \\"b\\"}"'],
    "Bytes": ['"aGVsbG8="'],
}
ACTIONS = ["Cascade", "Restrict", "NoAction", "SetNull"]


def name_of(random, schema, prefix):
    schema["count"] += 1
    long = prefix + "WithANameThatIsLongerThanWhatAServerTakesForOne" * random.choice([0, 0, 0, 1])
    style = random.choice([prefix, prefix, prefix.upper(), long, prefix + "_"])
    return f"{style}{schema['count']}"


def chance(random, share):
    return random.random() < share


def new_schema(random, provider):
    schema = {"provider": provider, "count": 0, "enums": [], "models": [], "relations": []}
    for _ in range(random.choice([0, 1, 1, 2])):
        add_enum(random, schema)
    for _ in range(random.choice([1, 2, 3, 3, 4])):
        add_model(random, schema)
    for _ in range(random.choice([0, 1, 2, 3])):
        add_relation(random, schema)
    return schema


def add_enum(random, schema):
    if schema["provider"] == "sqlite" and chance(random, 0.5):
        return
    enum = {"name": name_of(random, schema, "Enum"), "map": None, "values": []}
    if chance(random, 0.2):
        enum["map"] = name_of(random, schema, "mapped enum")
    for _ in range(random.choice([1, 2, 3, 4])):
        add_value(random, schema, enum)
    schema["enums"].append(enum)


def add_value(random, schema, enum):
    value = {"name": name_of(random, schema, "V"), "map": None}
    if chance(random, 0.15):
        value["map"] = name_of(random, schema, "value ")
    enum["values"].insert(random.randint(0, len(enum["values"])), value)


def add_model(random, schema):
    model = {"name": name_of(random, schema, "Model"), "map": None, "fields": [], "key": None, "key_map": None, "indexes": [],
             "ignored": chance(random, 0.03)}
    if chance(random, 0.2):
        model["map"] = name_of(random, schema, "table")
    set_key(random, schema, model)
    for _ in range(random.choice([0, 1, 2, 3, 4, 6])):
        model["fields"].append(new_field(random, schema))
    for _ in range(random.choice([0, 0, 1, 2])):
        add_index(random, schema, model)
    schema["models"].append(model)


def set_key(random, schema, model):
    """A key of one or two columns, as fields of their own in front."""
    model["fields"] = [field for field in model["fields"] if not field["is_key"]]
    is_mysql = schema["provider"] == "mysql"
    kind = random.choice(["Int", "Int", "auto", "auto", "BigInt", "String", "uuid", "pair", "none"] + ["Bytes", "counted"] * is_mysql)
    types = {"Int": ["Int"], "auto": ["Int"], "BigInt": ["BigInt"], "String": ["String"], "uuid": ["String"], "pair": ["Int", "String"],
             "none": ["Int"], "Bytes": ["Bytes"], "counted": ["Int"]}[kind]
    default = {"auto": "autoincrement()", "BigInt": "autoincrement()", "uuid": "uuid()", "counted": "autoincrement()"}.get(kind)
    has_key = kind not in ("none", "counted")
    names = []
    for position, scalar in enumerate(types):
        field = {"name": "id" if position == 0 else "id2", "map": None, "type": scalar, "kind": "scalar", "arity": "",
                 "native": random.choice(KEY_NATIVE[scalar]) if is_mysql else None, "default": default, "unique": not has_key, "unique_map": None, "is_key": True, "updated": False}
        names.append(field["name"])
        model["fields"].insert(position, field)
    model["key"] = names if has_key else None
    model["key_map"] = name_of(random, schema, "key") if chance(random, 0.1) and names_keys(schema) else None


def names_keys(schema):
    return schema["provider"] not in ("sqlite", "mysql")


def new_field(random, schema):
    field = {"name": name_of(random, schema, "field"), "map": None, "native": None, "default": None, "unique": False, "unique_map": None,
             "is_key": False, "updated": False}
    if chance(random, 0.1):
        field["map"] = name_of(random, schema, "column ")
    set_type(random, schema, field)
    if chance(random, 0.1) and field["kind"] == "scalar" and field["type"] not in ("Json", "Bytes") and not needs_prefix(schema, field):
        field["unique"] = True
        if chance(random, 0.3):
            field["unique_map"] = name_of(random, schema, "unique")
    return field


def can_be_unique(schema, field):
    return (field["kind"] == "scalar" and field["arity"] != "[]" and field["type"] not in ("Json", "Bytes") and field["native"] != "Xml"
            and not needs_prefix(schema, field))


def needs_prefix(schema, field):
    if schema["provider"] != "mysql":
        return False
    return field["type"] == "Bytes" and not field["native"] or bool(field["native"] and PREFIXED.fullmatch(field["native"]))


def set_type(random, schema, field):
    field["native"] = field["default"] = None
    field["updated"] = False
    roll = random.random()
    arities = ["", "", "?", "?"] + (["[]"] if schema["provider"] == "postgresql" else [])
    field["arity"] = random.choice(arities)
    if roll < 0.15 and schema["enums"]:
        field["kind"], field["type"] = "enum", random.choice(schema["enums"])["name"]
    elif roll < 0.2:
        field["kind"], field["type"] = "unsupported", random.choice(UNSUPPORTED.get(schema["provider"], ["tsvector", "point", "polygon"]))
    else:
        field["kind"], field["type"] = "scalar", random.choice(SCALARS[schema["provider"]])
        if schema["provider"] in NATIVE and chance(random, 0.35):
            field["native"] = random.choice(NATIVE[schema["provider"]][field["type"]])
    set_default(random, schema, field)


def set_default(random, schema, field):
    field["default"] = None
    if field["is_key"] or chance(random, 0.6):
        return
    if field["kind"] == "enum":
        values = [value["name"] for enum in schema["enums"] if enum["name"] == field["type"] for value in enum["values"]]
        if values:
            field["default"] = random.choice(values) if field["arity"] != "[]" else f"[{', '.join(random.sample(values, 1))}]"
    elif field["kind"] == "scalar":
        default = random.choice(DEFAULTS[field["type"]])
        is_function = "(" in default and not default.startswith('"')
        if field["type"] == "Int" and chance(random, 0.1) and schema["provider"] == "postgresql" and field["arity"] == "":
            default = "autoincrement()"
        elif field["type"] == "DateTime" and chance(random, 0.2) and field["arity"] == "":
            field["updated"] = True
        if field["arity"] == "[]":
            default = None if is_function or default == "autoincrement()" else random.choice(["[]", f"[{default}]", f"[{default}, {default}]"])
        if schema["provider"] == "sqlite" and default:
            default = default.replace('"1 + 1"', '"(1 + 1)"').replace("gen_random_uuid()", "(lower(hex(randomblob(8))))")
        if schema["provider"] == "sqlite" and field["type"] in ("Json", "Bytes"):
            default = None
        if schema["provider"] == "mysql" and default:
            default = mysql_default(field, default)
        field["default"] = default


def mysql_default(field, default):
    """One that the server stores as it is: within what the type holds."""
    native = field["native"] or ""
    if native.startswith("Time("):
        native = "Time"
    if native in MYSQL_DEFAULTS:
        return MYSQL_DEFAULTS[native]
    if native == "Time" and default != "now()":
        return None
    if native.startswith("Unsigned"):
        default = default.replace("-", "")
    return default.replace('"1 + 1"', '"(1 + 1)"').replace("gen_random_uuid()", "(concat('a','b'))")


def indexable(schema, model):
    never = ("Json",) if schema["provider"] == "mysql" else ("Json", "Bytes")
    return [field for field in model["fields"] if field["kind"] in ("scalar", "enum") and field["type"] not in never
            and field["arity"] != "[]" and field["native"] not in ("Xml",)]


def add_index(random, schema, model):
    fields = indexable(schema, model)
    if not fields:
        return
    chosen = random.sample(fields, min(len(fields), random.choice([1, 1, 2, 3])))
    index = {"kind": random.choice(["index", "index", "unique"]), "fields": [[field["name"], random.choice(["", "", "", "Asc", "Desc"])]
                                                                            for field in chosen], "map": None, "type": None, "where": [], "length": None}
    if schema["provider"] == "mysql":
        index["length"] = random.choice([None, None, 5, 20])
        if chance(random, 0.2):
            index["kind"] = "fulltext"
    elif chance(random, 0.2):
        names = random.sample([field["name"] for field in model["fields"]], min(len(model["fields"]), random.choice([1, 1, 2])))
        index["where"] = [(name, random.choice(["null", "not null", "value", "not value"])) for name in names]
    if chance(random, 0.2):
        index["map"] = name_of(random, schema, "named index ")
    taken = [sorted(name for name, _ in other["fields"]) for other in model["indexes"]]
    taken += [[field["name"]] for field in model["fields"] if field["unique"]]
    if sorted(field["name"] for field in chosen) in taken:
        return
    if schema["provider"] == "postgresql" and index["kind"] == "index" and len(chosen) == 1 and chance(random, 0.15):
        index["type"] = random.choice(["Hash", "BTree", "Brin"])
        if index["type"] in ("Hash", "Brin"):
            index["fields"][0][1] = ""
    model["indexes"].append(index)


def single_keys(schema):
    return [model for model in schema["models"] if model["key"] and len(model["key"]) == 1]


def pair_keys(schema):
    return [model for model in schema["models"] if model["key"] and len(model["key"]) == 2]


def add_relation(random, schema):
    is_pair = bool(pair_keys(schema)) and chance(random, 0.3)
    targets = pair_keys(schema) if is_pair else single_keys(schema)
    if not targets:
        return
    kind = "many" if is_pair else random.choice(["many", "many", "one", "join"])
    source = random.choice(targets if kind == "join" else schema["models"])
    relation = {"kind": kind, "name": name_of(random, schema, "rel"), "from": source["name"], "to": random.choice(targets)["name"],
                "is_pair": is_pair, "optional": chance(random, 0.4), "on_delete": None, "on_update": None, "map": None}
    set_actions(random, schema, relation)
    if chance(random, 0.15) and schema["provider"] != "sqlite":
        relation["map"] = name_of(random, schema, "foreign key ")
    schema["relations"].append(relation)


def set_actions(random, schema, relation):
    allowed = ACTIONS if relation["optional"] else ACTIONS[:3]
    relation["on_delete"] = random.choice(allowed) if chance(random, 0.4) else None
    relation["on_update"] = random.choice(allowed) if chance(random, 0.2) else None


# Edits


def edit(random, schema):
    """A changed copy."""
    schema = copy.deepcopy(schema)
    for _ in range(random.choice([1, 1, 2, 3, 5, 8])):
        random.choice(EDITS)(random, schema)
    drop_dangling(schema)
    return schema


def drop_dangling(schema):
    """What refers to something that an edit took away goes too."""
    names = {model["name"]: model for model in schema["models"]}
    singles = {model["name"] for model in single_keys(schema)}
    pairs = {model["name"] for model in pair_keys(schema)}
    enums = {enum["name"]: [value["name"] for value in enum["values"]] for enum in schema["enums"]}
    schema["relations"] = [relation for relation in schema["relations"] if relation["from"] in names
                           and relation["to"] in (pairs if relation["is_pair"] else singles)
                           and (relation["kind"] != "join" or relation["from"] in singles)]
    for model in schema["models"]:
        model["fields"] = [field for field in model["fields"] if field["kind"] != "enum" or field["type"] in enums]
        for field in model["fields"]:
            if field["kind"] == "enum" and field["default"] and field["default"].strip("[]") not in enums[field["type"]]:
                field["default"] = None
        usable = {field["name"] for field in indexable(schema, model)}
        model["indexes"] = [index for index in model["indexes"] if all(name in usable for name, _ in index["fields"])]


def any_field(random, schema):
    fields = [(model, field) for model in schema["models"] for field in model["fields"] if not field["is_key"]]
    return random.choice(fields) if fields else (None, None)


def edit_drop_model(random, schema):
    if len(schema["models"]) > 1:
        schema["models"].pop(random.randrange(len(schema["models"])))


def edit_add_field(random, schema):
    model = random.choice(schema["models"])
    model["fields"].insert(random.randint(1, len(model["fields"])), new_field(random, schema))


def edit_drop_field(random, schema):
    model, field = any_field(random, schema)
    if field:
        model["fields"].remove(field)


def edit_type(random, schema):
    _, field = any_field(random, schema)
    if field:
        set_type(random, schema, field)
        if not can_be_unique(schema, field):
            field["unique"] = False


def edit_arity(random, schema):
    _, field = any_field(random, schema)
    if field and field["arity"] != "[]" and field["default"] != "autoincrement()":
        field["arity"] = "" if field["arity"] == "?" else "?"
        field["updated"] = False


def edit_default(random, schema):
    _, field = any_field(random, schema)
    if field:
        set_default(random, schema, field)


def edit_unique(random, schema):
    _, field = any_field(random, schema)
    if field and can_be_unique(schema, field):
        field["unique"] = not field["unique"]


def edit_field_map(random, schema):
    _, field = any_field(random, schema)
    if field:
        field["map"] = None if field["map"] else name_of(random, schema, "column ")


def edit_model_map(random, schema):
    model = random.choice(schema["models"])
    model["map"] = None if model["map"] else name_of(random, schema, "table")


def edit_key(random, schema):
    model = random.choice(schema["models"])
    set_key(random, schema, model)


def edit_key_map(random, schema):
    model = random.choice(schema["models"])
    if names_keys(schema) and model["key"]:
        model["key_map"] = None if model["key_map"] else name_of(random, schema, "key")


def edit_index(random, schema):
    model = random.choice(schema["models"])
    if model["indexes"] and chance(random, 0.6):
        index = random.choice(model["indexes"])
        if chance(random, 0.5):
            index["map"] = None if index["map"] else name_of(random, schema, "named index ")
        else:
            model["indexes"].remove(index)
    else:
        add_index(random, schema, model)


def edit_enum(random, schema):
    if not schema["enums"]:
        return
    enum = random.choice(schema["enums"])
    roll = random.random()
    if roll < 0.5:
        add_value(random, schema, enum)
    elif roll < 0.8 and len(enum["values"]) > 1:
        enum["values"].pop(random.randrange(len(enum["values"])))
    elif roll < 0.9:
        value = random.choice(enum["values"])
        value["map"] = None if value["map"] else name_of(random, schema, "value ")
    else:
        schema["enums"].remove(enum)


def edit_relation(random, schema):
    if not schema["relations"]:
        return add_relation(random, schema)
    relation = random.choice(schema["relations"])
    roll = random.random()
    if roll < 0.3:
        schema["relations"].remove(relation)
    elif roll < 0.5:
        relation["optional"] = not relation["optional"]
        set_actions(random, schema, relation)
    elif roll < 0.8:
        set_actions(random, schema, relation)
    elif schema["provider"] != "sqlite":
        relation["map"] = None if relation["map"] else name_of(random, schema, "foreign key ")


def edit_order(random, schema):
    random.shuffle(random.choice(schema["models"])["fields"])
    if chance(random, 0.5):
        random.shuffle(schema["models"])


EDITS = [add_model, add_enum, add_relation, edit_drop_model, edit_add_field, edit_add_field, edit_drop_field, edit_type, edit_type, edit_arity,
         edit_default, edit_default, edit_unique, edit_field_map, edit_model_map, edit_key, edit_key_map, edit_index, edit_index, edit_enum,
         edit_enum, edit_relation, edit_relation, edit_order]


# Text


def quoted(text):
    return '"' + text + '"'


def text(schema, conditions=True):
    """The schema as a file; without the conditions of its indexes, which version 6 of the format does not have."""
    if not conditions:
        schema = {**schema, "models": [{**model, "indexes": [{**index, "where": []} for index in model["indexes"]]}
                                       for model in schema["models"]]}
    feature = "fullTextIndex" if schema["provider"] == "mysql" else "partialIndexes"
    lines = ["generator client {", '  provider = "x"', f'  previewFeatures = ["{feature}"]', "}", ""] if conditions else []
    lines += ["datasource db {", f'  provider = "{schema["provider"]}"', '  url = "file:x"', "}", ""]
    for enum in schema["enums"]:
        lines.append(f"enum {enum['name']} {{")
        for value in enum["values"]:
            lines.append(f"  {value['name']}" + (f" @map({quoted(value['map'])})" if value["map"] else ""))
        lines += ([f"  @@map({quoted(enum['map'])})"] if enum["map"] else []) + ["}", ""]
    for model in schema["models"]:
        lines += [f"model {model['name']} {{"] + model_lines(schema, model) + ["}", ""]
    return "\n".join(lines)


def field_text(model, field):
    kind = field["type"] if field["kind"] != "unsupported" else f'Unsupported("{field["type"]}")'
    parts = [f"  {field['name']} {kind}{field['arity']}"]
    if model["key"] == [field["name"]]:
        parts.append(f"@id(map: {quoted(model['key_map'])})" if model["key_map"] else "@id")
    if field["default"] is not None and field["kind"] != "unsupported":
        parts.append(f"@default({field['default']})")
    if field["unique"]:
        parts.append(f"@unique(map: {quoted(field['unique_map'])})" if field["unique_map"] else "@unique")
    if field["updated"] and field["default"] != "autoincrement()":
        parts.append("@updatedAt")
    if field["map"]:
        parts.append(f"@map({quoted(field['map'])})")
    if field["native"]:
        parts.append(f"@db.{field['native']}")
    return " ".join(parts)


def condition_text(model, index):
    """Of what is left of the fields that it was made for."""
    values = {"Boolean": "true", "Int": "-3", "BigInt": "12345678901", "Float": "1.5", "Decimal": "-2.5", "String": '"it\'s"'}
    fields = {field["name"]: field for field in model["fields"]}
    members = []
    for name, kind in index["where"]:
        field = fields.get(name)
        if not field:
            continue
        is_plain = field["kind"] == "scalar" and field["arity"] != "[]" and not field["native"]
        value = values.get(field["type"], "null") if is_plain and kind.endswith("value") else "null"
        members.append(f"{name}: {{ not: {value} }}" if kind.startswith("not") else f"{name}: {value}")
    return f", where: {{ {', '.join(members)} }}" if members else ""


def kind_of(model, index):
    """Full text is of texts alone."""
    texts = {field["name"] for field in model["fields"] if field["kind"] == "scalar" and field["type"] == "String"}
    return "index" if index["kind"] == "fulltext" and not all(name in texts for name, _ in index["fields"]) else index["kind"]


def part_text(schema, model, index, name, sort):
    """(length: 5, sort: Desc): what is said of a field of an index."""
    field = next(field for field in model["fields"] if field["name"] == name)
    said = [f"sort: {sort}"] if sort else []
    if needs_prefix(schema, field) or (index["length"] and field["kind"] == "scalar" and field["type"] in ("String", "Bytes")
                                       and not (field["native"] or "").startswith("Bit")):
        longest = int((re.findall(r"\d+", field["native"] or "") or [191])[0])
        said.insert(0, f"length: {min(index['length'] or 20, longest)}")
    return f"({', '.join(said)})" if said else ""


def model_lines(schema, model):
    lines = [field_text(model, field) for field in model["fields"]]
    models = {other["name"]: other for other in schema["models"]}
    for relation in schema["relations"]:
        lines += relation_lines(models, relation, model)
    if model["key"] and len(model["key"]) > 1:
        lines.append(f"  @@id([{', '.join(model['key'])}]" + (f", map: {quoted(model['key_map'])})" if model["key_map"] else ")"))
    for index in model["indexes"]:
        kind = kind_of(model, index)
        fields = ", ".join(name + ("" if kind == "fulltext" else part_text(schema, model, index, name, sort)) for name, sort in index["fields"])
        extra = (f", map: {quoted(index['map'])}" if index["map"] else "") + (f", type: {index['type']}" if index["type"] else "")
        extra += condition_text(model, index)
        lines.append(f"  @@{kind}([{fields}]{extra})")
    if model["map"]:
        lines.append(f"  @@map({quoted(model['map'])})")
    if model["ignored"]:
        lines.append("  @@ignore")
    return lines


def relation_lines(models, relation, model):
    lines, name = [], relation["name"]
    mark = "?" if relation["optional"] else ""
    ignores = lambda other: " @ignore" if models[relation[other]]["ignored"] and not model["ignored"] else ""
    if relation["from"] == model["name"]:
        if relation["kind"] == "join":
            lines.append(f"  {name}_a {relation['to']}[] @relation({quoted(name)}){ignores('to')}")
        else:
            target = models[relation["to"]]
            keys = [next(field for field in target["fields"] if field["name"] == key) for key in target["key"]]
            columns = [f"{name}_{key['name']}" for key in keys]
            extra = "".join(f", {label}: {relation[field]}" for label, field in (("onDelete", "on_delete"), ("onUpdate", "on_update"))
                            if relation[field])
            extra += f", map: {quoted(relation['map'])}" if relation["map"] else ""
            unique = " @unique" if relation["kind"] == "one" else ""
            lines += [f"  {column} {key['type']}{mark}{unique}" + (f" @db.{key['native']}" if key["native"] else "")
                      for column, key in zip(columns, keys)]
            lines.append(f"  {name}_to {relation['to']}{mark} @relation({quoted(name)}, fields: [{', '.join(columns)}], "
                         f"references: [{', '.join(target['key'])}]{extra}){ignores('to')}")
    if relation["to"] == model["name"]:
        many = "?" if relation["kind"] == "one" else "[]"
        lines.append(f"  {name}_b {relation['from']}{many} @relation({quoted(name)}){ignores('from')}")
    return lines

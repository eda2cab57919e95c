"""The tables of docs/settings.md, from the JSON Schema of appsettings.json."""
SERVERS = {"databases": "Database", "caches": "Cache"}
PROCESSES = {"services": "Service", "plugins": "Plugin", "processors": "BackgroundProcessor", "apps": "App",
             "tools": "Tool"}


def type_of(spec):
    for choice in spec.get("anyOf", ()):
        if "enum" in choice:
            return ", ".join(f"`{value}`" for value in choice["enum"])
        if "const" in choice:
            return "path or `false`"
    if spec.get("type") == "integer":
        return f"{spec['minimum']} to {spec['maximum']}"
    if spec.get("type") == "array":
        return "strings"
    if spec.get("type") == "object":
        return "object"
    return {"boolean": "true or false", "string": "string"}.get(spec.get("type"), "anything")


def default_of(spec):
    value = spec.get("default")
    if value is None:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def flat(properties, required=(), prefix=""):
    """(name, spec) of every setting; what is in an object of its own as Outer.Inner."""
    for name, spec in properties.items():
        if spec.get("deprecated"):
            continue
        if "properties" in spec:
            yield from flat(spec["properties"], prefix=f"{prefix}{name}.")
        else:
            yield prefix + name, {**spec, "required": name in required}


def table(rows, has_kinds=False):
    """rows: (name, spec, kinds); kinds: those that have the setting, empty for all."""
    lines = ["| setting | of | value | default | |", "|---|---|---|---|---|"]
    if not has_kinds:
        lines = ["| setting | value | default | |", "|---|---|---|---|"]
    for name, spec, kinds in rows:
        about = spec["description"].replace("<", "&lt;").replace("|", "\\|")
        cells = [f"`{name}`", kinds] if has_kinds else [f"`{name}`"]
        cells += [type_of(spec), "required" if spec["required"] else default_of(spec), about]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def joined(schema, kinds):
    """The table of several kinds of records: a setting that is the same in all of them comes once."""
    rows = {}
    for kind, record in kinds.items():
        definition = schema["$defs"][record]
        for name, spec in flat(definition["properties"], definition.get("required", ())):
            rows.setdefault((name, str(spec)), (name, spec, []))[2].append(kind)
    ordered = sorted(rows.values(), key=lambda row: len(row[2]) < len(kinds))  # what all have comes first
    return table([(name, spec, "" if len(of) == len(kinds) else ", ".join(of)) for name, spec, of in ordered], True)


def settings_tables(schema):
    """{name of the table: its text}."""
    top = {**schema["properties"]}
    netscript = top.pop("NetScript")
    rows = [(name, spec, "") for name, spec in flat(top, schema.get("required", ()))]
    rows += [(f"NetScript.{name}", spec, "") for name, spec in flat(netscript["properties"], netscript["required"])]
    return {"Workspace": table(rows), "Servers": joined(schema, SERVERS), "Processes": joined(schema, PROCESSES)}

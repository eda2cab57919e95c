"""`berth db generate`, and what `db migrate` generates: a real generator that speaks the protocol, and a project's own command line."""
import json

from support.schema_project import ORDER, USER, SchemaProject
from support.workspace import run_tests

# A generator: requests on its standard input, answers on its standard error. It writes down what it was asked.
GENERATOR = """#!/usr/bin/env python3
import json, os, sys
print("hello from the generator", flush=True)
for line in sys.stdin:
    request = json.loads(line)
    answer = {"jsonrpc": "2.0", "id": request["id"], "result": None}
    if request["method"] == "getManifest":
        print("a line that is no answer", file=sys.stderr)
        answer["result"] = {"manifest": {"prettyName": "Test", "defaultOutput": "./made"}}
    elif request["params"]["generator"]["config"].get("mood") == "bad":
        answer = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": "no, not today"}}
    else:
        output = request["params"]["generator"]["output"]["value"]
        os.makedirs(output, exist_ok=True)
        with open(output + "/asked.json", "w") as file:
            json.dump({"params": request["params"], "environment": dict(os.environ)}, file)
    print(json.dumps(answer), file=sys.stderr, flush=True)
"""
BLOCK = 'generator {} {{\n  provider = "{}"\n{}}}\n'


class Project(SchemaProject):
    engine = provider = "sqlite"

    def __init__(self, *blocks):
        super().__init__()
        self.blocks = "".join(blocks)
        self.schema(USER)
        self.program("tools/generator", GENERATOR)

    @property
    def url(self):
        return f"file:{self.root}/app.db"

    def schema(self, *models, fields=""):
        super().schema(getattr(self, "blocks", ""), *models, fields=fields)

    def program(self, name, text):
        self.write(name, text)
        (self.root / name).chmod(0o755)

    def asked(self, directory="made"):
        return json.loads((self.root / "database/sqlite" / directory / "asked.json").read_text())

    def generate(self, *texts, check=0):
        run = self.run("db", "generate", "--schema", "database/sqlite/schema.prisma", check=check)
        for text in texts:
            assert text in run.stdout + run.stderr, f"{text!r} was not said:\n{run.stdout}{run.stderr}"
        return run


def test_a_generator_is_told_all():
    block = BLOCK.format("docs", "../../tools/generator", '  mood = env("MOOD")\n  kinds = ["a", "b"]\n')
    with Project(block) as p:
        p.schema(USER, ORDER, "enum Role {\n  admin @map(\"a\")\n  guest\n}\n", fields="orders Order[]\n  role Role @default(guest)")
        p.generate("MOOD, which is not set", check=1)
        p.env["MOOD"] = "good"
        p.generate("hello from the generator", "a line that is no answer", "generated docs (../../tools/generator)")
        told = p.asked()["params"]
        assert p.asked()["environment"]["PRISMA_GENERATOR_INVOCATION"] == "true"
        assert told["generator"]["config"] == {"mood": "good", "kinds": ["a", "b"]}, told["generator"]
        assert told["schemaPath"] == str(p.root / "database/sqlite/schema.prisma") and "model Order" in told["datamodel"]
        assert told["datasources"][0]["activeProvider"] == "sqlite" and "app.db" not in json.dumps(told)
        models = {m["name"]: {f["name"]: f for f in m["fields"]} for m in told["dmmf"]["datamodel"]["models"]}
        user, order = models["User"], models["Order"]
        assert user["id"]["isId"] and user["id"]["default"] == {"name": "autoincrement", "args": []}
        assert user["email"]["isUnique"] and user["email"]["type"] == "String" and not user["email"]["hasDefaultValue"]
        assert user["orders"]["isList"] and user["orders"]["kind"] == "object" and user["orders"]["relationFromFields"] == []
        assert order["user"]["relationFromFields"] == ["userId"] and order["user"]["relationToFields"] == ["id"]
        assert order["user"]["relationName"] == user["orders"]["relationName"] == "OrderToUser"
        assert order["userId"]["isReadOnly"] and not order["userId"]["isRequired"]
        assert user["role"]["kind"] == "enum" and user["role"]["default"] == "guest"
        assert told["dmmf"]["datamodel"]["enums"] == [{"name": "Role", "dbName": None, "values": [
            {"name": "admin", "dbName": "a"}, {"name": "guest", "dbName": None}]}]


def test_each_is_run_and_every_failure_told():
    with Project(BLOCK.format("bad", "../../tools/generator", '  mood = "bad"\n'),
                 BLOCK.format("gone", "berth-test-no-such-command --all", ""),
                 BLOCK.format("client", "prisma-client-js", ""),
                 BLOCK.format("mute", "true", ""),
                 BLOCK.format("good", "../../tools/generator", '  output = "../../elsewhere"\n')) as p:
        p.generate("the generator bad failed: no, not today", "generated good", check=1)
        assert (p.root / "elsewhere/asked.json").exists()
        for block, said in [(BLOCK.format("gone", "berth-test-no-such-command --all", ""), "there is no command"),
                            (BLOCK.format("client", "prisma-client-js", ""), "npm install --save-dev prisma"),
                            (BLOCK.format("mute", "true", ""), "ended without an answer")]:
            p.blocks = block
            p.schema(USER)
            p.generate(said, check=1)


def test_no_generator():
    with Project() as p:
        p.generate("the schema has no generators")
        p.schema("model A {\n")
        p.generate("schema.prisma:", check=3)


def test_the_project_has_the_command_line():
    with Project(BLOCK.format("client", "prisma-client-js", "")) as p:
        p.program("database/node_modules/.bin/prisma", '#!/bin/sh\necho "made by $0 $*"\nexit ${FAIL:-0}\n')
        schema = p.root / "database/sqlite/schema.prisma"
        p.generate(f"database/node_modules/.bin/prisma generate --schema {schema}")
        p.env["FAIL"] = "3"
        p.generate("prisma generate failed (exit code 3)", check=1)


def test_migrate_generates():
    with Project(BLOCK.format("docs", "../../tools/generator", "")) as p:
        p.says("generated docs", "in sync with the schema", args=("init",), check=0)
        assert "DATABASE_URL" in p.asked()["environment"], "with the variables of the database"
        (p.root / "database/sqlite/made/asked.json").unlink()
        p.db("migrate", check=0)
        p.schema(USER, ORDER, fields="orders Order[]")
        p.db("migrate", "--create-only", check=0)
        p.db("deploy", check=0)
        for option in ("--no-generate", "--skip-generate"):
            p.schema(USER, ORDER, f"model {option[2:4].title()} {{\n  id Int @id\n}}\n", fields="orders Order[]")
            p.db("migrate", option, check=0)
        assert not (p.root / "database/sqlite/made/asked.json").exists()
        (p.root / "tools/generator").unlink()
        p.schema(USER)
        run = p.db("migrate", "--yes", check=0)
        assert "warning: the client was not regenerated" in run.stderr and "made and applied" in run.stdout, run


run_tests(globals())

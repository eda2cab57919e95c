"""`berth db validate`, `format` and `diff` on files: no database, no engine."""
import json

from support.workspace import Workspace, run_tests

DATASOURCE = 'datasource db {\n  provider = "postgresql"\n}\n\n'
USER = "model User {\n  id    Int    @id\n  email String @unique\n}\n"
SETTINGS = {"NetScript": {"Name": "s", "Databases": {"postgres": {"Engine": "Postgres"}}}}


def workspace(**files):
    return Workspace(settings=SETTINGS, files={f"database/postgres/schema/{n}.prisma": t for n, t in files.items()})


def test_validate():
    with workspace(schema=DATASOURCE, user=USER) as w:
        assert "the schema is valid (2 files)" in w.run("db", "validate", check=0).stdout
        assert w.json("db", "validate") == {"valid": True, "diagnostics": []}
        w.write("database/postgres/schema/user.prisma", USER.replace("Int  ", "Itn  ") + USER)
        text = w.run("db", "validate", check=3).stderr
        assert "database/postgres/schema/user.prisma:2:9: error:" in text and "^~~" in text, text
        found = w.json("db", "validate", check=3)
        assert not found["valid"] and len(found["diagnostics"]) >= 2
        first = found["diagnostics"][0]
        assert (first["severity"], first["file"], first["line"]) == ("error", "database/postgres/schema/user.prisma", 2)
        assert first["col"] == 9 and first["endCol"] == 12, first


def test_format():
    crooked = DATASOURCE + "model User {\nid Int @id // the key\n  email   String    @unique\n}\n"
    with workspace(schema=crooked) as w:
        assert w.run("db", "format", "--check").returncode == 1
        shown = w.run("db", "format", "--stdout", check=0).stdout
        assert "  id    Int    @id // the key\n  email String @unique\n" in shown, shown
        file = w.root / "database/postgres/schema/schema.prisma"
        assert file.read_text() == crooked  # only shown so far
        assert w.run("db", "format", check=0).stdout == "database/postgres/schema/schema.prisma\n"
        assert file.read_text() == shown
        assert w.run("db", "format", "--check", check=0).stdout == ""
        w.write("database/postgres/schema/more.prisma", "model B {\n  id Int @id\n}\n")
        both = w.run("db", "format", "--stdout", check=0).stdout
        assert [l for l in both.split("\n") if l.startswith(">>>>")] == [
            ">>>> database/postgres/schema/more.prisma", ">>>> database/postgres/schema/schema.prisma"], both


def test_diff():
    with workspace(schema=DATASOURCE + USER) as w:
        sql = w.run("db", "diff", "--from", "empty", "--to", "schema", "--script", check=0).stdout
        assert sql.startswith('-- CreateTable\nCREATE TABLE "User" (\n'), sql
        w.write("next.prisma", DATASOURCE + USER.replace("String @unique", "String"))
        arguments = ("db", "diff", "--from", "schema", "--to", "next.prisma", "--exit-code")
        assert w.run(*arguments, check=2).stdout == '-- DropIndex\nDROP INDEX "User_email_key";\n'
        same = w.run("db", "diff", "--from", "schema", "--to", "schema", "--exit-code", check=0)
        assert same.stdout == "-- This is an empty migration.\n", same.stdout
        w.write("next.prisma", DATASOURCE + USER.replace("  email String @unique\n", ""))
        warned = w.run("db", "diff", "--from", "schema", "--to", "next.prisma", "--warnings", check=0).stdout
        assert warned.startswith("/*\n  Warnings:\n"), warned
        w.write("next.prisma", DATASOURCE.replace("postgresql", "sqlite") + USER)
        assert "different providers" in w.run("db", "diff", "--from", "schema", "--to", "next.prisma", check=3).stderr
        w.write("next.prisma", "model {")
        assert "next.prisma:1:" in w.run("db", "diff", "--from", "schema", "--to", "next.prisma", check=3).stderr
        w.run("db", "diff", "--from", "schema", check=2)


run_tests(globals())

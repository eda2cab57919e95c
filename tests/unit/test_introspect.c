// What a database's catalogue means: defaults as servers write them, and whole SQLite files.
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/introspect/introspect.h"
#include "migrator/introspect/mysql.h"
#include "migrator/introspect/postgres.h"
#include "migrator/introspect/postgres_literal.h"
#include "migrator/model/types_postgres.h"
#include "tests/unit/test_schema.h"

static const struct native_type *native(enum postgres_type code)
{
    return &dialect_of(DM_POSTGRESQL)->types[code];
}

// A default as one text: "= value", "list a|b", "now", "sequence", "sql …", "none".
static char *describe_default(struct arena *arena, const struct column_default *value)
{
    AUTO_STRBUF out = STRBUF_INIT;
    switch (value->kind) {
    case DEFAULT_NONE: return arena_strdup(arena, "none");
    case DEFAULT_NOW: return arena_strdup(arena, "now");
    case DEFAULT_SEQUENCE: return arena_strdup(arena, "sequence");
    case DEFAULT_EXPRESSION: return arena_printf(arena, "sql %s", value->expression);
    case DEFAULT_VALUE: return arena_printf(arena, "= %s", value->values[0].text);
    case DEFAULT_LIST: break;
    }
    for (size_t i = 0; i < value->value_count; i++)
        strbuf_addf(&out, "%s%s", i > 0 ? "|" : "", value->values[i].text);
    return arena_printf(arena, "list %s", out.data);
}

static void test_postgres_defaults(void **state)
{
    (void)state;
    static const struct {
        enum postgres_type type;
        bool is_list;
        const char *text, *expected;
    } cases[] = {
        {PG_TEXT, false, "'it''s'::text", "= it's"},
        {PG_TEXT, false, "E'a\\nb\\\\'::text", "= a\nb\\"},
        {PG_TEXT, false, "''::text", "= "},
        {PG_VARCHAR, false, "'a'::character varying(10)", "= a"},
        {PG_UUID, false, "gen_random_uuid()", "sql gen_random_uuid()"},
        {PG_TEXT, false, "lower('X'::text)", "sql lower('X'::text)"},
        {PG_TEXT, false, "('a'::text || 'b'::text)", "sql ('a'::text || 'b'::text)"},
        {PG_TEXT, false, "NULL::character varying", "none"},
        {PG_BIT, false, "B'101'::\"bit\"", "= 101"},
        {PG_INTEGER, false, "4", "= 4"},
        {PG_INTEGER, false, "'-4'::integer", "= -4"},
        {PG_INTEGER, false, "(-4)", "= -4"},
        {PG_INTEGER, false, "(1 + 1)", "sql (1 + 1)"},
        {PG_INTEGER, false, "nextval('\"a\".\"B_id_seq\"'::regclass)", "sequence"},
        {PG_INTEGER, false, "nextval(('a_id_seq'::text)::regclass)", "sequence"},
        {PG_TEXT, false, "nextval('a'::regclass)", "sql nextval('a'::regclass)"},
        {PG_DECIMAL, false, "'-0.50'::numeric", "= -0.50"},
        {PG_DOUBLE, false, "'1.5'::double precision", "= 1.5"},
        {PG_DOUBLE, false, "'NaN'::double precision", "sql 'NaN'::double precision"},
        {PG_BOOLEAN, false, "true", "= true"},
        {PG_BOOLEAN, false, "(NOT true)", "sql (NOT true)"},
        {PG_TIMESTAMP, false, "now()", "now"},
        {PG_TIMESTAMP, false, "CURRENT_TIMESTAMP", "now"},
        {PG_TIMESTAMP, false, "(now() + '1 day'::interval)", "sql (now() + '1 day'::interval)"},
        {PG_DATE, false, "'2020-01-01'::date", "sql '2020-01-01'::date"},
        {PG_JSONB, false, "'{\"a\": 1}'::jsonb", "= {\"a\": 1}"},
        {PG_BYTEA, false, "'\\x68690a'::bytea", "= aGkK"},
        {PG_BYTEA, false, "'\\x6869'::bytea", "= aGk="},
        {PG_BYTEA, false, "'hi'::bytea", "sql 'hi'::bytea"},
        {PG_TEXT, true, "ARRAY['a'::text, 'b]'::text]", "list a|b]"},
        {PG_TEXT, true, "ARRAY[]::text[]", "list "},
        {PG_TEXT, true, "'{}'::text[]", "list "},
        {PG_TEXT, true, "'{a,\"b c\",\"d\\\"e\"}'::text[]", "list a|b c|d\"e"},
        {PG_TEXT, true, "'{a,NULL}'::text[]", "sql '{a,NULL}'::text[]"},
        {PG_TEXT, true, "'{{a},{b}}'::text[]", "sql '{{a},{b}}'::text[]"},
        {PG_VARCHAR, true, "(ARRAY['a'::character varying])::character varying(9)[]", "list a"},
        {PG_INTEGER, true, "ARRAY[1, '-2'::integer]", "list 1|-2"},
        {PG_INTEGER, true, "ARRAY[1, f(2)]", "sql ARRAY[1, f(2)]"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct column column = {.type = {.native = native(cases[i].type)}};
        column.type.scalar = column.type.native->scalar;
        column.arity = cases[i].is_list ? COLUMN_LIST : COLUMN_REQUIRED;
        postgres_read_default(arena, cases[i].text, &column);
        assert_string_equal(describe_default(arena, &column.value), cases[i].expected);
    }
    arena_free(arena);
}

// As the two servers tell of them: MySQL the bare value, or an expression as inside of a string,
// each byte a character; MariaDB SQL.
static void test_mysql_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum mysql_default_form form;
        const char *text, *expected;
    } cases[] = {
        {"varchar(191)", MYSQL_DEFAULT_BARE, "it's \\", "= it's \\"},
        {"varchar(191)", MYSQL_DEFAULT_SQL, "'it\\'s \\\\ \\n'", "= it's \\ \n"},
        {"varchar(191)", MYSQL_DEFAULT_SQL, "uuid()", "sql (uuid())"},
        {"varchar(191)", MYSQL_DEFAULT_SQL, "NULL", "none"},
        {"text", MYSQL_DEFAULT_ESCAPED, "_utf8mb4\\'it\\\\\\'s \\\\n\\'", "= it's \n"},
        {"text", MYSQL_DEFAULT_ESCAPED, "_utf8mb4\\'\xC3\x83\xC2\xBC\\'", "= ü"},
        {"text", MYSQL_DEFAULT_ESCAPED, "_utf8mb4\\'\xC3\xBC\\'", "= ü"},
        {"text", MYSQL_DEFAULT_ESCAPED, "_latin1\\'a_b\\'", "= a_b"},
        {"text", MYSQL_DEFAULT_ESCAPED, "concat(_utf8mb4\\'a\\',_utf8mb4\\'b\\')",
         "sql (concat('a','b'))"},
        {"int", MYSQL_DEFAULT_ESCAPED, "(1 + 1)", "sql (1 + 1)"},
        {"int(10) unsigned", MYSQL_DEFAULT_SQL, "42", "= 42"},
        {"decimal(10,2)", MYSQL_DEFAULT_BARE, "1.50", "= 1.50"},
        {"tinyint(1)", MYSQL_DEFAULT_BARE, "1", "= true"},
        {"bit(1)", MYSQL_DEFAULT_SQL, "b'0'", "= false"},
        {"bit(8)", MYSQL_DEFAULT_BARE, "b'110000'", "sql b'110000'"},
        {"longblob", MYSQL_DEFAULT_ESCAPED, "0x68690a", "= aGkK"},
        {"longblob", MYSQL_DEFAULT_SQL, "X'6869'", "= aGk="},
        {"varbinary(20)", MYSQL_DEFAULT_SQL, "'hi'", "= aGk="},
        {"datetime(3)", MYSQL_DEFAULT_SQL, "current_timestamp(3)", "now"},
        {"date", MYSQL_DEFAULT_ESCAPED, "now(3)", "now"},
        {"date", MYSQL_DEFAULT_ESCAPED, "curdate()", "sql (curdate())"},
        {"datetime", MYSQL_DEFAULT_BARE, "2020-01-01 00:00:00", "sql '2020-01-01 00:00:00'"},
        {"datetime", MYSQL_DEFAULT_SQL, "'2020-01-01 00:00:00'", "sql '2020-01-01 00:00:00'"},
        {"set('a','b')", MYSQL_DEFAULT_BARE, "a", "sql 'a'"},
    };
    struct draft draft;
    draft_init(&draft, NULL, NULL, DM_MYSQL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct column column = {.type = mysql_read_type(&draft, cases[i].type)};
        mysql_read_default(draft.model->arena, cases[i].text, cases[i].form, &column);
        assert_string_equal(describe_default(draft.model->arena, &column.value), cases[i].expected);
    }
    model_free(draft_finish(&draft));
}

static void test_postgres_literals_are_bounded(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "(",      "'a",     "ARRAY[",    "ARRAY[1",
                                        "f(1", "1::(",   "1::a[",  "1:",        "- ",
                                        ")",   "f(1 2)", "1::a(3", "U&'\\0061'"};
    struct arena *arena = arena_new();
    struct literal literal;
    AUTO_STRBUF deep = STRBUF_INIT;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(postgres_literal_read(arena, texts[i], &literal));
    for (size_t i = 0; i < 100000; i++)
        strbuf_addch(&deep, '(');
    assert_false(postgres_literal_read(arena, deep.data, &literal));
    arena_free(arena);
}

struct fixture {
    char directory[64];
    char *url;
    struct driver *driver;
};

static int setup(void **state)
{
    static struct fixture fixture;
    struct err err;
    snprintf(fixture.directory, sizeof fixture.directory, "/tmp/berth-test-XXXXXX");
    if (!mkdtemp(fixture.directory))
        return -1;
    fixture.url = mem_printf("file:%s/app.db", fixture.directory);
    const struct migrator_target target = {.url = fixture.url, .provider = "sqlite"};
    *state = &fixture;
    return driver_open(&target, NULL, DRIVER_WRITE, &fixture.driver, NULL, &err);
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    driver_close(fixture->driver);
    free(fixture->url);
    struct err err;
    return file_remove_tree(fixture->directory, &err);
}

static struct model *describe_sqlite(struct fixture *fixture, const char *sql,
                                     struct introspect_scope scope)
{
    struct err err;
    struct model *model = NULL;
    assert_int_equal(fixture->driver->ops->execute(fixture->driver, sql, &err), 0);
    assert_int_equal(introspect(fixture->driver, &scope, &model, &err), 0);
    return model;
}

// The database is what the schema says, both ways.
static void assert_is_schema(const struct model *model, const char *schema)
{
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF there = STRBUF_INIT, back = STRBUF_INIT;
    parse(&parsed, schema);
    assert_non_null(parsed.datamodel);
    struct model *wanted = model_build(parsed.datamodel);
    model_diff_script(model, wanted, (struct schema_diff_options){0}, &there, NULL);
    model_diff_script(wanted, model, (struct schema_diff_options){0}, &back, NULL);
    assert_string_equal(there.data, "-- This is an empty migration.\n");
    assert_string_equal(back.data, "-- This is an empty migration.\n");
    model_free(wanted);
}

static void test_sqlite_schema(void **state)
{
    struct model *model = describe_sqlite(
        *state,
        "CREATE TABLE \"_prisma_migrations\" (id TEXT);"
        "CREATE TABLE _berth_seeds (id TEXT);"
        "CREATE VIEW v AS SELECT 1;"
        "CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, a_x INT, a_y INT,"
        "  FOREIGN KEY (a_x, a_y) REFERENCES a ON DELETE SET NULL ON UPDATE CASCADE);"
        "CREATE TABLE a (x INT NOT NULL, y INT NOT NULL, t TEXT NOT NULL DEFAULT 'it''s',"
        "  v VARCHAR(20), d DECIMAL(10,2) DEFAULT 1.50, g BOOLEAN NOT NULL DEFAULT 1,"
        "  m DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, j JSONB DEFAULT '{}',"
        "  h BLOB DEFAULT X'6869', f REAL, n BIGINT DEFAULT NULL, PRIMARY KEY (x, y));"
        "CREATE UNIQUE INDEX a_t_key ON a (t);"
        "CREATE INDEX a_v_f_idx ON a (v, f DESC);"
        "CREATE INDEX partial ON a (v) WHERE f > 1;"
        "CREATE INDEX expression ON a (lower(v));",
        (struct introspect_scope){0});
    assert_int_equal(model->table_count, 2);
    assert_string_equal(model->tables[0].name, "a");
    assert_is_schema(model, "datasource db {\n  provider = \"sqlite\"\n}\n"
                            "model b {\n"
                            "  id Int @id @default(autoincrement())\n"
                            "  a_x Int?\n"
                            "  a_y Int?\n"
                            "  a a? @relation(fields: [a_x, a_y], references: [x, y], onDelete: "
                            "SetNull)\n"
                            "}\n"
                            "model a {\n"
                            "  x Int\n"
                            "  y Int\n"
                            "  t String @unique @default(\"it's\")\n"
                            "  v String?\n"
                            "  d Decimal? @default(1.5)\n"
                            "  g Boolean @default(true)\n"
                            "  m DateTime @default(now())\n"
                            "  j Json? @default(\"{}\")\n"
                            "  h Bytes? @default(\"aGk=\")\n"
                            "  f Float?\n"
                            "  n BigInt?\n"
                            "  b b[]\n"
                            "  @@id([x, y])\n"
                            "  @@index([v, f(sort: Desc)])\n"
                            "}\n");
    model_free(model);
}

static void test_sqlite_oddities(void **state)
{
    struct model *model = describe_sqlite(
        *state,
        "CREATE TABLE t (k TEXT PRIMARY KEY, u INT UNIQUE, o POINT, e TEXT DEFAULT (lower('X')),"
        "  g INT GENERATED ALWAYS AS (u + 1), FOREIGN KEY (u) REFERENCES nowhere (id));"
        "CREATE INDEX p ON t (u) WHERE (u IS NOT NULL) AND k <> ' WHERE ';",
        (struct introspect_scope){.partial_indexes = true});
    const struct table *table = &model->tables[0];
    assert_int_equal(table->column_count, 4); // a generated column is none that a schema could have
    assert_int_equal(table->columns[0].arity, COLUMN_NULLABLE); // a quirk of SQLite's
    assert_false(table->columns[0].increments);
    assert_string_equal(table->columns[2].type.unsupported, "POINT");
    assert_int_equal(table->columns[3].value.kind, DEFAULT_EXPRESSION);
    assert_int_equal(table->foreign_key_count, 0);
    assert_int_equal(table->index_count, 2);
    assert_string_equal(table->indexes[0].name, "p"); // the latest first
    assert_string_equal(table->indexes[0].where, "(u IS NOT NULL) AND k <> ' WHERE '");
    assert_int_equal(table->indexes[1].kind, DM_INDEX_UNIQUE);
    model_free(model);
}

static void test_sqlite_nothing(void **state)
{
    struct model *model = describe_sqlite(*state, "SELECT 1", (struct introspect_scope){0});
    assert_int_equal(model->table_count, 0);
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_postgres_defaults),
        cmocka_unit_test(test_mysql_defaults),
        cmocka_unit_test(test_postgres_literals_are_bounded),
        cmocka_unit_test_setup_teardown(test_sqlite_schema, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sqlite_oddities, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sqlite_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The difference of two schemas as ordered steps, and what tells two columns or defaults apart.
#include "tests/unit/test.h"

#include <stdio.h>

#include "migrator/diff/steps.h"
#include "migrator/schema/schema.h"

struct comparison {
    struct model *from, *to;
    struct steps steps;
};

static struct model *model_of(const char *provider, const char *body)
{
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_addf(&text, "datasource db {\n  provider = \"%s\"\n}\n%s", provider, body);
    struct source source = {.path = "a.prisma", .text = text.data, .length = text.len};
    struct diag_list diagnostics = {0};
    struct schema *schema = schema_parse(&source, 1, &diagnostics);
    struct datamodel *datamodel = schema_resolve(schema, NULL, &diagnostics);
    vec_each (diag, &diagnostics.items)
        fprintf(stderr, "%s\n", diag->message);
    assert_non_null(datamodel);
    struct model *model = model_build(datamodel);
    datamodel_free(datamodel);
    schema_free(schema);
    diag_list_release(&diagnostics);
    return model;
}

static void compare(struct comparison *comparison, const char *provider, const char *from,
                    const char *to)
{
    *comparison =
        (struct comparison){.from = model_of(provider, from), .to = model_of(provider, to)};
    model_diff(comparison->from, comparison->to, &comparison->steps);
}

static void comparison_release(struct comparison *comparison)
{
    steps_release(&comparison->steps);
    model_free(comparison->from);
    model_free(comparison->to);
}

static void assert_kinds(const char *provider, const char *from, const char *to,
                         const enum step_kind *kinds, size_t count)
{
    struct comparison comparison;
    compare(&comparison, provider, from, to);
    assert_int_equal(comparison.steps.items.len, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(comparison.steps.items.items[i].kind, kinds[i]);
    comparison_release(&comparison);
}
#define ASSERT_KINDS(provider, from, to, ...)                                     \
    assert_kinds((provider), (from), (to), (const enum step_kind[]){__VA_ARGS__}, \
                 sizeof((const enum step_kind[]){__VA_ARGS__}) / sizeof(enum step_kind))
#define ASSERT_SAME(provider, from, to) assert_kinds((provider), (from), (to), NULL, 0)

static void test_nothing_differs_from_itself(void **state)
{
    (void)state;
    static const char schema[] =
        "model A {\n  id Int @id @default(autoincrement())\n  e E[] @default([X])\n"
        "  at DateTime @default(now())\n  j Json @default(\"{}\")\n  bs B[]\n  @@index([at])\n}\n"
        "model B {\n  id Int @id\n  as A[]\n}\nenum E {\n  X\n  Y\n}\n";
    ASSERT_SAME("postgresql", schema, schema);
}

static void test_steps_come_in_the_order_in_which_they_can_run(void **state)
{
    (void)state;
    ASSERT_KINDS(
        "postgresql",
        "model A {\n  id Int @id\n  b_id Int\n  b B @relation(fields: [b_id], references: [id])\n"
        "  x Int\n  y E\n  @@index([x])\n}\nmodel B {\n  id Int @id\n  as A[]\n}\n"
        "enum E {\n  V\n}\nenum F {\n  V\n}\nmodel G {\n  id Int @id\n  f F\n}\n",
        "model A {\n  id Int @id\n  z Int @unique\n  y E\n  h_id Int\n"
        "  h H @relation(fields: [h_id], references: [id])\n}\n"
        "model H {\n  id Int @id\n  as A[]\n}\nenum E {\n  V\n  W\n}\n",
        STEP_ALTER_ENUM, STEP_DROP_FOREIGN_KEY, STEP_DROP_INDEX, STEP_ALTER_TABLE, STEP_DROP_TABLE,
        STEP_DROP_TABLE, STEP_DROP_ENUM, STEP_CREATE_TABLE, STEP_CREATE_INDEX,
        STEP_ADD_FOREIGN_KEY);
}

static void test_a_unique_index_goes_after_the_key_that_replaces_it(void **state)
{
    (void)state;
    ASSERT_KINDS("postgresql", "model A {\n  id Int @unique\n  x Int @unique\n}\n",
                 "model A {\n  id Int @id\n  x Int\n}\n", STEP_DROP_INDEX, STEP_ALTER_TABLE,
                 STEP_DROP_INDEX);
}

static void test_names_alone_are_renames(void **state)
{
    (void)state;
    static const char from[] = "model A {\n  id Int @id\n  b_id Int @unique\n"
                               "  b B @relation(fields: [b_id], references: [id])\n}\n"
                               "model B {\n  id Int @id\n  a A?\n}\n";
    static const char to[] = "model A {\n  id Int @id\n  b_id Int @unique(map: \"u\")\n"
                             "  b B @relation(fields: [b_id], references: [id], map: \"f\")\n}\n"
                             "model B {\n  id Int @id\n  a A?\n}\n";
    ASSERT_KINDS("postgresql", from, to, STEP_RENAME_FOREIGN_KEY, STEP_RENAME_INDEX);
    ASSERT_KINDS("mysql", from, to, STEP_DROP_FOREIGN_KEY, STEP_ADD_FOREIGN_KEY, STEP_RENAME_INDEX);
    ASSERT_KINDS("mysql",
                 "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  s String\n"
                 "  a A? @relation(fields: [n], references: [id], onDelete: Restrict)\n  n Int?\n"
                 "  @@fulltext([s])\n}\n",
                 "model A {\n  id Int @id\n  bs B[]\n}\nmodel B {\n  id Int @id\n  s String\n"
                 "  a A @relation(fields: [n], references: [id])\n  n Int\n  @@fulltext([s])\n}\n",
                 STEP_DROP_FOREIGN_KEY, STEP_ALTER_TABLE, STEP_ADD_FOREIGN_KEY);
    // The beginning of a column, which may be all of it.
    ASSERT_SAME(
        "mysql", "model A {\n  id Int @id\n  s String @db.VarChar(9)\n  @@index([s])\n}\n",
        "model A {\n  id Int @id\n  s String @db.VarChar(9)\n  @@index([s(length: 9)])\n}\n");
    ASSERT_KINDS(
        "mysql", "model A {\n  id Int @id\n  s String @db.VarChar(9)\n  @@index([s])\n}\n",
        "model A {\n  id Int @id\n  s String @db.VarChar(9)\n  @@index([s(length: 8)])\n}\n",
        STEP_DROP_INDEX, STEP_CREATE_INDEX);
    ASSERT_KINDS("sqlite", "model A {\n  id Int @id\n  b Int @unique\n}\n",
                 "model A {\n  id Int @id\n  b Int @unique(map: \"u\")\n}\n", STEP_REDEFINE_INDEX);
}

static void test_alike_indexes_are_not_renamed(void **state)
{
    (void)state;
    ASSERT_SAME("postgresql",
                "model A {\n  id Int @id\n  b Int\n  @@index([b], map: \"x\")\n"
                "  @@index([b], map: \"y\")\n}\n",
                "model A {\n  id Int @id\n  b Int\n  @@index([b], map: \"z\")\n}\n");
}

// An index goes with its column: what it is called now is created, and nothing is left to rename.
static void test_indexes_of_a_recreated_column(void **state)
{
    (void)state;
    static const char from[] =
        "model A {\n  id Int @id\n  b String\n  @@index([b], map: \"x\")\n}\n";
    ASSERT_KINDS("postgresql", from,
                 "model A {\n  id Int @id\n  b Int\n  @@index([b], map: \"y\")\n}\n",
                 STEP_ALTER_TABLE, STEP_CREATE_INDEX);
    ASSERT_KINDS("postgresql", from,
                 "model A {\n  id Int @id\n  b Int\n  @@index([b], map: \"x\")\n"
                 "  @@index([b], map: \"y\")\n}\n",
                 STEP_ALTER_TABLE, STEP_CREATE_INDEX, STEP_CREATE_INDEX);
}

static void test_sqlite_rebuilds_what_it_cannot_alter(void **state)
{
    (void)state;
    static const char from[] = "model A {\n  id Int @id\n  a Int?\n}\n";
    ASSERT_KINDS("sqlite", from, "model A {\n  id Int @id\n  a Int?\n  b Int?\n}\n",
                 STEP_ALTER_TABLE);
    ASSERT_KINDS("sqlite", from, "model A {\n  id Int @id\n  a Int?\n  b Int\n}\n",
                 STEP_REDEFINE_TABLES);
    ASSERT_KINDS("sqlite", from,
                 "model A {\n  id Int @id\n  a Int?\n  b DateTime? @default(now())\n}\n",
                 STEP_REDEFINE_TABLES);
    ASSERT_KINDS("sqlite", from, "model A {\n  id Int @id\n}\n", STEP_REDEFINE_TABLES);
    ASSERT_KINDS("sqlite", from, "model A {\n  id Int @id\n  a Int?\n  b Int? @unique\n}\n",
                 STEP_ALTER_TABLE, STEP_CREATE_INDEX);
}

// Whether changing a column from one to the other casts, recreates or does nothing.
static void assert_cast(const char *from, const char *to, unsigned differences, bool recreated)
{
    AUTO_STRBUF old = STRBUF_INIT;
    AUTO_STRBUF new = STRBUF_INIT;
    strbuf_addf(&old, "model A {\n  id Int @id\n  c %s\n}\nenum E {\n  V\n}\n", from);
    strbuf_addf(&new, "model A {\n  id Int @id\n  c %s\n}\nenum E {\n  V\n}\n", to);
    struct comparison comparison;
    compare(&comparison, "postgresql", old.data, new.data);
    if (differences == 0) {
        assert_int_equal(comparison.steps.items.len, 0);
    } else {
        const struct table_change *change = comparison.steps.items.items[0].table_change;
        assert_int_equal(change->altered_count, 1);
        assert_int_equal(change->altered[0]->differences, differences);
        assert_int_equal(change->altered[0]->recreated, recreated);
    }
    comparison_release(&comparison);
}

static void test_types_that_postgres_casts(void **state)
{
    (void)state;
    assert_cast("Int", "BigInt", COLUMN_TYPE, false);
    assert_cast("Int", "String", COLUMN_TYPE, false);
    assert_cast("String", "Int", COLUMN_TYPE, true);
    assert_cast("String", "E", COLUMN_TYPE, true);
    assert_cast("E", "E[]", COLUMN_TYPE | COLUMN_ARITY, false);
    assert_cast("Int[]", "Int", COLUMN_TYPE | COLUMN_ARITY, true);
    assert_cast("Int[]", "String", COLUMN_TYPE | COLUMN_ARITY, false);
    assert_cast("DateTime", "DateTime @db.Timestamp", 0, false);
    assert_cast("DateTime", "DateTime @db.Timestamp(6)", COLUMN_TYPE, false);
    assert_cast("String @db.Uuid", "String @db.Char(31)", COLUMN_TYPE, true);
    assert_cast("String @db.Uuid", "String @db.Char(32)", COLUMN_TYPE, false);
    assert_cast("String @db.Bit(5)", "String @db.VarChar(4)", COLUMN_TYPE, true);
    assert_cast("Unsupported(\"a\")", "Unsupported(\"b\")", 0, false);
}

static void test_defaults_that_store_the_same(void **state)
{
    (void)state;
    assert_cast("Decimal @default(1.0)", "Decimal @default(1.00)", 0, false);
    assert_cast("Decimal @default(-0)", "Decimal @default(0)", 0, false);
    assert_cast("Int @default(10)", "Int @default(1)", COLUMN_DEFAULT, false);
    assert_cast("Json @default(\"{\\\"a\\\":1,\\\"b\\\":2}\")",
                "Json @default(\"{ \\\"b\\\": 2, \\\"a\\\": 1 }\")", 0, false);
    assert_cast("Json @default(\"[1]\")", "Json @default(\"[2]\")", COLUMN_DEFAULT, false);
    assert_cast("String @default(dbgenerated(\"now()\"))",
                "String @default(dbgenerated(\"NOW()\"))", 0, false);
    assert_cast("String @default(\"a\")", "String @default(\"A\")", COLUMN_DEFAULT, false);
    assert_cast("Int @default(1)", "Float @default(1)", COLUMN_TYPE | COLUMN_DEFAULT, false);
    assert_cast("Int @default(autoincrement())", "Int", COLUMN_DEFAULT, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_differs_from_itself),
        cmocka_unit_test(test_steps_come_in_the_order_in_which_they_can_run),
        cmocka_unit_test(test_a_unique_index_goes_after_the_key_that_replaces_it),
        cmocka_unit_test(test_names_alone_are_renames),
        cmocka_unit_test(test_alike_indexes_are_not_renamed),
        cmocka_unit_test(test_indexes_of_a_recreated_column),
        cmocka_unit_test(test_sqlite_rebuilds_what_it_cannot_alter),
        cmocka_unit_test(test_types_that_postgres_casts),
        cmocka_unit_test(test_defaults_that_store_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

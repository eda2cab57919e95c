// The relational model of a schema: tables, names, keys and the tables of many-to-many relations.
#include "tests/unit/test.h"

#include <stdio.h>

#include "migrator/model/model.h"
#include "migrator/schema/schema.h"

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

static void test_columns_have_the_usual_types(void **state)
{
    (void)state;
    struct model *model = model_of("postgresql", "model A {\n  id Int @id\n  s String?\n"
                                                 "  d Decimal\n  v String @db.VarChar(7)\n"
                                                 "  l Int[]\n}\n");
    const struct table *table = &model->tables[0];
    assert_int_equal(table->column_count, 5);
    assert_string_equal(table->columns[0].type.native->sql, "INTEGER");
    assert_int_equal(table->columns[1].arity, COLUMN_NULLABLE);
    assert_int_equal(table->columns[2].type.argument_count, 2);
    assert_int_equal(table->columns[2].type.arguments[0], 65);
    assert_int_equal(table->columns[3].type.arguments[0], 7);
    assert_int_equal(table->columns[4].arity, COLUMN_LIST);
    assert_ptr_equal(table_key_column(table), &table->columns[0]);
    assert_ptr_equal(table_column(table, "l"), &table->columns[4]);
    assert_null(table_column(table, "nothing"));
    model_free(model);
}

static void test_names_of_the_database_win(void **state)
{
    (void)state;
    struct model *model = model_of(
        "postgresql", "model A {\n  id Int @id @map(\"the id\")\n  e E\n  @@map(\"as\")\n}\n"
                      "enum E {\n  X @map(\"an x\")\n  @@map(\"es\")\n}\n");
    assert_string_equal(model->tables[0].name, "as");
    assert_string_equal(model->tables[0].columns[0].name, "the id");
    assert_string_equal(model->enumerations[0].name, "es");
    assert_string_equal(model->enumerations[0].values[0], "an x");
    model_free(model);
}

static const char many_to_many[] = "model Post {\n  id Int @id\n  tags Tag[]\n}\n"
                                   "model Tag {\n  id String @id\n  posts Post[]\n}\n";

static void test_many_to_many_has_a_table_of_its_own(void **state)
{
    (void)state;
    struct model *model = model_of("postgresql", many_to_many);
    assert_int_equal(model->table_count, 3);
    const struct table *join = &model->tables[2];
    assert_string_equal(join->name, "_PostToTag");
    assert_string_equal(join->primary_key->name, "_PostToTag_AB_pkey");
    assert_int_equal(join->index_count, 1);
    assert_string_equal(join->indexes[0].name, "_PostToTag_B_index");
    assert_string_equal(join->columns[1].type.native->sql, "TEXT");
    assert_int_equal(join->foreign_key_count, 2);
    assert_int_equal(join->foreign_keys[1].on_delete, DM_CASCADE);
    assert_ptr_equal(join->foreign_keys[0].target, &model->tables[0]);
    model_free(model);

    model = model_of("sqlite", many_to_many);
    assert_null(model->tables[2].primary_key);
    assert_int_equal(model->tables[2].indexes[0].kind, DM_INDEX_UNIQUE);
    assert_string_equal(model->tables[2].indexes[0].name, "_PostToTag_AB_unique");
    model_free(model);
}

static void test_emulated_relations_have_no_foreign_keys(void **state)
{
    (void)state;
    AUTO_STRBUF body = STRBUF_INIT;
    strbuf_addf(&body,
                "%smodel C {\n  id Int @id\n  d D[]\n}\nmodel D {\n  id Int @id\n"
                "  c_id Int\n  c C @relation(fields: [c_id], references: [id])\n"
                "  @@index([c_id])\n}\n",
                many_to_many);
    struct model *model = model_of("postgresql\"\n  relationMode = \"prisma", body.data);
    for (size_t i = 0; i < model->table_count; i++)
        assert_int_equal(model->tables[i].foreign_key_count, 0);
    model_free(model);
}

static void test_actions_follow_what_is_required(void **state)
{
    (void)state;
    static const char body[] = "model A {\n  id Int @id\n  b B[]\n  c B[] @relation(\"c\")\n}\n"
                               "model B {\n  id Int @id\n  a_id Int\n"
                               "  a A @relation(fields: [a_id], references: [id])\n  c_id Int?\n"
                               "  c A? @relation(\"c\", fields: [c_id], references: [id])\n}\n";
    struct model *model = model_of("postgresql", body);
    const struct foreign_key *keys = model->tables[1].foreign_keys;
    assert_int_equal(keys[0].on_delete, DM_RESTRICT);
    assert_int_equal(keys[0].on_update, DM_CASCADE);
    assert_int_equal(keys[1].on_delete, DM_SET_NULL);
    model_free(model);
}

static void test_one_integer_key_counts_on_sqlite(void **state)
{
    (void)state;
    struct model *model =
        model_of("sqlite", "model A {\n  id Int @id\n}\n"
                           "model B {\n  id BigInt @id @default(autoincrement())\n}\n"
                           "model C {\n  a Int\n  b Int\n  @@id([a, b])\n}\n");
    assert_true(model->tables[0].columns[0].increments);
    assert_false(model->tables[1].columns[0].increments);
    assert_false(model->tables[2].columns[0].increments);
    model_free(model);
}

static void test_indexes_come_in_order_of_their_kind(void **state)
{
    (void)state;
    struct model *model =
        model_of("postgresql", "model A {\n  id Int @id\n  a Int @unique\n"
                               "  b Int\n  @@unique([a, b])\n  @@index([b])\n}\n");
    const struct table *table = &model->tables[0];
    assert_string_equal(table->indexes[0].name, "A_a_key");
    assert_string_equal(table->indexes[1].name, "A_b_idx");
    assert_string_equal(table->indexes[2].name, "A_a_b_key");
    assert_true(index_has_column(&table->indexes[2], &table->columns[2]));
    assert_false(index_has_column(&table->indexes[0], &table->columns[2]));
    model_free(model);
}

static void test_views_and_the_ledger_are_no_tables(void **state)
{
    (void)state;
    struct model *model = model_of(
        "postgresql", "generator g {\n  provider = \"x\"\n  previewFeatures = [\"views\"]\n}\n"
                      "view V {\n  id Int @unique\n}\n"
                      "model L {\n  id Int @id\n  @@map(\"_prisma_migrations\")\n}\n");
    assert_int_equal(model->table_count, 0);
    model_free(model);
}

static void test_constraint_names_are_cut_at_a_character(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct dialect *postgres = dialect_of(DM_POSTGRESQL);
    assert_string_equal(constraint_name(arena, postgres, "t", "c", "_key"), "t_c_key");
    char long_name[] = "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\xC3\xA9";
    const char *cut = constraint_name(arena, postgres, long_name, NULL, "_fkey");
    assert_int_equal(strlen(cut), 63); // 58 + 5: the two bytes of the last letter do not fit
    assert_null(strchr(cut, '\xC3'));
    assert_int_equal(
        strlen(constraint_name(arena, dialect_of(DM_SQLITE), long_name, long_name, "_key")), 125);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_have_the_usual_types),
        cmocka_unit_test(test_names_of_the_database_win),
        cmocka_unit_test(test_many_to_many_has_a_table_of_its_own),
        cmocka_unit_test(test_emulated_relations_have_no_foreign_keys),
        cmocka_unit_test(test_actions_follow_what_is_required),
        cmocka_unit_test(test_one_integer_key_counts_on_sqlite),
        cmocka_unit_test(test_indexes_come_in_order_of_their_kind),
        cmocka_unit_test(test_views_and_the_ledger_are_no_tables),
        cmocka_unit_test(test_constraint_names_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

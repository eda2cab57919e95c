#include "tests/unit/test_schema.h"

static const char POSTGRES[] =
    "datasource db {\n  provider = \"postgres\"\n  url = env(\"U\")\n}\n";
static const char SQLSERVER[] = "datasource db {\n  provider = \"sqlserver\"\n}\n";
static const char MYSQL[] = "datasource db {\n  provider = \"mysql\"\n}\n";
static const char SQLITE[] = "datasource db {\n  provider = \"sqlite\"\n}\n";

static void resolve(struct parsed *parsed, struct strbuf *text, const char *datasource,
                    const char *schema)
{
    strbuf_adds(text, datasource);
    strbuf_adds(text, schema);
    parse(parsed, text->data);
    AUTO_STRBUF mistakes = STRBUF_INIT;
    describe(parsed, &mistakes);
    assert_string_equal(mistakes.data, "");
    assert_non_null(parsed->datamodel);
}

static void fields_carry_types_names_and_defaults(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF text = STRBUF_INIT;
    resolve(&parsed, &text, POSTGRES,
            "enum Role {\n  admin\n  user @map(\"plain\")\n  @@map(\"roles\")\n}\n"
            "model A {\n  id BigInt @id @default(autoincrement())\n"
            "  name String? @map(\"full_name\") @db.VarChar(191) @default(\"x\")\n"
            "  role Role @default(user)\n  tags String[] @default([\"a\", \"b\"])\n"
            "  key String @default(uuid(7))\n  at DateTime @default(now()) @updatedAt\n"
            "  geo Unsupported(\"geometry\")? @default(dbgenerated(\"f()\"))\n"
            "  price Decimal @default(1.50) @db.Decimal(10, 2)\n  @@map(\"as\")\n}\n");
    const struct datamodel *datamodel = parsed.datamodel;
    const struct dm_model *a = datamodel->models[0];
    const struct dm_enum *role = datamodel->enums[0];
    assert_string_equal(datamodel->datasource->url.variable, "U");
    assert_string_equal(a->db_name, "as");
    assert_string_equal(role->db_name, "roles");
    assert_string_equal(role->values[1].db_name, "plain");
    assert_int_equal(a->fields[0].default_value.kind, DM_DEFAULT_AUTOINCREMENT);
    assert_string_equal(a->fields[1].db_name, "full_name");
    assert_int_equal(a->fields[1].arity, DM_OPTIONAL);
    assert_string_equal(a->fields[1].native->name, "VarChar");
    assert_string_equal(a->fields[1].native->arguments[0], "191");
    assert_ptr_equal(a->fields[2].default_value.values[0].enum_value, &role->values[1]);
    assert_int_equal(a->fields[3].default_value.kind, DM_DEFAULT_LIST);
    assert_string_equal(a->fields[3].default_value.values[1].text, "b");
    assert_string_equal(a->fields[4].default_value.expression, "uuid(7)");
    assert_true(a->fields[5].is_updated_at);
    assert_int_equal(a->fields[5].default_value.kind, DM_DEFAULT_NOW);
    assert_string_equal(a->fields[6].unsupported_type, "geometry");
    assert_string_equal(a->fields[6].default_value.expression, "f()");
    assert_string_equal(a->fields[7].default_value.values[0].text, "1.50");
    assert_string_equal(a->fields[7].native->arguments[1], "2");
}

static void indexes_stand_in_the_order_of_their_statements(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF text = STRBUF_INIT;
    resolve(&parsed, &text, POSTGRES,
            "model A {\n  x Int @map(\"ex\")\n  y Int @unique(map: \"uy\")\n  j Json\n"
            "  @@unique([x, j], name: \"client\")\n  @@id([x, y])\n"
            "  @@index([j(ops: JsonbPathOps)], type: Gin)\n"
            "  @@index([x(sort: Desc), y], name: \"old\")\n}\n");
    const struct dm_model *a = parsed.datamodel->models[0];
    static const char *const names[] = {"uy", "A_j_idx", "old", "A_ex_j_key"};
    assert_int_equal(a->index_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(a->indexes[i]->db_name, names[i]);
    assert_string_equal(a->primary_key->db_name, "A_pkey");
    assert_int_equal(a->primary_key->field_count, 2);
    assert_true(a->indexes[0]->on_field);
    assert_int_equal(a->indexes[1]->type, DM_INDEX_GIN);
    assert_string_equal(a->indexes[1]->fields[0].operator_class, "jsonb_path_ops");
    assert_int_equal(a->indexes[2]->fields[0].sort, DM_SORT_DESC);
    assert_string_equal(a->indexes[3]->client_name, "client");
}

static void long_names_are_cut_at_a_character(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF text = STRBUF_INIT;
    resolve(&parsed, &text, POSTGRES,
            "model A {\n  id Int @id\n  n Int @unique\n"
            // 59 bytes are left before the suffix: they would end in the middle of a character.
            "  @@map(\"\xC3\xA9"
            "23456789012345678901234567890123456789012345678901234567\xC3\xA9\xC3\xA9\")\n}\n");
    const struct dm_index *unique = parsed.datamodel->models[0]->indexes[0];
    assert_string_equal(unique->db_name,
                        "\xC3\xA9"
                        "23456789012345678901234567890123456789012345678901234567_key");
}

static void relations_know_both_sides(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    AUTO_STRBUF text = STRBUF_INIT;
    resolve(&parsed, &text, POSTGRES,
            "model User {\n  id Int @id\n  posts Post[]\n  tags Tag[]\n  profile Profile?\n"
            "  friends User[] @relation(\"f\")\n  friendOf User[] @relation(\"f\")\n}\n"
            "model Post {\n  id Int @id\n  userId Int? @map(\"user_id\")\n"
            "  user User? @relation(fields: [userId], references: [id])\n}\n"
            "model Tag {\n  id Int @id\n  users User[]\n}\n"
            "model Profile {\n  id Int @id\n  user User @relation(fields: [id], references: [id], "
            "onDelete: Cascade, map: \"fk\")\n}\n");
    struct dm_relation *const *relations = parsed.datamodel->relations;
    assert_int_equal(parsed.datamodel->relation_count, 4);
    assert_int_equal(relations[0]->kind, DM_MANY_TO_MANY);
    assert_string_equal(relations[0]->name, "f");
    assert_string_equal(relations[0]->from->name, "friendOf"); // column A: byte order of the names
    assert_int_equal(relations[1]->kind, DM_ONE_TO_MANY);
    assert_string_equal(relations[1]->name, "PostToUser");
    assert_string_equal(relations[1]->db_name, "Post_user_id_fkey");
    assert_string_equal(relations[1]->to->name, "posts");
    assert_int_equal(dm_relation_on_delete(parsed.datamodel, relations[1]), DM_SET_NULL);
    assert_int_equal(dm_relation_on_update(relations[1]), DM_CASCADE);
    assert_int_equal(relations[2]->kind, DM_MANY_TO_MANY);
    assert_string_equal(relations[2]->from_model->name, "Tag");
    assert_null(relations[2]->db_name);
    assert_int_equal(relations[3]->kind, DM_ONE_TO_ONE);
    assert_string_equal(relations[3]->db_name, "fk");
    assert_int_equal(relations[3]->on_delete, DM_CASCADE);
    assert_ptr_equal(parsed.datamodel->models[0]->fields[3].relation, relations[3]);
}

static void providers_name_what_they_can_name(void **state)
{
    (void)state;
    static const char schema[] = "model A {\n  id Int @id @default(autoincrement())\n"
                                 "  n Int @default(1)\n  bId Int\n"
                                 "  b B @relation(fields: [bId], references: [id])\n}\n"
                                 "model B {\n  id Int @id\n  as A[]\n}\n";
    const struct {
        const char *datasource, *key, *foreign_key, *default_name;
        enum dm_action on_delete;
    } cases[] = {
        {POSTGRES, "A_pkey", "A_bId_fkey", NULL, DM_RESTRICT},
        {MYSQL, NULL, "A_bId_fkey", NULL, DM_RESTRICT},
        {SQLITE, NULL, NULL, NULL, DM_RESTRICT},
        {SQLSERVER, "A_pkey", "A_bId_fkey", "A_n_df", DM_NO_ACTION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_PARSED parsed = {0};
        AUTO_STRBUF text = STRBUF_INIT;
        resolve(&parsed, &text, cases[i].datasource, schema);
        const struct dm_model *a = parsed.datamodel->models[0];
        const struct dm_relation *relation = parsed.datamodel->relations[0];
        const char *got[] = {a->primary_key->db_name, relation->db_name,
                             a->fields[1].default_value.db_name};
        const char *wanted[] = {cases[i].key, cases[i].foreign_key, cases[i].default_name};
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(got[j] == NULL, wanted[j] == NULL);
            if (wanted[j])
                assert_string_equal(got[j], wanted[j]);
        }
        assert_int_equal(dm_relation_on_delete(parsed.datamodel, relation), cases[i].on_delete);
    }
}

static void the_datasource_is_read_whole(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    parse(
        &parsed,
        "generator c {\n  provider = \"prisma-client-js\"\n"
        "  previewFeatures = [\"postgresqlExtensions\", \"views\"]\n}\n"
        "datasource db {\n  provider = \"postgresql\"\n  url = \"postgresql://h/d\"\n"
        "  directUrl = env(\"D\")\n  schemas = [\"one\", \"two\"]\n"
        "  extensions = [citext, uuid(map: \"uuid-ossp\", schema: \"one\", version: \"1.1\")]\n}\n"
        "model A {\n  id Int @id\n  @@schema(\"two\")\n}\n"
        "view V {\n  n Int\n  @@schema(\"one\")\n}\n");
    assert_non_null(parsed.datamodel);
    const struct dm_datasource *datasource = parsed.datamodel->datasource;
    assert_string_equal(datasource->url.text, "postgresql://h/d");
    assert_string_equal(datasource->direct_url.variable, "D");
    assert_int_equal(datasource->schema_count, 2);
    assert_string_equal(datasource->extensions[0].db_name, "citext");
    assert_string_equal(datasource->extensions[1].db_name, "uuid-ossp");
    assert_string_equal(datasource->extensions[1].version, "1.1");
    assert_int_equal(parsed.datamodel->preview_feature_count, 2);
    assert_string_equal(parsed.datamodel->models[0]->schema, "two");
    assert_true(parsed.datamodel->models[1]->is_view);
}

static void the_provider_asked_for_is_the_schema_s(void **state)
{
    (void)state;
    struct diag_list list = {0};
    struct source source = {"schema.prisma", MYSQL, strlen(MYSQL)};
    struct schema *schema = schema_parse(&source, 1, &list);
    struct datamodel *datamodel = schema_resolve(schema, "mysql", &list);
    assert_int_equal(datamodel->provider, DM_MYSQL);
    datamodel_free(datamodel);
    assert_null(schema_resolve(schema, "sqlite", &list));
    assert_string_equal(list.items.items[0].message, "the schema is for MySQL, not for SQLite");
    schema_free(schema);
    diag_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_carry_types_names_and_defaults),
        cmocka_unit_test(indexes_stand_in_the_order_of_their_statements),
        cmocka_unit_test(long_names_are_cut_at_a_character),
        cmocka_unit_test(relations_know_both_sides),
        cmocka_unit_test(providers_name_what_they_can_name),
        cmocka_unit_test(the_datasource_is_read_whole),
        cmocka_unit_test(the_provider_asked_for_is_the_schema_s),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test_schema.h"

#include <stdio.h>

#include "migrator/schema/ast.h"

static void lines_become_a_tree_with_documentation(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    parse(&parsed, "// not documentation\n\n/// A person\n/// who logs in\nmodel User {\n"
                   "  /// the key\n  id Int @id @default(autoincrement()) /// more\n"
                   "  tags String[] @default([\"a\", \"b\"])\n  @@map(\"users\")\n}\n");
    const struct ast *ast = schema_ast(parsed.schema);
    assert_int_equal(ast->block_count, 1);
    const struct ast_block *user = &ast->blocks[0];
    assert_int_equal(user->kind, AST_MODEL);
    assert_string_equal(user->documentation, "A person\nwho logs in");
    assert_int_equal(user->field_count, 2);
    assert_string_equal(user->fields[0].documentation, "the key\nmore");
    assert_null(user->fields[1].documentation);
    assert_int_equal(user->fields[1].arity, AST_LIST);
    assert_int_equal(user->fields[1].attributes[0].arguments[0].value.item_count, 2);
    assert_int_equal(user->attribute_count, 1);
    assert_true(ast_name_is(&user->attributes[0].name, "map"));
    assert_non_null(parsed.datamodel);
}

static void strings_are_unescaped(void **state)
{
    (void)state;
    AUTO_PARSED parsed = {0};
    parse(&parsed, "model A {\n id Int @id\n"
                   " s String @default(\"a\\\"b\\\\ \\n \\u00e9 \\ud83d\\ude00 \\/\")\n}\n");
    const struct dm_field *field = &parsed.datamodel->models[0]->fields[1];
    assert_string_equal(field->default_value.values[0].text,
                        "a\"b\\ \n \xC3\xA9 \xF0\x9F\x98\x80 /");
    assert_mistakes("model A {\n id Int @id\n s String @default(\"\\x \\ud800\")\n}\n",
                    "3:21 unknown escape sequence\n3:24 invalid Unicode escape sequence\n");
}

static void a_bad_line_costs_that_line_only(void **state)
{
    (void)state;
    assert_mistakes("model A {\n id Int @id\n a b c\n b Strin\n c String @default(\"x)\n"
                    " d Int @default(1\n 5$ Int\n}\nwhat is this\nmodel B {\n id Int @id\n}\n",
                    "3:6 unexpected text\n"
                    "4:4 there is no type \"Strin\"\n"
                    "5:20 unterminated string\n"
                    "6:18 expected an argument or \")\"\n"
                    "7:3 expected the type of the field\n"
                    "9:1 this line does not begin a block\n");
}

static void an_unclosed_block_ends_where_the_next_begins(void **state)
{
    (void)state;
    assert_mistakes("model A {\n id Int @id\n\nmodel B {\n id Int @id\n a Foo\n}\n",
                    "1:1 the block \"A\" is not closed\n6:4 there is no type \"Foo\"\n");
    assert_mistakes("model A {\n id Int @id\n",
                    "1:9 the block is not closed\n2:2 this line does not begin a block\n");
    assert_mistakes("model A { id Int @id }\n", "1:11 a block cannot stand on one line\n");
}

static void every_newline_and_odd_bytes_are_understood(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "model A {\r\n id Int @id\r\n}\r\n",
        "model A {\r id Int @id\r}\r",
        "\xEF\xBB\xBFmodel A {\n id Int @id\n}",
        "model\tA\xC2\xA0{\n id\xC2\xA0Int\t@id\n}\n",
        "model \xE6\x97\xA5\xE6\x9C\xAC {\n id Int @id\n}\n",
        "/* one */ model A { // two\n id Int @id /* three\n four */\n} // five",
        "",
        "\n \n",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_mistakes(fine[i], "");
    assert_mistakes("model A {\n id Int @id\n a Int // \xC3(\n}\n",
                    "3:11 the file is not valid UTF-8 (byte 0xC3)\n");
    AUTO_PARSED parsed = {0};
    static const char text[] = "model A {\n id Int @id\n s String @default(\"a\0b\")\n}\n";
    parsed.source = (struct source){"schema.prisma", text, sizeof text - 1};
    parsed.schema = schema_parse(&parsed.source, 1, &parsed.diagnostics);
    assert_int_equal(parsed.diagnostics.error_count, 1);
    assert_string_equal(parsed.diagnostics.items.items[0].message,
                        "a control character in a string");
}

static void former_syntax_is_named(void **state)
{
    (void)state;
    assert_mistakes("model A {\n id: Int @id\n a [String]\n b String!\n c String[]?\n d\n}\n",
                    "2:4 a field is declared without a colon\n3:4 a list is written Type[]\n"
                    "4:4 a field is required without an exclamation mark\n"
                    "5:4 a list cannot be optional\n6:2 the field has no type\n");
}

static void nesting_and_argument_floods_end(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_adds(&text, "model A {\n id Int @id\n @@index(");
    for (int i = 0; i < 100000; i++)
        strbuf_addch(&text, '[');
    strbuf_adds(&text, "\n @@index(");
    for (int i = 0; i < 1000; i++)
        strbuf_addf(&text, "%sa%d: 1", i ? ", " : "", i);
    strbuf_adds(&text, ")\n}\n");
    AUTO_PARSED parsed = {0};
    parse(&parsed, text.data);
    assert_int_equal(parsed.diagnostics.error_count, 2);
}

static void a_flood_of_mistakes_is_cut(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    for (int i = 0; i < 50000; i++)
        strbuf_adds(&text, "}} what\n");
    AUTO_PARSED parsed = {0};
    parse(&parsed, text.data);
    assert_int_equal(parsed.diagnostics.error_count, 1001);
}

// Texts that ask for the same search from every line on: quadratic time would take minutes.
static void hostile_texts_end_soon(void **state)
{
    (void)state;
    static const char *const lines[] = {"a {\n",
                                        "/* \n",
                                        "model A {\n",
                                        "}}}}",
                                        "\"\\",
                                        "generator g {\n provider = \"x\"\n}\n",
                                        "model A {\n a A[]\n a A[]\n}\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        AUTO_STRBUF text = STRBUF_INIT;
        for (int j = 0; j < 20000; j++)
            strbuf_adds(&text, lines[i]);
        AUTO_PARSED parsed = {0};
        parse(&parsed, text.data);
        assert_true(parsed.diagnostics.error_count > 0);
        AUTO_STRBUF out = STRBUF_INIT;
        schema_format(&parsed.source, &out);
        assert_true(out.len > 0);
    }
}

static void thousands_of_models_are_read(void **state)
{
    (void)state;
    enum { MODELS = 3000 };
    AUTO_STRBUF text = STRBUF_INIT;
    for (int i = 0; i < MODELS; i++) {
        strbuf_addf(&text, "model Model%d {\n  id Int @id\n  name String @unique\n", i);
        strbuf_addf(&text, "  hub Hub @relation(fields: [hubId], references: [id])\n"
                           "  hubId Int\n  @@index([hubId])\n}\n");
    }
    strbuf_adds(&text, "model Hub {\n  id Int @id\n");
    for (int i = 0; i < MODELS; i++)
        strbuf_addf(&text, "  models%d Model%d[]\n", i, i);
    strbuf_adds(&text, "}\n");
    AUTO_PARSED parsed = {0};
    parse(&parsed, text.data);
    assert_non_null(parsed.datamodel);
    assert_int_equal(parsed.datamodel->relation_count, MODELS);
}

static void files_are_read_as_one_schema(void **state)
{
    (void)state;
    static const char enumeration[] = "enum Color {\n  red\n}\n";
    const char *texts[] = {"model A {\n  id Int @id\n  color Color\n}\n", enumeration, enumeration,
                           "enum Color {\n  blue\n}\nmodel A {\n  id Int @id\n}\n"};
    static const char *const paths[] = {"a.prisma", "b.prisma", "c.prisma", "d.prisma"};
    struct source sources[4];
    for (size_t i = 0; i < 4; i++)
        sources[i] = (struct source){paths[i], texts[i], strlen(texts[i])};
    struct diag_list list = {0};
    struct schema *schema = schema_parse(sources, 3, &list);
    struct datamodel *datamodel = schema_resolve(schema, NULL, &list);
    assert_non_null(datamodel); // the two enums are one, word for word
    assert_int_equal(datamodel->enum_count, 1);
    datamodel_free(datamodel);
    schema_free(schema);
    schema = schema_parse(sources, 4, &list);
    assert_null(schema_resolve(schema, NULL, &list));
    assert_int_equal(list.error_count, 2);
    assert_string_equal(list.items.items[0].message,
                        "the name \"Color\" is taken: enum \"Color\" is at b.prisma:1");
    assert_ptr_equal(list.items.items[0].span.source, &sources[3]);
    assert_string_equal(list.items.items[1].message,
                        "the name \"A\" is taken: model \"A\" is at a.prisma:1");
    schema_free(schema);
    diag_list_release(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_a_tree_with_documentation),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(a_bad_line_costs_that_line_only),
        cmocka_unit_test(an_unclosed_block_ends_where_the_next_begins),
        cmocka_unit_test(every_newline_and_odd_bytes_are_understood),
        cmocka_unit_test(former_syntax_is_named),
        cmocka_unit_test(nesting_and_argument_floods_end),
        cmocka_unit_test(a_flood_of_mistakes_is_cut),
        cmocka_unit_test(hostile_texts_end_soon),
        cmocka_unit_test(thousands_of_models_are_read),
        cmocka_unit_test(files_are_read_as_one_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

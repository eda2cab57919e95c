#include "tests/unit/test.h"

#include "base/mem.h"
#include "orchestrator/compose/variables.h"
#include "orchestrator/compose/yaml_writer.h"

static void texts_stay_texts(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"postgres:15", "postgres:15"},
        {"./a/b:/c:ro", "./a/b:/c:ro"},
        {"../b", "../b"},
        {"${A:?unset}", "${A:?unset}"},
        {"", "\"\""},
        {"yes", "\"yes\""},
        {"No", "\"No\""},
        {"n", "\"n\""},
        {"null", "\"null\""},
        {"TRUE", "\"TRUE\""},
        {"~", "\"~\""},
        {"12", "\"12\""},
        {"1e3", "\"1e3\""},
        {"0x1F", "\"0x1F\""},
        {"-1", "\"-1\""},
        {".5", "\".5\""},
        {".inf", "\".inf\""},
        {"22:22", "\"22:22\""},
        {"<<", "\"<<\""},
        {"a: b", "\"a: b\""},
        {"a #b", "\"a #b\""},
        {"*a", "\"*a\""},
        {"{a}", "\"{a}\""},
        {"[a]", "\"[a]\""},
        {"a,b", "\"a,b\""},
        {"@a", "\"@a\""},
        {" a", "\" a\""},
        {"a\nb", "\"a\\nb\""},
        {"\\ \"", "\"\\\\ \\\"\""},
        {"\x1b", "\"\\e\""},
        {"grün", "\"grün\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err;
        AUTO_STRBUF out = STRBUF_INIT;
        AUTOFREE char *expected = mem_printf("key: %s\n", cases[i][1]);
        struct yaml_writer *writer = yaml_writer_open(&out);
        yaml_writer_begin_map(writer);
        yaml_writer_pair(writer, "key", cases[i][0]);
        yaml_writer_end_map(writer);
        assert_int_equal(yaml_writer_close(writer, &err), 0);
        assert_string_equal(out.data, expected);
    }
}

static void long_texts_stay_on_their_line(void **state)
{
    (void)state;
    struct err err;
    AUTO_STRBUF out = STRBUF_INIT;
    AUTO_STRBUF text = STRBUF_INIT;
    for (int i = 0; i < 500; i++)
        strbuf_adds(&text, "word ");
    struct yaml_writer *writer = yaml_writer_open(&out);
    yaml_writer_begin_list(writer);
    yaml_writer_text(writer, text.data);
    yaml_writer_end_list(writer);
    assert_int_equal(yaml_writer_close(writer, &err), 0);
    AUTOFREE char *expected = mem_printf("- \"%s\"\n", text.data);
    assert_string_equal(out.data, expected);
}

static void empty_members_are_left_out(void **state)
{
    (void)state;
    struct err err;
    AUTO_STRBUF out = STRBUF_INIT;
    struct yaml_writer *writer = yaml_writer_open(&out);
    yaml_writer_begin_map(writer);
    yaml_writer_map_of(writer, "nothing");
    yaml_writer_list_of(writer, "inside");
    yaml_writer_end_list(writer);
    yaml_writer_end_map(writer);
    yaml_writer_map_of(writer, "a");
    yaml_writer_list_of(writer, "b");
    yaml_writer_bare(writer, "true");
    yaml_writer_end_list(writer);
    yaml_writer_map_of(writer, "empty");
    yaml_writer_end_map(writer);
    yaml_writer_end_map(writer);
    yaml_writer_text(writer, "meant");
    yaml_writer_begin_map(writer);
    yaml_writer_end_map(writer);
    yaml_writer_end_map(writer);
    assert_int_equal(yaml_writer_close(writer, &err), 0);
    assert_string_equal(out.data, "a:\n  b:\n  - true\nmeant: {}\n");
}

static void the_first_failure_is_told_at_the_end(void **state)
{
    (void)state;
    struct err err;
    AUTO_STRBUF out = STRBUF_INIT;
    struct yaml_writer *writer = yaml_writer_open(&out);
    yaml_writer_begin_map(writer);
    yaml_writer_pair(writer, "key", "\xff");
    yaml_writer_pair(writer, "other", "text");
    yaml_writer_end_map(writer);
    assert_int_equal(yaml_writer_close(writer, &err), -1);
    assert_string_equal(err.message, "cannot write YAML: a text is not UTF-8");

    writer = yaml_writer_open(&out);
    yaml_writer_end_map(writer); // which was never begun
    yaml_writer_text(writer, "text");
    assert_int_equal(yaml_writer_close(writer, &err), -1);
    assert_non_null(strstr(err.message, "cannot write YAML: expected"));
}

static void variables_stand_in_for_what_is_not_written(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct compose_variables variables = {.arena = arena};
    const char *first = NULL;
    for (int i = 0; i < 12; i++) {
        AUTOFREE char *name = mem_printf("V%d", i);
        const char *placeholder = compose_variable(&variables, name, "for this test");
        first = i ? first : placeholder;
        AUTOFREE char *text = mem_printf("$%s$HOME-%s", placeholder, placeholder);
        AUTOFREE char *expected = mem_printf("$$${%s:?unset}$$HOME-${%s:?unset}", name, name);
        AUTO_STRBUF out = STRBUF_INIT;
        compose_text(&variables, text, &out);
        assert_string_equal(out.data, expected);
    }
    assert_ptr_equal(compose_variable(&variables, "V0", "once more"), first);
    assert_int_equal(variables.items.len, 12);
    assert_true(variables.items.items[11].used);
    compose_variables_release(&variables);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_stay_texts),
        cmocka_unit_test(long_texts_stay_on_their_line),
        cmocka_unit_test(empty_members_are_left_out),
        cmocka_unit_test(the_first_failure_is_told_at_the_end),
        cmocka_unit_test(variables_stand_in_for_what_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// Conditions of partial indexes as a Postgres server gives them back.
#include "tests/unit/test.h"

#include "migrator/model/predicate.h"

static bool are_equal(enum dm_provider provider, const char *left, const char *right)
{
    struct model *model = model_new(provider);
    bool result =
        strcmp(predicate_comparable(model, left), predicate_comparable(model, right)) == 0;
    model_free(model);
    return result;
}

static void test_what_the_server_makes_of_it_is_the_same(void **state)
{
    (void)state;
    // As written, and as pg_get_expr of Postgres 15 says it.
    static const char *const pairs[][2] = {
        {"\"b\" = true", "(b = true)"},
        {"B = TRUE", "(b = true)"},
        {"\"true\" = true", "(\"true\" = true)"},
        {"\"Camel\" = 1", "(\"Camel\" = 1)"},
        {"\"order\" IS NULL", "(\"order\" IS NULL)"},
        {"\"b\" != false AND \"i\" = -3", "((b <> false) AND (i = '-3'::integer))"},
        {"a = 1 AND b = 2 AND c = 3", "((a = 1) AND (b = 2) AND (c = 3))"},
        {"b and i=1 OR s != 'x'", "((b AND (i = 1)) OR (s <> 'x'::text))"},
        {"not b", "(NOT b)"},
        {"\"s\" = 'it''s'", "(s = 'it''s'::text)"},
        {"\"s\" != 'a\\b'", "(s <> E'a\\\\b'::text)"},
        {"\"v\" = 'x'", "((v)::text = 'x'::text)"},
        {"\"i\" = 3.5", "((i)::numeric = 3.5)"},
        {"\"i\" = 007", "(i = 7)"},
        {"\"f\" = -3.5", "(f = ('-3.5'::numeric)::double precision)"},
        {"\"e\" = 'ONE'", "(e = 'ONE'::\"E\")"},
        {"\"t\" = '2020-01-01T10:20:30.500Z'",
         "(t = '2020-01-01 10:20:30.5'::timestamp without time zone)"},
        {"\"t\" = '2020-01-01'", "(t = '2020-01-01 00:00:00+00'::timestamp(3) with time zone)"},
        {"i IN (1, 2)", "(i = ANY (ARRAY[1, 2]))"},
        {"s IN ('a,b')", "(s = 'a,b'::text)"},
        {"v NOT IN ('a', 'b')",
         "((v)::text <> ALL ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"},
        {"i BETWEEN 1 AND 5 AND b", "(((i >= 1) AND (i <= 5)) AND b)"},
        {"s LIKE 'a%' AND s NOT ILIKE 'b'", "((s ~~ 'a%'::text) AND (s !~~* 'b'::text))"},
        {"lower(v) = 'x'", "(lower((v)::text) = 'x'::text)"},
        {"i + 1 > 3 * 2 - i", "((i + 1) > ((3 * 2) - i))"},
        {"i>-i", "(i > (- i))"},
        {"s is distinct from 'x'", "(s IS DISTINCT FROM 'x'::text)"},
        {"a.b = pg_catalog.lower(c)", "a.b = pg_catalog.lower(c)"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!are_equal(DM_POSTGRESQL, pairs[i][0], pairs[i][1]))
            fail_msg("%s is not %s", pairs[i][0], pairs[i][1]);
    }
}

static void test_what_means_something_else_is_not(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"b = true", "b = false"},
        {"s = 'x'", "s = 'X'"},
        {"s = '1'", "s = 1"},
        {"\"B\" = 1", "b = 1"},
        {"\"true\"", "true"},
        {"a = 1 AND (b = 2 OR c = 3)", "a = 1 AND b = 2 OR c = 3"},
        {"(i + 1) * 2 = 4", "i + 1 * 2 = 4"},
        {"i IN (1, 2)", "i NOT IN (1, 2)"},
        {"s = '2020-01-01x'", "s = '2020-01-01'"},
        {"(a = 1", "a = 1"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (are_equal(DM_POSTGRESQL, pairs[i][0], pairs[i][1]))
            fail_msg("%s is taken for %s", pairs[i][0], pairs[i][1]);
    }
    assert_false(are_equal(DM_SQLITE, "b = true", "(b = true)")); // it keeps the text
}

static void test_any_text_has_an_end(void **state)
{
    (void)state;
    struct model *model = model_new(DM_POSTGRESQL);
    AUTO_STRBUF deep = STRBUF_INIT;
    AUTO_STRBUF wide = STRBUF_INIT;
    for (int i = 0; i < 1000; i++)
        strbuf_adds(&deep, "(");
    for (int i = 0; i < 100000; i++)
        strbuf_adds(&wide, "a and ");
    const char *const texts[] = {deep.data, wide.data, "", "a::", "a in (", "'", "\"", "$$", "- "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_string_equal(predicate_comparable(model, texts[i]), texts[i]);
    assert_null(predicate_comparable(model, NULL));
    model_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_the_server_makes_of_it_is_the_same),
        cmocka_unit_test(test_what_means_something_else_is_not),
        cmocka_unit_test(test_any_text_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include "base/mem.h"
#include "migrator/seeds/csv.h"

// All records as "a|b/c|<null>/", or the error.
static char *read_all(const char *text)
{
    struct source source = {"t.csv", text, strlen(text)};
    struct csv_reader reader;
    struct err err;
    AUTO_STRBUF out = STRBUF_INIT;
    if (csv_open(&source, &reader, &err))
        return mem_strdup(err.message);
    int more;
    while ((more = csv_next(&reader, &err)) > 0) {
        for (size_t i = 0; i < reader.record.fields.len; i++) {
            const char *value = csv_value(&reader.record, i);
            strbuf_addf(&out, "%s%s", i ? "|" : "", value ? value : "<null>");
        }
        strbuf_addch(&out, '/');
    }
    csv_close(&reader);
    return more < 0 ? mem_strdup(err.message) : strbuf_detach(&out);
}

static void fields_follow_rfc_4180(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a,b\n1,2\n", "1|2/"},
        {"a,b\r\n1,2\r\n3,4", "1|2/3|4/"},
        {"\xEF\xBB\xBF"
         "a,b\n1,2",
         "1|2/"},
        {"a,b\n\"x,\"\"y\"\"\n\",\"\"\n", "x,\"y\"\n|/"},
        {"a,b\n,\n", "<null>|<null>/"},
        {"a,b\n\n1,2\n\n", "1|2/"},
        {"a\n\n1\n", "<null>/1/"},
        {"a,b\n 1 , 2 \n", " 1 | 2 /"},
        {"a,b", ""},
        {"\"a b\",\"c\"\n1,2\n", "1|2/"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = read_all(cases[i][0]);
        assert_string_equal(got, cases[i][1]);
    }
}

static void mistakes_have_their_place(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "t.csv:1:1: no header line"},
        {"a,\n1,2", "t.csv:1:3: a column without a name"},
        {"a,b,a\n", "t.csv:1:5: a column named twice"},
        {"a,b\n1,2,3\n", "t.csv:2:1: 3 fields, the header has 2"},
        {"a,b\n1\n", "t.csv:2:1: 1 field, the header has 2"},
        {"a,b\n1,\"x\n", "t.csv:2:3: the quote is never closed"},
        {"a,b\n\"x\"y,2\n", "t.csv:2:4: text after a closing quote"},
        {"a,b\n\xC3\xA9,x\"y\n", "t.csv:2:4: a quote within a field without quotes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = read_all(cases[i][0]);
        assert_string_equal(got, cases[i][1]);
    }
}

static void columns_are_found_in_messages(void **state)
{
    (void)state;
    const char *text = "id,na me\n";
    struct source source = {"t.csv", text, strlen(text)};
    struct csv_reader reader;
    struct csv_field field;
    struct err err;
    assert_int_equal(csv_open(&source, &reader, &err), 0);
    assert_true(csv_named_column(&reader, "column \"na me\" does not exist", &field));
    assert_int_equal(field.start, 3);
    assert_true(csv_named_column(&reader, "table T has no column named id", &field));
    assert_int_equal(field.start, 0);
    assert_false(csv_named_column(&reader, "no column named idx", &field));
    csv_close(&reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_follow_rfc_4180),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(columns_are_found_in_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

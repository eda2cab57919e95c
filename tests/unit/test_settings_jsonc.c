#include "tests/unit/test.h"

#include "appsettings/jsonc.h"
#include "appsettings/tree.h"
#include "tests/unit/settings_fixture.h"

static void print_node(const struct settings_node *node, struct strbuf *out)
{
    const bool is_object = node->type == NODE_OBJECT;
    if (node->is_broken)
        strbuf_addch(out, '!');
    if (!is_object && node->type != NODE_ARRAY) {
        const char *quote = node->type == NODE_STRING ? "'" : "";
        strbuf_addf(out, "%s%s%s", quote, node->type == NODE_NULL ? "null" : node->text, quote);
        return;
    }
    strbuf_addch(out, is_object ? '{' : '[');
    for (const struct settings_node *child = node->first; child; child = child->next) {
        if (is_object)
            strbuf_addf(out, "%s:", child->key);
        print_node(child, out);
        if (child->next)
            strbuf_addch(out, ',');
    }
    strbuf_addch(out, is_object ? '}' : ']');
}

struct parsed {
    struct source source;
    struct arena *arena;
    struct diag_list diags;
    struct settings_node *root;
    bool is_whole;
    struct strbuf tree, said;
};

static void parse(struct parsed *parsed, const char *text, size_t length)
{
    *parsed = (struct parsed){.source = {"appsettings.json", text, length},
                              .arena = arena_new(),
                              .tree = STRBUF_INIT,
                              .said = STRBUF_INIT};
    parsed->root = jsonc_parse(&parsed->source, parsed->arena, &parsed->diags, &parsed->is_whole);
    print_node(parsed->root, &parsed->tree);
    fixture_show(&parsed->diags, &parsed->said);
}

static void parsed_release(struct parsed *parsed)
{
    strbuf_release(&parsed->tree);
    strbuf_release(&parsed->said);
    diag_list_release(&parsed->diags);
    arena_free(parsed->arena);
}

static void expect(const char *text, const char *tree, const char *said)
{
    struct parsed parsed;
    parse(&parsed, text, strlen(text));
    assert_string_equal(parsed.said.data, said);
    assert_string_equal(parsed.tree.data, tree);
    parsed_release(&parsed);
}

static void well_formed_text_is_read(void **state)
{
    (void)state;
    expect("{}", "{}", "");
    expect(" [ ] ", "[]", "");
    expect("{\"a\": [1, -0.5e+10, true, false, null, \"x\"], \"b\": {\"c\": {}}}",
           "{a:[1,-0.5e+10,true,false,null,'x'],b:{c:{}}}", "");
    expect("\"only\"", "'only'", "");
    expect("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\uDE00\"",
           "'\"\\/\b\f\n\r\t\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80'", "");
}

static void comments_trailing_commas_and_bom_are_accepted(void **state)
{
    (void)state;
    expect("\xEF\xBB\xBF// first\n{ /* a \n b */ \"a\": 1, // \"x\": 2\n \"b\": [1, 2,], }\n// end",
           "{a:1,b:[1,2]}", "");
    expect("{\"url\": \"http://x/*y*/\"}", "{url:'http://x/*y*/'}", "");
    expect("{\"a\": /**/ 1/* */}", "{a:1}", "");
}

static void spans_are_of_names_and_values(void **state)
{
    (void)state;
    struct parsed parsed;
    const char *text = "{\n  \"a\" : {\"b\": 12}\n}";
    parse(&parsed, text, strlen(text));
    const struct settings_node *a = node_find(parsed.root, "a"), *b = node_find(a, "b");
    assert_int_equal(a->key_span.start, 4);
    assert_int_equal(a->key_span.end, 7);
    assert_int_equal(a->span.start, 10);
    assert_int_equal(a->span.end, 19);
    assert_int_equal(b->span.start, 16);
    assert_int_equal(b->span.end, 18);
    assert_int_equal(parsed.root->span.end, strlen(text));
    parsed_release(&parsed);
}

static void every_mistake_is_reported_and_reading_goes_on(void **state)
{
    (void)state;
    expect("{\n"
           "  \"a\": 1\n"
           "  \"b\": tru,\n"
           "  'c': 'd',\n"
           "  e: 5,\n"
           "  \"f\" 6,\n"
           "  \"g\": ,\n"
           "  , \"h\": 01,\n"
           "  \"i\": .5, \"j\": 1., \"k\": +1, \"l\": 0x10, \"m\": 1e,\n"
           "  \"n\": None, \"o\": [1 2,, 3],\n"
           "  \"p\": \"x\\q\", \"r\": \"\\u12\", \"s\": \"\\ud800\", \"t\": \"a\\u0000\",\n"
           "  {\"u\": 1}, : \"v\": 1,\n"
           "  \"w\": \"open,\n"
           "  \"x\n"
           "  \"y\": \"a\tb\",\n"
           "  \"z\": 1\n"
           "}\n"
           "1",
           "{a:1,b:!null,c:!'d',e:5,f:6,g:!null,h:!null,i:!null,j:!null,k:!null,l:!null,m:!null,"
           "n:!null,o:[1,2,3],p:!'xq',r:!'12',s:!'',t:!'a',v:1,w:!'open,',y:!'a\tb',z:1}",
           "2:9: error: expected ','\n"
           "3:8: error: expected a value (did you mean true?)\n"
           "4:3: error: strings take double quotes\n"
           "4:8: error: strings take double quotes\n"
           "5:3: error: names take double quotes\n"
           "6:6: error: expected ':' after the name\n"
           "7:8: error: expected a value\n"
           "8:3: error: expected a name in double quotes\n"
           "8:10: error: not a number as JSON writes them\n"
           "9:8: error: not a number as JSON writes them\n"
           "9:17: error: not a number as JSON writes them\n"
           "9:26: error: not a number as JSON writes them\n"
           "9:35: error: not a number as JSON writes them\n"
           "9:46: error: not a number as JSON writes them\n"
           "10:8: error: expected a value (strings take double quotes)\n"
           "10:21: error: expected ','\n"
           "10:24: error: expected a value\n"
           "11:10: error: unknown escape sequence (a backslash itself is written \\\\)\n"
           "11:21: error: \\u takes four hexadecimal digits\n"
           "11:34: error: half of a surrogate pair\n"
           "11:50: error: a setting cannot hold a NUL character\n"
           "12:3: error: expected a name in double quotes\n"
           "12:13: error: expected a name in double quotes\n"
           "13:8: error: the string is not closed\n"
           "14:3: error: the string is not closed\n"
           "15:10: error: a control character inside of a string\n"
           "18:1: error: expected the end of the file\n");
}

static void duplicates_are_named_and_the_last_counts(void **state)
{
    (void)state;
    expect("{\"a\": 1,\n \"b\": {\"a\": 2},\n \"a\": 3}", "{a:3,b:{a:2}}",
           "3:2: error: \"a\" is given twice (the first is at line 1, column 2; remove one of them)"
           "\n");
    expect("{\"a\": 1, \"A\": 2}", "{a:1,A:2}", "");
}

static void brackets_that_do_not_match_are_said_once(void **state)
{
    (void)state;
    expect("{\"a\": {\"b\": [1, 2", "{a:{b:[1,2]}}",
           "1:13: error: the array that opens here is not closed\n");
    expect("{\"a\": [1, {\"b\": 2], \"c\": 3}", "{a:[1,{b:2}],c:3}",
           "1:18: error: expected '}' (it closes the object that opens at line 1, column 11)\n");
    expect("{\"a\": 1], \"b\": 2}", "{a:1,b:2}",
           "1:8: error: expected '}' (it closes the object that opens at line 1, column 1)\n");
    expect("{\"a\": 1}}", "{a:1}", "1:9: error: expected the end of the file\n");
    struct parsed parsed;
    static const struct {
        const char *text;
        bool is_whole;
    } cases[] = {{"{\"a\": 1 \"b\": x}", true},
                 {"{\"a\": [1}", false},
                 {"{", false},
                 {"{} {}", false},
                 {"", false},
                 {"{]}", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        parse(&parsed, cases[i].text, strlen(cases[i].text));
        assert_int_equal(parsed.is_whole, cases[i].is_whole);
        parsed_release(&parsed);
    }
}

static void nothing_is_no_settings(void **state)
{
    (void)state;
    expect("", "!null", "1:1: error: the file is empty; expected an object\n");
    expect("// nothing\n", "!null", "2:1: error: the file is empty; expected an object\n");
    expect("/* open", "!null",
           "1:1: error: the comment is not closed\n"
           "1:8: error: the file is empty; expected an object\n");
    expect("}", "!null",
           "1:1: error: expected a value\n1:1: error: expected the end of the file\n");
}

static void bytes_that_are_no_text_are_named(void **state)
{
    (void)state;
    expect("{\"a\": \"x\xFF\xFEy\", // \xC0\xAF\n \"b\": \"\xED\xA0\x80\", \xE9: 1}",
           "{a:'x\xEF\xBF\xBD\xEF\xBF\xBDy',b:'\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD',"
           "\xEF\xBF\xBD:1}",
           "1:9: error: not valid UTF-8\n"
           "1:18: error: not valid UTF-8\n"
           "2:8: error: not valid UTF-8\n"
           "2:12: error: not valid UTF-8\n"
           "2:12: error: names take double quotes\n");

    struct parsed parsed;
    static const char with_nul[] = "{\"a\0b\": 1, \0\0 \"c\": 2}";
    parse(&parsed, with_nul, sizeof with_nul - 1);
    assert_string_equal(parsed.said.data, "1:4: error: a NUL byte\n1:12: error: a NUL byte\n");
    assert_string_equal(parsed.tree.data, "{a\xEF\xBF\xBD"
                                          "b:1,c:2}");
    parsed_release(&parsed);

    static const char utf16[] = "\xFF\xFE{\0}\0", bare_utf16[] = "{\0}\0";
    parse(&parsed, utf16, sizeof utf16 - 1);
    assert_string_equal(parsed.said.data, "1:1: error: the file is UTF-16 (save it as UTF-8)\n");
    assert_false(parsed.is_whole);
    parsed_release(&parsed);
    parse(&parsed, bare_utf16, sizeof bare_utf16 - 1);
    assert_string_equal(parsed.said.data, "1:1: error: the file is UTF-16 (save it as UTF-8)\n");
    parsed_release(&parsed);
}

static void depth_is_limited(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    for (int i = 0; i < JSONC_MAX_DEPTH; i++)
        strbuf_adds(&text, "[");
    for (int i = 0; i < JSONC_MAX_DEPTH; i++)
        strbuf_adds(&text, "]");
    struct parsed parsed;
    parse(&parsed, text.data, text.len);
    assert_int_equal(parsed.diags.error_count, 0);
    parsed_release(&parsed);

    strbuf_clear(&text);
    strbuf_adds(&text, "{\"a\": ");
    for (int i = 0; i < 100000; i++)
        strbuf_adds(&text, i % 2 ? "{\"x\":" : "[");
    for (int i = 100000; i-- > 0;)
        strbuf_adds(&text, i % 2 ? "}" : "]");
    strbuf_adds(&text, ", \"b\": x}");
    parse(&parsed, text.data, text.len);
    assert_int_equal(parsed.diags.error_count, 2);
    assert_string_equal(parsed.diags.items.items[0].message, "nested deeper than 64 levels");
    assert_string_equal(parsed.diags.items.items[1].message, "expected a value");
    parsed_release(&parsed);
}

static void a_hundred_mistakes_are_enough(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_addch(&text, '[');
    for (int i = 0; i < 1000; i++)
        strbuf_adds(&text, "x,");
    strbuf_addch(&text, ']');
    struct parsed parsed;
    parse(&parsed, text.data, text.len);
    assert_int_equal(parsed.diags.items.len, 101);
    assert_string_equal(parsed.diags.items.items[100].message,
                        "more than 100 mistakes; the rest is not shown");
    parsed_release(&parsed);
}

// Were the time not linear in the text, these would take minutes.
static void large_texts_are_read_at_once(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    AUTO_STRBUF text = STRBUF_INIT;
    struct parsed parsed;
    strbuf_addch(&text, '{');
    for (int i = 0; i < MANY; i++)
        strbuf_addf(&text, "\"name%d\": [%d],\n", i, i);
    strbuf_addch(&text, '}');
    parse(&parsed, text.data, text.len);
    assert_int_equal(parsed.diags.items.len, 0);
    assert_int_equal(parsed.root->count, MANY);
    assert_non_null(node_find(parsed.root, "name77777"));
    assert_non_null(node_find_any_case(parsed.root, "NAME77777"));
    assert_null(node_find(parsed.root, "NAME77777"));
    parsed_release(&parsed);

    static const char *const repeated[] = {"]", "[", "{", "\"", "\"a\":", "/*", "\\", ":", ","};
    for (size_t i = 0; i < sizeof repeated / sizeof *repeated; i++) {
        strbuf_clear(&text);
        strbuf_addch(&text, '{');
        for (int j = 0; j < MANY; j++)
            strbuf_adds(&text, repeated[i]);
        parse(&parsed, text.data, text.len);
        assert_true(parsed.diags.error_count > 0 && parsed.diags.error_count <= 101);
        parsed_release(&parsed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed_text_is_read),
        cmocka_unit_test(comments_trailing_commas_and_bom_are_accepted),
        cmocka_unit_test(spans_are_of_names_and_values),
        cmocka_unit_test(every_mistake_is_reported_and_reading_goes_on),
        cmocka_unit_test(duplicates_are_named_and_the_last_counts),
        cmocka_unit_test(brackets_that_do_not_match_are_said_once),
        cmocka_unit_test(nothing_is_no_settings),
        cmocka_unit_test(bytes_that_are_no_text_are_named),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_hundred_mistakes_are_enough),
        cmocka_unit_test(large_texts_are_read_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

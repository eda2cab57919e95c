#include "tests/unit/test.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "base/redact.h"
#include "base/suggest.h"
#include "base/url.h"
#include "base/utf8.h"

static void map_keeps_insertion_order_across_removal(void **state)
{
    (void)state;
    struct map *map = map_new();
    map_put(map, "b", (void *)"1");
    map_put(map, "a", (void *)"2");
    map_put(map, "c", (void *)"3");
    assert_string_equal(map_put(map, "a", (void *)"4"), "2");
    assert_string_equal(map_remove(map, "b"), "1");
    char keys[8] = "";
    map_each (cursor, map)
        strncat(keys, cursor.key, 2);
    assert_string_equal(keys, "ac");
    assert_null(map_get(map, "b"));
    map_free(map);
}

static void arena_keeps_what_it_gave(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *first = arena_strdup(arena, "first");
    for (int i = 0; i < 1000; i++)
        memset(arena_alloc(arena, (size_t)(i % 97) * 200), 0xEE, (size_t)(i % 97) * 200);
    assert_string_equal(first, "first");
    assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
    arena_free(arena);
}

static void err_wrap_keeps_kind_hint_and_cause(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(err_set(&err, ERR_TIMEOUT, "no answer\n"), -1);
    err_hint(&err, "wait");
    err_wrap(&err, "postgres");
    assert_string_equal(err.message, "postgres: no answer");
    assert_string_equal(err.hint, "wait");
    assert_int_equal(err_exit_code(err.kind), 6);
    char longer[4000];
    memset(longer, 'x', sizeof longer - 1);
    memcpy(longer + 1022, "\xC3\xA9", 2); // a character cut by the buffer's end goes whole
    longer[sizeof longer - 1] = '\0';
    err_set(&err, ERR_FAILED, "%s", longer);
    assert_int_equal(strlen(err.message), 1022);
}

static void diag_renders_place_caret_and_hint(void **state)
{
    (void)state;
    const char *text = "{\n  \"Engine\": \"\xC3\xA9Postgre\"\n}\n";
    struct source source = {"appsettings.json", text, strlen(text)};
    struct diag_list list = {0};
    size_t start = (size_t)(strstr(text, "Postgre") - text);
    diag_error(&list, (struct span){&source, start, start + 7}, "unknown engine \"%s\"", "Postgre");
    diag_hint(&list, "did you mean \"%s\"?", "Postgres");
    AUTO_STRBUF out = STRBUF_INIT;
    diag_render(&list.items.items[0], false, &out);
    assert_string_equal(out.data, "appsettings.json:2:15: error: unknown engine \"Postgre\"\n"
                                  "    2 |   \"Engine\": \"\xC3\xA9Postgre\"\n"
                                  "      |               ^~~~~~~\n"
                                  "  hint: did you mean \"Postgres\"?\n");
    assert_int_equal(list.error_count, 1);
    diag_list_release(&list);
}

// Forwards, backwards, twice in a line, behind the end, in another source: as one by one.
static void diags_render_together_as_alone(void **state)
{
    (void)state;
    struct source sources[] = {{"a", "one\ntwo \xC3\xA9 three\n\nfour", 22}, {"b", "one\ntwo", 7}};
    static const struct {
        size_t source, start;
    } places[] = {{0, 0}, {0, 4}, {0, 11}, {0, 18}, {0, 17}, {0, 3}, {1, 5}, {0, 22}, {1, 99}};
    struct diag_list list = {0};
    AUTO_STRBUF alone = STRBUF_INIT;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        size_t start = places[i].start;
        struct span span = {&sources[places[i].source], start, start + 1};
        diag_error(&list, span, "mistake %zu", i);
        diag_render(&list.items.items[i], false, &alone);
    }
    diag_warning(&list, (struct span){0}, "no place");
    diag_render(&list.items.items[list.items.len - 1], false, &alone);
    AUTO_STRBUF together = STRBUF_INIT;
    diag_render_all(&list, false, &together);
    assert_string_equal(together.data, alone.data);
    assert_non_null(strstr(alone.data, "a:2:7: error: mistake 2\n"));
    assert_non_null(strstr(alone.data, "a:4:1: error: mistake 3\n"));
    assert_non_null(strstr(alone.data, "b:2:4: error: mistake 8\n"));
    diag_list_release(&list);
}

static void json_reads_only_whole_values(void **state)
{
    (void)state;
    struct err err;
    cJSON *json = NULL;
    const char *text = "{\"a\": {\"b\": [1, \"two\", true]}, \"n\": 1e300}\n ";
    assert_int_equal(json_parse(text, strlen(text), &json, &err), 0);
    assert_true(cJSON_IsArray(json_path(json, "a", "b", NULL)));
    assert_null(json_path(json, "a", "c", "d", NULL));
    assert_int_equal(json_int_or(json, "n", 5), 5);
    assert_string_equal(json_string_or(json, "a", "other"), "other");
    AUTO_STRBUF out = STRBUF_INIT;
    json_print(json_get(json, "a"), true, &out);
    assert_string_equal(out.data, "{\n  \"b\": [\n    1,\n    \"two\",\n    true\n  ]\n}");
    cJSON_Delete(json);
    assert_int_equal(json_parse("{} x", 4, &json, &err), -1);
    assert_int_equal(json_parse("{\"a\":", 5, &json, &err), -1);
}

static void files_are_replaced_whole(void **state)
{
    (void)state;
    char directory[] = "/tmp/berth-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    struct err err;
    AUTOFREE char *nested = path_join(directory, "a/b/c");
    AUTOFREE char *file = path_join(nested, "f");
    assert_int_equal(file_make_directories(nested, 0700, &err), 0);
    assert_int_equal(file_write_atomic(file, "one", 3, 0600, &err), 0);
    assert_int_equal(file_write_atomic(file, "two", 3, 0600, &err), 0);
    AUTO_STRBUF text = STRBUF_INIT;
    assert_int_equal(file_read(file, &text, &err), 0);
    assert_string_equal(text.data, "two");
    // Who comes second to make it finds what the first one made.
    assert_int_equal(file_create_atomic(file, "three", 5, 0600, &err), 0);
    strbuf_clear(&text);
    assert_int_equal(file_read(file, &text, &err), 0);
    assert_string_equal(text.data, "two");
    AUTOFREE char *fresh = path_join(nested, "g");
    assert_int_equal(file_create_atomic(fresh, "new", 3, 0600, &err), 0);
    strbuf_clear(&text);
    assert_int_equal(file_read(fresh, &text, &err), 0);
    assert_string_equal(text.data, "new");
    assert_int_equal(file_read(nested, &text, &err), -1);
    assert_int_equal(file_remove_tree(directory, &err), 0);
    assert_false(file_exists(directory));
    assert_int_equal(file_remove_tree(directory, &err), 0);
}

static void paths_are_normalized_by_text(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/a/./b//c/../d", "/a/b/d"}, {"/..", "/"}, {"/a/b/", "/a/b"}, {"/../x", "/x"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTOFREE char *got = path_normalize(cases[i][0]);
        assert_string_equal(got, cases[i][1]);
    }
    assert_string_equal(path_below("/a/b", "/a/b/c/d"), "c/d");
    assert_string_equal(path_below("/a/b", "/a/bc"), "/a/bc");
}

static void digest_matches_the_standard(void **state)
{
    (void)state;
    char hex[SHA256_HEX_SIZE], uuid[UUID_SIZE];
    sha256_hex("abc", 3, hex); // FIPS 180-2, appendix B.1
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    uuid_v4(uuid);
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(uuid[14], '4');
    AUTOFREE char *token = random_token(32);
    AUTOFREE char *other = random_token(32);
    assert_int_equal(strlen(token), 32);
    assert_false(secret_equal(token, other));
    assert_true(secret_equal(token, token));
}

static void redactor_hides_every_form(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    redactor_add(redactor, "p@ss/word");
    redactor_add(redactor, "short");
    AUTO_STRBUF out = STRBUF_INIT;
    const char *text = "pw=p@ss/word url=p%40ss%2Fword short p@ss/wor";
    redactor_apply(redactor, text, strlen(text), &out);
    assert_string_equal(out.data, "pw=**** url=**** short p@ss/wor");
    redactor_free(redactor);
}

static void redactor_hides_the_longest_and_knows_beginnings(void **state)
{
    (void)state;
    struct redactor *redactor = redactor_new();
    assert_int_equal(redactor_open_end(redactor, "abc", 3), 0);
    redactor_add(redactor, "secret");
    redactor_add(redactor, "secret-two");
    AUTO_STRBUF out = STRBUF_INIT;
    redactor_apply(redactor, "secret-two secret-to", 20, &out);
    assert_string_equal(out.data, "**** ****-to");
    assert_int_equal(redactor_open_end(redactor, "see secret-", 11), 7);
    assert_int_equal(redactor_open_end(redactor, "see s", 5), 1);
    assert_int_equal(redactor_open_end(redactor, "sec", 3), 3);
    assert_int_equal(redactor_open_end(redactor, "secret-two", 10), 0); // whole: it ends here
    assert_int_equal(redactor_open_end(redactor, "sx", 2), 0);
    assert_int_equal(redactor_open_end(NULL, "s", 1), 0);
    redactor_free(redactor);
}

static void urls_split_and_decode(void **state)
{
    (void)state;
    struct url url;
    struct err err;
    const char *text = "postgresql://us%20er:p%40ss@[::1]:5433/my%2Ddb?schema=app&sslmode=require";
    assert_int_equal(url_parse(text, &url, &err), 0);
    assert_string_equal(url.scheme, "postgresql");
    assert_string_equal(url.user, "us er");
    assert_string_equal(url.password, "p@ss");
    assert_string_equal(url.host, "::1");
    assert_int_equal(url.port, 5433);
    assert_string_equal(url.path, "my-db");
    AUTOFREE char *schema = url_query_get(&url, "schema");
    assert_string_equal(schema, "app");
    assert_null(url_query_get(&url, "sslrootcert"));
    url_release(&url);
    assert_int_equal(url_parse("postgresql://u:p@ss@h/db", &url, &err), 0);
    assert_string_equal(url.password, "p@ss");
    url_release(&url);
    assert_int_equal(url_parse("localhost:5432", &url, &err), -1);
    assert_int_equal(url_parse("redis://h:70000", &url, &err), -1);
}

static void diag_keeps_control_characters_from_the_terminal(void **state)
{
    (void)state;
    const char *text = "a\033[2J\tb\xC2\x9B\x31\xFF\r\n";
    struct source source = {"odd\033name", text, strlen(text)};
    struct diag_list list = {0};
    diag_warning(&list, (struct span){&source, 6, 7}, "no \"%s\"", "x\033]0;title\ay\nz\xC2\x85");
    diag_hint(&list, "not \033c \u20AC");
    AUTO_STRBUF out = STRBUF_INIT;
    diag_render(&list.items.items[0], false, &out);
    assert_string_equal(out.data, "odd?name:1:7: warning: no \"x?]0;title?y?z?\"\n"
                                  "    1 | a?[2J b?1\uFFFD\n"
                                  "      |       ^\n"
                                  "  hint: not ?c \u20AC\n");
    diag_list_release(&list);
}

static void diag_cuts_long_lines_between_characters(void **state)
{
    (void)state;
    AUTO_STRBUF text = STRBUF_INIT;
    for (int i = 0; i < 200; i++)
        strbuf_adds(&text, "\u20AC");
    for (size_t start = 0; start < text.len; start += 3) {
        struct source source = {"long", text.data, text.len};
        struct diag_list list = {0};
        diag_error(&list, (struct span){&source, start, start + 3}, "here");
        AUTO_STRBUF out = STRBUF_INIT;
        diag_render(&list.items.items[0], false, &out);
        assert_null(strstr(out.data, "\uFFFD"));
        assert_true(out.len < 400);
        diag_list_release(&list);
    }
}

static void utf8_is_told_from_what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t length, sequence, whole;
    } cases[] = {
        {"", 0, 0, 0},
        {"a", 1, 1, 1},
        {"\xC3\xA9", 2, 2, 2},
        {"\xC3", 1, 0, 0},
        {"a\xE2\x82", 3, 1, 1},
        {"\xE2\x82\xAC", 3, 3, 3},
        {"\xF0\x9F\x98\x80", 4, 4, 4},
        {"\xF0\x9F\x98", 3, 0, 0},
        {"\xC0\x80", 2, 0, 2},         // overlong: malformed, but not cut off
        {"\xED\xA0\x80", 3, 0, 3},     // a surrogate
        {"\xF4\x90\x80\x80", 4, 0, 4}, // above U+10FFFF
        {"\x80\x80\x80\x80", 4, 0, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(utf8_sequence(cases[i].bytes, cases[i].length), cases[i].sequence);
        assert_int_equal(utf8_whole_length(cases[i].bytes, cases[i].length), cases[i].whole);
    }
}

static void suggestions_are_near_or_none(void **state)
{
    (void)state;
    static const char *const engines[] = {"Postgres", "Mysql", "Sqlite", "Mssql"};
    assert_string_equal(suggest_nearest("postgre", engines, 4), "Postgres");
    assert_string_equal(suggest_nearest("SQLLite", engines, 4), "Sqlite");
    assert_null(suggest_nearest("oracle", engines, 4));
    static const char *const commands[] = {"stop", "start", "ps", "env", "url", "db", "logs"};
    assert_string_equal(suggest_nearest("satrt", commands, 7), "start"); // neighbours exchanged
    assert_string_equal(suggest_nearest("evn", commands, 7), "env");
    assert_string_equal(suggest_nearest("ulr", commands, 7), "url");
    assert_string_equal(suggest_nearest("lgos", commands, 7), "logs");
    assert_null(suggest_nearest("bd", commands, 7)); // half of so short a name is another one
    assert_null(suggest_nearest("", engines, 4));
}

static void durations_read_as_people_say_them(void **state)
{
    (void)state;
    char text[CLOCK_DURATION_SIZE];
    clock_format_duration(850, text);
    assert_string_equal(text, "850 ms");
    clock_format_duration(125000, text);
    assert_string_equal(text, "2 m 05 s");
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(1700000000123, time);
    assert_string_equal(time, "2023-11-14T22:13:20.123Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_keeps_insertion_order_across_removal),
        cmocka_unit_test(arena_keeps_what_it_gave),
        cmocka_unit_test(err_wrap_keeps_kind_hint_and_cause),
        cmocka_unit_test(diag_renders_place_caret_and_hint),
        cmocka_unit_test(diags_render_together_as_alone),
        cmocka_unit_test(json_reads_only_whole_values),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(paths_are_normalized_by_text),
        cmocka_unit_test(digest_matches_the_standard),
        cmocka_unit_test(redactor_hides_every_form),
        cmocka_unit_test(redactor_hides_the_longest_and_knows_beginnings),
        cmocka_unit_test(diag_keeps_control_characters_from_the_terminal),
        cmocka_unit_test(diag_cuts_long_lines_between_characters),
        cmocka_unit_test(utf8_is_told_from_what_is_none),
        cmocka_unit_test(urls_split_and_decode),
        cmocka_unit_test(suggestions_are_near_or_none),
        cmocka_unit_test(durations_read_as_people_say_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

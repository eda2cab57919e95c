#include "tests/unit/test.h"

#include "orchestrator/terminal/layout.h"
#include "orchestrator/terminal/text.h"

static const struct live_row rows[] = {
    {"postgres", "Building", NULL, "pulling postgres:15", LIVE_BUSY, 3400, 88000000, 143500000,
     "bytes"},
    {"postgres-migrations", "Starting", NULL, NULL, LIVE_BUSY, 1900, 3, 12, "migrations"},
    {"redis", "Running", "Healthy", "redis://127.0.0.1:29504", LIVE_GOOD, 1720, 0, 0, NULL},
    {"api", "RuntimeUnhealthy", "Unhealthy", "health check: HTTP 500", LIVE_UNWELL, 61000, 0, 0,
     NULL},
    {"web", "FailedToStart", NULL, "exit code 1", LIVE_BAD, -1, 0, 0, NULL},
};
enum { ROWS = sizeof rows / sizeof *rows };

// The layout without its colours.
static size_t lay_out(const struct live_view *view, struct strbuf *out)
{
    AUTO_STRBUF coloured = STRBUF_INIT;
    const size_t lines = live_layout(view, &coloured);
    for (const char *at = coloured.data; *at; at++) {
        if (*at == '\033')
            at += strcspn(at, "m");
        else
            strbuf_addch(out, *at);
    }
    return lines;
}

static void expect(size_t columns, size_t lines_max, size_t selected, const char *expected,
                   size_t expected_lines)
{
    const struct live_view view = {.rows = rows,
                                   .count = ROWS,
                                   .selected = selected,
                                   .footer = "d dashboard  q quit",
                                   .columns = columns,
                                   .lines_max = lines_max};
    AUTO_STRBUF out = STRBUF_INIT;
    assert_int_equal(lay_out(&view, &out), expected_lines);
    assert_string_equal(out.data, expected);
}

static void a_wide_terminal_shows_all(void **state)
{
    (void)state;
    expect(80, 20, ROWS,
           "  postgres             Building                          3 s  61 % of 143.5 MB …\n"
           "  postgres-migrations  Starting                          1 s  3 of 12 migrations\n"
           "  redis                Running           Healthy       1.7 s  redis://127.0.0.1…\n"
           "  api                  RuntimeUnhealthy  Unhealthy  1 m 01 s  health check: HTT…\n"
           "  web                  FailedToStart                          exit code 1\n"
           "d dashboard  q quit\n",
           6);
}

static void a_narrow_one_shows_the_front(void **state)
{
    (void)state;
    expect(40, 20, 2,
           "  postgres    Building               3 s\n"
           "  postgres-…  Starting               1 s\n"
           "> redis       Running              1.7 s\n"
           "  api         RuntimeUnhealthy  1 m 01 s\n"
           "  web         FailedToStart\n"
           "d dashboard  q quit\n",
           6);
    expect(20, 20, ROWS,
           "  postgres  Buildin…\n"
           "  postgre…  Startin…\n"
           "  redis     Running…\n"
           "  api       Runtime…\n"
           "  web       FailedT…\n"
           "d dashboard  q quit\n",
           6);
    expect(1, 20, ROWS, "…\n…\n…\n…\n…\n…\n", 6);
}

static void those_that_are_up_give_way(void **state)
{
    (void)state;
    const char *const some =
        "  postgres             Building                          3 s  61 % of 143.5 MB …\n"
        "  postgres-migrations  Starting                          1 s  3 of 12 migrations\n"
        "  api                  RuntimeUnhealthy  Unhealthy  1 m 01 s  health check: HTT…\n"
        "  and 2 more, 1 of them up\n"
        "d dashboard  q quit\n";
    expect(80, 5, ROWS, some, 5);
    expect(80, 1, ROWS, "  and 5 more, 1 of them up\n", 1);
    expect(80, 0, ROWS, "", 0);
    expect(80, 3, 2,
           "> redis                Running           Healthy       1.7 s  redis://127.0.0.1…\n"
           "  and 4 more, 0 of them up\n"
           "d dashboard  q quit\n",
           3);
}

// Whatever the room, no line is wider, and there are not more of them.
static void no_line_is_too_wide(void **state)
{
    (void)state;
    for (size_t columns = 1; columns < 120; columns++)
        for (size_t lines_max = 0; lines_max < 8; lines_max++) {
            const struct live_view view = {rows, ROWS, 1, "keys 日本語", columns, lines_max};
            AUTO_STRBUF out = STRBUF_INIT;
            const size_t lines = live_layout(&view, &out);
            size_t seen = 0;
            assert_true(lines <= lines_max);
            for (char *line = out.data; *line; seen++) {
                char *end = strchr(line, '\n');
                *end = '\0';
                assert_true(terminal_width(line) <= columns);
                line = end + 1;
            }
            assert_int_equal(seen, lines);
        }
}

static void nothing_is_nothing(void **state)
{
    (void)state;
    const struct live_view view = {.columns = 80, .lines_max = 10};
    AUTO_STRBUF out = STRBUF_INIT;
    assert_int_equal(live_layout(&view, &out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_terminal_shows_all),
        cmocka_unit_test(a_narrow_one_shows_the_front),
        cmocka_unit_test(those_that_are_up_give_way),
        cmocka_unit_test(no_line_is_too_wide),
        cmocka_unit_test(nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

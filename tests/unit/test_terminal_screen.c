#include "tests/unit/test.h"

#include "base/mem.h"
#include "orchestrator/terminal/screen.h"

#define BEGIN "\033[?2026h\033[?25l"
#define UP(n) "\r\033[" #n "A\033[J"
#define OFF "\033[?7l"
#define END "\033[?7h\033[?2026l"

static void expect_frame(struct screen *screen, const char *block, size_t columns, size_t rows,
                         const char *expected)
{
    AUTO_STRBUF out = STRBUF_INIT;
    screen_frame(screen, block, columns, rows, &out);
    assert_string_equal(out.data, expected);
}

static void lines_stand_below_the_block_until_there_are_too_many(void **state)
{
    (void)state;
    struct screen *screen = screen_new();
    expect_frame(screen, "a\nb\n", 10, 5, BEGIN OFF "a\r\nb" END);
    screen_add_line(screen, 0, "", "one");
    expect_frame(screen, "a\nb\n", 10, 5, BEGIN UP(1) OFF "a\r\nb\r\none" END);
    screen_add_line(screen, 0, "", "two, and more"); // takes two rows
    expect_frame(screen, "a\nb\n", 10, 5, BEGIN UP(2) OFF "a\r\nb\r\none\r\ntwo, and m\r\nore" END);
    screen_add_line(screen, 0, "x ", "three");
    expect_frame(screen, "a\nb\n", 10, 5,
                 BEGIN UP(4) "one\r\n" OFF "a\r\nb\r\ntwo, and m\r\nore\r\nx three" END);
    // a longer block pushes lines out, too
    expect_frame(screen, "a\nb\nc\nd\n", 10, 5,
                 BEGIN UP(4) "two, and more\r\n" OFF "a\r\nb\r\nc\r\nd\r\nx three" END);
    screen_free(screen);
}

static void a_line_that_never_fits_goes_straight_above(void **state)
{
    (void)state;
    struct screen *screen = screen_new();
    screen_add_line(screen, 0, "", "a line of three rows");
    expect_frame(screen, "a\n", 8, 3, BEGIN "a line of three rows\r\n" OFF "a" END);
    screen_free(screen);
}

static void after_a_change_of_size_all_is_drawn_anew(void **state)
{
    (void)state;
    struct screen *screen = screen_new();
    AUTO_STRBUF out = STRBUF_INIT;
    screen_clear(screen, &out);
    assert_string_equal(out.data, ""); // nothing was drawn
    screen_add_line(screen, 0, "", "one");
    expect_frame(screen, "a\n", 10, 5, BEGIN OFF "a\r\none" END);
    screen_clear(screen, &out);
    assert_string_equal(out.data, "\033[H\033[J");
    expect_frame(screen, "a\n", 10, 5, BEGIN OFF "a\r\none" END);
    screen_free(screen);
}

static void leaving_ends_below(void **state)
{
    (void)state;
    struct screen *screen = screen_new();
    AUTO_STRBUF out = STRBUF_INIT;
    screen_add_line(screen, 0, "", "one");
    expect_frame(screen, "a\n", 10, 5, BEGIN OFF "a\r\none" END);
    screen_leave(screen, &out);
    assert_string_equal(out.data, "\r\n\033[?25h");
    expect_frame(screen, "a\n", 10, 5, BEGIN OFF "a" END);
    screen_free(screen);
}

// One that floods is cut to its latest lines; the others' stay, in the order in which all came.
static void a_flood_is_skipped_and_told(void **state)
{
    (void)state;
    struct screen *screen = screen_new();
    AUTO_STRBUF out = STRBUF_INIT;
    screen_add_line(screen, 1, "quiet ", "before");
    for (int i = 1; i <= 100000; i++) {
        AUTOFREE char *text = mem_printf("line %d", i);
        screen_add_line(screen, 2, "flood ", text);
        if (i == 50000)
            screen_add_line(screen, 1, "quiet ", "within");
    }
    screen_frame(screen, "", 40, SCREEN_BACKLOG + 3, &out);
    assert_non_null(strstr(out.data, OFF "quiet before\r\nquiet within\r\n"
                                         "flood \033[2m… 99800 lines skipped\033[0m\r\n"
                                         "flood line 99801\r\nflood line 99802\r\n"));
    assert_non_null(strstr(out.data, "\r\nflood line 100000" END));
    strbuf_clear(&out);
    for (int i = 0; i <= SCREEN_BACKLOG; i++)
        screen_add_line(screen, 2, "flood ", "more");
    screen_frame(screen, "", 40, SCREEN_BACKLOG + 1, &out);
    assert_non_null(strstr(out.data, OFF "flood \033[2m… 1 line skipped\033[0m\r\nflood more\r\n"));
    screen_free(screen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_stand_below_the_block_until_there_are_too_many),
        cmocka_unit_test(a_line_that_never_fits_goes_straight_above),
        cmocka_unit_test(after_a_change_of_size_all_is_drawn_anew),
        cmocka_unit_test(leaving_ends_below),
        cmocka_unit_test(a_flood_is_skipped_and_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

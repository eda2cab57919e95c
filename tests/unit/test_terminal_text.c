#include "tests/unit/test.h"

#include "base/strbuf.h"
#include "base/width.h"
#include "orchestrator/terminal/text.h"

static void expect_safe(const char *text, const char *expected)
{
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_adds(&out, "|");
    terminal_safe(text, &out);
    assert_int_equal(out.data[0], '|'); // it is appended
    assert_string_equal(out.data + 1, expected);
}

static void plain_text_stays(void **state)
{
    (void)state;
    expect_safe("", "");
    expect_safe("GET /orders 200 in 3 ms", "GET /orders 200 in 3 ms");
    expect_safe("gr\u00FCn \u2713 \U0001F433 \u200B", "gr\u00FCn \u2713 \U0001F433 \u200B");
    expect_safe("a\tb", "a b");
}

static void colours_stay_and_end_with_the_line(void **state)
{
    (void)state;
    expect_safe("\033[31mred", "\033[31mred\033[0m");
    expect_safe("\033[1;38;5;196mred\033[m plain", "\033[1;38;5;196mred\033[m plain\033[0m");
}

static void other_sequences_go(void **state)
{
    (void)state;
    expect_safe("a\033[2J\033[Hb", "ab");                             // clears the screen
    expect_safe("a\033]0;title\ab", "ab");                            // sets the title
    expect_safe("a\033]52;c;cm0gLXJm\033\\b", "ab");                  // fills the clipboard
    expect_safe("\033]8;;http://h/\033\\here\033]8;;\033\\", "here"); // a link
    expect_safe("a\033Pq#0\033\\b\033c\033(0\033=c", "abc"); // draws, resets, changes the letters
    expect_safe("a\033[?25mb\033[>4;1mb\033[1 q", "abb");    // no colours, though they end with m
    expect_safe("\033[31", "");
    expect_safe("\033", "");
    expect_safe("\033\033[31mx", "\033[31mx\033[0m");
}

static void a_sequence_without_end_hides_nothing(void **state)
{
    (void)state;
    expect_safe("\033]0;an error", "0;an error");
    expect_safe("\033Pan error", "an error");
    expect_safe("\033[12\x01"
                "an error",
                "an error");
}

static void control_characters_go(void **state)
{
    (void)state;
    expect_safe("10%\r20%\b\b\x7F!\a\v\f\x01", "10%20%!");
    // C1, which some terminals obey: CSI, OSC, NEL in one character; no colours in this form.
    expect_safe("a\xC2\x9B"
                "2Jb\xC2\x9D"
                "0;t\xC2\x85",
                "ab0;t");
    expect_safe("\u00A0\u00A9", "\u00A0\u00A9"); // the first that are none
}

static void what_is_no_utf8_shows_as_such(void **state)
{
    (void)state;
    expect_safe("caf\xE9", "caf\uFFFD");
    expect_safe("\x9B"
                "2J",
                "\uFFFD"
                "2J");
    expect_safe("\xE2\x82", "\uFFFD\uFFFD");
    expect_safe("\xC0\x9B\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD");
}

static void width_is_that_of_the_characters(void **state)
{
    (void)state;
    assert_int_equal(terminal_width(""), 0);
    assert_int_equal(terminal_width("plain"), 5);
    assert_int_equal(terminal_width("\033[31mred\033[0m"), 3);
    assert_int_equal(terminal_width("日本語"), 6);
    assert_int_equal(terminal_width("e\u0301\u200B"), 1); // an accent that combines, and nothing
    assert_int_equal(terminal_width("🐳!"), 3);
    assert_int_equal(character_width(0xA0), 1);
    assert_int_equal(character_width(0xFF21), 2); // full width A
    assert_int_equal(character_width(0x10FFFF), 1);
}

static void expect_fit(const char *safe, size_t columns, const char *expected, size_t taken)
{
    AUTO_STRBUF out = STRBUF_INIT;
    assert_int_equal(terminal_fit(safe, columns, &out), taken);
    assert_string_equal(out.data, expected);
}

static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    expect_fit("postgres", 8, "postgres", 8);
    expect_fit("postgres", 7, "postgr…", 7);
    expect_fit("postgres", 1, "…", 1);
    expect_fit("postgres", 0, "", 0);
    expect_fit("日本語", 5, "日本…", 5);
    expect_fit("日本語", 4, "日…", 3); // half a character is none
    expect_fit("\033[31mred wine\033[0m", 5, "\033[31mred …\033[0m", 5);
}

static void expect_wrapped(const char *safe, size_t columns, const char *expected, size_t rows)
{
    AUTO_STRBUF out = STRBUF_INIT;
    assert_int_equal(terminal_wrap(safe, columns, "|", &out), rows);
    assert_int_equal(terminal_rows(safe, columns), rows);
    assert_string_equal(out.data, expected);
}

static void long_lines_take_several_rows(void **state)
{
    (void)state;
    expect_wrapped("", 4, "", 1);
    expect_wrapped("four", 4, "four", 1);
    expect_wrapped("fives", 4, "five|s", 2);
    expect_wrapped("日本語", 5, "日本|語", 2);
    expect_wrapped("日本", 1, "日|本", 2); // a row takes one character at least
    expect_wrapped("\033[31mabcd\033[0m", 2, "\033[31mab|cd\033[0m", 2);
    expect_wrapped("ae\u0301", 2, "ae\u0301", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(colours_stay_and_end_with_the_line),
        cmocka_unit_test(other_sequences_go),
        cmocka_unit_test(a_sequence_without_end_hides_nothing),
        cmocka_unit_test(control_characters_go),
        cmocka_unit_test(what_is_no_utf8_shows_as_such),
        cmocka_unit_test(width_is_that_of_the_characters),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(long_lines_take_several_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include "base/strbuf.h"
#include "orchestrator/cli/start_output.h"

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

static void other_sequences_lose_their_power(void **state)
{
    (void)state;
    expect_safe("\033[2J\033[H", "[2J[H");                       // clears the screen
    expect_safe("\033]0;title\a", "]0;title");                   // sets the title
    expect_safe("\033]52;c;cm0gLXJm\033\\", "]52;c;cm0gLXJm\\"); // fills the clipboard
    expect_safe("\033c\033(0", "c(0");                           // resets, draws boxes
    expect_safe("\033[31", "[31");
    expect_safe("\033[?25m", "[?25m");
    expect_safe("\033", "");
    expect_safe("\033\033[31mx", "\033[31mx\033[0m");
}

static void control_characters_go(void **state)
{
    (void)state;
    expect_safe("10%\r20%\b\b\x7F!\a\v\f\x01", "10%20%!");
    // C1, which some terminals obey: CSI, OSC, NEL in one character.
    expect_safe("a\xC2\x9B"
                "2Jb\xC2\x9D"
                "0;t\xC2\x85",
                "a2Jb0;t");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays),
        cmocka_unit_test(colours_stay_and_end_with_the_line),
        cmocka_unit_test(other_sequences_lose_their_power),
        cmocka_unit_test(control_characters_go),
        cmocka_unit_test(what_is_no_utf8_shows_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

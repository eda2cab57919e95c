#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "orchestrator/docker/log_cursor.h"

// Entry i of a log, with the stamp of second `second`.
static void entry_text(char out[128], int second, int i)
{
    snprintf(out, 128, "2026-01-31T%02d:%02d:%02d.000000007Z entry %d\n", second / 3600,
             second / 60 % 60, second % 60, i);
}

// Feeds an entry in pieces of `step` bytes and appends what is left of it.
static void feed(struct log_cursor *cursor, const char *text, size_t step, struct strbuf *out)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += step) {
        size_t piece = length - at < step ? length - at : step;
        size_t taken = log_cursor_take(cursor, at == 0, text + at, piece);
        assert_true(taken <= piece);
        strbuf_add(out, text + at + taken, piece - taken);
    }
}

// A log whose entry i has the time times(i), followed up to `seen` and then read on: the engine
// gives what is not before `since`. What comes out is the log, every entry once.
static void check_log(int (*second_of)(int i), int count, int seen, size_t step)
{
    struct log_cursor cursor = {0};
    AUTO_STRBUF out = STRBUF_INIT, expected = STRBUF_INIT, since = STRBUF_INIT;
    char text[128];
    for (int i = 0; i < count; i++) {
        entry_text(text, second_of(i), i);
        strbuf_adds(&expected, strchr(text, ' ') + 1);
        if (i < seen)
            feed(&cursor, text, step, &out);
    }
    assert_true(log_cursor_read_on(&cursor, &since));
    // 2026-01-31 in Unix time
    long from = since.len ? strtol(since.data, NULL, 10) - 1769817600 : 0;
    if (since.len)
        assert_string_equal(strchr(since.data, '.'), ".000000007");
    assert_int_equal(since.len > 0, seen > 0);
    int given = 0;
    for (int i = 0; i < count; i++) {
        if (second_of(i) < from)
            continue;
        entry_text(text, second_of(i), i);
        feed(&cursor, text, step, &out);
        given++;
    }
    assert_string_equal(out.data, expected.data);
    // Not the whole log again.
    assert_true(given <= count - seen + 1200);
}

static int in_order(int i)
{
    return i;
}

static int many_at_a_time(int i)
{
    return i / 7;
}

static int out_of_order(int i)
{
    return i % 5 == 0 && i > 20 ? i - 9 : i;
}

// One writer held its entry while the other wrote hundreds.
static int held_back(int i)
{
    return i == 900 ? 0 : i / 300;
}

static void reading_on_leaves_nothing_out_and_repeats_nothing(void **state)
{
    (void)state;
    static const int seen[] = {0, 1, 2, 255, 256, 257, 258, 511, 513, 899, 900, 901, 1999, 2000};
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
        for (size_t step = 1; step < 60; step += 29) {
            check_log(in_order, 2000, seen[i], step);
            check_log(many_at_a_time, 2000, seen[i], step);
            check_log(out_of_order, 2000, seen[i], step);
            check_log(held_back, 2000, seen[i], step);
        }
    }
}

static void an_engine_that_gives_more_than_asked_for_is_cut(void **state)
{
    (void)state;
    struct log_cursor cursor = {0};
    AUTO_STRBUF out = STRBUF_INIT, since = STRBUF_INIT;
    char text[128];
    for (int i = 0; i < 600; i++) {
        entry_text(text, i, i);
        feed(&cursor, text, 64, &out);
    }
    assert_true(log_cursor_read_on(&cursor, &since));
    strbuf_clear(&out);
    for (int i = 0; i < 601; i++) {
        entry_text(text, i, i);
        feed(&cursor, text, 64, &out);
    }
    assert_string_equal(out.data, "entry 600\n");
}

static void stamps_of_other_forms_are_taken_off_and_not_gone_by(void **state)
{
    (void)state;
    static const char *const stamps[] = {
        "2026-01-31T12:00:00.5+01:00",    "2026-01-31T12:00:00.123456789+01:00", "x",
        "2026-01-31 12:00:00.123456789Z", "2026-1-31T12:00:00.1234567890Z",
    };
    for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
        struct log_cursor cursor = {0};
        AUTO_STRBUF out = STRBUF_INIT, since = STRBUF_INIT;
        char text[128];
        snprintf(text, sizeof text, "%s text\n", stamps[i]);
        feed(&cursor, text, 5, &out);
        assert_non_null(strstr(out.data, "text\n"));
        assert_false(log_cursor_read_on(&cursor, &since));
        assert_string_equal(since.data, "");
    }
}

static void text_without_a_stamp_is_not_kept_back_for_ever(void **state)
{
    (void)state;
    struct log_cursor cursor = {0};
    AUTO_STRBUF out = STRBUF_INIT;
    feed(&cursor, "a-line-without-any-blank-that-is-longer-than-a-stamp-can-be\n", 3, &out);
    assert_string_equal(out.data, "than-a-stamp-can-be\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_on_leaves_nothing_out_and_repeats_nothing),
        cmocka_unit_test(an_engine_that_gives_more_than_asked_for_is_cut),
        cmocka_unit_test(stamps_of_other_forms_are_taken_off_and_not_gone_by),
        cmocka_unit_test(text_without_a_stamp_is_not_kept_back_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

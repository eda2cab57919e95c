#include "tests/unit/workspace_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "orchestrator/state/logs.h"

enum { SEGMENT_BYTES = 4 * 1024 * 1024, LINE_BYTES = 16 * 1024 };

struct kept {
    int64_t id;
    enum log_stream stream;
    char time[32];
    char *text;
};

struct reader {
    VEC_OF(struct kept) lines;
    size_t stop_after; // 0: never
};

struct logs {
    struct workspace_fixture *files;
    char *directory;
    struct redactor *redactor;
    struct log *log;
    struct reader heard; // by on_line
    struct reader read;
};

static bool keep(void *context, const struct log_line *line)
{
    struct reader *reader = context;
    struct kept kept = {.id = line->id, .stream = line->stream, .text = mem_strdup(line->text)};
    snprintf(kept.time, sizeof kept.time, "%s", line->time);
    vec_push(&reader->lines, kept);
    return reader->lines.len != reader->stop_after;
}

static void reader_clear(struct reader *reader)
{
    vec_each (line, &reader->lines)
        free(line->text);
    vec_release(&reader->lines);
}

static void open_log(struct logs *logs)
{
    struct err err;
    if (log_open(logs->directory, "api", logs->redactor, keep, &logs->heard, &logs->log, &err))
        fail_msg("%s", err.message);
}

static int setup(void **state)
{
    struct logs *logs = mem_alloc(sizeof *logs);
    void *files = NULL;
    if (workspace_fixture_setup(&files))
        return -1;
    logs->files = files;
    logs->directory = workspace_path(&logs->files->workspace, "logs");
    logs->redactor = redactor_new();
    open_log(logs);
    *state = logs;
    return 0;
}

static int teardown(void **state)
{
    struct logs *logs = *state;
    log_close(logs->log);
    redactor_free(logs->redactor);
    reader_clear(&logs->heard);
    reader_clear(&logs->read);
    free(logs->directory);
    void *files = logs->files;
    free(logs);
    return workspace_fixture_teardown(&files);
}

static void append(struct logs *logs, enum log_stream stream, const char *text)
{
    log_append(logs->log, stream, text, strlen(text));
}

// Reads anew into logs->read; returns `next`.
static int64_t read_log(struct logs *logs, int64_t after, size_t limit)
{
    int64_t next = -1;
    reader_clear(&logs->read);
    const size_t count = log_read(logs->directory, "api", after, limit, keep, &logs->read, &next);
    assert_int_equal(count, logs->read.lines.len);
    assert_true(count <= limit);
    if (count)
        assert_int_equal(next, logs->read.lines.items[count - 1].id);
    else
        assert_int_equal(next, after);
    return next;
}

// The texts of all lines, joined by '|', with a letter for the stream.
static void expect_lines(struct logs *logs, const char *expected)
{
    AUTO_STRBUF text = STRBUF_INIT;
    read_log(logs, 0, 1000);
    vec_each (line, &logs->read.lines)
        strbuf_addf(&text, "%s%c:%s", text.len ? "|" : "", "soe"[line->stream], line -> text);
    assert_string_equal(text.data, expected);
    // What was told as it was written is what is read.
    if (logs->heard.lines.len != logs->read.lines.len)
        return;
    for (size_t i = 0; i < logs->read.lines.len; i++) {
        const struct kept *heard = &logs->heard.lines.items[i], *read = &logs->read.lines.items[i];
        assert_int_equal(heard->id, read->id);
        assert_int_equal(heard->stream, read->stream);
        assert_string_equal(heard->time, read->time);
        assert_string_equal(heard->text, read->text);
    }
}

static void lines_are_put_together_for_each_stream(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "hel");
    append(logs, LOG_STDERR, "oh");
    append(logs, LOG_STDOUT, "lo\nwor");
    append(logs, LOG_SYSTEM, "started\n");
    append(logs, LOG_STDERR, " no\n");
    append(logs, LOG_STDOUT, "ld\n\nlast");
    assert_int_equal(logs->heard.lines.len, 5);
    expect_lines(logs, "o:hello|s:started|e:oh no|o:world|o:");
    log_flush(logs->log);
    expect_lines(logs, "o:hello|s:started|e:oh no|o:world|o:|o:last");
    log_flush(logs->log);
    assert_int_equal(logs->heard.lines.len, 6);
    vec_each (line, &logs->heard.lines) {
        assert_int_equal(strlen(line->time), 24);
        assert_int_equal(line->time[23], 'Z');
    }
}

static void closing_keeps_what_was_not_ended(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "no line end");
    append(logs, LOG_STDERR, "nor here");
    log_close(TAKE(logs->log));
    log_close(NULL);
    expect_lines(logs, "o:no line end|e:nor here");
}

static void text_is_kept_as_utf8_on_one_line(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "windows\r\nbar 1%\rbar 2%\r\n\r\n");
    static const char odd[] = "a\0b\xFF\xC3\xA9\xE2\x82\n";
    log_append(logs->log, LOG_STDOUT, odd, sizeof odd - 1);
    append(logs, LOG_STDOUT, "\xE2"); // a character in two pieces
    append(logs, LOG_STDOUT, "\x82\xAC\n");
    expect_lines(logs, "o:windows|o:bar 1%\rbar 2%|o:|o:a b\uFFFD\u00E9\uFFFD\uFFFD|o:\u20AC");
}

static char *repeat(char c, size_t count)
{
    char *text = mem_alloc(count + 1);
    memset(text, c, count);
    return text;
}

static void expect_lengths(const struct logs *logs, const size_t *lengths, size_t count)
{
    assert_int_equal(logs->heard.lines.len, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(strlen(logs->heard.lines.items[i].text), lengths[i]);
}

static void very_long_lines_are_cut(void **state)
{
    struct logs *logs = *state;
    AUTOFREE char *text = repeat('x', 3 * LINE_BYTES);
    log_append(logs->log, LOG_STDOUT, text, 2 * LINE_BYTES + 100);
    assert_int_equal(logs->heard.lines.len, 2);
    append(logs, LOG_STDOUT, "\n");
    expect_lengths(logs, (size_t[]){LINE_BYTES, LINE_BYTES, 100}, 3);
}

// However the pieces fall, a line of just that length is one line.
static void the_longest_line_is_whole(void **state)
{
    struct logs *logs = *state;
    AUTOFREE char *text = repeat('x', LINE_BYTES + 2);
    log_append(logs->log, LOG_STDOUT, text, LINE_BYTES);
    append(logs, LOG_STDOUT, "\n");
    text[LINE_BYTES] = '\n';
    log_append(logs->log, LOG_STDOUT, text, LINE_BYTES + 1);
    log_append(logs->log, LOG_STDOUT, text, 1);
    log_append(logs->log, LOG_STDOUT, text, LINE_BYTES - 1);
    append(logs, LOG_STDOUT, "\nnext\n");
    expect_lengths(logs, (size_t[]){LINE_BYTES, LINE_BYTES, LINE_BYTES, 4}, 4);
}

static void a_cut_is_between_characters(void **state)
{
    struct logs *logs = *state;
    AUTOFREE char *text = repeat('x', LINE_BYTES - 2);
    append(logs, LOG_STDOUT, text);
    append(logs, LOG_STDOUT, "\u20AC and on\n");
    expect_lengths(logs, (size_t[]){LINE_BYTES - 2, 10}, 2);
    assert_string_equal(logs->heard.lines.items[1].text, "\u20AC and on");
}

static void secrets_are_never_written(void **state)
{
    struct logs *logs = *state;
    redactor_add(logs->redactor, "correct-horse");
    redactor_add(logs->redactor, "correct-horse-battery");
    append(logs, LOG_STDOUT, "password=correct");
    append(logs, LOG_STDERR, "between\n");
    append(logs, LOG_STDOUT, "-horse-battery!\n");
    append(logs, LOG_SYSTEM, "correct-horse is it\n");
    append(logs, LOG_STDOUT, "correct-hors is not\n");
    expect_lines(logs, "e:between|o:password=****!|s:**** is it|o:correct-hors is not");
}

static void a_cut_gives_no_secret_away(void **state)
{
    struct logs *logs = *state;
    static const char secret[] = "0123456789abcdef";
    redactor_add(logs->redactor, secret);
    for (size_t before = LINE_BYTES - sizeof secret; before <= LINE_BYTES; before++) {
        AUTOFREE char *text = repeat('x', before);
        append(logs, LOG_STDOUT, text);
        append(logs, LOG_STDOUT, secret);
        append(logs, LOG_STDOUT, " tail tail tail tail\n");
    }
    log_flush(logs->log);
    size_t hidden = 0;
    vec_each (line, &logs->heard.lines) {
        assert_null(strpbrk(line->text, "0123456789"));
        hidden += strstr(line->text, "****") != NULL;
    }
    assert_int_equal(hidden, sizeof secret + 1);
}

static void a_secret_longer_than_a_line_stops_nothing(void **state)
{
    struct logs *logs = *state;
    AUTOFREE char *secret = repeat('s', 2 * LINE_BYTES);
    redactor_add(logs->redactor, secret);
    append(logs, LOG_STDOUT, secret);
    append(logs, LOG_STDOUT, "\nnext\n");
    assert_string_equal(logs->heard.lines.items[logs->heard.lines.len - 1].text, "next");
}

static void reading_goes_on_from_an_id(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "1\n2\n3\n4\n5\n");
    int64_t next = read_log(logs, 0, 2); // the last ones
    assert_string_equal(logs->read.lines.items[0].text, "4");
    assert_int_equal(read_log(logs, next, 100), next);
    append(logs, LOG_STDOUT, "6\n7\n8\n");
    next = read_log(logs, next, 2); // the next ones
    assert_string_equal(logs->read.lines.items[0].text, "6");
    next = read_log(logs, next, 2);
    assert_int_equal(logs->read.lines.len, 1);
    assert_string_equal(logs->read.lines.items[0].text, "8");

    logs->read.stop_after = 3;
    next = read_log(logs, 0, 100);
    assert_int_equal(logs->read.lines.len, 3);
    assert_int_equal(next, logs->heard.lines.items[2].id);
    logs->read.stop_after = 0;
    assert_int_equal(read_log(logs, 0, 0), 0);
}

static void a_log_that_began_anew_is_noticed(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "one\ntwo\n");
    const int64_t last = logs->heard.lines.items[1].id;
    log_close(TAKE(logs->log));
    AUTOFREE char *path = path_join(logs->directory, "api.000000000000000.log");
    assert_int_equal(unlink(path), 0);
    int64_t next = -1;
    assert_int_equal(log_read(logs->directory, "api", last, 10, keep, &logs->read, &next), 0);
    assert_int_equal(next, 0);
    open_log(logs);
    append(logs, LOG_STDOUT, "anew\n");
    assert_int_equal(log_read(logs->directory, "api", last, 10, keep, &logs->read, &next), 0);
    assert_true(next < last);
    read_log(logs, 0, 10);
    assert_string_equal(logs->read.lines.items[0].text, "anew");
}

static void only_its_own_files_are_read(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "mine\n");
    static const char *const others[] = {"api.v2.000000000000000.log",
                                         "api-2.000000000000000.log",
                                         "api.000000000000000.log.gz",
                                         "api.00000000000000.log",
                                         "api.log",
                                         "apis.000000000000000.log"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        AUTOFREE char *name = mem_printf(".berth/logs/%s", others[i]);
        workspace_fixture_write(logs->files, name, "2026-01-31T12:00:00.000Z out another's\n");
    }
    expect_lines(logs, "o:mine");
    int64_t next = -1;
    assert_int_equal(log_read(logs->directory, "ap", 0, 10, keep, &logs->read, &next), 0);
    assert_int_equal(next, 0);
    assert_int_equal(log_read("/nowhere", "api", 7, 10, keep, &logs->read, &next), 0);
    assert_int_equal(next, 0);

    AUTOFREE char *path = path_join(logs->directory, "api.000000000000000.log");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(logs->directory, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
}

static void ids_go_on_in_the_next_run(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "one\ntwo\n");
    const int64_t last = logs->heard.lines.items[1].id;
    log_close(logs->log);
    open_log(logs);
    append(logs, LOG_STDOUT, "three\n");
    assert_true(logs->heard.lines.items[2].id > last);
    read_log(logs, last, 10);
    assert_int_equal(logs->read.lines.len, 1);
    assert_string_equal(logs->read.lines.items[0].text, "three");
    expect_lines(logs, "o:one|o:two|o:three");
}

static void a_torn_line_harms_no_other(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "whole\n");
    log_close(TAKE(logs->log));
    AUTOFREE char *path = path_join(logs->directory, "api.000000000000000.log");
    FILE *file = fopen(path, "ae");
    assert_non_null(file);
    fputs("2026-01-31T12:00:00.000Z out to", file);
    fclose(file);
    expect_lines(logs, "o:whole"); // it may still be on its way
    open_log(logs);
    append(logs, LOG_STDERR, "next\n");
    expect_lines(logs, "o:whole|o:to|e:next");
    const int64_t next = logs->heard.lines.items[1].id;
    assert_int_equal(logs->read.lines.items[2].id, next);
}

static void lines_of_another_shape_are_given_as_they_lie(void **state)
{
    struct logs *logs = *state;
    workspace_fixture_write(logs->files, ".berth/logs/api.000000000000000.log",
                            "short\n\n2026-01-31T12:00:00.000Z\n"
                            "2026-01-31T12:00:00.000Z err yes\n"
                            "2026-01-31T12:00:00.000Z odd no\n");
    expect_lines(logs, "o:short|o:|o:2026-01-31T12:00:00.000Z|e:yes|o:no");
    assert_string_equal(logs->read.lines.items[0].time, "");
    assert_string_equal(logs->read.lines.items[3].time, "2026-01-31T12:00:00.000Z");
}

// More than two segments' worth of numbered lines.
static int write_segments(struct logs *logs)
{
    AUTOFREE char *filler = repeat('x', LINE_BYTES - 100);
    int number = 0;
    while (number < 5 * SEGMENT_BYTES / 2 / LINE_BYTES) {
        AUTOFREE char *line = mem_printf("%d %s\n", number++, filler);
        append(logs, LOG_STDOUT, line);
    }
    return number;
}

static bool segment_exists(const struct logs *logs, int64_t start)
{
    AUTOFREE char *path = mem_printf("%s/api.%015lld.log", logs->directory, (long long)start);
    return file_exists(path);
}

static int number_of(const struct kept *line)
{
    return (int)strtol(line->text, NULL, 10);
}

static void two_segments_are_kept(void **state)
{
    struct logs *logs = *state;
    const int count = write_segments(logs);
    for (int i = 1; i < count; i++)
        assert_true(logs->heard.lines.items[i].id > logs->heard.lines.items[i - 1].id);
    assert_false(segment_exists(logs, 0));

    // All that is there: after word of what has gone, without a gap to the last line.
    int64_t next = read_log(logs, 1, (size_t)count);
    assert_true(logs->read.lines.len < (size_t)count);
    const int first = number_of(&logs->read.lines.items[1]);
    assert_true(first > 0);
    const struct kept *gap = &logs->read.lines.items[0];
    AUTOFREE char *skipped = mem_printf("… %.1f MB skipped", (double)(gap->id - 1) / 1e6);
    assert_string_equal(gap->text, skipped);
    assert_int_equal(gap->stream, LOG_SYSTEM);
    assert_int_equal(gap->id, logs->heard.lines.items[first - 1].id);
    for (int i = first; i < count; i++) {
        assert_int_equal(number_of(&logs->read.lines.items[i - first + 1]), i);
        assert_int_equal(logs->read.lines.items[i - first + 1].id, logs->heard.lines.items[i].id);
    }
    assert_int_equal(next, logs->heard.lines.items[count - 1].id);
    assert_int_equal(logs->read.lines.len, count - first + 1);

    // Piece by piece it is the same, over the border of the segments.
    int64_t at = gap->id;
    for (int i = first; i < count;) {
        at = read_log(logs, at, 7);
        for (size_t k = 0; k < logs->read.lines.len; k++, i++)
            assert_int_equal(number_of(&logs->read.lines.items[k]), i);
    }
    // An id that has gone with its segment: word of it, and on from the oldest line that is left.
    at = read_log(logs, logs->heard.lines.items[0].id, 1);
    assert_non_null(strstr(logs->read.lines.items[0].text, "skipped"));
    read_log(logs, at, 1);
    assert_int_equal(number_of(&logs->read.lines.items[0]), first);
}

// Lines that come in one piece are one write, and yet each is heard of by its own id.
static void a_flood_is_kept_whole(void **state)
{
    struct logs *logs = *state;
    AUTO_STRBUF piece = STRBUF_INIT;
    enum { LINES = 20000 };
    for (int i = 0; i < LINES; i++)
        strbuf_addf(&piece, "%d of a flood\n", i);
    append(logs, LOG_STDOUT, piece.data);
    assert_int_equal(logs->heard.lines.len, LINES);
    read_log(logs, 0, LINES);
    assert_int_equal(logs->read.lines.len, LINES);
    for (int i = 0; i < LINES; i++) {
        assert_int_equal(number_of(&logs->read.lines.items[i]), i);
        assert_int_equal(logs->read.lines.items[i].id, logs->heard.lines.items[i].id);
    }
}

static void tail_and_next_run_know_both_segments(void **state)
{
    struct logs *logs = *state;
    const int count = write_segments(logs);
    for (int limit = 1; limit < count; limit += 61) {
        read_log(logs, 0, (size_t)limit);
        const size_t got = logs->read.lines.len;
        assert_int_equal(number_of(&logs->read.lines.items[got - 1]), count - 1);
        assert_int_equal(number_of(&logs->read.lines.items[0]), count - (int)got);
        if (segment_exists(logs, 0) || (int)got < limit) // all there is
            break;
        assert_int_equal(got, limit);
    }
    const int64_t last = logs->heard.lines.items[count - 1].id;
    log_close(logs->log);
    open_log(logs);
    append(logs, LOG_STDOUT, "4711 next\n");
    read_log(logs, last, 10);
    assert_int_equal(logs->read.lines.len, 1);
    assert_int_equal(number_of(&logs->read.lines.items[0]), 4711);
    assert_int_equal(logs->read.lines.items[0].id, logs->heard.lines.items[count].id);
}

static void set_file_limit(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_tears_no_line(void **state)
{
    struct logs *logs = *state;
    append(logs, LOG_STDOUT, "before\n");
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    set_file_limit((rlim_t)logs->heard.lines.items[0].id + 20); // half a line
    append(logs, LOG_STDOUT, "lost\n");
    set_file_limit(RLIM_INFINITY);
    append(logs, LOG_STDOUT, "after\n");
    signal(SIGXFSZ, handler);
    assert_int_equal(logs->heard.lines.len, 3); // who watches live has seen it
    read_log(logs, 0, 10);
    assert_int_equal(logs->read.lines.len, 2);
    assert_string_equal(logs->read.lines.items[0].text, "before");
    assert_string_equal(logs->read.lines.items[1].text, "after");
    assert_int_equal(logs->read.lines.items[1].id, logs->heard.lines.items[2].id);
}

static void a_directory_that_cannot_be_made_is_an_error(void **state)
{
    struct logs *logs = *state;
    struct log *log = NULL;
    struct err err;
    workspace_fixture_write(logs->files, "file", "");
    AUTOFREE char *below = path_join(logs->files->root, "file/logs");
    assert_int_equal(log_open(below, "api", NULL, NULL, NULL, &log, &err), -1);
    assert_null(log);
    assert_non_null(strstr(err.message, "file/logs"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(lines_are_put_together_for_each_stream),
        TEST(closing_keeps_what_was_not_ended),
        TEST(text_is_kept_as_utf8_on_one_line),
        TEST(very_long_lines_are_cut),
        TEST(the_longest_line_is_whole),
        TEST(a_cut_is_between_characters),
        TEST(secrets_are_never_written),
        TEST(a_cut_gives_no_secret_away),
        TEST(a_secret_longer_than_a_line_stops_nothing),
        TEST(reading_goes_on_from_an_id),
        TEST(a_log_that_began_anew_is_noticed),
        TEST(only_its_own_files_are_read),
        TEST(ids_go_on_in_the_next_run),
        TEST(a_torn_line_harms_no_other),
        TEST(lines_of_another_shape_are_given_as_they_lie),
        TEST(a_flood_is_kept_whole),
        TEST(two_segments_are_kept),
        TEST(tail_and_next_run_know_both_segments),
        TEST(a_full_disk_tears_no_line),
        TEST(a_directory_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

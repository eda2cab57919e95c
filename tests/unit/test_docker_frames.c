#include "tests/unit/test.h"

#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/docker/frames.h"

struct received {
    struct strbuf out, err;
    int pieces, frames, stop_after;
};

static bool receive(void *context, const struct frame_piece *piece)
{
    struct received *received = context;
    assert_true(piece->length > 0);
    assert_true(piece->stream == 1 || piece->stream == 2);
    strbuf_add(piece->stream == 1 ? &received->out : &received->err, piece->bytes, piece->length);
    received->frames += piece->begins;
    return ++received->pieces != received->stop_after;
}

static void received_release(struct received *received)
{
    strbuf_release(&received->out);
    strbuf_release(&received->err);
}
#define RECEIVED CLEANUP(received_release) struct received
#define RECEIVED_INIT                           \
    {                                           \
        .out = STRBUF_INIT, .err = STRBUF_INIT, \
    }

static void add_frame(struct strbuf *data, unsigned char stream, const char *text, size_t length)
{
    unsigned char header[8] = {stream, 0, 0, 0};
    for (int i = 0; i < 4; i++)
        header[4 + i] = (unsigned char)(length >> (24 - 8 * i));
    strbuf_add(data, header, sizeof header);
    strbuf_adds(data, text);
}

static void frames_come_apart_wherever_they_are_split(void **state)
{
    (void)state;
    AUTO_STRBUF data = STRBUF_INIT;
    add_frame(&data, 1, "one", 3);
    add_frame(&data, 2, "two!", 4);
    add_frame(&data, 1, "", 0);
    add_frame(&data, 3, "three", 5);
    add_frame(&data, 0, "four", 4);
    for (size_t first = 0; first <= data.len; first++) {
        for (size_t second = first; second <= data.len; second++) {
            struct frames frames = {0};
            struct err err;
            RECEIVED got = RECEIVED_INIT;
            assert_int_equal(frames_push(&frames, data.data, first, receive, &got, &err), 0);
            assert_int_equal(
                frames_push(&frames, data.data + first, second - first, receive, &got, &err), 0);
            assert_int_equal(
                frames_push(&frames, data.data + second, data.len - second, receive, &got, &err),
                0);
            assert_string_equal(got.out.data, "onefour");
            assert_string_equal(got.err.data, "two!three");
            assert_int_equal(got.frames, 4);
            assert_true(frames_at_end(&frames));
        }
    }
}

static void a_frame_that_has_not_ended_is_known(void **state)
{
    (void)state;
    struct frames frames = {0};
    struct err err;
    RECEIVED got = RECEIVED_INIT;
    AUTO_STRBUF data = STRBUF_INIT;
    assert_true(frames_at_end(&frames));
    add_frame(&data, 1, "half", 8);
    assert_int_equal(frames_push(&frames, data.data, 3, receive, &got, &err), 0);
    assert_false(frames_at_end(&frames));
    assert_int_equal(frames_push(&frames, data.data + 3, data.len - 3, receive, &got, &err), 0);
    assert_false(frames_at_end(&frames));
    assert_string_equal(got.out.data, "half");
    assert_int_equal(frames_push(&frames, "rest", 4, receive, &got, &err), 0);
    assert_true(frames_at_end(&frames));
}

static void a_frame_of_four_gigabytes_is_handed_on_as_it_comes(void **state)
{
    (void)state;
    struct frames frames = {0};
    struct err err;
    RECEIVED got = RECEIVED_INIT;
    assert_int_equal(frames_push(&frames,
                                 "\2\0\0\0\xff\xff\xff\xff"
                                 "abc",
                                 11, receive, &got, &err),
                     0);
    assert_string_equal(got.err.data, "abc");
    assert_int_equal(frames.left, 0xFFFFFFFF - 3);
}

static void what_is_no_frame_is_an_error_after_what_was_good(void **state)
{
    (void)state;
    static const char *const bad[] = {"\4\0\0\0\0\0\0\1", "\1\1\0\0\0\0\0\1", "\1\0\1\0\0\0\0\1",
                                      "\1\0\0\1\0\0\0\1", "plain text"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct frames frames = {0};
        struct err err;
        RECEIVED got = RECEIVED_INIT;
        AUTO_STRBUF data = STRBUF_INIT;
        add_frame(&data, 1, "good", 4);
        strbuf_add(&data, bad[i], 8);
        assert_int_equal(frames_push(&frames, data.data, data.len, receive, &got, &err), -1);
        assert_string_equal(got.out.data, "good");
        assert_non_null(strstr(err.message, "not framed"));
    }
}

static void a_receiver_may_stop(void **state)
{
    (void)state;
    struct frames frames = {0};
    struct err err;
    RECEIVED got = RECEIVED_INIT;
    got.stop_after = 1;
    AUTO_STRBUF data = STRBUF_INIT;
    add_frame(&data, 1, "a", 1);
    add_frame(&data, 1, "b", 1);
    assert_int_equal(frames_push(&frames, data.data, data.len, receive, &got, &err), 0);
    assert_string_equal(got.out.data, "a");
}

static void a_ttys_output_passes_as_it_is(void **state)
{
    (void)state;
    struct frames frames = {.is_raw = true};
    struct err err;
    RECEIVED got = RECEIVED_INIT;
    assert_int_equal(frames_push(&frames, "", 0, receive, &got, &err), 0);
    assert_int_equal(frames_push(&frames, "plain text", 10, receive, &got, &err), 0);
    assert_string_equal(got.out.data, "plain text");
    assert_true(frames_at_end(&frames));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_apart_wherever_they_are_split),
        cmocka_unit_test(a_frame_that_has_not_ended_is_known),
        cmocka_unit_test(a_frame_of_four_gigabytes_is_handed_on_as_it_comes),
        cmocka_unit_test(what_is_no_frame_is_an_error_after_what_was_good),
        cmocka_unit_test(a_receiver_may_stop),
        cmocka_unit_test(a_ttys_output_passes_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

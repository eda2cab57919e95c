#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/loop/loop.h"

// What happened, a letter each.
static struct strbuf trace = STRBUF_INIT;

static int setup(void **state)
{
    strbuf_release(&trace);
    *state = loop_new();
    return 0;
}

static int teardown(void **state)
{
    loop_free(*state);
    strbuf_release(&trace);
    return 0;
}

static void stop(void *loop)
{
    loop_stop(loop);
}

#define LETTER(c) ((void *)(intptr_t)(c))

static void add_letter(void *letter)
{
    strbuf_addch(&trace, (char)(intptr_t)letter);
}

static void run_for(struct loop *loop, int64_t delay_ms)
{
    struct loop_timer *timer = loop_timer_new(loop, stop, loop);
    loop_timer_set(timer, delay_ms);
    loop_run(loop);
    loop_timer_free(timer);
}

static void timers_fire_in_order_and_never_early(void **state)
{
    struct loop *loop = *state;
    struct loop_timer *late = loop_timer_new(loop, add_letter, LETTER('l'));
    struct loop_timer *soon = loop_timer_new(loop, add_letter, LETTER('s'));
    struct loop_timer *never = loop_timer_new(loop, add_letter, LETTER('n'));
    loop_timer_set(late, 8);
    loop_timer_set(never, 2);
    loop_timer_set(soon, 4);
    loop_timer_clear(never);
    assert_true(loop_timer_pending(soon));
    assert_false(loop_timer_pending(never));
    for (int64_t delay_ms = 1; delay_ms < 12; delay_ms += 5) {
        int64_t before_us = clock_monotonic_us();
        run_for(loop, delay_ms);
        assert_true(clock_monotonic_us() - before_us >= delay_ms * 1000);
    }
    assert_string_equal(trace.data, "sl");
    assert_false(loop_timer_pending(soon));
    loop_timer_free(late);
    loop_timer_free(soon);
    loop_timer_free(never);
    loop_timer_free(NULL);
}

static void setting_a_timer_again_moves_it(void **state)
{
    struct loop *loop = *state;
    struct loop_timer *moved = loop_timer_new(loop, add_letter, LETTER('m'));
    struct loop_timer *fixed = loop_timer_new(loop, add_letter, LETTER('f'));
    loop_timer_set(moved, 1);
    loop_timer_set(fixed, 5);
    loop_timer_set(moved, 10);
    run_for(loop, 20);
    assert_string_equal(trace.data, "fm");
    // Times gone by are now.
    loop_timer_set(moved, -1);
    run_for(loop, 1);
    assert_string_equal(trace.data, "fmm");
    loop_timer_free(moved);
    loop_timer_free(fixed);
}

struct pair {
    struct loop_timer *self, *other;
};

static void free_both(void *context)
{
    struct pair *pair = context;
    strbuf_adds(&trace, "x");
    loop_timer_free(TAKE(pair->self));
    loop_timer_free(TAKE(pair->other));
}

static void a_callback_may_free_its_timer_and_others_that_are_due(void **state)
{
    struct loop *loop = *state;
    struct pair pair = {0};
    pair.self = loop_timer_new(loop, free_both, &pair);
    pair.other = loop_timer_new(loop, add_letter, LETTER('o'));
    loop_timer_set(pair.self, 0);
    loop_timer_set(pair.other, 0);
    run_for(loop, 5);
    assert_string_equal(trace.data, "x");
}

struct pipe_test {
    struct loop_watch *watch;
    int fds[2];
};

static void on_pipe(void *context, bool readable, bool writable)
{
    struct pipe_test *test = context;
    strbuf_adds(&trace, readable && !writable ? "r" : "?");
    char byte;
    if (trace.len == 2)
        assert_int_equal(read(test->fds[0], &byte, 1), 1);
}

static void on_writable(void *context, bool readable, bool writable)
{
    struct pipe_test *test = context;
    strbuf_adds(&trace, writable && !readable ? "w" : "?");
    loop_watch_change(test->watch, false, false);
}

static void watches_are_level_triggered_and_can_be_idle(void **state)
{
    struct loop *loop = *state;
    struct pipe_test test;
    assert_int_equal(pipe2(test.fds, O_CLOEXEC), 0);
    struct loop_watch *reader = loop_watch_new(loop, test.fds[0], true, false, on_pipe, &test);
    run_for(loop, 1);
    assert_string_equal(trace.data, "");
    assert_int_equal(write(test.fds[1], "x", 1), 1);
    run_for(loop, 5);
    assert_string_equal(trace.data, "rr");
    test.watch = loop_watch_new(loop, test.fds[1], false, false, on_writable, &test);
    run_for(loop, 1);
    loop_watch_change(test.watch, false, true);
    run_for(loop, 5);
    assert_string_equal(trace.data, "rrw");
    loop_watch_free(reader);
    loop_watch_free(test.watch);
    loop_watch_free(NULL);
    close(test.fds[0]);
    close(test.fds[1]);
}

static void defer_twice(void *context)
{
    strbuf_adds(&trace, "1");
    loop_defer(context, add_letter, LETTER('3'));
    strbuf_adds(&trace, "2");
}

static void timer_then_deferred(void *context)
{
    strbuf_adds(&trace, "t");
    loop_defer(context, add_letter, LETTER('d'));
    strbuf_adds(&trace, "T");
}

static void what_is_deferred_runs_once_and_in_order(void **state)
{
    struct loop *loop = *state;
    loop_defer(loop, defer_twice, loop);
    loop_defer(loop, add_letter, LETTER('b'));
    run_for(loop, 1);
    assert_string_equal(trace.data, "12b3");
    strbuf_clear(&trace);
    struct loop_timer *timer = loop_timer_new(loop, timer_then_deferred, loop);
    loop_timer_set(timer, 0);
    run_for(loop, 1);
    assert_string_equal(trace.data, "tTd");
    loop_timer_free(timer);
}

struct again {
    struct loop *loop;
    bool is_done;
};

static void defer_again(void *context)
{
    struct again *again = context;
    if (!again->is_done)
        loop_defer(again->loop, defer_again, again);
}

static void deferring_again_and_again_starves_nobody(void **state)
{
    struct again again = {.loop = *state};
    loop_defer(again.loop, defer_again, &again);
    run_for(again.loop, 2);
    again.is_done = true;
    run_for(again.loop, 0);
}

static void what_is_deferred_runs_when_the_loop_is_freed(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    loop_defer(loop, defer_twice, loop);
    loop_free(loop);
    assert_string_equal(trace.data, "123");
    loop_free(NULL);
}

static void a_stop_before_the_run_counts(void **state)
{
    struct loop *loop = *state;
    loop_stop(loop);
    loop_run(loop);
    loop_defer(loop, stop, loop);
    loop_run(loop);
    run_for(loop, 1);
}

static void signals_arrive_on_the_loop(void **state)
{
    struct loop *loop = *state;
    loop_on_signal(loop, SIGUSR1, add_letter, LETTER('1'));
    loop_on_signal(loop, SIGUSR2, stop, loop);
    raise(SIGUSR1);
    assert_string_equal(trace.data, "");
    run_for(loop, 1);
    assert_string_equal(trace.data, "1");
    raise(SIGUSR2);
    loop_run(loop);
}

static void an_idle_loop_sleeps(void **state)
{
    struct loop *loop = *state;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    run_for(loop, 100);
    getrusage(RUSAGE_SELF, &after);
    assert_true(after.ru_nvcsw - before.ru_nvcsw <= 3);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(timers_fire_in_order_and_never_early),
        TEST(setting_a_timer_again_moves_it),
        TEST(a_callback_may_free_its_timer_and_others_that_are_due),
        TEST(watches_are_level_triggered_and_can_be_idle),
        TEST(what_is_deferred_runs_once_and_in_order),
        TEST(deferring_again_and_again_starves_nobody),
        TEST(what_is_deferred_runs_when_the_loop_is_freed),
        TEST(a_stop_before_the_run_counts),
        TEST(signals_arrive_on_the_loop),
        TEST(an_idle_loop_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

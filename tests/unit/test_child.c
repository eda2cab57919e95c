#include "tests/unit/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/loop/child.h"
#include "orchestrator/state/identity.h"

// What the tests give a child of time before they call it lost; a busy machine may need it.
enum { LOST_MS = 30000 };

extern char **environ;

struct run {
    struct loop *loop;
    struct child *child;
    struct strbuf streams[3]; // by number
    struct child_exit exit;
    int exits, pieces;
    const char *stop_at; // stops the loop once standard output holds it
};

static int setup(void **state)
{
    struct run *run = mem_alloc(sizeof *run);
    run->loop = loop_new();
    for (size_t i = 0; i < 3; i++)
        run->streams[i] = (struct strbuf)STRBUF_INIT;
    *state = run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    child_free(run->child);
    loop_free(run->loop);
    for (size_t i = 0; i < 3; i++)
        strbuf_release(&run->streams[i]);
    free(run);
    return 0;
}

static void on_output(void *context, int stream, const char *bytes, size_t length)
{
    struct run *run = context;
    assert_true(stream == 1 || stream == 2);
    strbuf_add(&run->streams[stream], bytes, length);
    if (run->stop_at && strstr(run->streams[1].data, run->stop_at))
        loop_stop(run->loop);
}

static void on_exit_of_child(void *context, struct child_exit exit)
{
    struct run *run = context;
    run->exit = exit;
    run->exits++;
    loop_stop(run->loop);
}

static struct child_spec spec_of(struct run *run, const char *const *argv)
{
    return (struct child_spec){.argv = argv,
                               .environment = environ,
                               .context = run,
                               .on_output = on_output,
                               .on_exit = on_exit_of_child};
}

static void spawn(struct run *run, const struct child_spec *spec)
{
    struct err err;
    if (child_spawn(run->loop, spec, &run->child, &err))
        fail_msg("%s", err.message);
}

static void on_lost(void *context)
{
    (void)context;
    fail_msg("nothing came of the child");
}

// Until the child has ended or stop_at was printed.
static void run_loop(struct run *run)
{
    struct loop_timer *lost = loop_timer_new(run->loop, on_lost, NULL);
    loop_timer_set(lost, LOST_MS);
    loop_run(run->loop);
    loop_timer_free(lost);
}

// A shell script, to its end.
static void run_script(struct run *run, const char *script)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct child_spec spec = spec_of(run, argv);
    spawn(run, &spec);
    run_loop(run);
    assert_int_equal(run->exits, 1);
}

// A shell script, until it has printed `text`.
static void run_until(struct run *run, const char *script, const char *text)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    const struct child_spec spec = spec_of(run, argv);
    spawn(run, &spec);
    run->stop_at = text;
    run_loop(run);
    assert_int_equal(run->exits, 0);
    run->stop_at = NULL;
}

static bool group_is_gone(pid_t group)
{
    for (int tries = 0; tries < 1000; tries++) {
        if (!process_group_alive(group))
            return true;
        usleep(10 * 1000);
    }
    return false;
}

static void streams_and_exit_code_are_told_apart(void **state)
{
    struct run *run = *state;
    run_script(run, "echo out; echo err >&2; exit 7");
    assert_string_equal(run->streams[1].data, "out\n");
    assert_string_equal(run->streams[2].data, "err\n");
    assert_int_equal(run->exit.code, 7);
    assert_int_equal(run->exit.signal, 0);
}

static void a_signal_is_told_as_the_shell_tells_it(void **state)
{
    struct run *run = *state;
    run_script(run, "kill -9 $$");
    assert_int_equal(run->exit.signal, SIGKILL);
    assert_int_equal(run->exit.code, 128 + SIGKILL);
}

static void standard_input_is_the_text_or_empty(void **state)
{
    struct run *run = *state;
    run_script(run, "cat; echo end");
    assert_string_equal(run->streams[1].data, "end\n");
    child_free(TAKE(run->child));

    // More than a pipe holds, with a NUL in it, to a child that reads late.
    enum { SIZE = 300 * 1024 };
    AUTOFREE char *text = mem_alloc(SIZE);
    memset(text, 'x', SIZE);
    text[SIZE / 2] = '\0';
    const char *const argv[] = {"sh", "-c", "sleep 0.05; cat", NULL};
    struct child_spec spec = spec_of(run, argv);
    spec.input = text;
    spec.input_length = SIZE;
    strbuf_clear(&run->streams[1]);
    spawn(run, &spec);
    memset(text, 'y', SIZE); // it was copied
    run_loop(run);
    assert_int_equal(run->streams[1].len, SIZE);
    assert_int_equal(run->streams[1].data[0], 'x');
    assert_int_equal(run->streams[1].data[SIZE / 2], '\0');
    assert_int_equal(run->streams[1].data[SIZE - 1], 'x');
}

static void a_child_need_not_read_its_input(void **state)
{
    struct run *run = *state;
    enum { SIZE = 300 * 1024 };
    AUTOFREE char *text = mem_alloc(SIZE);
    const char *const argv[] = {"sh", "-c", "exec <&-; echo closed; exit 3", NULL};
    struct child_spec spec = spec_of(run, argv);
    spec.input = text;
    spec.input_length = SIZE;
    spawn(run, &spec);
    run_loop(run);
    assert_string_equal(run->streams[1].data, "closed\n");
    assert_int_equal(run->exit.code, 3);
}

static void big_output_comes_whole(void **state)
{
    struct run *run = *state;
    run_script(run, "head -c 3000000 /dev/zero | tr '\\0' x; "
                    "head -c 1000000 /dev/zero | tr '\\0' y >&2");
    assert_int_equal(run->streams[1].len, 3000000);
    assert_int_equal(run->streams[2].len, 1000000);
}

// Slow with the first piece, so that the child fills its pipe and ends meanwhile, and with the
// third, by when the end has been seen.
static void on_slow_output(void *context, int stream, const char *bytes, size_t length)
{
    struct run *run = context;
    on_output(context, stream, bytes, length);
    run->pieces++;
    usleep(run->pieces == 1 ? 300 * 1000 : run->pieces == 3 ? 600 * 1000 : 0);
}

static void output_is_not_lost_by_a_busy_loop(void **state)
{
    struct run *run = *state;
    const char *const argv[] = {"sh", "-c", "echo; head -c 65536 /dev/zero | tr '\\0' x", NULL};
    struct child_spec spec = spec_of(run, argv);
    spec.on_output = on_slow_output;
    spawn(run, &spec);
    run_loop(run);
    assert_int_equal(run->streams[1].len, 1 + 65536);
}

static void a_group_ends_with_its_leader(void **state)
{
    struct run *run = *state;
    const int64_t begun_ms = clock_monotonic_ms();
    run_script(run, "(trap 'echo grandchild ends; exit' TERM; echo ready; "
                    " while :; do sleep 0.05; done) & "
                    "sleep 0.3; echo leader ends; exit 4");
    assert_int_equal(run->exit.code, 4);
    // TERM came to the grandchild, and what it said then was still heard.
    assert_string_equal(run->streams[1].data, "ready\nleader ends\ngrandchild ends\n");
    assert_true(group_is_gone(child_pid(run->child)));
    // It was not waited for longer than it took: the grace time is two seconds.
    if (clock_monotonic_ms() - begun_ms >= 1800)
        fail_msg("took %d ms", (int)(clock_monotonic_ms() - begun_ms));
}

static void a_group_that_ignores_term_is_killed_after_the_grace_time(void **state)
{
    struct run *run = *state;
    run_until(run, "trap '' TERM; sleep 1000 & echo ready; while :; do sleep 0.1; done", "ready");
    const int64_t begun_ms = clock_monotonic_ms();
    child_terminate(run->child, 200);
    run_loop(run);
    assert_int_equal(run->exits, 1);
    assert_int_equal(run->exit.signal, SIGKILL);
    assert_true(clock_monotonic_ms() - begun_ms >= 200);
    assert_true(group_is_gone(child_pid(run->child)));
}

static void a_leader_that_obeys_leaves_no_stubborn_group(void **state)
{
    struct run *run = *state;
    run_until(run,
              "(trap '' TERM; while :; do sleep 0.1; done) & trap 'exit 5' TERM; "
              "echo ready; while :; do sleep 0.05; done",
              "ready");
    child_terminate(run->child, 60000);
    run_loop(run);
    assert_int_equal(run->exit.code, 5);
    assert_true(group_is_gone(child_pid(run->child)));
}

static void a_second_terminate_hurries(void **state)
{
    struct run *run = *state;
    run_until(run, "trap '' TERM; echo ready; while :; do sleep 0.1; done", "ready");
    child_terminate(run->child, 600000);
    child_terminate(run->child, 0);
    run_loop(run);
    assert_int_equal(run->exit.signal, SIGKILL);
}

// A process in a session of its own is not in the group; its hold on the pipes must not hold the
// end back.
static void output_kept_open_from_outside_the_group_is_let_go(void **state)
{
    struct run *run = *state;
    run_script(run, "setsid sh -c 'echo $$; exec sleep 1000' & "
                    "sleep 0.2; echo leader; exit 6");
    assert_int_equal(run->exit.code, 6);
    assert_non_null(strstr(run->streams[1].data, "leader\n"));
    int outsider = 0;
    assert_int_equal(sscanf(run->streams[1].data, "%d", &outsider), 1);
    assert_int_equal(kill(outsider, SIGKILL), 0); // it lived on: it was not the child's to end
}

static void a_missing_program_is_named(void **state)
{
    struct run *run = *state;
    const char *const argv[] = {"no-such-program-anywhere", NULL};
    const struct child_spec spec = spec_of(run, argv);
    struct child *child = NULL;
    struct err err;
    assert_int_equal(child_spawn(run->loop, &spec, &child, &err), -1);
    assert_null(child);
    assert_int_equal(err.kind, ERR_FAILED);
    assert_string_equal(err.message,
                        "cannot run no-such-program-anywhere: No such file or directory");
}

static void a_missing_working_directory_is_named(void **state)
{
    struct run *run = *state;
    const char *const argv[] = {"true", NULL};
    struct child_spec spec = spec_of(run, argv);
    spec.workdir = "/nowhere/at/all";
    struct child *child = NULL;
    struct err err;
    assert_int_equal(child_spawn(run->loop, &spec, &child, &err), -1);
    assert_string_equal(err.message,
                        "cannot run true in /nowhere/at/all: No such file or directory");
    spec.workdir = "/dev/null";
    assert_int_equal(child_spawn(run->loop, &spec, &child, &err), -1);
    assert_string_equal(err.message, "cannot run true in /dev/null: Not a directory");
}

static void directory_and_environment_are_those_asked_for(void **state)
{
    struct run *run = *state;
    char *environment[] = {(char *)"PATH=/usr/bin:/bin", (char *)"ONLY=this", NULL};
    const char *const argv[] = {"sh", "-c", "pwd; echo \"$ONLY,$HOME\"", NULL};
    struct child_spec spec = spec_of(run, argv);
    spec.workdir = "/usr/lib/..";
    spec.environment = environment;
    spawn(run, &spec);
    run_loop(run);
    assert_string_equal(run->streams[1].data, "/usr\nthis,\n");
}

// Descriptors that a test's own parent passes on to everybody.
static int count_inheritable(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        const int flags = fcntl(fd, F_GETFD);
        count += fd > STDERR_FILENO && flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return count;
}

// A child must not be able to keep berth's files, sockets and other children's pipes open, nor
// inherit what berth does with signals.
static void nothing_of_berths_own_is_inherited(void **state)
{
    struct run *run = *state;
    const char *const sleeper_argv[] = {"sleep", "1000", NULL};
    struct child_spec sleeper_spec = spec_of(run, sleeper_argv);
    sleeper_spec.input = "";
    sleeper_spec.on_exit = NULL;
    struct child *sleeper = NULL;
    struct err err;
    assert_int_equal(child_spawn(run->loop, &sleeper_spec, &sleeper, &err), 0);
    // Signals that the parent ignores (loop_new: PIPE) or blocks have their default here; the two
    // above 31 are the C library's own.
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    run_script(run, "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status");
    sigprocmask(SIG_SETMASK, &before, NULL);
    child_free(sleeper);
    int descriptors = 0;
    unsigned long long ignored = 0, held = 0;
    assert_int_equal(
        sscanf(run->streams[1].data, "%d SigBlk: %llx SigIgn: %llx", &descriptors, &held, &ignored),
        3);
    // ls has its three streams and the directory that it reads.
    assert_int_equal(descriptors, 4 + count_inheritable());
    assert_int_equal(held, 0);
    assert_int_equal(ignored & 0x7FFFFFFF, 0);
}

static void freeing_a_running_child_kills_its_group(void **state)
{
    struct run *run = *state;
    run_until(run, "trap '' TERM; sleep 1000 & echo ready; while :; do sleep 0.1; done", "ready");
    const pid_t group = child_pid(run->child);
    child_free(TAKE(run->child));
    assert_true(group_is_gone(group));
    assert_int_equal(run->exits, 0);
    child_free(NULL);
}

static void stop_when_gone(void *context)
{
    struct run *run = context;
    char path[32];
    snprintf(path, sizeof path, "/proc/%d", (int)child_pid(run->child));
    struct stat st;
    if (stat(path, &st) != 0) // reaped: what is left of the group is in its grace time
        loop_stop(run->loop);
    else
        loop_defer(run->loop, stop_when_gone, run);
}

static void freeing_a_child_whose_group_lingers_kills_it(void **state)
{
    struct run *run = *state;
    run_until(run, "(trap '' TERM; echo ready; while :; do sleep 0.1; done) & wait", "ready");
    const pid_t group = child_pid(run->child);
    assert_int_equal(kill(group, SIGKILL), 0);
    loop_defer(run->loop, stop_when_gone, run);
    run_loop(run);
    assert_int_equal(run->exits, 0);
    assert_int_equal(kill(-group, 0), 0);
    child_free(TAKE(run->child));
    assert_true(group_is_gone(group));
}

static int refuse(void *context, pid_t pid, struct err *err)
{
    (void)context;
    assert_true(pid > 0);
    assert_int_equal(getpgid(pid), pid);
    return err_set(err, ERR_FAILED, "the journal is full");
}

static void who_is_not_noted_never_begins(void **state)
{
    struct run *run = *state;
    char directory[] = "/tmp/berth-test-XXXXXX";
    assert_non_null(mkdtemp(directory));
    struct child_spec spec =
        spec_of(run, (const char *const[]){"sh", "-c", "echo begun >begun", NULL});
    struct err err;
    spec.workdir = directory;
    spec.on_forked = refuse;
    assert_int_equal(child_spawn(run->loop, &spec, &run->child, &err), -1);
    assert_string_equal(err.message, "the journal is full");
    assert_int_equal(rmdir(directory), 0); // there is nothing in it
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(streams_and_exit_code_are_told_apart),
        TEST(a_signal_is_told_as_the_shell_tells_it),
        TEST(standard_input_is_the_text_or_empty),
        TEST(a_child_need_not_read_its_input),
        TEST(big_output_comes_whole),
        TEST(output_is_not_lost_by_a_busy_loop),
        TEST(a_group_ends_with_its_leader),
        TEST(a_group_that_ignores_term_is_killed_after_the_grace_time),
        TEST(a_leader_that_obeys_leaves_no_stubborn_group),
        TEST(a_second_terminate_hurries),
        TEST(output_kept_open_from_outside_the_group_is_let_go),
        TEST(a_missing_program_is_named),
        TEST(a_missing_working_directory_is_named),
        TEST(who_is_not_noted_never_begins),
        TEST(directory_and_environment_are_those_asked_for),
        TEST(nothing_of_berths_own_is_inherited),
        TEST(freeing_a_running_child_kills_its_group),
        TEST(freeing_a_child_whose_group_lingers_kills_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/state/identity.h"

enum { LOST_MS = 30000 };

#define marked(text) ((struct owned_processes){.prefix = (text)})

// Runs a shell script with one variable in its environment, in a group of its own, and waits until
// it has printed a line.
static pid_t run_script(const char *script, const char *variable)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    char *const environment[] = {(char *)"PATH=/usr/bin:/bin", (char *)variable, NULL};
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL); // of the shell at least, should the test fail
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execve("/bin/sh", argv, environment);
        _exit(127);
    }
    close(ends[1]);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return pid;
}

// What ended the process: a signal's number, or minus its exit code.
static int reap(pid_t pid)
{
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static void a_process_is_its_number_and_its_start(void **state)
{
    (void)state;
    struct process_identity self = process_identity_self();
    assert_int_equal(self.pid, getpid());
    assert_true(self.start_ticks > 0);
    assert_true(process_identity_alive(self));
    // Another process that later got the number is not this one.
    struct process_identity former = {self.pid, self.start_ticks - 1};
    assert_false(process_identity_alive(former));

    const pid_t pid = run_script("echo; exec sleep 1000", "X=1");
    struct process_identity child = process_identity_of(pid);
    assert_true(child.start_ticks >= self.start_ticks);
    assert_true(process_identity_alive(child));
    kill(pid, SIGKILL);
    reap(pid);
    assert_false(process_identity_alive(child));
    assert_int_equal(process_identity_of(pid).start_ticks, 0);
    assert_false(process_identity_alive((struct process_identity){0}));
}

static void a_name_may_look_like_the_fields_after_it(void **state)
{
    (void)state;
    struct process_identity before = process_identity_self();
    assert_int_equal(prctl(PR_SET_NAME, "x) Z 1 2 (3) 4"), 0);
    struct process_identity after = process_identity_self();
    assert_int_equal(prctl(PR_SET_NAME, "test_identity"), 0);
    assert_int_equal(before.start_ticks, after.start_ticks);
}

static void the_marker_names_workspace_and_owner(void **state)
{
    (void)state;
    char marker[OWNER_MARKER_SIZE];
    owner_marker("0123abcd", (struct process_identity){4711, 1234567890123}, marker);
    assert_string_equal(marker, "BERTH_OWNER=0123abcd:4711:1234567890123");
    // The longest there is fits.
    owner_marker("0123456789abcdef", (struct process_identity){4194304, UINT64_MAX}, marker);
    assert_string_equal(marker, "BERTH_OWNER=0123456789abcdef:4194304:18446744073709551615");
}

// A marker that only this test has: "BERTH_OWNER=t<pid>:<number>:7".
static char *marker_of(int number)
{
    return mem_printf("BERTH_OWNER=t%d:%d:7", (int)getpid(), number);
}

static void marked_processes_are_found(void **state)
{
    (void)state;
    AUTOFREE char *mine = marker_of(1);
    AUTOFREE char *others = marker_of(12); // begins as the other one does
    AUTOFREE char *in_value = mem_printf("X=%s", mine);
    AUTOFREE char *all = mem_printf("BERTH_OWNER=t%d:", (int)getpid());
    AUTOFREE char *owner = mem_printf("BERTH_OWNER=t%d:1:", (int)getpid());
    const pid_t first = run_script("echo; exec sleep 1000", mine);
    const pid_t second = run_script("echo; exec sleep 1000", others);
    const pid_t third = run_script("echo; exec sleep 1000", in_value);
    assert_int_equal(owned_processes_signal(&marked(all), 0), 2);
    assert_int_equal(owned_processes_signal(&marked(owner), 0), 1);
    assert_int_equal(owned_processes_signal(&marked("BERTH_OWNER=nobody:"), 0), 0);

    assert_int_equal(owned_processes_signal(&marked(owner), SIGTERM), 1);
    assert_int_equal(reap(first), SIGTERM);
    assert_false(has_ended(second));
    assert_false(has_ended(third));
    kill(second, SIGKILL);
    kill(third, SIGKILL);
    reap(second);
    reap(third);
}

// The environment is inherited, so what a process started is found too, wherever it has gone.
static void what_marked_processes_started_is_found(void **state)
{
    (void)state;
    AUTOFREE char *marker = marker_of(2);
    const pid_t pid = run_script("setsid sleep 1000 & sleep 1000 & echo; wait", marker);
    for (int tries = 0; owned_processes_signal(&marked(marker), 0) != 3; tries++) {
        assert_true(tries < LOST_MS / 10);
        usleep(10 * 1000);
    }
    owned_processes_end(&marked(marker), LOST_MS);
    assert_int_equal(reap(pid), SIGTERM);
    assert_int_equal(owned_processes_signal(&marked(marker), 0), 0);
}

static void who_ignores_term_is_killed(void **state)
{
    (void)state;
    AUTOFREE char *marker = marker_of(3);
    AUTOFREE char *owner = mem_printf("BERTH_OWNER=t%d:3:", (int)getpid());
    const pid_t stubborn = run_script("trap '' TERM; echo; while :; do sleep 0.02; done", marker);
    const pid_t polite =
        run_script("trap 'exit 9' TERM; echo; while :; do sleep 0.02; done", marker);
    const pid_t other = run_script("echo; exec sleep 1000", "BERTH_OWNER=nobody:1:1");
    const int64_t begun_ms = clock_monotonic_ms();
    owned_processes_end(&marked(owner), 300);
    assert_true(clock_monotonic_ms() - begun_ms >= 300);
    assert_int_equal(reap(stubborn), SIGKILL);
    assert_int_equal(reap(polite), -9);
    assert_false(has_ended(other));
    kill(other, SIGKILL);
    reap(other);
}

static void without_any_the_end_comes_at_once(void **state)
{
    (void)state;
    const int64_t begun_ms = clock_monotonic_ms();
    owned_processes_end(&marked("BERTH_OWNER=nobody:"), LOST_MS);
    assert_true(clock_monotonic_ms() - begun_ms < LOST_MS);
}

static void a_group_lives_as_long_as_one_of_it(void **state)
{
    (void)state;
    const pid_t leader = run_script("sleep 1000 & echo; exec sleep 1000", "X=1");
    assert_true(process_group_alive(leader));
    kill(leader, SIGKILL);
    reap(leader);
    assert_true(process_group_alive(leader)); // the other sleep
    kill(-leader, SIGKILL);
    for (int tries = 0; process_group_alive(leader); tries++) {
        assert_true(tries < LOST_MS / 10);
        usleep(10 * 1000);
    }
}

static void who_has_ended_is_no_life_in_a_group(void **state)
{
    (void)state;
    const pid_t leader = run_script("echo; exec sleep 1000", "X=1");
    kill(leader, SIGKILL);
    while (!has_ended(leader))
        usleep(1000);
    assert_int_equal(kill(-leader, 0), 0); // not reaped yet
    assert_false(process_group_alive(leader));
    reap(leader);
    assert_false(process_group_alive(leader));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_is_its_number_and_its_start),
        cmocka_unit_test(a_name_may_look_like_the_fields_after_it),
        cmocka_unit_test(the_marker_names_workspace_and_owner),
        cmocka_unit_test(marked_processes_are_found),
        cmocka_unit_test(what_marked_processes_started_is_found),
        cmocka_unit_test(who_ignores_term_is_killed),
        cmocka_unit_test(without_any_the_end_comes_at_once),
        cmocka_unit_test(a_group_lives_as_long_as_one_of_it),
        cmocka_unit_test(who_has_ended_is_no_life_in_a_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

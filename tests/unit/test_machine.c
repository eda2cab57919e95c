#include "tests/unit/test.h"

#include "orchestrator/run/machine.h"

static struct machine machine_in(enum machine_state state, enum machine_kind kind)
{
    return (struct machine){.kind = kind, .state = state, .since_ms = 1000};
}

static enum machine_state after(struct machine machine, enum machine_event event, bool success)
{
    return machine_step(machine, event, success, 2000).machine.state;
}

static void a_service_lives_its_life(void **state)
{
    (void)state;
    static const struct {
        enum machine_event event;
        enum machine_state state;
        unsigned actions;
    } life[] = {
        {EVENT_START, STATE_WAITING, 0},
        {EVENT_DEPENDENCIES_READY, STATE_STARTING, ACTION_LAUNCH},
        {EVENT_PULLING, STATE_BUILDING, 0},
        {EVENT_DEADLINE, STATE_BUILDING, 0}, // no deadline counts the pull
        {EVENT_PULLED, STATE_STARTING, 0},
        {EVENT_LAUNCHED, STATE_STARTING, ACTION_PROBE},
        {EVENT_UNHEALTHY, STATE_STARTING, 0},
        {EVENT_HEALTHY, STATE_RUNNING, ACTION_RELEASE},
        {EVENT_UNHEALTHY, STATE_RUNTIME_UNHEALTHY, 0},
        {EVENT_HEALTHY, STATE_RUNNING, ACTION_RELEASE},
        {EVENT_STOP, STATE_STOPPING, ACTION_STOP},
        {EVENT_EXITED, STATE_STOPPING, 0},
        {EVENT_STOPPED, STATE_EXITED, 0},
        {EVENT_START, STATE_WAITING, 0},
    };
    struct machine machine = machine_in(STATE_NOT_STARTED, MACHINE_CONTAINER);
    for (size_t i = 0; i < sizeof life / sizeof *life; i++) {
        struct machine_result result = machine_step(machine, life[i].event, false, 2000);
        assert_int_equal(result.machine.state, life[i].state);
        assert_int_equal(result.actions, life[i].actions);
        machine = result.machine;
    }
}

static void a_job_is_ready_only_when_it_completed(void **state)
{
    (void)state;
    struct machine job = machine_in(STATE_STARTING, MACHINE_JOB);
    job = machine_step(job, EVENT_HEALTHY, false, 2000).machine;
    assert_int_equal(job.state, STATE_RUNNING);
    assert_int_equal(job.health, HEALTH_NONE);
    assert_false(machine_is_ready(&job));
    struct machine done = machine_step(job, EVENT_COMPLETED, false, 2000).machine;
    assert_int_equal(done.state, STATE_FINISHED);
    assert_true(machine_is_ready(&done));
    struct machine_result failed = machine_step(job, EVENT_FAILED, false, 2000);
    assert_int_equal(failed.machine.state, STATE_FAILED_TO_START);
    assert_int_equal(failed.actions, ACTION_BLOCK);
    assert_false(machine_is_ready(&failed.machine));
}

static void an_exit_means_what_the_moment_and_the_policy_say(void **state)
{
    (void)state;
    struct machine running = machine_in(STATE_RUNNING, MACHINE_PROCESS);
    assert_int_equal(after(running, EVENT_EXITED, true), STATE_FINISHED);
    running.kind = MACHINE_CONTAINER;
    assert_int_equal(after(running, EVENT_EXITED, false), STATE_WAITING);
    struct machine starting = machine_in(STATE_STARTING, MACHINE_PROCESS);
    // A service that exits at once has not started, whatever its exit code.
    assert_int_equal(after(starting, EVENT_EXITED, true), STATE_FAILED_TO_START);

    running.restart = RESTART_ON_FAILURE;
    assert_int_equal(after(running, EVENT_EXITED, true), STATE_EXITED);
    struct machine_result result = machine_step(running, EVENT_EXITED, false, 2000);
    assert_int_equal(result.machine.state, STATE_WAITING);
    assert_int_equal(result.actions, ACTION_RESTART);
    assert_int_equal(result.restart_delay_ms, 1000);
    assert_int_equal(after(result.machine, EVENT_RESTART_DUE, false), STATE_STARTING);
}

static void restarts_slow_down_and_forgive_after_a_stable_minute(void **state)
{
    (void)state;
    struct machine machine = machine_in(STATE_RUNNING, MACHINE_PROCESS);
    machine.restart = RESTART_ALWAYS;
    static const int64_t delays[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        machine.state = STATE_RUNNING;
        machine.since_ms = 2000;
        struct machine_result result = machine_step(machine, EVENT_EXITED, false, 3000);
        assert_int_equal(result.restart_delay_ms, delays[i]);
        machine = result.machine;
    }
    machine.state = STATE_RUNNING;
    machine = machine_step(machine, EVENT_STABLE, false, 62000).machine;
    assert_int_equal(machine_step(machine, EVENT_EXITED, false, 62000).restart_delay_ms, 1000);
}

static void a_crash_loop_is_degraded_until_it_is_stable(void **state)
{
    (void)state;
    struct machine machine = machine_in(STATE_STARTING, MACHINE_PROCESS);
    machine.restart = RESTART_ON_FAILURE;
    struct machine_result result = machine_step(machine, EVENT_HEALTHY, false, 2000);
    assert_int_equal(result.actions, ACTION_RELEASE); // nothing to forgive
    for (int i = 1; i <= MACHINE_CRASH_LOOP; i++) {
        machine = machine_step(result.machine, EVENT_EXITED, false, 2000).machine;
        assert_int_equal(machine_crash_loops(&machine), i >= MACHINE_CRASH_LOOP);
        machine = machine_step(machine, EVENT_RESTART_DUE, false, 2000).machine;
        result = machine_step(machine, EVENT_HEALTHY, false, 2000);
        assert_int_equal(result.actions, ACTION_RELEASE | ACTION_SETTLE);
        assert_int_equal(result.machine.health,
                         i >= MACHINE_CRASH_LOOP ? HEALTH_DEGRADED : HEALTH_HEALTHY);
    }
    assert_true(machine_is_ready(&result.machine));
    machine = machine_step(result.machine, EVENT_STABLE, false, 62000).machine;
    assert_int_equal(machine.health, HEALTH_HEALTHY);
    assert_false(machine_crash_loops(&machine));
    // a start that somebody asked for begins anew
    machine = machine_step(result.machine, EVENT_STOP, false, 3000).machine;
    machine = machine_step(machine, EVENT_STOPPED, false, 3000).machine;
    machine = machine_step(machine, EVENT_START, false, 3000).machine;
    assert_int_equal(machine.restarts, 0);
}

static void a_container_that_was_ready_comes_back(void **state)
{
    (void)state;
    struct machine machine = machine_in(STATE_RUNNING, MACHINE_CONTAINER);
    machine = machine_step(machine, EVENT_EXITED, true, 3000).machine;
    assert_int_equal(machine.state, STATE_WAITING);
    // Nor does it give up when it ends again before it is ready.
    machine = machine_step(machine, EVENT_RESTART_DUE, false, 4000).machine;
    assert_int_equal(machine.state, STATE_STARTING);
    struct machine_result result = machine_step(machine, EVENT_EXITED, false, 5000);
    assert_int_equal(result.machine.state, STATE_WAITING);
    assert_int_equal(result.restart_delay_ms, 2000);
    // One that was never ready fails to start; a process ends.
    machine = machine_in(STATE_STARTING, MACHINE_CONTAINER);
    assert_int_equal(machine_step(machine, EVENT_EXITED, false, 3000).machine.state,
                     STATE_FAILED_TO_START);
    machine = machine_in(STATE_RUNNING, MACHINE_PROCESS);
    assert_int_equal(machine_step(machine, EVENT_EXITED, false, 3000).machine.state,
                     STATE_FINISHED);
}

static void late_events_change_nothing_at_rest(void **state)
{
    (void)state;
    static const enum machine_state resting[] = {STATE_NOT_STARTED, STATE_EXITED, STATE_FINISHED,
                                                 STATE_FAILED_TO_START};
    for (size_t i = 0; i < 4; i++)
        for (int event = 0; event < MACHINE_EVENT_COUNT; event++) {
            struct machine_result result =
                machine_step(machine_in(resting[i], MACHINE_PROCESS), event, false, 2000);
            assert_int_equal(result.actions, 0);
            assert_int_equal(result.machine.state,
                             event == EVENT_START ? STATE_WAITING : (int)resting[i]);
        }
}

// Whatever happens in whatever order: the invariants that the supervisor relies on.
static void random_sequences_keep_the_invariants(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    struct machine machine = machine_in(STATE_NOT_STARTED, MACHINE_CONTAINER);
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525u + 1013904223u;
        enum machine_event event = (seed >> 16) % MACHINE_EVENT_COUNT;
        if ((seed >> 8) % 1000 == 0)
            machine = (struct machine){.kind = (seed >> 4) % 3, .restart = (seed >> 6) % 3};
        struct machine before = machine;
        struct machine_result result = machine_step(machine, event, seed & 1, i);
        machine = result.machine;
        assert_in_range(machine.state, 0, MACHINE_STATE_COUNT - 1);
        if (result.actions & ACTION_LAUNCH)
            assert_int_equal(before.state, STATE_WAITING); // never launched twice
        if (result.actions & ACTION_STOP)                  // never stopped where nothing can run
            assert_false(machine_is_at_rest(&before) || before.state == STATE_WAITING);
        if (machine_is_at_rest(&machine))
            assert_int_equal(machine.health, HEALTH_NONE);
        if (machine.state == STATE_STOPPING)
            assert_false(machine_is_ready(&machine));
        if (result.actions & ACTION_RESTART) {
            assert_true(result.restart_delay_ms >= 1000);
            assert_true(machine.restart != RESTART_NO || machine.kind == MACHINE_CONTAINER);
        }
    }
}

static void probes_slow_down(void **state)
{
    (void)state;
    struct machine machine = machine_in(STATE_STARTING, MACHINE_CONTAINER);
    assert_int_equal(machine_probe_delay_ms(&machine, 1), 20);
    assert_int_equal(machine_probe_delay_ms(&machine, 100), 250);
    machine.state = STATE_RUNNING;
    assert_int_equal(machine_probe_delay_ms(&machine, 100), 30000);
    machine.probe_failures = 2;
    assert_int_equal(machine_probe_delay_ms(&machine, 1), 2000);
    machine.probe_failures = 9;
    assert_int_equal(machine_probe_delay_ms(&machine, 1), 5000);
}

static void names_are_aspires(void **state)
{
    (void)state;
    assert_string_equal(machine_state_name(STATE_RUNTIME_UNHEALTHY), "RuntimeUnhealthy");
    assert_string_equal(machine_event_name(EVENT_RESTART_DUE), "restart");
    assert_string_equal(machine_health_name(HEALTH_DEGRADED), "Degraded");
    assert_null(machine_health_name(HEALTH_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_lives_its_life),
        cmocka_unit_test(a_job_is_ready_only_when_it_completed),
        cmocka_unit_test(an_exit_means_what_the_moment_and_the_policy_say),
        cmocka_unit_test(restarts_slow_down_and_forgive_after_a_stable_minute),
        cmocka_unit_test(a_crash_loop_is_degraded_until_it_is_stable),
        cmocka_unit_test(a_container_that_was_ready_comes_back),
        cmocka_unit_test(late_events_change_nothing_at_rest),
        cmocka_unit_test(random_sequences_keep_the_invariants),
        cmocka_unit_test(probes_slow_down),
        cmocka_unit_test(names_are_aspires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

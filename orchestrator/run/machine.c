#include "orchestrator/run/machine.h"

#include <assert.h>
#include <stddef.h>

struct cell {
    bool moves;
    enum machine_state next;
    unsigned actions;
};

// clang-format off
// The cells, by what they mean. `no` keeps the state: the event does not concern it, or comes too late.
#define no     {false, 0, 0}
#define again  {true, STATE_WAITING, 0}
#define idle   {true, STATE_NOT_STARTED, 0}
#define launch {true, STATE_STARTING, ACTION_LAUNCH}
#define pull   {true, STATE_BUILDING, 0}
#define pulled {true, STATE_STARTING, 0}
#define probe  {false, 0, ACTION_PROBE}
#define up     {true, STATE_RUNNING, ACTION_RELEASE}
#define sick   {true, STATE_RUNTIME_UNHEALTHY, 0}
#define done   {true, STATE_FINISHED, ACTION_RELEASE}
#define over   {true, STATE_EXITED, 0} // or Finished, FailedToStart, a restart: see exit_of
#define fail   {true, STATE_FAILED_TO_START, ACTION_BLOCK}
#define giveup {true, STATE_FAILED_TO_START, ACTION_STOP | ACTION_BLOCK}
#define end    {true, STATE_STOPPING, ACTION_STOP}
#define gone   {true, STATE_EXITED, 0} // or Finished

// One row a state, one cell an event. The cells are counted: a forgotten one does not compile.
#define ROW(state, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15) \
    [STATE_##state] = {c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15}
static_assert(MACHINE_EVENT_COUNT == 16, "a new event needs a column in every row");
static_assert(MACHINE_STATE_COUNT == 10, "a new state needs a row");

static const struct cell table[MACHINE_STATE_COUNT][MACHINE_EVENT_COUNT] = {
//                      start  ready   block pulling pulled launched healthy unhealthy completed
//                                     exited failed deadline stop stopped restart stable
ROW(NOT_STARTED,        again, no,     no,   no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      no,  no,     no,     no),
ROW(WAITING,            no,    launch, fail, no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      idle, no,    launch, no),
ROW(BUILDING,           no,    no,     no,   no,     pulled, no,     no,     no,       no,
                                       over,  giveup,  no,      end, no,     no,     no),
ROW(STARTING,           no,    no,     no,   pull,   no,     probe,  up,     no,       done,
                                       over,  giveup, giveup, end, no,     no,     no),
ROW(RUNNING,            no,    no,     no,   no,     no,     no,     no,     sick,     done,
                                       over,  fail,  no,      end, no,     no,     no),
ROW(RUNTIME_UNHEALTHY,  no,    no,     no,   no,     no,     no,     up,     no,       done,
                                       over,  fail,  no,      end, no,     no,     no),
ROW(STOPPING,           no,    no,     no,   no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      no,  gone,   no,     no),
ROW(EXITED,             again, no,     no,   no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      no,  no,     no,     no),
ROW(FINISHED,           again, no,     no,   no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      no,  no,     no,     no),
ROW(FAILED_TO_START,    again, no,     no,   no,     no,     no,     no,     no,       no,
                                       no,    no,    no,      no,  no,     no,     no),
};
#undef no
#undef again
#undef idle
#undef launch
#undef pull
#undef pulled
#undef probe
#undef up
#undef sick
#undef done
#undef over
#undef fail
#undef giveup
#undef end
#undef gone
// clang-format on

enum { LONGEST_RESTART_DELAY_MS = 30000 };

// Containers end as Exited, processes and jobs as Finished.
static enum machine_state end_state(const struct machine *machine)
{
    return machine->kind == MACHINE_CONTAINER ? STATE_EXITED : STATE_FINISHED;
}

// 1 s, 2 s, 4 s … 30 s: a crash loop must not spin.
static int64_t restart_delay_ms(int restarts)
{
    int64_t delay = 1000;
    for (int i = 1; i < restarts && delay < LONGEST_RESTART_DELAY_MS; i++)
        delay *= 2;
    return delay < LONGEST_RESTART_DELAY_MS ? delay : LONGEST_RESTART_DELAY_MS;
}

// Whether an unasked end is followed by a restart. A container that once was ready always is:
// whoever removed it, or restarted the engine below it, did not say that it is not wanted any more.
static bool is_restarted(const struct machine *before, bool was_ready, bool failed)
{
    switch (before->restart) {
    case RESTART_ALWAYS: return true;
    case RESTART_ON_FAILURE: return failed;
    case RESTART_NO: break;
    }
    return before->kind == MACHINE_CONTAINER && (was_ready || before->restarts > 0);
}

// What an unasked end means: a restart, a failure to start where it was not yet ready, else the
// end.
static void exit_of(struct machine_result *result, const struct machine *before, bool success)
{
    struct machine *machine = &result->machine;
    const bool was_ready =
        before->state == STATE_RUNNING || before->state == STATE_RUNTIME_UNHEALTHY;
    machine->failed = !success || !was_ready;
    if (is_restarted(before, was_ready, machine->failed)) {
        machine->state = STATE_WAITING;
        machine->restarts++;
        result->restart_delay_ms = restart_delay_ms(machine->restarts);
        result->actions = ACTION_RESTART;
    } else if (!was_ready) {
        machine->state = STATE_FAILED_TO_START;
        result->actions = ACTION_STOP | ACTION_BLOCK;
    } else {
        machine->state = end_state(before);
    }
}

static void note_health(struct machine *machine, enum machine_event event)
{
    const bool runs = machine->kind != MACHINE_JOB && (machine->state == STATE_RUNNING ||
                                                       machine->state == STATE_RUNTIME_UNHEALTHY);
    if (!runs) {
        machine->health = HEALTH_NONE;
        if (machine->state == STATE_STARTING && event == EVENT_UNHEALTHY)
            machine->probe_failures++;
        else if (machine->state != STATE_STARTING)
            machine->probe_failures = 0;
        return;
    }
    if (event == EVENT_HEALTHY) {
        machine->health = machine_crash_loops(machine) ? HEALTH_DEGRADED : HEALTH_HEALTHY;
        machine->probe_failures = 0;
    } else if (event == EVENT_STABLE && machine->health == HEALTH_DEGRADED) {
        machine->health = HEALTH_HEALTHY;
    } else if (event == EVENT_UNHEALTHY) {
        machine->health = HEALTH_UNHEALTHY;
        machine->probe_failures++;
    }
}

struct machine_result machine_step(struct machine machine, enum machine_event event, bool success,
                                   int64_t now_ms)
{
    const struct cell *cell = &table[machine.state][event];
    struct machine_result result = {.machine = machine, .actions = cell->actions};
    if (cell->moves) {
        result.machine.state = cell->next;
        if (event == EVENT_EXITED)
            exit_of(&result, &machine, success);
        else if (event == EVENT_STOPPED)
            result.machine.state = end_state(&machine);
        result.machine.since_ms = now_ms;
        if (event == EVENT_START)
            result.machine.restarts = 0;
    }
    if (event == EVENT_STABLE && machine_is_ready(&machine))
        result.machine.restarts = 0;
    if (event == EVENT_HEALTHY && machine.state == STATE_STARTING && machine.restarts > 0)
        result.actions |= ACTION_SETTLE;
    if (event == EVENT_FAILED || event == EVENT_DEADLINE || event == EVENT_DEPENDENCY_FAILED)
        result.machine.failed = true;
    else if (event == EVENT_START || event == EVENT_HEALTHY || event == EVENT_COMPLETED)
        result.machine.failed = false;
    note_health(&result.machine, event);
    return result;
}

bool machine_crash_loops(const struct machine *machine)
{
    return machine->restarts >= MACHINE_CRASH_LOOP;
}

bool machine_is_ready(const struct machine *machine)
{
    if (machine->kind == MACHINE_JOB)
        return machine->state == STATE_FINISHED && !machine->failed;
    return machine->state == STATE_RUNNING || machine->state == STATE_RUNTIME_UNHEALTHY;
}

bool machine_is_at_rest(const struct machine *machine)
{
    switch (machine->state) {
    case STATE_NOT_STARTED:
    case STATE_EXITED:
    case STATE_FINISHED:
    case STATE_FAILED_TO_START: return true;
    default: return false;
    }
}

int64_t machine_probe_delay_ms(const struct machine *machine, int attempts)
{
    if (machine->state == STATE_STARTING) {
        int64_t delay = 20 * (int64_t)(attempts < 1 ? 1 : attempts);
        return delay < 250 ? delay : 250;
    }
    if (machine->probe_failures == 0)
        return 30000;
    return 1000 * (int64_t)(machine->probe_failures < 5 ? machine->probe_failures : 5);
}

const char *machine_state_name(enum machine_state state)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        MACHINE_STATES(X)
#undef X
    };
    return names[state];
}

const char *machine_event_name(enum machine_event event)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        MACHINE_EVENTS(X)
#undef X
    };
    return names[event];
}

const char *machine_health_name(enum machine_health health)
{
    static const char *const names[] = {NULL, "Healthy", "Degraded", "Unhealthy"};
    return names[health];
}

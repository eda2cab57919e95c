#pragma once
// The life of a resource as a pure state machine: (machine, event, now) -> (machine, actions).
//
// It knows no loop and no engine. The supervisor raises events, and carries the actions out. The
// words are those of Aspire (the command line's contract, "States"). The transition table is total:
// every pair of state and event has a cell, and an event that comes too late to matter is ignored
// by name.

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_STATES(X)                          \
    X(STATE_NOT_STARTED, "NotStarted")             \
    X(STATE_WAITING, "Waiting")                    \
    X(STATE_BUILDING, "Building")                  \
    X(STATE_STARTING, "Starting")                  \
    X(STATE_RUNNING, "Running")                    \
    X(STATE_RUNTIME_UNHEALTHY, "RuntimeUnhealthy") \
    X(STATE_STOPPING, "Stopping")                  \
    X(STATE_EXITED, "Exited")                      \
    X(STATE_FINISHED, "Finished")                  \
    X(STATE_FAILED_TO_START, "FailedToStart")

#define MACHINE_EVENTS(X)                                                                 \
    X(EVENT_START, "start")               /* asked to run */                              \
    X(EVENT_DEPENDENCIES_READY, "ready")  /* all it waits for is ready */                 \
    X(EVENT_DEPENDENCY_FAILED, "blocked") /* something it waits for will not get ready */ \
    X(EVENT_PULLING, "pulling")           /* its image is being fetched */                \
    X(EVENT_PULLED, "pulled")                                                             \
    X(EVENT_LAUNCHED, "launched")   /* its container or process runs */                   \
    X(EVENT_HEALTHY, "healthy")     /* a probe succeeded */                               \
    X(EVENT_UNHEALTHY, "unhealthy") /* a probe failed */                                  \
    X(EVENT_COMPLETED, "completed") /* a job did what it was to do */                     \
    X(EVENT_EXITED, "exited")       /* container or process ended, unasked */             \
    X(EVENT_FAILED, "failed")       /* could not be launched, or a job failed */          \
    X(EVENT_DEADLINE, "deadline")   /* not healthy in time */                             \
    X(EVENT_STOP, "stop")           /* asked to end */                                    \
    X(EVENT_STOPPED, "stopped")     /* the stop is done */                                \
    X(EVENT_RESTART_DUE, "restart") /* the pause before a restart is over */              \
    X(EVENT_STABLE, "stable")       /* it has run for MACHINE_STABLE_MS since a restart */

enum machine_state {
#define X(name, text) name,
    MACHINE_STATES(X)
#undef X
        MACHINE_STATE_COUNT
};

enum machine_event {
#define X(name, text) name,
    MACHINE_EVENTS(X)
#undef X
        MACHINE_EVENT_COUNT
};

enum machine_health { HEALTH_NONE, HEALTH_HEALTHY, HEALTH_DEGRADED, HEALTH_UNHEALTHY };
enum machine_kind { MACHINE_CONTAINER, MACHINE_PROCESS, MACHINE_JOB };
enum restart_policy { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS };

enum machine_action {
    ACTION_LAUNCH = 1 << 0,  // provision and start it
    ACTION_PROBE = 1 << 1,   // ask for its health, from now on
    ACTION_STOP = 1 << 2,    // end it; EVENT_STOPPED follows
    ACTION_RELEASE = 1 << 3, // what waits for it may go on
    ACTION_BLOCK = 1 << 4,   // what waits for it will wait in vain
    ACTION_RESTART = 1 << 5, // raise EVENT_RESTART_DUE after restart_delay_ms
    ACTION_SETTLE = 1 << 6,  // raise EVENT_STABLE after MACHINE_STABLE_MS of being up
};

struct machine {
    enum machine_kind kind;
    enum restart_policy restart;
    enum machine_state state;
    enum machine_health health;
    int probe_failures; // in a row
    int restarts;       // in a row, without MACHINE_STABLE_MS of being up between
    int64_t since_ms;   // monotonic: when the state was entered
    bool failed;        // the last exit was not a success
};

struct machine_result {
    struct machine machine;
    unsigned actions; // of enum machine_action
    int64_t restart_delay_ms;
};

// `success` matters to EVENT_EXITED only: exit code 0.
struct machine_result machine_step(struct machine machine, enum machine_event event, bool success,
                                   int64_t now_ms);

// It ends again and again: its health is Degraded at best, until it has been up for long enough.
enum { MACHINE_STABLE_MS = 60000, MACHINE_CRASH_LOOP = 3 /* restarts */ };
bool machine_crash_loops(const struct machine *machine);
// Ready: dependents need not wait for it. Running containers and processes, completed jobs.
bool machine_is_ready(const struct machine *machine);
// Nothing of it runs, and nothing is under way.
bool machine_is_at_rest(const struct machine *machine);
// How long until the next health probe: 30 s when healthy, 1 s × min(5, failures) when not;
// `starting` resources are asked every few milliseconds at first (20 ms × attempts, at most 250
// ms).
int64_t machine_probe_delay_ms(const struct machine *machine, int attempts);

const char *machine_state_name(enum machine_state state);
const char *machine_event_name(enum machine_event event);
const char *machine_health_name(enum machine_health health); // NULL for HEALTH_NONE

#pragma once
// Where the time of a resource's start went: at any moment it is in one phase, so the phases add up
// to the whole. Monotonic milliseconds. A phase that comes again, after a restart, adds to the
// first.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

// In the order of telling.
#define PHASES(X)                                                                      \
    X(PHASE_WAITING, "waiting")     /* for what it depends on */                       \
    X(PHASE_PAUSING, "pausing")     /* before it is started again */                   \
    X(PHASE_PREPARING, "preparing") /* engine, what is there, the place of its data */ \
    X(PHASE_PULLING, "pulling")     /* its image */                                    \
    X(PHASE_CREATING, "creating")   /* its container */                                \
    X(PHASE_BUILDING, "building")   /* the task that runs before it */                 \
    X(PHASE_STARTING, "starting")   /* until container or process run */               \
    X(PHASE_CHECKING, "checking")   /* until its health check is content */            \
    X(PHASE_LOGGING_IN, "login")    /* until a login counts */                         \
    X(PHASE_HEALING, "healing")     /* data of another password is given this one */   \
    X(PHASE_MIGRATING, "migrating") /* of a migrations job: its work */                \
    X(PHASE_SEEDING, "seeding")     /* of a seed */

enum phase {
#define X(name, text) name,
    PHASES(X)
#undef X
        PHASE_COUNT
};

struct phases {
    int64_t spent_ms[PHASE_COUNT];
    enum phase now;
    int64_t since_ms; // when the present one began
    bool is_open;     // one goes on
};

// Forgets everything, and begins with a phase.
void phases_reset(struct phases *phases, enum phase first, int64_t now_ms);
// Ends the present phase and begins another. Nothing where none goes on: the start is over.
void phases_enter(struct phases *phases, enum phase next, int64_t now_ms);
void phases_end(struct phases *phases, int64_t now_ms);
// How long it was in a phase, up to now.
int64_t phases_spent_ms(const struct phases *phases, enum phase phase, int64_t now_ms);
// [{"phase": "pulling", "ms": 840}], those that took any time. Owned by the caller.
cJSON *phases_json(const struct phases *phases, int64_t now_ms);

const char *phase_name(enum phase phase);

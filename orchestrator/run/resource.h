#pragma once
// A resource as it runs: its plan, its machine, and what is known of it. The supervisor owns it; a
// driver carries out what the machine asks for and reports by raising events.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "orchestrator/loop/loop.h"
#include "orchestrator/plan/plan.h"
#include "orchestrator/run/facts.h"
#include "orchestrator/run/machine.h"
#include "orchestrator/run/phases.h"
#include "orchestrator/state/logs.h"

struct resource;
struct supervisor;

// How one kind of backing is run. Every function may raise events, at once or later.
struct resource_driver {
    // Bring it up. Raises EVENT_LAUNCHED (and EVENT_PULLING, EVENT_PULLED before), or EVENT_FAILED.
    void (*launch)(struct resource *resource);
    // Look at its health once: ends in resource_probed. NULL: launched is healthy.
    void (*probe)(struct resource *resource);
    // End it. Raises EVENT_STOPPED.
    void (*stop)(struct resource *resource);
    // Frees driver_state; what still runs is let go, not ended.
    void (*release)(struct resource *resource);
};
extern const struct resource_driver driver_container, driver_process, driver_job, driver_file,
    driver_external;

struct resource_progress {
    int64_t done, total; // 0 of 0: none
    const char *unit;    // "bytes", "migrations", "files"
};

struct resource {
    struct supervisor *supervisor;
    const struct plan_resource *plan;
    const struct resource_driver *driver;
    void *driver_state;
    struct machine machine;
    VEC_OF(struct resource *) dependencies; // what it waits for
    struct resource *target;                // of migrations and seeds: their database
    bool wanted;                            // part of this run
    bool ending;                            // what there was of it is being ended
    bool halted; // a user had it stopped: it stays so, persistent or not, until it is asked for
    bool start_again; // once it is at rest: a restart
    bool tidied;      // at rest since before the whole was stopped, and told to leave nothing
    bool removed;     // the settings do not name it any more
    bool replanned;   // the settings make another one of it: it is ended, to begin again as such
    struct log *log;

    char *message;      // the last thing it said, or what it waits for; NULL: nothing
    char *hint;         // the next step after a failure; NULL: none
    char *excerpt;      // the place of a mistake in a migration, several lines; NULL: none
    char *container_id; // NULL: none
    const char *image;  // of its container, where that is not the planned one; else NULL
    pid_t pid;          // 0: none
    int exit_code;      // of its last end; -1: none yet
    struct resource_progress progress;
    cJSON *migrations; // of a migrations job: what its worker found in the ledger; NULL: not yet

    struct facts facts;
    struct phases phases; // of its last start

    int probe_attempts;  // since it was launched
    bool probe_hastened; // since the last one
    struct loop_timer *probe_timer, *deadline_timer, *restart_timer, *stable_timer;

    // monotonic, 0: not yet. asked: start was asked for; ready_to_launch: nothing to wait for any
    // more.
    int64_t asked_ms, unblocked_ms, launched_ms, ready_ms;
    int64_t started_wall_ms, begun_wall_ms, finished_wall_ms; // launched; when that began; at rest
};

// Nothing of it runs, nothing is under way, and nobody has asked for more.
bool resource_is_down(const struct resource *resource);

// One event, with what there is to say about it (NULL format: nothing new).
void resource_raise(struct resource *resource, enum machine_event event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// EVENT_FAILED with the error's message and hint.
void resource_fail(struct resource *resource, const struct err *err);
// The next step that goes with the failure that is about to be raised.
void resource_hint(struct resource *resource, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// EVENT_EXITED with its exit code.
void resource_exited(struct resource *resource, int exit_code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The outcome of a probe. Schedules the next one.
void resource_probed(struct resource *resource, bool healthy, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// Says something without an event.
void resource_say(struct resource *resource, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// The same for what the user has to know although nothing failed.
void resource_notice(struct resource *resource, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// A fact about its readiness; see facts.h.
void resource_note(struct resource *resource, enum fact_name name, bool is_good, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));
// It runs no more, as the fact tells: nothing else that was known of it holds any longer.
void resource_over(struct resource *resource, enum fact_name name, const char *text);
// What its start is at now; see phases.h.
void resource_enter(struct resource *resource, enum phase phase);
void resource_set_progress(struct resource *resource, int64_t done, int64_t total,
                           const char *unit);

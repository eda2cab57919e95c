#pragma once
// The supervisor from inside: what its files share. Private to them; everybody else includes
// supervisor.h and resource.h.

#include "orchestrator/run/checkout_watch.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/state/identity.h"

struct supervisor {
    struct loop *loop;
    struct http_client *http;
    const struct plan *plan;
    struct supervisor_options options;
    const struct supervisor_observer *observer;
    struct engine_link *engine;  // NULL: no container in this run
    struct leftovers *leftovers; // NULL: a killed owner left no container but what is wanted
    char marker[OWNER_MARKER_SIZE];
    int guard_fd;                        // -1: no guard
    VEC_OF(struct resource *) resources; // in the order of the plan
    // At rest, and named by the settings no more; an answer to them may still be under way.
    VEC_OF(struct resource *) former;
    const struct plan *next; // replaces the plan once all that it changes has ended; NULL: none
    bool *next_wanted;       // one flag a resource of it
    bool stopping, stop_all, stopped, settled;
    struct checkout_watch *checkout; // NULL: this run is too short to be looked at
    cJSON *start_timeline;           // NULL: not settled yet
    bool check_queued;               // a look at the whole is due at the end of this turn
};

// A look at the whole, once this turn is over: what may go on now, what is settled.
void supervisor_queue_check(struct supervisor *supervisor);

// Starts the guard, where there is none yet.
int supervisor_guard(struct supervisor *supervisor, struct err *err) MUST_CHECK;

// A resource at rest, which nobody has asked for; owned by the caller. Its dependencies are still
// to be resolved.
struct resource *resource_new(struct supervisor *supervisor, const struct plan_resource *plan);
int resource_open_log(struct resource *resource, struct err *err) MUST_CHECK;
// What still runs is let go, not ended.
void resource_free(struct resource *resource); // NULL is fine

// The plan's indexes as pointers: to be called once all resources of the plan are there.
void supervisor_resolve(struct supervisor *supervisor);
// What ended by itself may have left a container, which nobody is to find here any more.
void resource_tidy(struct resource *resource);
// A waiting resource goes on, or is blocked, or says what it waits for.
void resource_look_at_dependencies(struct resource *resource);
// Starts what is at rest and was told to start again.
void resource_start_if_due(struct resource *resource);
// A resource may end once nothing that depends on it runs.
bool resource_may_stop(const struct resource *resource);
bool resource_depends_on(const struct resource *resource, const struct resource *other);

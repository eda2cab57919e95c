#pragma once
// The supervisor: the one owner of a workspace's containers and processes. It feeds events to the
// machines of the resources, carries their actions out, and tells its observer what changed.

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "orchestrator/docker/docker.h"
#include "orchestrator/loop/http.h"
#include "orchestrator/run/resource.h"

struct supervisor_observer {
    void *context;
    void (*on_change)(void *context,
                      const struct resource *resource); // state, health, message, progress
    void (*on_line)(void *context, const struct resource *resource, const struct log_line *line);
    void (*on_settled)(
        void *context); // every wanted resource is ready or has failed; again after changes
    void (*on_stopped)(void *context); // after supervisor_stop: nothing of it runs any more
    void (*on_notice)(void *context, const struct resource *resource, const char *text);
    void (*on_checkout)(void *context); // supervisor_checkout is another; NULL: it is not looked at
};

struct supervisor_options {
    struct store *store;      // of the journal; borrowed, and outlives the supervisor
    bool on_terminal;         // it is drawn on: the guard has to put it right after a crash
    bool leave_as_found;      // what ran before stays, what did not is ended, persistent or not
    int64_t start_timeout_ms; // for one resource to get healthy, not counting an image's pull; 0:
                              // 120 s, SQL Server 300 s
    int64_t begun_ms;         // monotonic: where the start's timeline begins; 0: now
};

// wanted: one flag a resource of the plan. The observer and the plan are borrowed; *out is owned by
// the caller.
int supervisor_new(struct loop *loop, const struct plan *plan, const bool *wanted,
                   const struct supervisor_options *options,
                   const struct supervisor_observer *observer, struct supervisor **out,
                   struct err *err) MUST_CHECK;
void supervisor_free(struct supervisor *supervisor); // NULL is fine

void supervisor_start(struct supervisor *supervisor);
// In reverse order of dependencies; persistent containers stay unless `all`. A second call hurries:
// processes get KILL.
void supervisor_stop(struct supervisor *supervisor, bool all);

size_t supervisor_count(const struct supervisor *supervisor);
struct resource *supervisor_resource(const struct supervisor *supervisor, size_t index);
struct resource *supervisor_find(const struct supervisor *supervisor,
                                 const char *name); // NULL: none
bool supervisor_settled(const struct supervisor *supervisor);
// The git checkout of the workspace (checkout_watch.h); NULL: none, or not yet known.
const cJSON *supervisor_checkout(const struct supervisor *supervisor);
// What the first start took longest for (timeline.h); NULL: it has not settled yet.
const cJSON *supervisor_start_timeline(const struct supervisor *supervisor);
// The first wanted resource that failed to start or ended with an error; NULL: none.
const struct resource *supervisor_first_failure(const struct supervisor *supervisor);
// The error when no container engine could be used; NULL: there is one, or none is needed.
const struct err *supervisor_engine_error(const struct supervisor *supervisor);

// For the drivers.
struct loop *supervisor_loop(const struct supervisor *supervisor);
struct http_client *supervisor_http(const struct supervisor *supervisor);
const struct plan *supervisor_plan(const struct supervisor *supervisor);
// Is a container to outlive this run?
bool supervisor_keeps(const struct resource *resource, bool ran_before);
struct engine_link *supervisor_engine(const struct supervisor *supervisor);
const char *supervisor_marker(const struct supervisor *supervisor);
struct store *supervisor_store(const struct supervisor *supervisor);

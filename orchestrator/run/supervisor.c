#include "orchestrator/run/supervisor.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/run/leftovers.h"
#include "orchestrator/run/reload.h"
#include "orchestrator/run/requests.h"
#include "orchestrator/run/supervisor_parts.h"
#include "orchestrator/run/timeline.h"
#include "orchestrator/state/orphans.h"
#include "orchestrator/worker/guard.h"

enum { DEFAULT_START_TIMEOUT_MS = 120000, LEFTOVER_GRACE_MS = 1000 };

void resource_tidy(struct resource *resource)
{
    resource->tidied = resource->ending = true;
    resource->driver->stop(resource);
}

static void stop_step(struct supervisor *supervisor)
{
    bool running = false;
    vec_each (item, &supervisor->resources) {
        struct resource *resource = *item;
        if (!machine_is_at_rest(&resource->machine) && resource->machine.state != STATE_STOPPING &&
            resource_may_stop(resource))
            resource_raise(resource, EVENT_STOP, NULL);
        else if (machine_is_at_rest(&resource->machine) && resource->container_id &&
                 !resource->plan->persistent && !resource->ending && !resource->tidied)
            resource_tidy(resource);
    }
    vec_each (resource, &supervisor->resources)
        running = running || (*resource)->ending || !machine_is_at_rest(&(*resource)->machine);
    running = running || leftovers_are_ending(supervisor->leftovers);
    // What ended just now wants another look, which must not come when all is over.
    if (running || supervisor->check_queued || supervisor->stopped)
        return;
    supervisor->stopped = true;
    if (supervisor->observer->on_stopped)
        supervisor->observer->on_stopped(supervisor->observer->context);
}

static void check(void *context)
{
    struct supervisor *supervisor = context;
    supervisor->check_queued = false;
    if (supervisor->stopping) {
        stop_step(supervisor);
        return;
    }
    if (supervisor->next)
        reload_step(supervisor);
    vec_each (resource, &supervisor->resources)
        resource_start_if_due(*resource);
    bool settled = supervisor->next == NULL;
    vec_each (item, &supervisor->resources) {
        struct resource *resource = *item;
        if (!resource->wanted)
            continue;
        resource_look_at_dependencies(resource);
        settled = settled &&
                  (machine_is_ready(&resource->machine) || machine_is_at_rest(&resource->machine));
    }
    const bool newly = settled && !supervisor->settled;
    supervisor->settled = settled;
    if (newly && !supervisor->start_timeline)
        supervisor->start_timeline = timeline_of_start(supervisor, supervisor->options.begun_ms);
    if (newly && supervisor->observer->on_settled)
        supervisor->observer->on_settled(supervisor->observer->context);
}

void supervisor_queue_check(struct supervisor *supervisor)
{
    if (supervisor->check_queued)
        return;
    supervisor->check_queued = true;
    loop_defer(supervisor->loop, check, supervisor);
}

int supervisor_new(struct loop *loop, const struct plan *plan, const bool *wanted,
                   const struct supervisor_options *options,
                   const struct supervisor_observer *observer, struct supervisor **out,
                   struct err *err)
{
    struct supervisor *supervisor = mem_alloc(sizeof *supervisor);
    *supervisor = (struct supervisor){.loop = loop,
                                      .http = http_client_new(loop),
                                      .plan = plan,
                                      .options = *options,
                                      .observer = observer,
                                      .guard_fd = -1};
    if (supervisor->options.start_timeout_ms <= 0)
        supervisor->options.start_timeout_ms = DEFAULT_START_TIMEOUT_MS;
    if (!supervisor->options.begun_ms)
        supervisor->options.begun_ms = clock_monotonic_ms();
    owner_marker(plan->workspace->id, process_identity_self(), supervisor->marker);
    vec_each (planned, &plan->resources)
        vec_push(&supervisor->resources, resource_new(supervisor, planned));
    supervisor_resolve(supervisor);
    for (size_t i = 0; i < supervisor->resources.len; i++)
        if (wanted[i] && resource_want(supervisor->resources.items[i], err)) {
            supervisor_free(supervisor);
            return -1;
        }
    supervisor->leftovers = leftovers_end(supervisor);
    if (options->on_terminal && supervisor_guard(supervisor, err)) {
        supervisor_free(supervisor);
        return -1;
    }
    if (observer->on_checkout)
        supervisor->checkout = checkout_watch_new(loop, plan->workspace->root, supervisor->marker,
                                                  observer->on_checkout, observer->context);
    *out = supervisor;
    return 0;
}

void supervisor_free(struct supervisor *supervisor)
{
    if (!supervisor)
        return;
    // What left its process group, and what its resource's end did not reach.
    if (supervisor->guard_fd >= 0)
        orphans_end(supervisor->options.store, supervisor->marker, supervisor->marker,
                    LEFTOVER_GRACE_MS);
    vec_each (resource, &supervisor->resources)
        resource_free(*resource);
    vec_each (resource, &supervisor->former)
        resource_free(*resource);
    cJSON_Delete(supervisor->start_timeline);
    checkout_watch_free(supervisor->checkout);
    leftovers_free(supervisor->leftovers);
    engine_link_free(supervisor->engine);
    http_client_free(supervisor->http);
    guard_release(supervisor->guard_fd);
    vec_release(&supervisor->resources);
    vec_release(&supervisor->former);
    free(supervisor->next_wanted);
    free(supervisor);
}

void supervisor_start(struct supervisor *supervisor)
{
    vec_each (resource, &supervisor->resources)
        if ((*resource)->wanted)
            resource_raise(*resource, EVENT_START, NULL);
}

void supervisor_stop(struct supervisor *supervisor, bool all)
{
    supervisor->stop_all = supervisor->stop_all || all;
    if (supervisor->stopping)
        vec_each (resource, &supervisor->resources)
            if ((*resource)->machine.state == STATE_STOPPING)
                (*resource)->driver->stop(*resource);
    supervisor->stopping = true;
    supervisor_queue_check(supervisor);
}

size_t supervisor_count(const struct supervisor *supervisor)
{
    return supervisor->resources.len;
}

struct resource *supervisor_resource(const struct supervisor *supervisor, size_t index)
{
    return supervisor->resources.items[index];
}

struct resource *supervisor_find(const struct supervisor *supervisor, const char *name)
{
    vec_each (resource, &supervisor->resources)
        if (strcmp((*resource)->plan->name, name) == 0)
            return *resource;
    return NULL;
}

const cJSON *supervisor_checkout(const struct supervisor *supervisor)
{
    return checkout_watch_shown(supervisor->checkout);
}

bool supervisor_settled(const struct supervisor *supervisor)
{
    return supervisor->settled;
}

const cJSON *supervisor_start_timeline(const struct supervisor *supervisor)
{
    return supervisor->start_timeline;
}

const struct resource *supervisor_first_failure(const struct supervisor *supervisor)
{
    const struct resource *blocked = NULL;
    vec_each (item, &supervisor->resources) {
        const struct resource *resource = *item;
        if (!resource->wanted || !resource->machine.failed ||
            !machine_is_at_rest(&resource->machine))
            continue;
        if (resource->asked_ms && resource->unblocked_ms)
            return resource; // the cause, not what only waited for it
        if (!blocked)
            blocked = resource;
    }
    return blocked;
}

const struct err *supervisor_engine_error(const struct supervisor *supervisor)
{
    return supervisor->engine ? engine_link_error(supervisor->engine) : NULL;
}

struct loop *supervisor_loop(const struct supervisor *supervisor)
{
    return supervisor->loop;
}

struct http_client *supervisor_http(const struct supervisor *supervisor)
{
    return supervisor->http;
}

const struct plan *supervisor_plan(const struct supervisor *supervisor)
{
    return supervisor->plan;
}

bool supervisor_keeps(const struct resource *resource, bool ran_before)
{
    const struct supervisor *supervisor = resource->supervisor;
    if (supervisor->options.leave_as_found)
        return ran_before;
    return resource->plan->persistent && !supervisor->stop_all && !resource->halted &&
           !resource->start_again && !resource->removed && !resource->replanned;
}

struct engine_link *supervisor_engine(const struct supervisor *supervisor)
{
    return supervisor->engine;
}

const char *supervisor_marker(const struct supervisor *supervisor)
{
    return supervisor->marker;
}

struct store *supervisor_store(const struct supervisor *supervisor)
{
    return supervisor->options.store;
}

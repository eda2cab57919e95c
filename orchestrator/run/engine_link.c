#include "orchestrator/run/engine_link.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/drivers/container.h"
#include "orchestrator/run/supervisor.h"

enum {
    FIRST_RETRY_MS = 100,
    LONGEST_RETRY_MS = 5000,
    STEADY_MS = 10000, // a link that held so long begins anew with the shortest pause
};

struct waiter {
    loop_fn *fn;
    void *context;
};

struct engine_link {
    struct supervisor *supervisor;
    struct docker *docker;
    struct err err;
    bool failed, ready;
    bool was_up;   // from then on nothing fails for want of an engine: it is waited for
    bool is_gone;  // since it was up
    cJSON *listed; // array of containers
    VEC_OF(struct waiter) waiters;
    struct docker_call *events;
    struct loop_timer *retry_timer;
    int64_t retry_ms;    // the next pause
    int64_t up_since_ms; // monotonic
};

static char *workspace_label(const struct engine_link *link)
{
    return mem_printf("%s=%s", LABEL_WORKSPACE, supervisor_plan(link->supervisor)->workspace->id);
}

static void tell_waiters(void *context)
{
    struct engine_link *link = context;
    for (size_t i = 0; i < link->waiters.len; i++)
        link->waiters.items[i].fn(link->waiters.items[i].context);
    link->waiters.len = 0;
}

static void tell_resources(struct engine_link *link, bool answers, const char *why)
{
    for (size_t i = 0; i < supervisor_count(link->supervisor); i++) {
        struct resource *resource = supervisor_resource(link->supervisor, i);
        if (resource->container_id)
            driver_container_engine(resource, answers, why);
    }
}

// The engine does not answer, or its events have ended: it is asked again, more and more rarely.
static void retry(struct engine_link *link, const struct err *err)
{
    link->ready = false;
    if (!link->is_gone && clock_monotonic_ms() - link->up_since_ms >= STEADY_MS)
        link->retry_ms = FIRST_RETRY_MS;
    loop_timer_set(link->retry_timer, link->retry_ms);
    link->retry_ms = link->retry_ms * 2 < LONGEST_RETRY_MS ? link->retry_ms * 2 : LONGEST_RETRY_MS;
    if (!link->is_gone)
        tell_resources(link, false, err ? err->message : "its events have ended");
    link->is_gone = true;
}

static void finish(struct engine_link *link, const struct err *err)
{
    if (err && link->was_up) {
        retry(link, err);
        return;
    }
    link->ready = true;
    link->failed = err != NULL;
    if (err)
        link->err = *err;
    else
        link->was_up = true;
    if (link->is_gone) {
        link->is_gone = false;
        link->up_since_ms = clock_monotonic_ms();
        tell_resources(link, true, NULL);
    }
    tell_waiters(link);
}

static void on_event(void *context, const cJSON *event)
{
    struct engine_link *link = context;
    const char *name =
        json_string_or(json_path(event, "Actor", "Attributes", NULL), LABEL_RESOURCE, NULL);
    struct resource *resource = name ? supervisor_find(link->supervisor, name) : NULL;
    if (resource && resource->container_id)
        driver_container_event(resource, event);
}

static void on_events_end(void *context, const struct docker_result *result)
{
    struct engine_link *link = context;
    link->events = NULL;
    if (link->ready)
        retry(link, result->err);
}

static void on_listed(void *context, const struct docker_result *result)
{
    struct engine_link *link = context;
    if (result->err) {
        finish(link, result->err);
        return;
    }
    cJSON_Delete(link->listed);
    link->listed = cJSON_Duplicate(result->json, true);
    AUTOFREE char *label = workspace_label(link);
    if (!link->events)
        link->events = docker_events(link->docker, label, on_event, on_events_end, link);
    finish(link, NULL);
}

static void on_pinged(void *context, const struct docker_result *result)
{
    struct engine_link *link = context;
    if (result->err) {
        finish(link, result->err);
        return;
    }
    AUTOFREE char *label = workspace_label(link);
    docker_container_list(link->docker, label, on_listed, link);
}

static void look(struct engine_link *link)
{
    link->ready = link->failed = false;
    if (!link->docker && docker_new(supervisor_loop(link->supervisor),
                                    supervisor_http(link->supervisor), &link->docker, &link->err))
        link->ready = link->failed = true;
    else
        docker_ping(link->docker, on_pinged, link);
}

static void on_retry_due(void *context)
{
    look(context);
}

struct engine_link *engine_link_new(struct supervisor *supervisor)
{
    struct engine_link *link = mem_alloc(sizeof *link);
    link->supervisor = supervisor;
    link->retry_timer = loop_timer_new(supervisor_loop(supervisor), on_retry_due, link);
    link->retry_ms = FIRST_RETRY_MS;
    link->up_since_ms = clock_monotonic_ms();
    look(link);
    return link;
}

void engine_link_free(struct engine_link *link)
{
    if (!link)
        return;
    docker_free(link->docker);
    loop_timer_free(link->retry_timer);
    cJSON_Delete(link->listed);
    vec_release(&link->waiters);
    free(link);
}

void engine_link_when_ready(struct engine_link *link, loop_fn *fn, void *context)
{
    vec_push(&link->waiters, (struct waiter){fn, context});
    if (link->ready)
        loop_defer(supervisor_loop(link->supervisor), tell_waiters, link);
}

void engine_link_look_again(struct engine_link *link, loop_fn *fn, void *context)
{
    if (link->ready)
        look(link);
    engine_link_when_ready(link, fn, context);
}

const struct err *engine_link_error(const struct engine_link *link)
{
    return link->failed ? &link->err : NULL;
}

struct docker *engine_link_docker(const struct engine_link *link)
{
    return link->docker;
}

const cJSON *engine_link_listed(const struct engine_link *link, const char *container_name)
{
    const cJSON *container, *name;
    json_each (container, link->listed)
        json_each (name, json_get(container, "Names"))
            if (cJSON_IsString(name) &&
                strcmp(name->valuestring + (name->valuestring[0] == '/'), container_name) == 0)
                return container;
    return NULL;
}

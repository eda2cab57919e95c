#include "orchestrator/run/engine_link.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/drivers/container.h"
#include "orchestrator/run/supervisor.h"

struct waiter {
    loop_fn *fn;
    void *context;
};

struct engine_link {
    struct supervisor *supervisor;
    struct docker *docker;
    struct err err;
    bool failed, ready;
    cJSON *listed; // array of containers
    VEC_OF(struct waiter) waiters;
    struct docker_call *events;
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

static void finish(struct engine_link *link, const struct err *err)
{
    link->ready = true;
    link->failed = err != NULL;
    if (err)
        link->err = *err;
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
    (void)result;
    ((struct engine_link *)context)->events = NULL;
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

struct engine_link *engine_link_new(struct supervisor *supervisor)
{
    struct engine_link *link = mem_alloc(sizeof *link);
    link->supervisor = supervisor;
    look(link);
    return link;
}

void engine_link_free(struct engine_link *link)
{
    if (!link)
        return;
    docker_free(link->docker);
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

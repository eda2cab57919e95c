#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/filters.h"
#include "orchestrator/docker/lines.h"

struct events {
    struct docker_call *call;
    struct lines lines;
    docker_event_fn *fn;
    bool has_failed;
    struct err err;
};

static void events_free(void *state)
{
    struct events *events = state;
    lines_release(&events->lines);
    free(events);
}

// Health checks of containers make exec_create, exec_start and exec_die every few seconds.
static bool is_exec(const cJSON *event)
{
    return !strncmp(json_string_or(event, "Action", ""), "exec_", 5);
}

static bool on_event(void *context, const cJSON *event)
{
    struct events *events = context;
    if (!is_exec(event))
        events->fn(call_context(events->call), event);
    return !call_is_over(events->call);
}

static bool on_events_data(struct docker_call *call, const char *bytes, size_t length)
{
    struct events *events = call_state(call);
    if (!events->has_failed &&
        lines_push(&events->lines, bytes, length, on_event, events, &events->err))
        events->has_failed = true;
    if (!events->has_failed)
        return true;
    // Nothing more can be made of a stream that went wrong, and it does not end by itself.
    call_fail(call, 200, &events->err);
    return false;
}

struct docker_call *docker_events(struct docker *docker, const char *label, docker_event_fn *event,
                                  docker_fn *fn, void *context)
{
    // From now, not from when the engine gets to read this: what happens between is not lost.
    int64_t now_ms = clock_wall_ms();
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_addf(&path, "/events?since=%lld.%03lld&filters=", (long long)(now_ms / 1000),
                (long long)(now_ms % 1000));
    const struct filter filters[] = {{"type", "container"}, {"label", label}, {0}};
    filters_add(filters, &path);
    struct events *events = mem_alloc(sizeof *events);
    struct docker_call *call = call_new(docker, fn, context);
    *events = (struct events){.call = call, .lines = LINES_INIT, .fn = event};
    call_set_state(call, events, events_free);
    call_send(call, &(struct call_request){.path = path.data,
                                           .timeout_ms = CALL_NO_TIMEOUT,
                                           .on_data = on_events_data});
    return call;
}

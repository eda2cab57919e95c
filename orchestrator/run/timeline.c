#include "orchestrator/run/timeline.h"

#include "base/clock.h"
#include "base/json.h"

// What a resource is in once it was launched, until it is ready.
static enum phase phase_after_launch(const struct plan_resource *plan)
{
    switch (plan->backing) {
    case BACKING_CONTAINER:
    case BACKING_EXTERNAL: return PHASE_LOGGING_IN;
    case BACKING_JOB: return plan->kind == RESOURCE_SEED ? PHASE_SEEDING : PHASE_MIGRATING;
    default: return PHASE_CHECKING;
    }
}

static void note_phase(struct resource *resource, enum machine_event event,
                       enum machine_state before, int64_t now)
{
    struct phases *phases = &resource->phases;
    const bool is_container = resource->plan->backing == BACKING_CONTAINER;
    const bool pauses = resource->machine.state == STATE_WAITING && before != STATE_WAITING;
    if (event == EVENT_START)
        phases_reset(phases, PHASE_WAITING, now);
    else if (pauses && !phases->is_open)
        phases_reset(phases, PHASE_PAUSING, now);
    else if (pauses)
        phases_enter(phases, PHASE_PAUSING, now);
    else if (event == EVENT_DEPENDENCIES_READY || event == EVENT_RESTART_DUE)
        phases_enter(phases, is_container ? PHASE_PREPARING : PHASE_STARTING, now);
    else if (event == EVENT_PULLING)
        phases_enter(phases, is_container ? PHASE_PULLING : PHASE_BUILDING, now);
    else if (event == EVENT_PULLED)
        phases_enter(phases, is_container ? PHASE_CREATING : PHASE_STARTING, now);
    else if (event == EVENT_LAUNCHED)
        phases_enter(phases, phase_after_launch(resource->plan), now);
    if (machine_is_ready(&resource->machine) || machine_is_at_rest(&resource->machine))
        phases_end(phases, now);
}

void timeline_note(struct resource *resource, enum machine_event event, enum machine_state before)
{
    const int64_t now = clock_monotonic_ms();
    const bool became_ready =
        machine_is_ready(&resource->machine) && before != STATE_RUNTIME_UNHEALTHY;
    if (event == EVENT_START && before != resource->machine.state) {
        resource->asked_ms = now;
        resource->unblocked_ms = resource->launched_ms = resource->ready_ms = 0;
        resource->started_wall_ms = resource->finished_wall_ms = 0;
    } else if (event == EVENT_DEPENDENCIES_READY || event == EVENT_RESTART_DUE) {
        resource->unblocked_ms = now;
        resource->begun_wall_ms = clock_wall_ms();
    } else if (event == EVENT_LAUNCHED) {
        resource->launched_ms = now;
        resource->started_wall_ms = clock_wall_ms();
    } else if (became_ready && resource->machine.since_ms == now) {
        resource->ready_ms = now;
    }
    if (resource->started_wall_ms && before != resource->machine.state &&
        machine_is_at_rest(&resource->machine))
        resource->finished_wall_ms = clock_wall_ms();
    note_phase(resource, event, before, now);
}

static cJSON *step(const char *name, int64_t waited_ms, int64_t start_ms, cJSON *phases)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", name);
    cJSON_AddNumberToObject(json, "waitedMs", (double)waited_ms);
    cJSON_AddNumberToObject(json, "startMs", (double)start_ms);
    cJSON_AddItemToObject(json, "phases", phases);
    return json;
}

// How long it waited for others, and how long it then took itself.
static cJSON *step_of(const struct resource *resource)
{
    struct phases own = resource->phases;
    own.spent_ms[PHASE_WAITING] = 0; // is the time of the step before
    return step(resource->plan->name, resource->unblocked_ms - resource->asked_ms,
                resource->ready_ms - resource->unblocked_ms, phases_json(&own, resource->ready_ms));
}

static cJSON *step_of_berth(int64_t took_ms)
{
    cJSON *phase = cJSON_CreateObject();
    cJSON_AddStringToObject(phase, "phase", "planning");
    cJSON_AddNumberToObject(phase, "ms", (double)took_ms);
    cJSON *phases = cJSON_CreateArray();
    cJSON_AddItemToArray(phases, phase);
    return step("berth", 0, took_ms, phases);
}

// The dependency that became ready last: what the resource really waited for.
static const struct resource *last_dependency(const struct resource *resource)
{
    const struct resource *last = NULL;
    vec_each (other, &resource->dependencies)
        if (!last || (*other)->ready_ms > last->ready_ms)
            last = *other;
    return last;
}

cJSON *timeline_of_start(const struct supervisor *supervisor, int64_t begun_ms)
{
    const struct resource *last = NULL;
    int64_t asked_ms = 0;
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        if (resource->wanted && resource->ready_ms &&
            (!last || resource->ready_ms > last->ready_ms))
            last = resource;
    }
    cJSON *steps = cJSON_CreateArray();
    for (; last; last = last_dependency(last)) {
        cJSON_InsertItemInArray(steps, 0, step_of(last));
        asked_ms = last->asked_ms;
    }
    if (asked_ms)
        cJSON_InsertItemInArray(steps, 0, step_of_berth(asked_ms - begun_ms));
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "wallMs", (double)(clock_monotonic_ms() - begun_ms));
    cJSON_AddItemToObject(json, "steps", steps);
    return json;
}

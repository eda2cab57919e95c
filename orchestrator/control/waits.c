#include "orchestrator/control/waits.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/run/patience.h"
#include "orchestrator/run/report.h"

struct wait {
    struct waits *waits;
    struct control_client *client; // NULL: answered, or gone
    cJSON *names;                  // resources may go while they are waited for
    enum wait_status status;
    int64_t timeout_ms;
    struct patience *patience;
    cJSON *answer;
};

struct waits {
    struct supervisor *supervisor;
    struct loop_timer *look; // a look is due once this turn is over
    VEC_OF(struct wait *) items;
};

enum verdict { PENDING, MET, HOPELESS };

static const char *const status_names[] = {
#define X(name, text) [name] = text,
    WAIT_STATUSES(X)
#undef X
        [WAIT_HALTED] = "down",
};

bool wait_status_find(const char *name, enum wait_status *out)
{
    for (int i = 0; i < WAIT_STATUS_COUNT; i++)
        if (strcmp(status_names[i], name) == 0) {
            *out = (enum wait_status)i;
            return true;
        }
    return false;
}

static enum verdict judge(const struct resource *resource, enum wait_status status)
{
    const struct machine *machine = &resource->machine;
    const bool is_down = resource_is_down(resource);
    const bool is_healthy = machine->kind == MACHINE_JOB || machine->health == HEALTH_HEALTHY;
    const bool has_ended = machine->state == STATE_FINISHED || machine->state == STATE_EXITED;
    bool met = false;
    if (resource->removed || resource->replanned)
        return PENDING; // what becomes of it is seen when it has ended
    if (status == WAIT_HALTED && !resource->halted)
        return HOPELESS;
    switch (status) {
    case WAIT_HEALTHY: met = machine_is_ready(machine) && is_healthy; break;
    case WAIT_UP: met = machine_is_ready(machine); break;
    case WAIT_FINISHED: met = is_down && has_ended && !machine->failed; break;
    default: met = is_down; break;
    }
    // What was asked to start again is not what it seems yet.
    return met && !resource->start_again ? MET : is_down ? HOPELESS : PENDING;
}

// Takes it out and frees it.
static void forget(struct wait *wait)
{
    struct waits *waits = wait->waits;
    for (size_t i = 0; i < waits->items.len; i++)
        if (waits->items.items[i] == wait)
            waits->items.items[i] = waits->items.items[--waits->items.len];
    if (wait->client)
        control_on_close(wait->client, NULL, NULL);
    patience_free(wait->patience);
    cJSON_Delete(wait->names);
    cJSON_Delete(wait->answer);
    free(wait);
}

static void on_gone(void *context)
{
    struct wait *wait = context;
    wait->client = NULL;
    forget(wait);
}

static void say_state(const struct resource *resource, struct err *err)
{
    if (resource->hint)
        err_hint(err, "%s", resource->hint);
    else if (resource->log)
        err_hint(err, "`berth logs %s` shows what it said", resource->plan->name);
    else
        err_hint(err, "`berth start %s` starts it", resource->plan->name);
}

static void answer_hopeless(struct wait *wait, const struct resource *resource)
{
    struct err err;
    if (wait->status == WAIT_HALTED)
        err_set(&err, ERR_RESOURCE, "%s was asked to start again", resource->plan->name);
    else if (resource->message)
        err_set(&err, ERR_RESOURCE, "%s is %s: %s", resource->plan->name,
                machine_state_name(resource->machine.state), resource->message);
    else
        err_set(&err, ERR_RESOURCE, "%s is %s", resource->plan->name,
                machine_state_name(resource->machine.state));
    say_state(resource, &err);
    control_answer_error(wait->client, &err);
}

static void answer_met(struct wait *wait)
{
    const cJSON *name;
    cJSON *list = cJSON_AddArrayToObject(wait->answer, "resources");
    json_each (name, wait->names) {
        const struct resource *resource =
            supervisor_find(wait->waits->supervisor, name->valuestring);
        if (resource)
            cJSON_AddItemToArray(list, report_resource(resource));
    }
    control_answer(wait->client, TAKE(wait->answer));
}

// The first of the named that is not there; NULL: all are.
static const struct resource *first_missing(const struct wait *wait, enum verdict *verdict)
{
    const cJSON *name;
    const struct resource *pending = NULL;
    json_each (name, wait->names) {
        const struct resource *resource =
            supervisor_find(wait->waits->supervisor, name->valuestring);
        *verdict = resource ? judge(resource, wait->status) : MET;
        if (*verdict == HOPELESS)
            return resource;
        if (*verdict == PENDING && !pending)
            pending = resource;
    }
    *verdict = PENDING;
    return pending;
}

static void look_at(struct wait *wait)
{
    enum verdict verdict = PENDING;
    const struct resource *missing = first_missing(wait, &verdict);
    if (missing && verdict == PENDING)
        return;
    if (missing)
        answer_hopeless(wait, missing);
    else
        answer_met(wait);
    forget(wait);
}

static void look(void *context)
{
    struct waits *waits = context;
    for (size_t i = waits->items.len; i-- > 0;) // forget puts the last in its place
        look_at(waits->items.items[i]);
}

static void on_timeout(void *context)
{
    struct wait *wait = context;
    enum verdict verdict = PENDING;
    const struct resource *missing = first_missing(wait, &verdict);
    char limit[CLOCK_DURATION_SIZE];
    struct err err;
    clock_format_duration(wait->timeout_ms, limit);
    err_set(&err, ERR_TIMEOUT, "%s is not %s after %s: it is %s%s%s",
            missing ? missing->plan->name : "it", status_names[wait->status], limit,
            missing ? machine_state_name(missing->machine.state) : "",
            missing && missing->message ? ", " : "",
            missing && missing->message ? missing->message : "");
    err_hint(&err, "`berth why` says more");
    control_answer_error(wait->client, &err);
    forget(wait);
}

struct waits *waits_new(struct supervisor *supervisor)
{
    struct waits *waits = mem_alloc(sizeof *waits);
    *waits = (struct waits){.supervisor = supervisor};
    waits->look = loop_timer_new(supervisor_loop(supervisor), look, waits);
    return waits;
}

void waits_free(struct waits *waits)
{
    if (!waits)
        return;
    while (waits->items.len)
        forget(waits->items.items[0]);
    vec_release(&waits->items);
    loop_timer_free(waits->look);
    free(waits);
}

void waits_look(struct waits *waits)
{
    vec_each (wait, &waits->items)
        patience_look((*wait)->patience);
    if (waits->items.len)
        loop_timer_set(waits->look, 0);
}

void waits_add(struct waits *waits, struct control_client *client, const cJSON *names,
               enum wait_status status, int64_t timeout_ms, cJSON *answer)
{
    struct wait *wait = mem_alloc(sizeof *wait);
    *wait = (struct wait){.waits = waits,
                          .client = client,
                          .names = cJSON_Duplicate(names, true),
                          .status = status,
                          .timeout_ms = timeout_ms,
                          .answer = answer};
    wait->patience = patience_new(waits->supervisor, timeout_ms, on_timeout, wait);
    patience_look(wait->patience);
    control_on_close(client, on_gone, wait);
    vec_push(&waits->items, wait);
    waits_look(waits);
}

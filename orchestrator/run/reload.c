#include "orchestrator/run/reload.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/difference.h"
#include "orchestrator/run/requests.h"
#include "orchestrator/run/supervisor_parts.h"

static const cJSON *find_change(const cJSON *changed, const char *name)
{
    const cJSON *change;
    json_each (change, changed)
        if (strcmp(json_string_or(change, "name", ""), name) == 0)
            return change;
    return NULL;
}

static void add_change(cJSON *changed, const char *name, const char *after, cJSON *settings)
{
    cJSON *change = cJSON_CreateObject();
    cJSON_AddStringToObject(change, "name", name);
    json_add_or_null(change, "after", after);
    cJSON_AddItemToObject(change, "settings", settings);
    cJSON_AddItemToArray(changed, change);
}

static bool is_named(const cJSON *names, const char *name)
{
    const cJSON *item;
    json_each (item, names)
        if (strcmp(item->valuestring, name) == 0)
            return true;
    return false;
}

// It has not even been tried: something that it waits for did not come.
static bool was_blocked(const struct resource *resource)
{
    return resource->machine.state == STATE_FAILED_TO_START && !resource->unblocked_ms &&
           !resource->halted;
}

// What the resource has to begin again with; NULL: nothing.
static const char *leader_of(const struct resource *resource, const cJSON *changed)
{
    if (resource->target && find_change(changed, resource->target->plan->name))
        return resource->target->plan->name;
    if (was_blocked(resource))
        vec_each (other, &resource->dependencies)
            if (find_change(changed, (*other)->plan->name))
                return (*other)->plan->name;
    return NULL;
}

// Until nothing follows any more: the order of the plan is not that of the dependencies.
static void add_followers(const struct supervisor *supervisor, const cJSON *removed, cJSON *changed)
{
    for (bool again = true; again;) {
        again = false;
        vec_each (item, &supervisor->resources) {
            const char *name = (*item)->plan->name;
            const char *leader = (*item)->wanted ? leader_of(*item, changed) : NULL;
            if (!leader || find_change(changed, name) || is_named(removed, name))
                continue;
            add_change(changed, name, leader, cJSON_CreateArray());
            again = true;
        }
    }
}

static void add_name(cJSON *list, const char *name)
{
    cJSON_AddItemToArray(list, cJSON_CreateString(name));
}

cJSON *reload_difference(const struct supervisor *supervisor, const struct plan *next)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *added = cJSON_AddArrayToObject(json, "added");
    cJSON *removed = cJSON_AddArrayToObject(json, "removed");
    cJSON *changed = cJSON_AddArrayToObject(json, "changed");
    cJSON *unchanged = cJSON_AddArrayToObject(json, "unchanged");
    vec_each (now, &next->resources)
        if (!supervisor_find(supervisor, now->name))
            add_name(added, now->name);
    vec_each (item, &supervisor->resources) {
        const struct planned old = {supervisor->plan, (*item)->plan};
        const struct planned now = {next, plan_find(next, (*item)->plan->name)};
        if (!now.resource)
            add_name(removed, old.resource->name);
        else if (plan_differs(old, now))
            add_change(changed, old.resource->name, NULL, plan_changed_settings(old, now));
    }
    add_followers(supervisor, removed, changed);
    vec_each (item, &supervisor->resources)
        if (!find_change(changed, (*item)->plan->name) && !is_named(removed, (*item)->plan->name))
            add_name(unchanged, (*item)->plan->name);
    return json;
}

bool reload_is_needed(const cJSON *difference)
{
    return cJSON_GetArraySize(json_get(difference, "added")) ||
           cJSON_GetArraySize(json_get(difference, "removed")) ||
           cJSON_GetArraySize(json_get(difference, "changed"));
}

// Its own output is to say why it ends.
static void say_change(struct resource *resource, const cJSON *change)
{
    const cJSON *setting;
    AUTO_STRBUF paths = STRBUF_INIT;
    json_each (setting, json_get(change, "settings"))
        strbuf_addf(&paths, "%s%s", paths.len ? ", " : "", json_string_or(setting, "path", ""));
    if (paths.len)
        resource_notice(resource, "its settings changed: %s", paths.data);
    else
        resource_notice(resource, "%s changed", json_string_or(change, "after", "something"));
}

// What a user stopped stays so, and a tool that is done, or was never asked for, is not run.
static bool is_to_start(const struct resource *resource, bool is_wanted)
{
    const bool rests = machine_is_at_rest(&resource->machine);
    return is_wanted && !resource->halted && !(resource->plan->on_demand && rests);
}

// What is new, or others wait for only now.
static bool joins(const struct resource *resource, bool is_wanted)
{
    return is_wanted && !resource->wanted && !resource->halted;
}

static void mark(struct supervisor *supervisor, const cJSON *difference, cJSON *touched)
{
    vec_each (item, &supervisor->resources) {
        struct resource *resource = *item;
        const char *name = resource->plan->name;
        const cJSON *change = find_change(json_get(difference, "changed"), name);
        const struct plan_resource *now = plan_find(supervisor->next, name);
        // What another driver is to run is another resource, of the same name.
        resource->removed = !now || now->backing != resource->plan->backing;
        const bool is_wanted = now && supervisor->next_wanted[plan_index(supervisor->next, now)];
        resource->replanned = (change || joins(resource, is_wanted)) && !resource->removed;
        if (change)
            resource->start_again = is_to_start(resource, is_wanted);
        if (change && resource->wanted)
            say_change(resource, change);
        if (resource->removed || resource->start_again || joins(resource, is_wanted))
            add_name(touched, name);
    }
    const cJSON *name;
    json_each (name, json_get(difference, "added")) {
        const struct plan_resource *now = plan_find(supervisor->next, name->valuestring);
        if (supervisor->next_wanted[plan_index(supervisor->next, now)])
            add_name(touched, name->valuestring);
    }
}

int reload_begin(struct supervisor *supervisor, const struct plan *next, const bool *wanted,
                 const cJSON *difference, cJSON **touched, struct err *err)
{
    if (supervisor->stopping)
        return err_set(err, ERR_NOT_RUNNING, "berth is about to end here");
    if (supervisor->next) {
        err_set(err, ERR_RESOURCE, "what changed before is still being ended");
        return err_hint(err, "try again in a moment; `berth ps` shows what it waits for");
    }
    supervisor->next = next;
    supervisor->next_wanted = mem_alloc(next->resources.len * sizeof *wanted);
    memcpy(supervisor->next_wanted, wanted, next->resources.len * sizeof *wanted);
    *touched = cJSON_CreateArray();
    mark(supervisor, difference, *touched);
    supervisor_queue_check(supervisor);
    return 0;
}

static bool is_leaving(const struct resource *resource)
{
    return resource->removed || resource->replanned;
}

// Nothing that depends on it is to end before it. What goes on was made without it.
static bool may_leave(const struct resource *resource)
{
    vec_each (item, &resource->supervisor->resources)
        if (is_leaving(*item) && !machine_is_at_rest(&(*item)->machine) &&
            resource_depends_on(*item, resource))
            return false;
    return true;
}

// True while something of what leaves is there.
static bool end_leaving(struct supervisor *supervisor)
{
    bool is_ending = false;
    vec_each (item, &supervisor->resources) {
        struct resource *resource = *item;
        if (!is_leaving(resource))
            continue;
        const bool rests = machine_is_at_rest(&resource->machine);
        if (!rests && resource->machine.state != STATE_STOPPING && may_leave(resource))
            resource_raise(resource, EVENT_STOP, NULL);
        else if (rests && resource->removed && resource->container_id && !resource->ending &&
                 !resource->tidied)
            resource_tidy(resource);
        is_ending = is_ending || resource->ending || !machine_is_at_rest(&resource->machine);
    }
    return is_ending;
}

// The resource of the name that goes on, or begins again; NULL: there is none.
static struct resource *take_present(struct supervisor *supervisor, const struct plan_resource *now)
{
    struct resource *present = supervisor_find(supervisor, now->name);
    return present && !present->removed ? present : NULL;
}

// One that was named before, and is named again.
static struct resource *take_former(struct supervisor *supervisor, const struct plan_resource *now)
{
    for (size_t i = 0; i < supervisor->former.len; i++) {
        struct resource *former = supervisor->former.items[i];
        if (former->plan->backing != now->backing || strcmp(former->plan->name, now->name) != 0)
            continue;
        supervisor->former.items[i] = supervisor->former.items[--supervisor->former.len];
        former->removed = former->halted = false;
        former->replanned = true;
        return former;
    }
    return NULL;
}

// What was made of the former plan is made anew: the texts it holds, the secrets its log hides. A
// container keeps its state, which the engine may still owe an answer.
static void adopt_plan(struct resource *resource, const struct plan_resource *now)
{
    resource->plan = now;
    if (!resource->replanned)
        return;
    resource->replanned = resource->tidied = false;
    resource->machine.restart = now->restart;
    resource->machine.restarts = 0;
    if (now->backing == BACKING_CONTAINER)
        return;
    if (resource->driver_state)
        resource->driver->release(resource);
    resource->driver_state = NULL;
    log_close(TAKE(resource->log));
}

static void start_wanted(struct resource *resource, bool is_wanted)
{
    struct err err;
    if (joins(resource, is_wanted))
        resource->start_again = true;
    if (resource->start_again && resource_want(resource, &err)) {
        resource->start_again = false;
        resource_say(resource, "%s", err.message);
    }
}

static void nothing(void *context)
{
    (void)context;
}

static void take_plan(struct supervisor *supervisor)
{
    const struct plan *next = supervisor->next;
    __typeof__(supervisor->resources) before = supervisor->resources, now = {0};
    vec_each (planned, &next->resources) {
        struct resource *resource = take_present(supervisor, planned);
        if (!resource)
            resource = take_former(supervisor, planned);
        vec_push(&now, resource ? resource : resource_new(supervisor, planned));
    }
    vec_each (resource, &before)
        if ((*resource)->removed) {
            (*resource)->start_again = (*resource)->wanted = false;
            vec_push(&supervisor->former, *resource);
        }
    supervisor->plan = next;
    supervisor->next = NULL;
    supervisor->resources = now;
    for (size_t i = 0; i < now.len; i++)
        adopt_plan(now.items[i], &next->resources.items[i]);
    supervisor_resolve(supervisor);
    if (supervisor->engine) // its list is that of the start
        engine_link_look_again(supervisor->engine, nothing, NULL);
    for (size_t i = 0; i < now.len; i++)
        start_wanted(now.items[i], supervisor->next_wanted[i]);
    vec_each (resource, &before)
        if ((*resource)->removed && supervisor->observer->on_change)
            supervisor->observer->on_change(supervisor->observer->context, *resource);
    free(TAKE(supervisor->next_wanted));
    vec_release(&before);
}

void reload_step(struct supervisor *supervisor)
{
    if (end_leaving(supervisor))
        return;
    take_plan(supervisor);
    supervisor_queue_check(supervisor);
}

// What resources wait for, and what keeps them from ending.
#include <string.h>

#include "base/mem.h"
#include "orchestrator/run/supervisor_parts.h"

static void resolve(struct resource *resource)
{
    const struct supervisor *supervisor = resource->supervisor;
    resource->dependencies.len = 0;
    vec_each (index, &resource->plan->dependencies)
        vec_push(&resource->dependencies, supervisor->resources.items[*index]);
    if (resource->plan->backing == BACKING_JOB)
        resource->target = supervisor->resources.items[resource->plan->target];
}

void supervisor_resolve(struct supervisor *supervisor)
{
    vec_each (resource, &supervisor->resources)
        resolve(*resource);
}

static const char waiting_for[] = "waiting for ";

// "waiting for postgres, redis"
static void say_waiting(struct resource *resource)
{
    AUTO_STRBUF text = STRBUF_INIT;
    vec_each (other, &resource->dependencies)
        if (!machine_is_ready(&(*other)->machine))
            strbuf_addf(&text, "%s%s", text.len ? ", " : waiting_for, (*other)->plan->name);
    free(resource->message);
    resource->message = strbuf_detach(&text);
}

static bool will_not_come(const struct resource *other)
{
    return machine_is_at_rest(&other->machine) && !other->start_again &&
           (other->machine.state != STATE_NOT_STARTED || other->halted);
}

static const char *what_became_of(const struct resource *other)
{
    if (other->halted)
        return "was stopped";
    return other->machine.state == STATE_FAILED_TO_START ? "failed to start" : "has ended";
}

void resource_look_at_dependencies(struct resource *resource)
{
    if (resource->machine.state != STATE_WAITING || loop_timer_pending(resource->restart_timer))
        return;
    bool ready = true;
    vec_each (item, &resource->dependencies) {
        const struct resource *other = *item;
        if (machine_is_ready(&other->machine))
            continue;
        ready = false;
        if (will_not_come(other)) {
            resource_raise(resource, EVENT_DEPENDENCY_FAILED, "%s, which it waits for, %s",
                           other->plan->name, what_became_of(other));
            return;
        }
    }
    if (!ready) {
        say_waiting(resource);
        return;
    }
    if (resource->message && strncmp(resource->message, waiting_for, sizeof waiting_for - 1) == 0)
        free(TAKE(resource->message)); // nobody else may have anything to say
    resource_raise(resource, EVENT_DEPENDENCIES_READY, NULL);
}

bool resource_depends_on(const struct resource *resource, const struct resource *other)
{
    vec_each (dependency, &resource->dependencies)
        if (*dependency == other)
            return true;
    return false;
}

bool resource_may_stop(const struct resource *resource)
{
    vec_each (other, &resource->supervisor->resources)
        if (!machine_is_at_rest(&(*other)->machine) && resource_depends_on(*other, resource))
            return false;
    return true;
}

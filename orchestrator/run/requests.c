#include "orchestrator/run/requests.h"

#include "base/mem.h"
#include "orchestrator/run/supervisor_parts.h"
#include "orchestrator/worker/guard.h"

const char *resource_request_name(enum resource_request request)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        RESOURCE_REQUESTS(X)
#undef X
    };
    return names[request];
}

int supervisor_guard(struct supervisor *supervisor, struct err *err)
{
    if (supervisor->guard_fd >= 0)
        return 0;
    return guard_start(supervisor->marker, supervisor->plan->workspace->root,
                       supervisor->options.on_terminal, &supervisor->guard_fd, err);
}

int resource_want(struct resource *resource, struct err *err)
{
    struct supervisor *supervisor = resource->supervisor;
    const enum resource_backing backing = resource->plan->backing;
    if (!resource->log && resource_open_log(resource, err))
        return -1;
    if ((backing == BACKING_PROCESS || backing == BACKING_JOB) && supervisor_guard(supervisor, err))
        return -1;
    if (backing == BACKING_CONTAINER && !supervisor->engine)
        supervisor->engine = engine_link_new(supervisor);
    resource->wanted = true;
    return 0;
}

void resource_start_if_due(struct resource *resource)
{
    if (!resource->start_again || resource->ending || resource->replanned || resource->removed ||
        !machine_is_at_rest(&resource->machine))
        return;
    resource->start_again = false;
    resource_raise(resource, EVENT_START, NULL);
}

// From rest, or as soon as it is there.
static int begin(struct resource *resource, struct err *err)
{
    if (resource_want(resource, err))
        return -1;
    resource->halted = false;
    resource->start_again = true;
    supervisor_queue_check(resource->supervisor);
    return 0;
}

static int start(struct resource *resource, struct err *err);

static int start_dependencies(struct resource *resource, struct err *err)
{
    vec_each (dependency, &resource->dependencies)
        if (start(*dependency, err))
            return -1;
    return 0;
}

static int start(struct resource *resource, struct err *err)
{
    const struct machine *machine = &resource->machine;
    const bool is_coming = !machine_is_at_rest(machine) && machine->state != STATE_STOPPING;
    if (is_coming || machine_is_ready(machine) || resource->start_again)
        return 0;
    return start_dependencies(resource, err) || begin(resource, err) ? -1 : 0;
}

static int start_with_jobs(struct resource *resource, struct err *err)
{
    if (start(resource, err))
        return -1;
    vec_each (job, &resource->supervisor->resources)
        if ((*job)->target == resource && start(*job, err))
            return -1;
    return 0;
}

static void stop(struct resource *resource)
{
    resource->start_again = false;
    resource->halted = true;
    if (!machine_is_at_rest(&resource->machine))
        resource_raise(resource, EVENT_STOP, NULL);
}

static int restart(struct resource *resource, struct err *err)
{
    if (start_dependencies(resource, err) || begin(resource, err))
        return -1;
    if (!machine_is_at_rest(&resource->machine))
        resource_raise(resource, EVENT_STOP, NULL);
    return 0;
}

int resource_request(struct resource *resource, enum resource_request request, struct err *err)
{
    if (resource->supervisor->stopping)
        return err_set(err, ERR_NOT_RUNNING, "berth is about to end here");
    if (request == REQUEST_START)
        return start_with_jobs(resource, err);
    if (request == REQUEST_RESTART)
        return restart(resource, err);
    stop(resource);
    return 0;
}

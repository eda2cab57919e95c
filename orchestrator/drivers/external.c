// A server that somebody else runs: nothing is started, it is only asked, by a real login in a
// worker (the lookup of its host's name may block).
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/worker/worker.h"
#include "provisioners/login.h"

struct external {
    struct worker *worker; // NULL: not asking
};

static void on_done(void *context, const cJSON *result, const struct err *err)
{
    struct resource *resource = context;
    struct external *external = resource->driver_state;
    if (err)
        resource_note(resource, FACT_LOGIN, false, "%s", err->message);
    else
        resource_note(resource, FACT_LOGIN, true, "%s %s", resource->plan->connection.engine->name,
                      json_string_or(result, "version", ""));
    worker_free(TAKE(external->worker));
    if (!err)
        resource_probed(resource, true, NULL);
    else if (err->kind == ERR_TIMEOUT || err->kind == ERR_NOT_RUNNING || resource->ready_ms)
        resource_probed(resource, false, "%s", err->message);
    else
        resource_fail(resource, err);
}

static void probe(struct resource *resource)
{
    struct supervisor *supervisor = resource->supervisor;
    struct external *external = resource->driver_state;
    if (external->worker)
        return;
    const struct worker_callbacks callbacks = {.context = resource, .on_done = on_done};
    AUTO_JSON *request = worker_job_login(supervisor_plan(supervisor), resource->plan);
    struct err err;
    if (worker_start(supervisor_loop(supervisor), request, supervisor_marker(supervisor),
                     &callbacks, &external->worker, &err))
        resource_probed(resource, false, "%s", err.message);
}

static void launch(struct resource *resource)
{
    if (!resource->driver_state)
        resource->driver_state = mem_alloc(sizeof(struct external));
    resource_raise(resource, EVENT_LAUNCHED, NULL);
}

static void stop(struct resource *resource)
{
    struct external *external = resource->driver_state;
    if (external)
        worker_free(TAKE(external->worker));
    resource_raise(resource, EVENT_STOPPED, NULL);
}

static void release(struct resource *resource)
{
    struct external *external = resource->driver_state;
    worker_free(external->worker);
    free(external);
}

const struct resource_driver driver_external = {launch, probe, stop, release};

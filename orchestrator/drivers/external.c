// A server that somebody else runs: nothing is started, it is only asked, by a real login in a
// worker (the lookup of its host's name may block).
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/run/report.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/worker/worker.h"
#include "provisioners/login.h"

enum { PATIENCE_MS = 1000 };

struct external {
    struct loop_timer *patience; // once it is over, the user is told what is waited for
    struct worker *worker;       // NULL: not asking
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

static void on_patience_over(void *context)
{
    struct resource *resource = context;
    AUTO_STRBUF url = STRBUF_INIT;
    report_endpoint(resource->plan, &url);
    if (resource->machine.state == STATE_STARTING && resource->message)
        resource_notice(resource, "waiting for a login at %s: %s", url.data, resource->message);
    else if (resource->machine.state == STATE_STARTING)
        resource_notice(resource, "waiting for a login at %s", url.data);
}

static void launch(struct resource *resource)
{
    if (!resource->driver_state) {
        struct external *fresh = mem_alloc(sizeof *fresh);
        fresh->patience =
            loop_timer_new(supervisor_loop(resource->supervisor), on_patience_over, resource);
        resource->driver_state = fresh;
    }
    loop_timer_set(((struct external *)resource->driver_state)->patience, PATIENCE_MS);
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
    loop_timer_free(external->patience);
    free(external);
}

const struct resource_driver driver_external = {launch, probe, stop, release};

// A server that somebody else runs: nothing is started, it is only asked, by a real login in a
// worker (the lookup of its host's name may block).
#include "base/mem.h"
#include "orchestrator/run/login_probe.h"
#include "orchestrator/run/report.h"
#include "orchestrator/run/supervisor.h"

enum { PATIENCE_MS = 1000, LOGIN_TIMEOUT_MS = 10000 };

struct external {
    struct loop_timer *patience; // once it is over, the user is told what is waited for
    struct login_probe *login;   // NULL: not asking
};

static void on_login(void *context, enum login_result result, const struct login_facts *facts,
                     const struct err *err)
{
    struct resource *resource = context;
    struct external *external = resource->driver_state;
    struct login_probe *login = TAKE(external->login);
    struct err failure = result == LOGIN_READY ? (struct err){0} : *err;
    if (result == LOGIN_DENIED)
        err_wrap(&failure, "login refused");
    if (result == LOGIN_READY)
        resource_note(resource, FACT_LOGIN, true, "%s %s", resource->plan->connection.engine->name,
                      facts->server_version);
    else
        resource_note(resource, FACT_LOGIN, false, "%s", failure.message);
    login_probe_free(login);
    if (result == LOGIN_READY)
        resource_probed(resource, true, NULL);
    else if (result == LOGIN_NOT_YET || resource->ready_ms)
        resource_probed(resource, false, "%s", failure.message);
    else
        resource_fail(resource, &failure);
}

static void probe(struct resource *resource)
{
    struct external *external = resource->driver_state;
    if (external->login)
        return;
    const struct login_probe_options options = {
        .request = {.connection = &resource->plan->connection},
        .timeout_ms = LOGIN_TIMEOUT_MS,
        .in_worker = true,
        .marker = supervisor_marker(resource->supervisor)};
    external->login =
        login_probe_start(supervisor_loop(resource->supervisor), &options, on_login, resource);
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
        login_probe_free(TAKE(external->login));
    resource_raise(resource, EVENT_STOPPED, NULL);
}

static void release(struct resource *resource)
{
    struct external *external = resource->driver_state;
    login_probe_free(external->login);
    loop_timer_free(external->patience);
    free(external);
}

const struct resource_driver driver_external = {launch, probe, stop, release};

#include "orchestrator/run/login_probe.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/worker/login_json.h"
#include "orchestrator/worker/worker.h"

struct login_probe {
    struct loop *loop;
    struct login_probe_options options;
    struct login *login;   // NULL: a worker does it
    struct worker *worker; // NULL: none, or it could not be started
    struct err unstarted;  // why
    struct loop_watch *watch;
    struct loop_timer *timer; // the time limit; due at once where there is nothing to wait for
    login_probe_fn *fn;
    void *context;
};

static void answer(struct login_probe *probe, enum login_result result,
                   const struct login_facts *facts, const struct err *err)
{
    loop_watch_free(TAKE(probe->watch));
    loop_timer_clear(probe->timer);
    probe->fn(probe->context, result, result == LOGIN_READY ? facts : NULL, err);
}

static void step(struct login_probe *probe);

static void on_ready(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    step(context);
}

// A step before the descriptor is ready would block, or take a connection for made that is not.
static void wait_for_login(struct login_probe *probe)
{
    probe->watch =
        loop_watch_new(probe->loop, login_fd(probe->login), true, false, on_ready, probe);
    loop_timer_set(probe->timer, probe->options.timeout_ms);
}

static void step(struct login_probe *probe)
{
    struct err err = {0};
    enum login_result result;
    do
        result = login_step(probe->login, &err);
    while (result == LOGIN_PENDING && login_fd(probe->login) < 0);
    if (result != LOGIN_PENDING)
        answer(probe, result, login_facts(probe->login), &err);
    else if (!probe->watch)
        wait_for_login(probe);
}

static void on_worker_done(void *context, const cJSON *result, const struct err *err)
{
    struct login_probe *probe = context;
    struct login_facts facts;
    struct err failure;
    if (err)
        answer(probe, LOGIN_FAILED, NULL, err);
    else
        answer(probe, login_json_read(result, &facts, &failure), &facts, &failure);
}

static void on_timer(void *context)
{
    struct login_probe *probe = context;
    if (!probe->login && !probe->worker) {
        answer(probe, LOGIN_NOT_YET, NULL, &probe->unstarted);
        return;
    }
    if (probe->login && !probe->watch) {
        step(probe);
        return;
    }
    struct err err;
    err_set(&err, ERR_TIMEOUT, "no answer to the login within %lld ms",
            (long long)probe->options.timeout_ms);
    answer(probe, LOGIN_NOT_YET, NULL, &err);
}

static void start_worker(struct login_probe *probe)
{
    const struct worker_callbacks callbacks = {.context = probe, .on_done = on_worker_done};
    AUTO_JSON *job = worker_job_login(&probe->options.request);
    const bool failed = worker_start(probe->loop, job, probe->options.marker, &callbacks,
                                     &probe->worker, &probe->unstarted);
    loop_timer_set(probe->timer, failed ? 0 : probe->options.timeout_ms);
}

static void start_login(struct login_probe *probe)
{
    probe->login = login_start(&probe->options.request);
    if (login_fd(probe->login) >= 0)
        wait_for_login(probe);
    else
        loop_timer_set(probe->timer, 0);
}

struct login_probe *login_probe_start(struct loop *loop, const struct login_probe_options *options,
                                      login_probe_fn *fn, void *context)
{
    struct login_probe *probe = mem_alloc(sizeof *probe);
    *probe = (struct login_probe){.loop = loop, .options = *options, .fn = fn, .context = context};
    probe->timer = loop_timer_new(loop, on_timer, probe);
    if (options->in_worker || login_blocks(options->request.connection->engine))
        start_worker(probe);
    else
        start_login(probe);
    return probe;
}

static void free_memory(void *context)
{
    struct login_probe *probe = context;
    login_free(probe->login);
    free(probe);
}

void login_probe_free(struct login_probe *probe)
{
    if (!probe)
        return;
    loop_watch_free(probe->watch);
    loop_timer_free(probe->timer);
    worker_free(probe->worker);
    probe->watch = NULL;
    loop_defer(probe->loop, free_memory, probe); // its own callback may be what frees it
}

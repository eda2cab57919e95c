#include "orchestrator/run/login_probe.h"

#include "base/mem.h"

struct login_probe {
    struct loop *loop;
    struct login *login;
    struct loop_watch *watch;
    struct loop_timer
        *timer; // the time limit; due at once where there is no descriptor to wait for
    int64_t timeout_ms;
    login_probe_fn *fn;
    void *context;
};

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
    loop_timer_set(probe->timer, probe->timeout_ms);
}

static void answer(struct login_probe *probe, enum login_result result, const struct err *err)
{
    loop_watch_free(TAKE(probe->watch));
    loop_timer_clear(probe->timer);
    probe->fn(probe->context, result, result == LOGIN_READY ? login_facts(probe->login) : NULL,
              err);
}

static void step(struct login_probe *probe)
{
    struct err err = {0};
    enum login_result result;
    do
        result = login_step(probe->login, &err);
    while (result == LOGIN_PENDING && login_fd(probe->login) < 0);
    if (result != LOGIN_PENDING)
        answer(probe, result, &err);
    else if (!probe->watch)
        wait_for_login(probe);
}

static void on_timer(void *context)
{
    struct login_probe *probe = context;
    if (!probe->watch) {
        step(probe);
        return;
    }
    struct err err;
    err_set(&err, ERR_TIMEOUT, "no answer to the login within %lld ms",
            (long long)probe->timeout_ms);
    answer(probe, LOGIN_NOT_YET, &err);
}

struct login_probe *login_probe_start(struct loop *loop, const struct login_request *request,
                                      int64_t timeout_ms, login_probe_fn *fn, void *context)
{
    struct login_probe *probe = mem_alloc(sizeof *probe);
    *probe = (struct login_probe){.loop = loop,
                                  .login = login_start(request),
                                  .timeout_ms = timeout_ms,
                                  .fn = fn,
                                  .context = context};
    probe->timer = loop_timer_new(loop, on_timer, probe);
    if (login_fd(probe->login) >= 0)
        wait_for_login(probe);
    else
        loop_timer_set(probe->timer, 0);
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
    probe->watch = NULL;
    loop_defer(probe->loop, free_memory, probe); // its own callback may be what frees it
}

#include "orchestrator/cli/start_timeout.h"

#include "base/clock.h"
#include "base/mem.h"

struct start_timeout {
    const struct supervisor *supervisor;
    struct loop_timer *timer;
    int64_t left_ms;  // while it stands still
    int64_t since_ms; // monotonic: when it began to run, or to run again
    bool is_still, is_over;
};

static bool is_building(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor_count(supervisor); i++)
        if (supervisor_resource(supervisor, i)->machine.state == STATE_BUILDING)
            return true;
    return false;
}

struct start_timeout *start_timeout_new(const struct supervisor *supervisor, int64_t limit_ms,
                                        loop_fn *fn, void *context)
{
    struct start_timeout *timeout = mem_alloc(sizeof *timeout);
    *timeout =
        (struct start_timeout){.supervisor = supervisor,
                               .timer = loop_timer_new(supervisor_loop(supervisor), fn, context),
                               .left_ms = limit_ms,
                               .since_ms = clock_monotonic_ms()};
    loop_timer_set(timeout->timer, limit_ms);
    return timeout;
}

void start_timeout_free(struct start_timeout *timeout)
{
    if (!timeout)
        return;
    loop_timer_free(timeout->timer);
    free(timeout);
}

void start_timeout_look(struct start_timeout *timeout)
{
    if (!timeout || timeout->is_over || is_building(timeout->supervisor) == timeout->is_still)
        return;
    const int64_t now = clock_monotonic_ms();
    timeout->is_still = !timeout->is_still;
    if (timeout->is_still) {
        timeout->left_ms -= now - timeout->since_ms;
        loop_timer_clear(timeout->timer);
    } else {
        timeout->since_ms = now;
        loop_timer_set(timeout->timer, timeout->left_ms > 0 ? timeout->left_ms : 0);
    }
}

void start_timeout_clear(struct start_timeout *timeout)
{
    if (!timeout)
        return;
    timeout->is_over = true;
    loop_timer_clear(timeout->timer);
}

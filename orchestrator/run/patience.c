#include "orchestrator/run/patience.h"

#include "base/clock.h"
#include "base/mem.h"

struct patience {
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

struct patience *patience_new(const struct supervisor *supervisor, int64_t limit_ms, loop_fn *fn,
                              void *context)
{
    struct patience *patience = mem_alloc(sizeof *patience);
    *patience = (struct patience){.supervisor = supervisor,
                                  .timer = loop_timer_new(supervisor_loop(supervisor), fn, context),
                                  .left_ms = limit_ms,
                                  .since_ms = clock_monotonic_ms()};
    loop_timer_set(patience->timer, limit_ms);
    return patience;
}

void patience_free(struct patience *patience)
{
    if (!patience)
        return;
    loop_timer_free(patience->timer);
    free(patience);
}

void patience_look(struct patience *patience)
{
    if (!patience || patience->is_over || is_building(patience->supervisor) == patience->is_still)
        return;
    const int64_t now = clock_monotonic_ms();
    patience->is_still = !patience->is_still;
    if (patience->is_still) {
        patience->left_ms -= now - patience->since_ms;
        loop_timer_clear(patience->timer);
    } else {
        patience->since_ms = now;
        loop_timer_set(patience->timer, patience->left_ms > 0 ? patience->left_ms : 0);
    }
}

void patience_clear(struct patience *patience)
{
    if (!patience)
        return;
    patience->is_over = true;
    loop_timer_clear(patience->timer);
}

#include "orchestrator/loop/loop.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#include "base/mem.h"
#include "base/vec.h"

struct deferred {
    loop_fn *fn;
    void *context;
};

struct loop_signal {
    struct event *event;
    loop_fn *fn;
    void *context;
};

struct loop {
    struct event_base *base;
    VEC_OF(struct deferred) deferred;
    VEC_OF(struct loop_signal *) signals;
    bool stopping;
};

struct loop_timer {
    struct event *event;
    loop_fn *fn;
    void *context;
};

struct loop_watch {
    struct event *event;
    struct event_base *base;
    int fd;
    loop_fd_fn *fn;
    void *context;
};

// libevent fails to give a base or an event only where memory or descriptors have run out.
static void *loop_must(void *made)
{
    if (!made) {
        perror("berth: the event loop cannot be made");
        abort();
    }
    return made;
}

// libevent's own clock ticks every 4 ms, and its cached time is that of the turn's start: both
// would let a timer fire before its time.
static struct event_base *base_new(void)
{
    struct event_config *config = loop_must(event_config_new());
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER | EVENT_BASE_FLAG_NO_CACHE_TIME);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return loop_must(base);
}

struct loop *loop_new(void)
{
    struct loop *loop = mem_alloc(sizeof *loop);
    signal(SIGPIPE, SIG_IGN);
    loop->base = base_new();
    return loop;
}

// Runs what was deferred so far. What these defer in turn comes after the next look at the
// descriptors, so that nobody starves them.
static void run_deferred(struct loop *loop)
{
    size_t count = loop->deferred.len;
    for (size_t i = 0; i < count; i++) {
        struct deferred deferred = loop->deferred.items[i];
        deferred.fn(deferred.context);
    }
    size_t left = loop->deferred.len - count;
    for (size_t i = 0; i < left; i++)
        loop->deferred.items[i] = loop->deferred.items[count + i];
    loop->deferred.len = left;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    while (loop->deferred.len > 0)
        run_deferred(loop);
    vec_release(&loop->deferred);
    vec_each (entry, &loop->signals) {
        event_free((*entry)->event);
        free(*entry);
    }
    vec_release(&loop->signals);
    event_base_free(loop->base);
    free(loop);
}

void loop_run(struct loop *loop)
{
    while (!loop->stopping) {
        run_deferred(loop);
        if (loop->stopping)
            break;
        int flags = EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY;
        event_base_loop(loop->base, loop->deferred.len > 0 ? flags | EVLOOP_NONBLOCK : flags);
    }
    run_deferred(loop);
    loop->stopping = false;
}

void loop_stop(struct loop *loop)
{
    loop->stopping = true;
    event_base_loopbreak(loop->base);
}

struct event_base *loop_event_base(struct loop *loop)
{
    return loop->base;
}

static void on_timer(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what;
    struct loop_timer *timer = context;
    timer->fn(timer->context);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *context)
{
    struct loop_timer *timer = mem_alloc(sizeof *timer);
    *timer = (struct loop_timer){.fn = fn, .context = context};
    timer->event = loop_must(evtimer_new(loop->base, on_timer, timer));
    return timer;
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    if (delay_ms < 0)
        delay_ms = 0;
    struct timeval delay = {.tv_sec = delay_ms / 1000, .tv_usec = delay_ms % 1000 * 1000};
    evtimer_add(timer->event, &delay);
}

void loop_timer_clear(struct loop_timer *timer)
{
    evtimer_del(timer->event);
}

bool loop_timer_pending(const struct loop_timer *timer)
{
    return evtimer_pending(timer->event, NULL);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (!timer)
        return;
    event_free(timer->event);
    free(timer);
}

static void on_watch(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    struct loop_watch *watch = context;
    watch->fn(watch->context, what & EV_READ, what & EV_WRITE);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, bool read, bool write, loop_fd_fn *fn,
                                  void *context)
{
    struct loop_watch *watch = mem_alloc(sizeof *watch);
    *watch = (struct loop_watch){.base = loop->base, .fd = fd, .fn = fn, .context = context};
    watch->event = loop_must(event_new(loop->base, fd, EV_PERSIST, on_watch, watch));
    loop_watch_change(watch, read, write);
    return watch;
}

void loop_watch_change(struct loop_watch *watch, bool read, bool write)
{
    short what = (short)((read ? EV_READ : 0) | (write ? EV_WRITE : 0));
    event_del(watch->event);
    if (!what)
        return;
    event_assign(watch->event, watch->base, watch->fd, (short)(what | EV_PERSIST), on_watch, watch);
    event_add(watch->event, NULL);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (!watch)
        return;
    event_free(watch->event);
    free(watch);
}

static void on_signal(evutil_socket_t number, short what, void *context)
{
    (void)number, (void)what;
    struct loop_signal *entry = context;
    entry->fn(entry->context);
}

void loop_on_signal(struct loop *loop, int number, loop_fn *fn, void *context)
{
    struct loop_signal *entry = mem_alloc(sizeof *entry);
    *entry = (struct loop_signal){.fn = fn, .context = context};
    entry->event = loop_must(evsignal_new(loop->base, number, on_signal, entry));
    event_add(entry->event, NULL);
    vec_push(&loop->signals, entry);
}

void loop_defer(struct loop *loop, loop_fn *fn, void *context)
{
    vec_push(&loop->deferred, (struct deferred){fn, context});
}

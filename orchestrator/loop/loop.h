#pragma once
// The event loop: timers, descriptors, signals and a deferred queue, over libevent.
//
// Everything runs on one thread; callbacks must not block. What a callback may still be using is
// freed with loop_defer, which runs once this turn is over.

#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;
struct loop_watch;

typedef void loop_fn(void *context);
typedef void loop_fd_fn(void *context, bool readable, bool writable);

// From here on the process ignores SIGPIPE: libevent writes to sockets whose peer may have gone.
// Children have to be spawned with the signal's default (POSIX_SPAWN_SETSIGDEF).
struct loop *loop_new(void);
// Runs what is still deferred. Timers and watches are freed before it; NULL is fine.
void loop_free(struct loop *loop);
// Until loop_stop; one that came before counts.
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
// For libevent's own servers (evhttp); borrowed.
struct event_base *loop_event_base(struct loop *loop);

// A timer that is idle until set, then fires once, never early. Setting it again moves it.
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn *fn, void *context);
void loop_timer_set(struct loop_timer *timer, int64_t delay_ms);
void loop_timer_clear(struct loop_timer *timer);
bool loop_timer_pending(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); // NULL is fine

// Watches a descriptor (level-triggered) until freed; the descriptor stays the caller's.
struct loop_watch *loop_watch_new(struct loop *loop, int fd, bool read, bool write, loop_fd_fn *fn,
                                  void *context);
void loop_watch_change(struct loop_watch *watch, bool read, bool write);
void loop_watch_free(struct loop_watch *watch); // NULL is fine

// Calls fn on the loop when the signal arrives; for the life of the loop.
void loop_on_signal(struct loop *loop, int signal, loop_fn *fn, void *context);

// Runs fn(context) after the callbacks of this turn, before the loop sleeps again, in order.
void loop_defer(struct loop *loop, loop_fn *fn, void *context);

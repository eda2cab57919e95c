#pragma once
// The time limit of a start, `--timeout`: it stands still while an image is pulled or something is
// built, which takes what it takes.

#include "orchestrator/run/supervisor.h"

struct start_timeout;

// fn is called once, when the time is over.
struct start_timeout *start_timeout_new(const struct supervisor *supervisor, int64_t limit_ms,
                                        loop_fn *fn, void *context);
void start_timeout_free(struct start_timeout *timeout); // NULL is fine
// A resource has changed its state. NULL is fine.
void start_timeout_look(struct start_timeout *timeout);
// What it was to limit is over. NULL is fine.
void start_timeout_clear(struct start_timeout *timeout);

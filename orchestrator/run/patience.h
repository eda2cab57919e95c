#pragma once
// A time limit on what resources do: of a start, of waiting for one. It stands still while an image
// is pulled or something is built, which takes what it takes.

#include "orchestrator/run/supervisor.h"

struct patience;

// fn is called once, when the time is over.
struct patience *patience_new(const struct supervisor *supervisor, int64_t limit_ms, loop_fn *fn,
                              void *context);
void patience_free(struct patience *patience); // NULL is fine
// A resource has changed its state. NULL is fine.
void patience_look(struct patience *patience);
// What it was to limit is over. NULL is fine.
void patience_clear(struct patience *patience);

#pragma once
// A resource that ends again and again although it is started again: told once, with the last lines
// it printed, and from then on part of what is said of it, until it has been up for
// MACHINE_STABLE_MS.

#include "orchestrator/run/resource.h"

// After an exit that the machine has seen.
void crash_loop_note(struct resource *resource);
// Appends "crash loop: it ended 4 times in a row, last with exit code 1".
void crash_loop_describe(const struct resource *resource, struct strbuf *out);

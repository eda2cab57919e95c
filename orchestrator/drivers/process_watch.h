#pragma once
// Starts a process again when files of its plan's watch_dirs change: also one that has ended, and
// waits for its mistake to be mended; not one that was stopped on request.

#include "orchestrator/loop/tree_watch.h"
#include "orchestrator/run/resource.h"

// NULL where nothing is to be watched, or can be: then that was said. Owned by the caller.
struct tree_watch *process_watch(struct resource *resource);

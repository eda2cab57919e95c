#pragma once
// The end of a container as it is told: when the last of its output has come, or a moment later,
// EVENT_EXITED with the exit code, what it means, and the line that says why.

#include <cjson/cJSON.h>

#include "orchestrator/run/resource.h"

// state: the engine's State of the container; NULL: it was removed. A second end is one with the
// first.
void container_end(struct resource *resource, const cJSON *state);
// Its output has ended.
void container_end_of_output(struct resource *resource);

#pragma once
// When what happened: the times and phases of each resource, and what a start took longest for.

#include <cjson/cJSON.h>

#include "orchestrator/run/supervisor.h"

// After each step of a machine.
void timeline_note(struct resource *resource, enum machine_event event, enum machine_state before);

// The longest way to everything being ready, as steps that follow each other without a gap:
// {"wallMs": …, "steps": [{"name", "waitedMs", "startMs", "phases": [{"phase", "ms"}]}]}. The first
// step is berth's own: from begun_ms to the moment it asked for the resources. The startMs add up
// to wallMs, which ends now. Owned by the caller.
cJSON *timeline_of_start(const struct supervisor *supervisor, int64_t begun_ms);

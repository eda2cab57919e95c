#pragma once
// The variables a process is given. Rules: the workspace contract, section 4. Generated ones win
// over Environment of the settings, which wins over berth's own environment.

#include "orchestrator/plan/plan.h"

// Appends to resource->environment. Ports of every process and connections of every database are
// known.
void process_environment(const struct plan *plan, struct plan_resource *resource);

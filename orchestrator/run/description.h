#pragma once
// All there is to know of one resource, as JSON, for `berth describe`: what `ps` tells, and where
// it comes from, what it is made of, and who depends on it. No secret is in it.

#include <cjson/cJSON.h>

#include "orchestrator/run/supervisor.h"

// Owned by the caller.
cJSON *describe_resource(const struct resource *resource);
// The part that the plan alone knows, added to an object. For resources that nothing runs, too.
void describe_plan(cJSON *object, const struct plan *plan, const struct plan_resource *resource);

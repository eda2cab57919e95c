#pragma once
// The variables that a resource is given, for `berth env`.

#include <cjson/cJSON.h>

#include "orchestrator/plan/plan.h"

// [{"name","value","secret"}], sorted by name. `name` is a process, a database or a cache; NULL:
// all databases and caches. ERR_USAGE for an unknown name. *out is owned by the caller.
int environment_report(const struct plan *plan, const char *name, cJSON **out,
                       struct err *err) MUST_CHECK;

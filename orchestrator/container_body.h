#pragma once
// From a container spec to the body of POST /containers/create (Docker Engine API 1.41).

#include <cjson/cJSON.h>

#include "orchestrator/plan.h"

// Labels included; `marker` names the owner. Owned by the caller.
cJSON *container_body(const struct plan *plan, const struct plan_resource *resource,
                      const char *marker);
// The labels that everything berth makes carries. Owned by the caller.
cJSON *container_labels(const struct plan *plan, const struct plan_resource *resource,
                        const char *marker);

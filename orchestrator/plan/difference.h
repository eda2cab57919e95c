#pragma once
// Two plans of one workspace, made from its settings before and after they were edited: is a
// resource planned otherwise, and which settings say so.

#include <cjson/cJSON.h>

#include "orchestrator/plan/plan.h"

// A resource and the plan it is of.
struct planned {
    const struct plan *plan;
    const struct plan_resource *resource;
};

// Is it to run otherwise: another container, command, environment, address, or others to wait for?
// What only describes it is no difference, nor is a job of a database that it waits for.
bool plan_differs(struct planned old, struct planned now);

// Array of {"path", "from", "to"}, owned by the caller: the settings of the resource's own that
// differ ("Cache.redis.ImageTag"); where none does, what came of others' ("environment.REDIS_URI").
// from and to are null where a value is absent, an array, an object, or may be a secret: variables,
// and what is named like one.
cJSON *plan_changed_settings(struct planned old, struct planned now);

// Appends "Databases.postgres": where in NetScript it is; a job is where its database is.
void plan_settings_path(const struct plan *plan, const struct plan_resource *resource,
                        struct strbuf *out);

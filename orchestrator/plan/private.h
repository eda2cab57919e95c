#pragma once
// Shared by the files of the plan: one adds databases and caches, one jobs, one processes.

#include "orchestrator/plan/plan.h"

struct planning {
    struct plan *plan;
    struct store *store;
    const struct plan_options *options;
    struct diag_list *diags;
};

// Appends an empty resource; the pointer is valid until the next one is added.
struct plan_resource *plan_add(struct plan *plan, const char *name, enum resource_kind kind);
// One more dependency, once.
void plan_depend(struct plan_resource *resource, size_t on);

int plan_databases(struct planning *planning, struct err *err) MUST_CHECK;
int plan_caches(struct planning *planning, struct err *err) MUST_CHECK;
int plan_jobs(struct planning *planning, struct err *err) MUST_CHECK;
int plan_processes(struct planning *planning, struct err *err) MUST_CHECK;

// Dependencies on a database mean: on it, its migrations and its seed.
void plan_depend_on_database(struct plan *plan, struct plan_resource *resource, const char *key);

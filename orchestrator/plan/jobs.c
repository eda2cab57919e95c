#include <string.h>

#include "base/file.h"
#include "orchestrator/plan/database_layout.h"
#include "orchestrator/plan/private.h"

static size_t add_job(struct plan *plan, size_t target, enum resource_kind kind, const char *suffix)
{
    const char *database = plan->resources.items[target].name;
    struct plan_resource *job =
        plan_add(plan, arena_printf(plan->arena, "%s-%s", database, suffix), kind);
    job->backing = BACKING_JOB;
    job->target = target;
    plan_depend(job, target);
    return plan_index(plan, job);
}

static void plan_seed(struct planning *planning, size_t target,
                      const struct database_layout *layout, const size_t *migrations)
{
    struct plan *plan = planning->plan;
    const struct database_settings *settings = plan->resources.items[target].database;
    const char *script = plan->resources.items[target].seed_script;
    const char *directory = arena_printf(
        plan->arena, "%s/%s", plan->resources.items[target].seeds_path, settings->seed_mode);
    if (planning->options->no_seed || strcmp(settings->auto_seed, "Off") == 0 ||
        (!script && !file_is_directory(directory)))
        return;
    struct plan_resource *job =
        &plan->resources.items[add_job(plan, target, RESOURCE_SEED, "seed")];
    const struct plan_resource *database = &plan->resources.items[target];
    job->seeds_path = database->seeds_path;
    job->seed_script = script;
    job->seed_mode = settings->seed_mode;
    job->seed_once = strcmp(settings->auto_seed, "Always") != 0;
    job->workdir = layout->directory;
    if (migrations)
        plan_depend(job, *migrations);
    const char *primary = plan->primary_database;
    connection_database_variables(&database->connection, database->name, settings->database_name,
                                  primary && strcmp(primary, database->name) == 0, plan->arena,
                                  &job->environment);
}

int plan_jobs(struct planning *planning, struct err *err)
{
    (void)err;
    struct plan *plan = planning->plan;
    const size_t count = plan->resources.len;
    for (size_t i = 0; i < count; i++) {
        const struct database_settings *settings = plan->resources.items[i].database;
        if (!settings)
            continue;
        const struct database_layout layout =
            database_layout(plan->settings, settings, plan->arena);
        plan->resources.items[i].schema_path = layout.schema;
        plan->resources.items[i].migrations_path = layout.migrations;
        plan->resources.items[i].seeds_path = layout.seeds;
        plan->resources.items[i].seed_script = layout.seed_script;
        plan->resources.items[i].seed_mode = settings->seed_mode;
        size_t job = 0;
        const bool migrates = !planning->options->no_migrate && settings->auto_migrate &&
                              file_is_directory(layout.migrations);
        if (migrates) {
            job = add_job(plan, i, RESOURCE_MIGRATIONS, "migrations");
            plan->resources.items[job].migrations_path = layout.migrations;
        }
        plan_seed(planning, i, &layout, migrates ? &job : NULL);
    }
    return 0;
}

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/database_url.h"
#include "orchestrator/plan_private.h"

// An absolute path below the root, in the arena.
static const char *below_root(struct plan *plan, const char *relative)
{
    AUTOFREE char *joined = path_join(plan->settings->root, relative);
    AUTOFREE char *normal = path_normalize(joined);
    return arena_strdup(plan->arena, normal);
}

// database/<key> where that exists, so that a second database of an engine has a place; else
// database/<engine>.
static const char *database_directory(struct plan *plan, const struct database_settings *settings)
{
    const char *own = below_root(plan, arena_printf(plan->arena, "database/%s", settings->key));
    if (file_is_directory(own))
        return own;
    const char *engine = database_key_of_engine(settings->engine, plan->arena);
    return below_root(plan, arena_printf(plan->arena, "database/%s", engine));
}

static const char *standard_path(struct plan *plan, const struct database_settings *settings,
                                 const char *setting, const char *name)
{
    if (setting)
        return below_root(plan, setting);
    return arena_printf(plan->arena, "%s/%s", database_directory(plan, settings), name);
}

static const char *find_seed_script(struct plan *plan, const struct database_settings *settings)
{
    static const char *const names[] = {"scripts/seed.ts", "scripts/seed.js", "scripts/seed.mjs",
                                        "scripts/seed.sh"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = standard_path(plan, settings, NULL, names[i]);
        if (file_exists(path))
            return path;
    }
    return NULL;
}

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

static void plan_seed(struct planning *planning, size_t target, const size_t *migrations)
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
    job->workdir = database_directory(plan, settings);
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
        const char *migrations =
            standard_path(plan, settings, settings->migrations_path, "migrations");
        plan->resources.items[i].migrations_path = migrations;
        plan->resources.items[i].seeds_path =
            standard_path(plan, settings, settings->seed_path, "seeds");
        plan->resources.items[i].seed_script = find_seed_script(plan, settings);
        plan->resources.items[i].seed_mode = settings->seed_mode;
        size_t job = 0;
        const bool migrates = !planning->options->no_migrate && settings->auto_migrate &&
                              file_is_directory(migrations);
        if (migrates) {
            job = add_job(plan, i, RESOURCE_MIGRATIONS, "migrations");
            plan->resources.items[job].migrations_path = migrations;
        }
        plan_seed(planning, i, migrates ? &job : NULL);
    }
    return 0;
}

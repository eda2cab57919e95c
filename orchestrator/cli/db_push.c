// push: the database is made what the schema says, without a migration.
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "migrator/snapshot.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db_develop.h"

// What there is now; nothing, where the database is not there yet.
static int describe(const struct db_develop *run, struct model **out, struct err *err)
{
    const struct introspect_scope scope = introspect_scope_of(run->datamodel);
    struct migrator_status status = {0};
    if (migrator_status_read(&run->target->migrator, &status, err))
        return -1;
    const bool missing = status.database_missing;
    migrator_status_release(&status);
    if (!missing)
        return migrator_describe(&run->target->migrator, &scope, out, err);
    *out = model_new(run->datamodel->provider);
    return 0;
}

static int verify(const struct db_develop *run, struct err *err)
{
    struct model *actual = NULL;
    struct steps remaining = {0};
    if (describe(run, &actual, err))
        return -1;
    model_diff(actual, run->wanted, &remaining);
    db_develop_warn_of_rest(&remaining);
    steps_release(&remaining);
    model_free(actual);
    return 0;
}

static void print_result(const struct db_develop *run, bool changed)
{
    const char *database = run->target->database->name;
    if (run->target->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "database", database);
        cJSON_AddBoolToObject(json, "changed", changed);
        cli_print_json(json);
    } else {
        printf("%s: %s\n", database,
               changed ? "changed, and in sync with the schema"
                       : "already in sync with the schema");
    }
}

static int push(struct db_develop *run, struct err *err)
{
    struct model *actual = NULL;
    struct steps steps = {0};
    if (describe(run, &actual, err))
        return -1;
    model_diff(actual, run->wanted, &steps);
    const bool changes = steps.items.len > 0;
    int status = changes ? db_develop_check_data(run, &steps, true, err) ||
                               develop_run(&run->develop, &steps, err) || verify(run, err)
                         : 0;
    steps_release(&steps);
    model_free(actual);
    if (status)
        return -1;
    print_result(run, changes);
    return 0;
}

int db_push(struct db_target *target, const struct db_options *options)
{
    struct db_develop run = {
        .target = target, .options = options, .callbacks = db_callbacks(target)};
    struct err err;
    run.callbacks.progress = NULL;
    run.develop.target = &target->migrator; // the live half of it: no history takes part
    run.develop.callbacks = &run.callbacks;
    const int status = db_develop_load_schema(&run, &err) || push(&run, &err);
    db_develop_release(&run);
    return status ? cli_fail(target->cli, &err) : 0;
}

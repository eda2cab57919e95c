// push: the database is made what the schema says, without a migration.
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "migrator/diff/schema_diff.h"
#include "migrator/snapshot.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db_develop.h"

static int load_schema(struct db_develop *run, struct err *err)
{
    const struct db_target *target = run->target;
    const char *path = run->options->schema ? run->options->schema : target->database->schema_path;
    struct diag_list diags = {0};
    if (schema_files_read(path, target->settings->root, &run->files, err))
        return err_hint(err, "name the schema with --schema PATH");
    int status = schema_load((struct schema_texts){run->files.sources, run->files.count},
                             &run->datamodel, &diags, err);
    cli_print_diagnostics(target->cli, &diags);
    diag_list_release(&diags);
    if (status)
        return -1;
    if (strcmp(dm_provider_name(run->datamodel->provider), target->migrator.provider) != 0)
        return err_set(err, ERR_INVALID, "the schema is one for %s, and %s is %s",
                       dm_provider_name(run->datamodel->provider), target->database->name,
                       target->migrator.provider);
    run->wanted = model_build(run->datamodel);
    return 0;
}

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

static int confirm(const struct db_develop *run, struct err *err)
{
    char answer[8] = "";
    if (run->options->yes)
        return 0;
    if (db_develop_ask(run, "Go on? [y/N] ", answer, sizeof answer)) {
        if (answer[0] == 'y' || answer[0] == 'Y')
            return 0;
        return err_set(err, ERR_FAILED, "nothing was changed");
    }
    err_set(err, ERR_USAGE, "data may be lost, which wants --yes without a terminal");
    return err_hint(err, "berth db diff --from database --to schema shows the SQL");
}

// Asked of the rows that are there.
static int check_data(const struct db_develop *run, const struct steps *steps, struct err *err)
{
    struct data_loss loss = {0};
    if (develop_check_data(&run->develop, steps, &loss, err))
        return -1;
    vec_each (line, &loss.lost)
        fprintf(stderr, "warning: %s\n", *line);
    vec_each (line, &loss.impossible)
        fprintf(stderr, "warning: %s\n", *line);
    int status = 0;
    if (loss.impossible.len > 0) {
        err_set(err, ERR_FAILED, "the rows that are there don't allow this change");
        status = err_hint(err, "berth db migrate --create-only writes a migration to be mended by "
                               "hand");
    } else if (loss.lost.len > 0) {
        status = confirm(run, err);
    }
    data_loss_release(&loss);
    return status;
}

static int verify(const struct db_develop *run, struct err *err)
{
    struct model *actual = NULL;
    struct steps remaining = {0};
    if (describe(run, &actual, err))
        return -1;
    model_diff(actual, run->wanted, &remaining);
    if (remaining.items.len > 0)
        fprintf(stderr, "warning: the database still differs from the schema: berth db diff --from "
                        "database --to schema\n");
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
    int status = changes ? check_data(run, &steps, err) ||
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
    const int status = load_schema(&run, &err) || push(&run, &err);
    model_free(run.wanted);
    datamodel_free(run.datamodel);
    schema_files_release(&run.files);
    return status ? cli_fail(target->cli, &err) : 0;
}

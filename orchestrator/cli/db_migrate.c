// migrate and init: the schema's difference to the history becomes a migration, and is applied.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "migrator/schema/schema.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db_develop.h"
#include "orchestrator/cli/db_lock.h"

static void develop_close(struct db_develop *run)
{
    if (run->is_open)
        develop_release(&run->develop);
    run->is_open = false;
}

int db_develop_reopen(struct db_develop *run, struct err *err)
{
    develop_close(run);
    if (develop_open(&run->target->migrator, run->datamodel, &run->callbacks, run->memory,
                     &run->develop, err))
        return -1;
    run->is_open = true;
    return 0;
}

// What is odd about the history, and may be all the same.
static void warn_of_history(const struct db_develop *run)
{
    const struct develop *develop = &run->develop;
    if (develop->unreplayed.message[0])
        fprintf(stderr,
                "warning: %s\n  so the database itself stands for its history, and a change by "
                "other hands can't be told\n",
                develop->unreplayed.message);
    vec_each (migration, &develop->status.migrations) {
        const char *later = develop_later_applied(develop, migration);
        if (migration->edited)
            fprintf(stderr, "warning: %s was edited after it was applied\n", migration->name);
        if (migration->missing)
            fprintf(stderr, "warning: %s is applied, and its directory is gone\n", migration->name);
        if (later)
            fprintf(stderr, "warning: %s is pending, although %s behind it is applied\n",
                    migration->name, later);
    }
}

static int apply(struct db_develop *run, size_t *applied, struct err *err)
{
    struct migrator_deploy_result result = {0};
    if (migrator_deploy(&run->target->migrator, &run->callbacks, &result, err))
        return -1;
    *applied += result.applied;
    return 0;
}

static int settle_pending(struct db_develop *run, size_t *applied, struct err *err)
{
    const bool is_base_known = develop_base(&run->develop) != NULL;
    if (run->develop.status.pending == 0)
        return 0;
    if (!run->options->create_only) {
        if (apply(run, applied, err))
            return -1;
        return is_base_known ? 0 : db_develop_reopen(run, err);
    }
    if (is_base_known)
        return 0;
    err_set(err, ERR_FAILED,
            "migrations are pending, and there is no scratch database to see what "
            "they make");
    return err_hint(err, "apply them first: berth db deploy");
}

// Where it can't be written, the next run replays the history once more.
static void remember(const struct db_develop *run, const struct model *actual)
{
    struct err ignored;
    if (!run->has_drift && !run->develop.unreplayed.message[0] &&
        workspace_make_directory(db_develop_workspace(run->target), &ignored) == 0)
        (void)!develop_remember(&run->develop, actual, &ignored);
}

static int verify(struct db_develop *run, const char *name, struct err *err)
{
    struct model *actual = NULL;
    struct steps remaining = {0};
    if (develop_verify(&run->develop, name, run->wanted, &actual, &remaining, err))
        return -1;
    db_develop_warn_of_rest(&remaining);
    remember(run, actual);
    steps_release(&remaining);
    model_free(actual);
    return 0;
}

static void print_result(const struct db_develop *run, const char *name, size_t applied)
{
    const char *database = run->target->database->name;
    AUTOFREE char *path = name ? mem_printf("%s/%s/migration.sql",
                                            path_below(run->target->settings->root,
                                                       run->target->migrator.migrations_path),
                                            name)
                               : NULL;
    if (run->target->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "database", database);
        if (name) {
            cJSON_AddStringToObject(json, "migration", name);
            cJSON_AddStringToObject(json, "path", path);
        }
        cJSON_AddNumberToObject(json, "applied", (double)applied);
        cJSON_AddBoolToObject(json, "inSync", !name || !run->options->create_only);
        cli_print_json(json);
    } else if (!name) {
        printf("%s: already in sync with the schema\n", database);
    } else if (run->options->create_only) {
        printf("%s: made %s, which is not applied: berth db deploy\n", database, path);
    } else {
        printf("%s: made and applied %s; in sync with the schema\n", database, path);
    }
}

// Owned by the caller.
static char *choose_title(const struct db_develop *run)
{
    char answer[256] = "";
    if (run->options->name)
        return mem_strdup(run->options->name);
    if (db_develop_ask(run, "Name of the migration: ", answer, sizeof answer) && *answer)
        return mem_strdup(answer);
    return mem_strdup("migration");
}

static int make_migration(struct db_develop *run, const struct steps *steps, char **name,
                          size_t *applied, struct err *err)
{
    if (db_develop_check_data(run, steps, !run->options->create_only, err))
        return -1;
    AUTOFREE char *title = choose_title(run);
    if (develop_write(&run->develop, steps, title, name, err))
        return -1;
    if (run->options->create_only)
        return 0;
    return apply(run, applied, err) || verify(run, *name, err) ? -1 : 0;
}

static int migrate(struct db_develop *run, struct err *err)
{
    AUTOFREE char *name = NULL;
    size_t applied = 0;
    warn_of_history(run);
    if (db_settle_drift(run, err))
        return -1;
    if (run->is_done)
        return 0;
    if (settle_pending(run, &applied, err))
        return -1;
    struct steps steps = {0};
    model_diff(develop_base(&run->develop), run->wanted, &steps);
    const int status = steps.items.len > 0 ? make_migration(run, &steps, &name, &applied, err) : 0;
    steps_release(&steps);
    if (status)
        return -1;
    if (!name && applied == 0 && run->develop.expected && run->develop.actual)
        remember(run, run->develop.actual);
    print_result(run, name, applied);
    if (applied > 0)
        db_develop_generate(run);
    return 0;
}

static int run_migrate(struct db_target *target, const struct db_options *options)
{
    struct db_develop run = {
        .target = target, .options = options, .callbacks = db_callbacks(target)};
    struct err err;
    if (target->cli->json)
        run.callbacks.progress = NULL;
    run.memory = db_develop_memory(target);
    AUTOCLOSE int lock = -1;
    const int status =
        db_develop_load_schema(&run, &err) ||
        db_lock_take(db_develop_workspace(target), target->database->name, &lock, &err) ||
        db_develop_reopen(&run, &err) || migrate(&run, &err);
    develop_close(&run);
    db_develop_release(&run);
    return status ? cli_fail(target->cli, &err) : 0;
}

static bool is_drift_choice(const char *choice)
{
    return !choice || strcmp(choice, "adopt") == 0 || strcmp(choice, "revert") == 0 ||
           strcmp(choice, "ignore") == 0;
}

int db_migrate(struct db_target *target, const struct db_options *options)
{
    if (!is_drift_choice(options->drift))
        return cli_usage(target->cli, "--drift wants adopt, revert or ignore, not \"%s\"",
                         options->drift);
    return run_migrate(target, options);
}

int db_init(struct db_target *target, const struct db_options *options)
{
    struct migrator_status status = {0};
    struct err err;
    struct db_options first = *options;
    if (migrator_status_read(&target->migrator, &status, &err))
        return cli_fail(target->cli, &err);
    const size_t known = status.migrations.len, pending = status.pending;
    migrator_status_release(&status);
    if (known == 0) {
        first.name = options->name ? options->name : "init";
        return db_migrate(target, &first);
    }
    if (target->cli->json) {
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "database", target->database->name);
        cJSON_AddNumberToObject(json, "applied", 0);
        cJSON_AddNumberToObject(json, "pending", (double)pending);
        cli_print_json(json);
        return 0;
    }
    printf("%s: already initialised (%zu migration%s)\n", target->database->name, known,
           known == 1 ? "" : "s");
    if (pending > 0)
        fprintf(stderr, "  hint: `berth db deploy` applies the %zu pending\n", pending);
    return 0;
}

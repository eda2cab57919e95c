// status: what is applied, and whether the database is what the schema says; resolve.
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "migrator/develop/sync.h"
#include "migrator/sql/render.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db_develop.h"
#include "orchestrator/worker/migration_json.h"

struct report {
    struct db_develop schema; // of it, what the schema is
    bool has_schema;
    bool has_mistakes; // the schema: told already
    struct migrator_status status;
    struct sync sync; // where there is a schema
};

static bool is_green(const struct report *report)
{
    const struct migrator_status *status = &report->status;
    return status->pending == 0 && status->failed == 0 && status->missing == 0 &&
           status->invalid_indexes.len == 0 && !report->has_mistakes &&
           (!report->has_schema || report->sync.state == SYNC_SAME);
}

static void add_sync(const struct report *report, cJSON *json)
{
    if (report->has_mistakes)
        cJSON_AddStringToObject(json, "schema", "invalid");
    else
        cJSON_AddStringToObject(json, "schema",
                                report->has_schema ? sync_state_name(report->sync.state) : "none");
    if (report->sync.steps.items.len > 0) {
        AUTO_STRBUF sql = STRBUF_INIT;
        steps_render(&report->sync.steps, &sql);
        cJSON_AddStringToObject(json, "difference", sql.data);
    }
}

static void print_json(const struct db_target *target, const struct report *report)
{
    const struct migrator_status *status = &report->status;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "database", target->database->name);
    cJSON_AddStringToObject(json, "provider", target->migrator.provider);
    cJSON_AddBoolToObject(json, "green", is_green(report));
    cJSON_AddNumberToObject(json, "applied", (double)status->applied);
    cJSON_AddNumberToObject(json, "pending", (double)status->pending);
    cJSON_AddNumberToObject(json, "failed", (double)status->failed);
    cJSON_AddNumberToObject(json, "edited", (double)status->edited);
    cJSON_AddNumberToObject(json, "missing", (double)status->missing);
    cJSON *indexes = cJSON_AddArrayToObject(json, "invalidIndexes");
    vec_each (index, &status->invalid_indexes)
        cJSON_AddItemToArray(indexes, cJSON_CreateString(*index));
    add_sync(report, json);
    cJSON *list = cJSON_AddArrayToObject(json, "migrations");
    vec_each (migration, &status->migrations)
        cJSON_AddItemToArray(list, migration_json(migration));
    cli_print_json(json);
    cJSON_Delete(json);
}

static void print_missing(const struct migration_status *migration)
{
    AUTO_STRBUF text = STRBUF_INIT, safe = STRBUF_INIT;
    migration_missing_text(migration, &text);
    utf8_add_safe(&safe, text.data, text.len);
    printf("  %-12s %s: %s\n", "missing", migration->name, safe.data);
}

// What is not as it should be, a line each.
static void print_migrations(const struct migrator_status *status)
{
    vec_each (migration, &status->migrations) {
        if (migration->state != MIGRATION_APPLIED)
            printf("  %-12s %s\n", migration_state_name(migration->state), migration->name);
        if (migration->state == MIGRATION_FAILED && migration->logs)
            printf("%s\n", migration->logs);
        if (migration->edited)
            printf("  %-12s %s: its file is not what was applied\n", "edited", migration->name);
        if (migration->missing)
            print_missing(migration);
    }
}

// The comparison with the schema takes such an index for one that is there.
static void print_invalid_indexes(const struct migrator_status *status)
{
    vec_each (index, &status->invalid_indexes) {
        AUTO_STRBUF safe = STRBUF_INIT;
        utf8_add_safe(&safe, *index, strlen(*index));
        printf("  %-12s index %s: of no use, its CREATE INDEX CONCURRENTLY has not finished; "
               "where nobody is at it any more: DROP INDEX %s, and make it again\n",
               "invalid", safe.data, safe.data);
    }
}

static void print_difference(const struct report *report)
{
    static const char *const words[] = {
        [SYNC_UNMIGRATED] = "the schema has changes that no migration makes yet",
        [SYNC_DRIFT] =
            "drift: the database is not what its migrations made; to the schema it takes",
        [SYNC_DIFFERENT] = "the database is not what the schema says; to the schema it takes"};
    if (report->sync.steps.items.len == 0)
        return;
    printf("  %s:\n", words[report->sync.state]);
    db_develop_print_steps(&report->sync.steps, stdout);
}

static void print_hint(const struct report *report)
{
    static const char *const sync_hints[] = {
        [SYNC_UNMIGRATED] = "`berth db migrate` makes a migration of them, and applies it",
        [SYNC_DRIFT] = "`berth db migrate` shows what other hands did: adopt, revert or ignore it",
        [SYNC_DIFFERENT] = "`berth db migrate` makes the migration that is missing, or shows what "
                           "other hands did"};
    const char *hint = NULL;
    if (report->status.failed)
        hint = "mend it, then `berth db resolve --rolled-back NAME` (or --applied NAME, or "
               "--resume NAME)";
    else if (report->status.pending)
        hint = "`berth db deploy` applies what is pending";
    else if (report->sync.steps.items.len > 0)
        hint = sync_hints[report->sync.state];
    if (hint)
        fprintf(stderr, "  hint: %s\n", hint);
}

static void print_text(const struct db_target *target, const struct report *report)
{
    const struct migrator_status *status = &report->status;
    print_migrations(status);
    print_invalid_indexes(status);
    print_difference(report);
    printf("%s: %zu applied, %zu pending", target->database->name, status->applied,
           status->pending);
    if (status->failed)
        printf(", %zu failed", status->failed);
    if (status->missing)
        printf(", %zu missing", status->missing);
    if (is_green(report))
        printf(": up to date%s", report->has_schema ? ", and in sync with the schema" : "");
    else if (report->sync.steps.items.len > 0)
        printf(": not in sync with the schema");
    printf("\n");
    print_hint(report);
}

// A production image may have no schema at all: then the migrations alone count.
static int load_schema(struct report *report, struct err *err)
{
    const struct db_develop *run = &report->schema;
    if (!run->options->schema &&
        (!run->target->database->schema_path || !file_exists(run->target->database->schema_path)))
        return 0;
    if (db_develop_load_schema(&report->schema, err)) {
        report->has_mistakes = err->kind == ERR_INVALID;
        return report->has_mistakes ? cli_fail(run->target->cli, err), 0 : -1;
    }
    report->has_schema = true;
    return 0;
}

static int read_report(struct report *report, struct err *err)
{
    struct db_develop *run = &report->schema;
    const struct migrator_target *target = &run->target->migrator;
    if (load_schema(report, err))
        return -1;
    run->memory = db_develop_memory(run->target);
    return report->has_schema
               ? sync_read(target, run->datamodel, run->memory, &report->status, &report->sync, err)
               : migrator_status_read(target, &report->status, err);
}

int db_status(struct db_target *target, const struct db_options *options)
{
    struct report report = {.schema = {.target = target, .options = options}};
    struct err err;
    int exit_code;
    if (read_report(&report, &err)) {
        exit_code = cli_fail(target->cli, &err);
    } else {
        exit_code = is_green(&report) ? 0 : 1;
        if (target->cli->json)
            print_json(target, &report);
        else
            print_text(target, &report);
    }
    sync_release(&report.sync);
    migrator_status_release(&report.status);
    db_develop_release(&report.schema);
    return exit_code;
}

#include <stdio.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"
#include "orchestrator/worker/migration_json.h"

static bool is_green(const struct migrator_status *status)
{
    return status->pending == 0 && status->failed == 0 && status->missing == 0;
}

static void print_json(const struct db_target *target, const struct migrator_status *status)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "database", target->database->name);
    cJSON_AddStringToObject(json, "provider", target->migrator.provider);
    cJSON_AddBoolToObject(json, "green", is_green(status));
    cJSON_AddNumberToObject(json, "applied", (double)status->applied);
    cJSON_AddNumberToObject(json, "pending", (double)status->pending);
    cJSON_AddNumberToObject(json, "failed", (double)status->failed);
    cJSON_AddNumberToObject(json, "edited", (double)status->edited);
    cJSON_AddNumberToObject(json, "missing", (double)status->missing);
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

// What is not as it should be, a line each; and the next step.
static void print_text(const struct db_target *target, const struct migrator_status *status)
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
    printf("%s: %zu applied, %zu pending", target->database->name, status->applied,
           status->pending);
    if (status->failed)
        printf(", %zu failed", status->failed);
    if (status->missing)
        printf(", %zu missing", status->missing);
    printf("%s\n", is_green(status) ? ": up to date" : "");
    if (status->failed)
        fprintf(
            stderr,
            "  hint: mend it, then `berth db resolve --rolled-back NAME` (or --applied NAME)\n");
    else if (status->pending)
        fprintf(stderr, "  hint: `berth db deploy` applies what is pending\n");
}

int db_status(struct db_target *target, const struct db_options *options)
{
    (void)options;
    struct migrator_status status = {0};
    struct err err;
    if (migrator_status_read(&target->migrator, &status, &err))
        return cli_fail(target->cli, &err);
    const int exit_code = is_green(&status) ? 0 : 1;
    if (target->cli->json)
        print_json(target, &status);
    else
        print_text(target, &status);
    migrator_status_release(&status);
    return exit_code;
}

int db_resolve(struct db_target *target, const struct db_options *options)
{
    const bool is_applied = options->applied != NULL;
    const char *name = is_applied ? options->applied : options->rolled_back;
    if (!name || (options->applied && options->rolled_back))
        return cli_usage(target->cli, "resolve wants --applied NAME or --rolled-back NAME");
    struct err err;
    if (migrator_resolve(&target->migrator, name,
                         is_applied ? MIGRATOR_APPLIED : MIGRATOR_ROLLED_BACK, &err))
        return cli_fail(target->cli, &err);
    printf("%s: %s is marked as %s\n", target->database->name, name,
           is_applied ? "applied" : "rolled back");
    return 0;
}

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/db.h"
#include "orchestrator/git/origin.h"
#include "orchestrator/plan/database_url.h"
#include "orchestrator/terminal/text.h"

extern char **environ;

static void print_progress(void *context, const struct migrator_progress *progress)
{
    const struct cli *cli = ((const struct db_target *)context)->cli;
    if (!progress->finished)
        return;
    if (cli->json) {
        AUTO_STRBUF text = STRBUF_INIT;
        AUTO_JSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "name", progress->migration);
        cJSON_AddNumberToObject(json, "index", (double)progress->index);
        cJSON_AddNumberToObject(json, "total", (double)progress->total);
        cJSON_AddNumberToObject(json, "durationMs", (double)progress->duration_ms);
        json_print(json, false, &text);
        puts(text.data);
        return;
    }
    printf("%zu/%zu  %s  %" PRId64 " ms\n", progress->index, progress->total, progress->migration,
           progress->duration_ms);
    fflush(stdout);
}

static void print_line(void *context, const char *text)
{
    const struct db_target *target = context;
    const struct plan *plan = target->has_session ? target->session.plan : target->plan;
    AUTO_STRBUF redacted = STRBUF_INIT, safe = STRBUF_INIT;
    redactor_apply(plan->redactor, text, strlen(text), &redacted);
    terminal_safe(redacted.data, &safe);
    fprintf(stderr, "%s\n", safe.data);
}

static void print_excerpt(void *context, const char *text)
{
    (void)context;
    fputs(text, stderr);
}

static void read_origin(void *context, struct migrator_origin *out)
{
    origin_read(((const struct db_target *)context)->settings->root, out);
}

struct migrator_callbacks db_callbacks(struct db_target *target)
{
    return (struct migrator_callbacks){.context = target,
                                       .progress = print_progress,
                                       .line = print_line,
                                       .excerpt = print_excerpt,
                                       .origin = read_origin};
}

int db_deploy(struct db_target *target, const struct db_options *options)
{
    (void)options;
    const struct migrator_callbacks callbacks = db_callbacks(target);
    struct migrator_deploy_result result = {0};
    struct err err;
    if (migrator_deploy(&target->migrator, &callbacks, &result, &err))
        return cli_fail(target->cli, &err);
    if (target->cli->json)
        printf("{\"database\":\"%s\",\"applied\":%zu}\n", target->database->name, result.applied);
    else if (result.applied)
        printf("%s: %zu migration%s applied\n", target->database->name, result.applied,
               result.applied == 1 ? "" : "s");
    else
        printf("%s: nothing pending\n", target->database->name);
    return 0;
}

char **db_environment_of(const struct db_target *target)
{
    const struct plan *plan = target->has_session ? target->session.plan : target->plan;
    variable_list variables = {0};
    VEC_OF(char *) list = {0};
    for (char **inherited = environ; *inherited; inherited++)
        vec_push(&list, mem_strdup(*inherited));
    connection_database_variables(&target->database->connection, target->database->name,
                                  target->database->database->database_name, true, plan->arena,
                                  &variables);
    vec_each (variable, &variables)
        vec_push(&list, mem_printf("%s=%s", variable->name, variable->value));
    vec_push(&list, NULL);
    vec_release(&variables);
    return list.items;
}

void db_environment_free(char **environment)
{
    for (char **entry = environment; *entry; entry++)
        free(*entry);
    free(environment);
}

struct migrator_seed db_seed_of(const struct db_target *target, const struct db_options *options,
                                char ***environment)
{
    *environment = db_environment_of(target);
    return (struct migrator_seed){.seeds_path = target->database->seeds_path,
                                  .script_path = target->database->seed_script,
                                  .mode =
                                      options->mode ? options->mode : target->database->seed_mode,
                                  .environment = *environment,
                                  .workdir = target->settings->root};
}

int db_seed(struct db_target *target, const struct db_options *options)
{
    const struct migrator_callbacks callbacks = db_callbacks(target);
    struct migrator_seed_result result = {0};
    struct err err;
    char **environment = NULL;
    const struct migrator_seed seed = db_seed_of(target, options, &environment);
    int status = migrator_seed(&target->migrator, &seed, &callbacks, &result, &err);
    db_environment_free(environment);
    if (status)
        return cli_fail(target->cli, &err);
    if (target->cli->json)
        printf("{\"database\":\"%s\",\"mode\":\"%s\",\"files\":%zu,\"rows\":%" PRId64 "}\n",
               target->database->name, seed.mode, result.files, result.rows);
    else if (result.skipped)
        printf("%s: there is no seed for \"%s\"\n", target->database->name, seed.mode);
    else
        printf("%s: %" PRId64 " rows from %zu file%s (%s)\n", target->database->name, result.rows,
               result.files, result.files == 1 ? "" : "s", seed.mode);
    return 0;
}

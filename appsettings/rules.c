// Rules that a record keeps by itself.
#include "appsettings/check.h"

#include <string.h>
#include <strings.h>

#include "appsettings/names.h"

static void check_environment(const struct settings_node *record, struct diag_list *diags)
{
    const struct settings_node *port = node_find(node_find(record, "Environment"), "PORT");
    if (!port || port->type == NODE_NULL)
        return;
    node_error(diags, port, "PORT cannot be declared: berth sets it");
    diag_hint(diags, "the port is \"HostPort\"");
}

// Something has to say what to run: an entrypoint and its runtime, a task, or a command.
static void check_program(const struct process_settings *process, struct diag_list *diags)
{
    if (process->command.count > 0) {
        if (process->command.items[0][0] == '\0')
            node_error(diags, node_find(process->node, "Command"),
                       "\"Command\" begins with no program");
        return;
    }
    const char *runtime = process->runtime;
    if (runtime && strcasecmp(runtime, "deno") != 0 && strcasecmp(runtime, "node") != 0) {
        node_error(diags, node_find(process->node, "Runtime"),
                   "how \"%s\" runs a file is not known", runtime);
        diag_hint(diags, "\"deno\" and \"node\" are known; for others set \"Command\"");
    }
    if (!runtime && !process->task_name) {
        diag_error(diags, process->node->key_span, "\"%s\" has nothing to run", process->key);
        diag_hint(diags, "set \"TaskName\" or \"Command\"");
    }
}

static void check_process(const struct process_settings *process, struct diag_list *diags)
{
    check_environment(process->node, diags);
    if (process->enabled)
        check_program(process, diags);
    if (process->concurrency_env_var && !name_is_variable(process->concurrency_env_var))
        node_error(diags, node_find(process->node, "ConcurrencyEnvVar"),
                   "\"%s\" cannot be the name of a variable", process->concurrency_env_var);
}

static size_t longest_database_name(const char *engine)
{
    if (engine && strcmp(engine, "Mysql") == 0)
        return 64;
    if (engine && strcmp(engine, "Mssql") == 0)
        return 123; // CREATE DATABASE: 128, less what the log file's name adds
    if (engine && strcmp(engine, "Sqlite") == 0)
        return 200;
    return 63; // Postgres: NAMEDATALEN - 1
}

static void check_database(const struct database_settings *database, struct diag_list *diags)
{
    const size_t longest = longest_database_name(database->engine);
    if (!name_is_database(database->database_name, longest)) {
        diag_error(diags, settings_span(database->node, "DatabaseName"),
                   "\"%s\" cannot be the name of a database", database->database_name);
        diag_hint(diags, "up to %zu letters, digits, \"_\", \"-\", \".\" and \"$\"", longest);
    }
    if (!name_is_resource(database->seed_mode)) {
        diag_error(diags, settings_span(database->node, "SeedMode"),
                   "\"%s\" cannot be the name of a seed mode", database->seed_mode);
        diag_hint(diags, "it is the name of a directory");
    }
}

static void check_cache(const struct cache_settings *cache, struct diag_list *diags)
{
    if (strcmp(cache->mode, "Local") == 0 && strcmp(cache->engine, "DenoKv") != 0) {
        diag_error(diags, settings_span(cache->node, "Mode"), "%s cannot be Local; only DenoKv can",
                   cache->engine);
        diag_hint(diags, "\"Container\" is the usual Mode");
    }
}

void settings_check_records(const struct settings *settings, struct diag_list *diags)
{
    for (size_t i = 0; i < settings->database_count; i++)
        check_database(&settings->databases[i], diags);
    for (size_t i = 0; i < settings->cache_count; i++)
        check_cache(&settings->caches[i], diags);
    for (size_t i = 0; i < settings->process_count; i++)
        check_process(&settings->processes[i], diags);
}

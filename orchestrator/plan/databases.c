#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/plan/database_url.h"
#include "orchestrator/plan/server.h"
#include "provisioners/engine_needs.h"
#include "provisioners/host.h"

static int plan_password(struct planning *planning, struct plan_resource *resource,
                         const struct engine *engine, struct err *err)
{
    struct plan *plan = planning->plan;
    AUTOFREE char *secret = NULL;
    AUTOFREE char *path = NULL;
    if (workspace_secret(plan->workspace, resource->name, &secret, &path, err))
        return -1;
    struct err weak;
    if (engine_check_password(engine, secret, &weak)) {
        diag_error(planning->diags, settings_span(resource->database->node, "Engine"),
                   "the password of \"%s\", in .berth/secrets/%s/password, will not do: %s",
                   resource->name, resource->name, weak.message);
        diag_hint(planning->diags,
                  "write another one there, or remove the file: a new one is made");
    }
    resource->connection.user = engine->user;
    resource->connection.password = arena_strdup(plan->arena, secret);
    redactor_add(plan->redactor, secret);
    return 0;
}

// Migrations hold a session-long lock, which a pooler would break: they go past it.
static void plan_direct(struct planning *planning, struct plan_resource *resource, struct span span)
{
    struct err err;
    const char *note = NULL;
    resource->direct = resource->connection;
    if (resource->backing != BACKING_EXTERNAL || !resource->connection.host)
        return;
    if (connection_direct(&resource->connection, planning->plan->arena, &resource->direct, &note,
                          &err) == 0) {
        if (note)
            diag_warning(planning->diags, span, "%s", note);
        return;
    }
    diag_error(planning->diags, span, "the database \"%s\": %s", resource->name, err.message);
    if (err.hint[0])
        diag_hint(planning->diags, "%s", err.hint);
}

static void plan_external_database(struct planning *planning, struct plan_resource *resource,
                                   const struct engine *engine,
                                   const struct database_settings *settings)
{
    struct plan *plan = planning->plan;
    const char *origin = "the command line";
    const char *primary = plan->primary_database;
    const bool is_primary = primary && strcmp(primary, settings->key) == 0;
    const struct span span = settings_span(settings->node, "Mode");
    resource->backing = BACKING_EXTERNAL;
    const char *text = planning->options->database_url;
    if (!text)
        text = database_url_find(plan->settings, settings->key, settings->engine, is_primary,
                                 planning->options->environ, plan->arena, &origin);
    if (!text && settings->connection_string) {
        text = settings->connection_string;
        origin = "ConnectionStrings";
    }
    if (text) {
        plan_external(planning, resource, engine, text, origin, span);
        return;
    }
    const char *variable = variable_name(settings->key, plan->arena);
    diag_error(planning->diags, span, "no address is known for the database \"%s\"", settings->key);
    diag_hint(planning->diags, "set %s_URI%s, or ConnectionStrings.%s in appsettings.json",
              variable, is_primary ? " or DATABASE_URL" : "", settings->key);
}

// database/<key>/<DatabaseName>, unless the environment names a file.
static void plan_file_database(struct planning *planning, struct plan_resource *resource,
                               const struct database_settings *settings)
{
    struct plan *plan = planning->plan;
    AUTOFREE char *below = mem_printf("database/%s/%s", settings->key, settings->database_name);
    AUTOFREE char *path = path_join(plan->settings->root, below);
    resource->backing = BACKING_FILE;
    resource->connection.database = arena_strdup(plan->arena, path);
}

static int plan_server_or_file(struct planning *planning, struct plan_resource *resource,
                               const struct database_settings *settings, struct err *err)
{
    const struct engine *engine = engine_find(settings->engine);
    resource->database = settings;
    resource->connection =
        (struct connection){.engine = engine, .database = settings->database_name};
    if (strcmp(settings->mode, "External") == 0 || planning->options->database_url ||
        (planning->options->no_aspire && engine->id != ENGINE_SQLITE)) {
        plan_external_database(planning, resource, engine, settings);
        return 0;
    }
    if (engine->id == ENGINE_SQLITE) {
        plan_file_database(planning, resource, settings);
        return 0;
    }
    struct server_settings server = {.key = settings->key,
                                     .image = settings->image,
                                     .image_tag = settings->image_tag,
                                     .data_path = settings->data_path,
                                     .port = settings->port,
                                     .memory_limit_mb = settings->memory_limit_mb,
                                     .persistent = settings->persistent,
                                     .env = settings->env,
                                     .args = settings->args,
                                     .node = settings->node};
    if (plan_password(planning, resource, engine, err))
        return -1;
    return plan_container(planning, resource, engine, &server, err);
}

static int plan_database(struct planning *planning, const struct database_settings *settings,
                         struct err *err)
{
    struct plan_resource *resource = plan_add(planning->plan, settings->key, RESOURCE_DATABASE);
    if (plan_server_or_file(planning, resource, settings, err))
        return -1;
    plan_direct(planning, resource, settings_span(settings->node, "Mode"));
    return 0;
}

// Without any database in the settings, an address alone makes one, named by its engine: this is
// how
// --no-aspire and --url work in a directory that has no appsettings.json.
static int plan_named_by_address(struct planning *planning, struct err *err)
{
    static const char *const engines[] = {"Postgres", "Mysql", "Mssql", "Sqlite"};
    struct plan *plan = planning->plan;
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        const char *origin = NULL;
        const char *text = planning->options->database_url;
        const char *key = database_key_of_engine(engines[i], plan->arena);
        if (!text)
            text = database_url_find(plan->settings, key, engines[i], true,
                                     planning->options->environ, plan->arena, &origin);
        struct connection connection;
        struct err ignored;
        if (!text ||
            connection_parse(text, NULL, plan->settings->root, plan->arena, &connection,
                             &ignored) ||
            strcmp(connection.engine->name, engines[i]) != 0)
            continue;
        struct database_settings *settings = ARENA_NEW(plan->arena, struct database_settings);
        *settings = (struct database_settings){.key = key,
                                               .enabled = true,
                                               .engine = engines[i],
                                               .mode = "External",
                                               .database_name =
                                                   connection.database ? connection.database : key,
                                               .auto_migrate = true,
                                               .auto_seed = "Once",
                                               .seed_mode = "bootstrap"};
        plan->primary_database = key;
        return plan_database(planning, settings, err);
    }
    return 0;
}

int plan_databases(struct planning *planning, struct err *err)
{
    const struct settings *settings = planning->plan->settings;
    const char *only = planning->options->only_database;
    if (settings->database_count == 0 && (planning->options->no_aspire || only))
        return plan_named_by_address(planning, err);
    for (size_t i = 0; i < settings->database_count; i++) {
        const struct database_settings *database = &settings->databases[i];
        if (only ? strcmp(only, database->key) != 0 : !database->enabled)
            continue;
        if (plan_database(planning, database, err))
            return -1;
    }
    return 0;
}

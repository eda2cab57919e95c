#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/database_url.h"
#include "orchestrator/plan_private.h"
#include "orchestrator/ports.h"
#include "provisioners/host.h"

// What databases and caches have in common in the settings.
struct server_settings {
    const char *key, *image, *image_tag, *data_path;
    int port, memory_limit_mb;
    bool persistent;
    struct setting_pairs env;
    struct setting_strings args;
    const struct settings_node *node;
};

static const char *const *env_list(const struct setting_pairs *pairs, struct arena *arena)
{
    const char **list = ARENA_ARRAY(arena, const char *, pairs->count + 1);
    for (size_t i = 0; i < pairs->count; i++)
        list[i] = arena_printf(arena, "%s=%s", pairs->items[i].name, pairs->items[i].value);
    return list;
}

// The file that the engine's image reads its password from, in the form that it wants.
static int write_password_file(struct plan *plan, const struct engine *engine, const char *key,
                               const char *password, const char **path, struct err *err)
{
    AUTO_STRBUF content = STRBUF_INIT;
    mode_t mode = 0600;
    engine_password_file(engine, password, &content, &mode);
    AUTOFREE char *name = mem_printf("secrets/%s", key);
    AUTOFREE char *directory = workspace_path(plan->workspace, name);
    AUTOFREE char *file = path_join(directory, "for-container");
    AUTO_STRBUF present = STRBUF_INIT;
    *path = arena_strdup(plan->arena, file);
    if (file_exists(file) && file_read(file, &present, err) == 0 &&
        strcmp(present.data, content.data) == 0)
        return 0;
    if (file_make_directories(directory, 0700, err))
        return -1;
    return file_write_atomic(file, content.data, content.len, mode, err);
}

// A container of berth's own: its port, password, data and spec.
static int plan_container(struct planning *planning, struct plan_resource *resource,
                          const struct engine *engine, const struct server_settings *settings,
                          struct err *err)
{
    struct plan *plan = planning->plan;
    struct arena *arena = plan->arena;
    const char *id = plan->workspace->id;
    int port = 0;
    if (port_of_resource(planning->store, id, settings->key, settings->port, &port, err))
        return -1;
    resource->backing = BACKING_CONTAINER;
    resource->persistent = settings->persistent;
    resource->container_name = arena_printf(arena, "%s-%s", settings->key, id);
    const char *data = NULL;
    if (settings->data_path) {
        AUTOFREE char *joined = path_join(plan->settings->root, settings->data_path);
        AUTOFREE char *normal = path_normalize(joined);
        data = arena_strdup(arena, normal);
    } else {
        data = resource->volume_name = arena_printf(arena, "%s-%s-data", settings->key, id);
    }
    resource->connection.host = "127.0.0.1";
    resource->connection.port = port;
    const char *password_file = NULL;
    if (resource->connection.password &&
        write_password_file(plan, engine, settings->key, resource->connection.password,
                            &password_file, err))
        return -1;
    struct provision provision = {.engine = engine,
                                  .image = settings->image,
                                  .tag = settings->image_tag,
                                  .data_source = data,
                                  .data_is_bind = settings->data_path != NULL,
                                  .password_file = password_file,
                                  .host_port = port,
                                  .env = env_list(&settings->env, arena),
                                  .env_count = settings->env.count,
                                  .args = settings->args.items,
                                  .arg_count = settings->args.count,
                                  .memory_limit_mb = settings->memory_limit_mb};
    struct err refused;
    if (engine_container_spec(&provision, arena, &resource->spec, &refused)) {
        diag_error(planning->diags, settings_span(settings->node, "Engine"), "%s", refused.message);
        if (refused.hint[0])
            diag_hint(planning->diags, "%s", refused.hint);
    }
    return 0;
}

static int plan_password(struct planning *planning, struct plan_resource *resource,
                         const struct engine *engine, struct err *err)
{
    struct plan *plan = planning->plan;
    AUTOFREE char *secret = NULL;
    AUTOFREE char *path = NULL;
    if (workspace_secret(plan->workspace, resource->name, &secret, &path, err))
        return -1;
    resource->connection.user = engine->user;
    resource->connection.password = arena_strdup(plan->arena, secret);
    redactor_add(plan->redactor, secret);
    return 0;
}

// An address that somebody else answers for. A missing or malformed one is a diagnostic.
static void plan_external(struct planning *planning, struct plan_resource *resource,
                          const struct engine *engine, const char *text, const char *origin,
                          struct span span)
{
    struct plan *plan = planning->plan;
    resource->backing = engine->id == ENGINE_SQLITE ? BACKING_FILE : BACKING_EXTERNAL;
    struct err err;
    if (connection_parse(text, engine, plan->settings->root, plan->arena, &resource->connection,
                         &err)) {
        diag_error(planning->diags, span, "the connection of \"%s\" (from %s): %s", resource->name,
                   origin, err.message);
        if (err.hint[0])
            diag_hint(planning->diags, "%s", err.hint);
        resource->connection = (struct connection){.engine = engine};
        return;
    }
    if (resource->connection.password)
        redactor_add(plan->redactor, resource->connection.password);
}

// Migrations hold a session-long lock, which a pooler would break: they go past it.
static void plan_direct(struct planning *planning, struct plan_resource *resource, struct span span)
{
    struct err err;
    const char *note = NULL;
    resource->direct = resource->connection;
    if (resource->backing != BACKING_EXTERNAL || !resource->connection.host ||
        connection_direct(&resource->connection, planning->plan->arena, &resource->direct, &note,
                          &err) == 0)
        return;
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
    static const char *const engines[] = {"Postgres", "Sqlite"};
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

static int plan_cache(struct planning *planning, const struct cache_settings *settings,
                      struct err *err)
{
    struct plan *plan = planning->plan;
    const struct engine *engine = engine_find(settings->engine);
    struct plan_resource *resource = plan_add(plan, settings->key, RESOURCE_CACHE);
    const struct span span = settings_span(settings->node, "Mode");
    resource->cache = settings;
    resource->connection = (struct connection){.engine = engine};
    if (strcmp(settings->mode, "External") == 0 || planning->options->no_aspire) {
        const char *origin = NULL;
        const char *text = database_url_find(plan->settings, settings->key, settings->engine, true,
                                             planning->options->environ, plan->arena, &origin);
        resource->backing = BACKING_EXTERNAL;
        if (text && strcmp(origin, "DATABASE_URL") != 0) {
            plan_external(planning, resource, engine, text, origin, span);
            return 0;
        }
        diag_error(planning->diags, span, "no address is known for the cache \"%s\"",
                   settings->key);
        diag_hint(planning->diags, "set %s_URI, or ConnectionStrings.%s in appsettings.json",
                  variable_name(settings->key, plan->arena), settings->key);
        return 0;
    }
    if (strcmp(settings->mode, "Local") == 0 || strcmp(settings->mode, "Executable") == 0) {
        diag_error(planning->diags, span, "the cache mode \"%s\" is not provided by this version",
                   settings->mode);
        diag_hint(planning->diags, "use \"Container\" or \"External\"");
        return 0;
    }
    for (size_t i = 0; i < plan->settings->parameters.count; i++) {
        const struct setting_pair *parameter = &plan->settings->parameters.items[i];
        AUTOFREE char *wanted = mem_printf("%s-password", settings->key);
        if (strcmp(parameter->name, wanted) == 0) {
            resource->connection.password = parameter->value;
            redactor_add(plan->redactor, parameter->value);
        }
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
    return plan_container(planning, resource, engine, &server, err);
}

int plan_caches(struct planning *planning, struct err *err)
{
    const struct settings *settings = planning->plan->settings;
    for (size_t i = 0; !planning->options->only_database && i < settings->cache_count; i++)
        if (settings->caches[i].enabled && plan_cache(planning, &settings->caches[i], err))
            return -1;
    return 0;
}

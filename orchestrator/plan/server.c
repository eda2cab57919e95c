#include "orchestrator/plan/server.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/state/ports.h"

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

// What a container on another machine can't have is said before anything is made.
static void check_remote(struct planning *planning, const struct plan_resource *resource,
                         const struct server_settings *settings)
{
    const char *host = planning->plan->workspace->engine_host;
    if (settings->data_path) {
        diag_error(planning->diags, settings_span(settings->node, "DataPath"),
                   "\"%s\" keeps its data in a directory of this machine, and the engine is on %s",
                   settings->key, host);
        diag_hint(planning->diags, "leave DataPath out: the data is then in a volume over there");
    }
    if (!resource->connection.password) {
        diag_error(planning->diags, settings_span(settings->node, "Engine"),
                   "\"%s\" has no password, and its port would be open to everybody who reaches %s",
                   settings->key, host);
        diag_hint(planning->diags, "set Parameters.\"%s-password\"", settings->key);
    }
}

int plan_container(struct planning *planning, struct plan_resource *resource,
                   const struct engine *engine, const struct server_settings *settings,
                   struct err *err)
{
    struct plan *plan = planning->plan;
    struct arena *arena = plan->arena;
    const char *id = plan->workspace->id;
    const char *engine_host = plan->workspace->engine_host;
    int port = 0;
    if (port_of_resource(planning->store, id, settings->key, settings->port, &port, err))
        return -1;
    if (engine_host)
        check_remote(planning, resource, settings);
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
    connection_own_host(&resource->connection, engine_host ? engine_host : "127.0.0.1");
    resource->connection.port = port;
    const char *password_file = NULL;
    if (resource->connection.password &&
        write_password_file(plan, engine, settings->key, resource->connection.password,
                            &password_file, err))
        return -1;
    resource->provision = (struct provision){.engine = engine,
                                             .image = settings->image,
                                             .tag = settings->image_tag,
                                             .data_source = data,
                                             .data_is_bind = settings->data_path != NULL,
                                             .password_file = password_file,
                                             .is_remote = engine_host != NULL,
                                             .host_port = port,
                                             .env = env_list(&settings->env, arena),
                                             .env_count = settings->env.count,
                                             .args = settings->args.items,
                                             .arg_count = settings->args.count,
                                             .memory_limit_mb = settings->memory_limit_mb};
    struct err refused;
    if (engine_container_spec(&resource->provision, arena, &resource->spec, &refused)) {
        diag_error(planning->diags, settings_span(settings->node, "Engine"), "%s", refused.message);
        if (refused.hint[0])
            diag_hint(planning->diags, "%s", refused.hint);
    }
    return 0;
}

void plan_external(struct planning *planning, struct plan_resource *resource,
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

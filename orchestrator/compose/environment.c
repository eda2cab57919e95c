#include <string.h>

#include "appsettings/secrets.h"
#include "appsettings/tree.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/compose/document.h"
#include "orchestrator/plan/environment_report.h"

// What the user gave is copied only where it stands in the settings' own files, which are for
// everybody who has the workspace; what comes from .env or from the environment is private.
static bool is_private(const struct settings_node *given, const char *name, const char *value)
{
    AUTO_STRBUF masked = STRBUF_INIT;
    if (secret_name(name) || secret_mask(value, &masked))
        return true;
    const struct source *source = given->variable ? NULL : given->span.source;
    const char *ending = source ? strrchr(source->path, '.') : NULL;
    return !ending || strcmp(ending, ".json") != 0;
}

// A private value of a resource becomes a variable of its own, RESOURCE_NAME.
static void write_private(const struct compose_document *document,
                          const struct plan_resource *resource, const char *name)
{
    struct arena *arena = document->plan->arena;
    const char *variable = arena_printf(arena, "%s_%s", variable_name(resource->name, arena),
                                        variable_name(name, arena));
    const char *about = arena_printf(arena, "%s of %s", name, resource->name);
    compose_pair(document, name, compose_variable(document->variables, variable, about));
}

// `given`: the member of the settings that the value is from; NULL: it is berth's own.
static void write_variable(const struct compose_document *document,
                           const struct plan_resource *resource, const char *name,
                           const char *value, const struct settings_node *given)
{
    if (given && is_private(given, name, value))
        write_private(document, resource, name);
    else
        compose_pair(document, name, value);
}

void compose_process_environment(const struct compose_document *document,
                                 const struct plan_resource *resource)
{
    AUTO_JSON *variables = NULL;
    struct err never; // the name is the plan's own
    if (environment_report(document->plan, resource->name, &variables, &never))
        return;
    const struct settings_node *record = node_find(resource->process->node, "Environment");
    const cJSON *variable;
    yaml_writer_map_of(document->yaml, "environment");
    json_each (variable, variables) {
        const char *name = json_string_or(variable, "name", "");
        const char *value = json_string_or(variable, "value", "");
        // Where berth generates a variable of the same name, that one counts.
        const struct settings_node *given = node_find(record, name);
        const bool is_given = given && given->text && strcmp(given->text, value) == 0;
        write_variable(document, resource, name, value, is_given ? given : NULL);
    }
    yaml_writer_end_map(document->yaml);
}

// The variable by which the image makes a database when it sets up the data: here nobody else does,
// as berth would once the server answers. NULL: it makes none, or the user named one.
static const char *database_variable(const struct plan_resource *resource)
{
    const enum engine_id engine = resource->connection.engine->id;
    const char *variable = engine == ENGINE_POSTGRES ? "POSTGRES_DB"
                           : engine == ENGINE_MYSQL  ? "MYSQL_DATABASE"
                                                     : NULL;
    const size_t length = variable ? strlen(variable) : 0;
    for (size_t i = 0; variable && i < resource->spec.env_count; i++)
        if (strncmp(resource->spec.env[i], variable, length) == 0 &&
            resource->spec.env[i][length] == '=')
            return NULL;
    return variable;
}

void compose_server_environment(const struct compose_document *document,
                                const struct plan_resource *resource)
{
    const struct container_spec *spec = &resource->spec;
    const char *variable = database_variable(resource);
    const struct settings_node *settings =
        resource->database ? resource->database->node : resource->cache->node;
    const struct settings_node *record = node_find(settings, "Env");
    yaml_writer_map_of(document->yaml, "environment");
    if (variable)
        compose_pair(document, variable, resource->connection.database);
    for (size_t i = 0; i < spec->env_count; i++) {
        const size_t length = strcspn(spec->env[i], "=");
        AUTOFREE char *name = mem_strndup(spec->env[i], length);
        write_variable(document, resource, name, spec->env[i] + length + 1,
                       node_find(record, name));
    }
    yaml_writer_end_map(document->yaml);
}

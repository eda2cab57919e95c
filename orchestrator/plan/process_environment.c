#include "orchestrator/plan/process_environment.h"

#include <ctype.h>
#include <string.h>

static void add(struct plan_resource *resource, const char *name, const char *value)
{
    vec_push(&resource->environment, (struct variable){.name = name, .value = value});
}

// An explicit Environment value may repeat a secret: it is shown masked where its name says so.
static bool names_a_secret(const char *name)
{
    static const char *const words[] = {"PASSWORD", "SECRET",  "TOKEN",
                                        "APIKEY",   "API_KEY", "PRIVATE_KEY"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(name, words[i]))
            return true;
    return false;
}

static void add_configured(struct plan_resource *resource)
{
    const struct setting_pairs *pairs = &resource->process->environment;
    for (size_t i = 0; i < pairs->count; i++)
        vec_push(&resource->environment,
                 (struct variable){.name = pairs->items[i].name,
                                   .value = pairs->items[i].value,
                                   .secret = names_a_secret(pairs->items[i].name)});
}

static void add_servers(const struct plan *plan, const struct plan_resource *resource,
                        variable_list *out)
{
    const struct settings *settings = plan->settings;
    const struct process_settings *process = resource->process;
    const bool databases =
        process->kind != PROCESS_APP &&
        (process->kind == PROCESS_SERVICE || process->kind == PROCESS_TOOL || process->requires_db);
    const bool caches =
        process->kind == PROCESS_SERVICE || process->kind == PROCESS_TOOL || process->requires_kv;
    vec_each (server, &plan->resources) {
        if (server->kind == RESOURCE_DATABASE && databases) {
            const char *primary = process->database ? process->database : plan->primary_database;
            connection_database_variables(
                &server->connection, server->name, server->database->database_name,
                primary && strcmp(primary, server->name) == 0, plan->arena, out);
        }
        if (server->kind == RESOURCE_CACHE && caches)
            connection_cache_variables(&server->connection, server->name,
                                       settings->primary_cache &&
                                           strcmp(settings->primary_cache, server->name) == 0,
                                       plan->arena, out);
    }
}

static void add_references(const struct plan *plan, struct plan_resource *resource,
                           const struct setting_strings *references)
{
    const bool is_app = resource->process->kind == PROCESS_APP;
    for (size_t i = 0; i < references->count; i++) {
        const char *name = references->items[i];
        const struct plan_resource *other = plan_find(plan, name);
        if (!other || other->port == 0)
            continue;
        const char *url = arena_printf(plan->arena, "http://%s:%d", other->host, other->port);
        add(resource, arena_printf(plan->arena, "services__%s__http__0", name), url);
        if (!is_app)
            continue;
        add(resource, arena_printf(plan->arena, "VITE_services__%s__http__0", name), url);
        add(resource, arena_printf(plan->arena, "VITE_%s_URL", variable_name(name, plan->arena)),
            url);
    }
}

static void add_telemetry(const struct plan *plan, struct plan_resource *resource)
{
    const struct settings *settings = plan->settings;
    add(resource, "OTEL_SERVICE_NAME", resource->name);
    add(resource, "OTEL_RESOURCE_ATTRIBUTES",
        arena_printf(plan->arena, "service.namespace=%s,service.instance.id=%s-%s",
                     settings->name ? settings->name : "berth", resource->name,
                     plan->workspace->id));
    // Without a collector, an exporter would only fill the logs with its complaints.
    if (!settings->otel_endpoint || !resource->process->telemetry)
        return;
    add(resource, "OTEL_EXPORTER_OTLP_ENDPOINT", settings->otel_endpoint);
    add(resource, "OTEL_EXPORTER_OTLP_PROTOCOL",
        settings->otel_protocol ? settings->otel_protocol : "http/protobuf");
    add(resource, "OTEL_DENO", "true");
    add(resource, "OTEL_TRACES_SAMPLER", "always_on");
    add(resource, "OTEL_BSP_SCHEDULE_DELAY", "1000");
    add(resource, "OTEL_BLRP_SCHEDULE_DELAY", "1000");
    add(resource, "OTEL_METRIC_EXPORT_INTERVAL", "1000");
}

void process_environment(const struct plan *plan, struct plan_resource *resource)
{
    const struct process_settings *process = resource->process;
    add_configured(resource);
    // In a list of their own: of two of a name the first stays in it, and Environment is to lose.
    variable_list servers = {0};
    add_servers(plan, resource, &servers);
    vec_each (variable, &servers)
        vec_push(&resource->environment, *variable);
    vec_release(&servers);
    add_references(plan, resource, &process->service_references);
    add_references(plan, resource, &process->plugin_references);
    if (resource->port)
        add(resource, "PORT", arena_printf(plan->arena, "%d", resource->port));
    if (process->concurrency > 0)
        add(resource,
            process->concurrency_env_var ? process->concurrency_env_var
                                         : arena_printf(plan->arena, "%s_CONCURRENCY",
                                                        variable_name(process->key, plan->arena)),
            arena_printf(plan->arena, "%d", process->concurrency));
    if (process->saga_store)
        add(resource, "NETSCRIPT_SAGA_STORE", process->saga_store);
    add_telemetry(plan, resource);
}

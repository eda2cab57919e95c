#include <string.h>

#include "base/mem.h"
#include "orchestrator/plan/database_url.h"
#include "orchestrator/plan/server.h"

// A cache has no password but the one of Parameters: "<key>-password".
static void plan_password(struct plan *plan, struct plan_resource *resource)
{
    AUTOFREE char *wanted = mem_printf("%s-password", resource->name);
    for (size_t i = 0; i < plan->settings->parameters.count; i++) {
        const struct setting_pair *parameter = &plan->settings->parameters.items[i];
        if (strcmp(parameter->name, wanted) != 0)
            continue;
        resource->connection.password = parameter->value;
        redactor_add(plan->redactor, parameter->value);
    }
}

// Under the cache's own name; the primary one's also under its engine's.
static const char *find_address(const struct planning *planning,
                                const struct cache_settings *settings, const char **origin)
{
    const struct settings *all = planning->plan->settings;
    struct arena *arena = planning->plan->arena;
    char *const *environ = planning->options->environ;
    const char *text = database_url_find(all, settings->key, NULL, false, environ, arena, origin);
    if (!text && all->primary_cache && strcmp(all->primary_cache, settings->key) == 0)
        text = database_url_find(all, database_key_of_engine(settings->engine, arena), NULL, false,
                                 environ, arena, origin);
    return text;
}

static void plan_external_cache(struct planning *planning, struct plan_resource *resource)
{
    const struct cache_settings *settings = resource->cache;
    const struct plan *plan = planning->plan;
    const struct span span = settings_span(settings->node, "Mode");
    const char *origin = NULL;
    const char *text = find_address(planning, settings, &origin);
    resource->backing = BACKING_EXTERNAL;
    if (text) {
        plan_external(planning, resource, resource->connection.engine, text, origin, span);
        return;
    }
    diag_error(planning->diags, span, "no address is known for the cache \"%s\"", settings->key);
    diag_hint(planning->diags, "set %s_URI, or ConnectionStrings.%s in appsettings.json",
              variable_name(settings->key, plan->arena), settings->key);
}

static int plan_cache(struct planning *planning, const struct cache_settings *settings,
                      struct err *err)
{
    struct plan *plan = planning->plan;
    const struct engine *engine = engine_find(settings->engine);
    struct plan_resource *resource = plan_add(plan, settings->key, RESOURCE_CACHE);
    resource->cache = settings;
    resource->connection = (struct connection){.engine = engine};
    if (strcmp(settings->mode, "External") == 0 || planning->options->no_aspire) {
        plan_external_cache(planning, resource);
        return 0;
    }
    if (strcmp(settings->mode, "Local") == 0 || strcmp(settings->mode, "Executable") == 0) {
        diag_error(planning->diags, settings_span(settings->node, "Mode"),
                   "the cache mode \"%s\" is not provided by this version", settings->mode);
        diag_hint(planning->diags, "use \"Container\" or \"External\"");
        return 0;
    }
    plan_password(plan, resource);
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

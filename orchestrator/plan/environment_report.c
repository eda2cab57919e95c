#include "orchestrator/plan/environment_report.h"

#include <string.h>

static void add_server(const struct plan *plan, const struct plan_resource *server,
                       variable_list *out)
{
    const struct settings *settings = plan->settings;
    if (server->kind == RESOURCE_DATABASE)
        connection_database_variables(
            &server->connection, server->name, server->database->database_name,
            plan->primary_database && strcmp(plan->primary_database, server->name) == 0,
            plan->arena, out);
    else if (server->kind == RESOURCE_CACHE)
        connection_cache_variables(&server->connection, server->name,
                                   settings->primary_cache &&
                                       strcmp(settings->primary_cache, server->name) == 0,
                                   plan->arena, out);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct variable *)left)->name, ((const struct variable *)right)->name);
}

static cJSON *to_json(variable_list *list)
{
    cJSON *json = cJSON_CreateArray();
    if (list->len)
        qsort(list->items, list->len, sizeof *list->items, compare_names);
    for (size_t i = 0; i < list->len; i++) {
        const struct variable *variable = &list->items[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", variable->name);
        cJSON_AddStringToObject(item, "value", variable->value);
        cJSON_AddBoolToObject(item, "secret", variable->secret);
        cJSON_AddItemToArray(json, item);
    }
    return json;
}

// Of two of a name the later one is what the process gets.
static void add_process(const struct plan_resource *process, variable_list *out)
{
    const variable_list *all = &process->environment;
    for (size_t i = 0; i < all->len; i++) {
        bool overridden = false;
        for (size_t j = i + 1; j < all->len; j++)
            overridden = overridden || strcmp(all->items[i].name, all->items[j].name) == 0;
        if (!overridden)
            vec_push(out, all->items[i]);
    }
}

int environment_report(const struct plan *plan, const char *name, cJSON **out, struct err *err)
{
    variable_list list = {0};
    const struct plan_resource *resource = name ? plan_find(plan, name) : NULL;
    if (name && !resource) {
        err_set(err, ERR_USAGE, "no resource is named \"%s\"", name);
        return err_hint(err, "`berth config` shows what the settings name");
    }
    if (resource && resource->backing == BACKING_PROCESS)
        add_process(resource, &list);
    else if (resource)
        add_server(plan, resource, &list);
    else
        vec_each (server, &plan->resources)
            add_server(plan, server, &list);
    *out = to_json(&list);
    vec_release(&list);
    return 0;
}

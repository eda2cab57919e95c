// Which settings make a resource another one, shown without what may be a secret.
#include <string.h>

#include "appsettings/secrets.h"
#include "appsettings/tree.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/difference.h"

struct comparison {
    struct planned old, now;
    cJSON *out;
};

static const struct settings_node *node_of(struct planned planned)
{
    const struct plan_resource *resource = planned.resource;
    if (resource->backing == BACKING_JOB)
        resource = &planned.plan->resources.items[resource->target];
    return resource->process    ? resource->process->node
           : resource->database ? resource->database->node
           : resource->cache    ? resource->cache->node
                                : NULL;
}

static bool same_value(const struct settings_node *a, const struct settings_node *b)
{
    if (!a || !b || a->type != b->type || a->count != b->count)
        return a == b;
    if (a->type != NODE_ARRAY)
        return a->type == NODE_NULL || strcmp(a->text, b->text) == 0;
    const struct settings_node *other = b->first;
    for (const struct settings_node *item = a->first; item; item = item->next, other = other->next)
        if (!same_value(item, other))
            return false;
    return true;
}

static void add_value(cJSON *change, const char *key, const struct settings_node *node,
                      const struct plan *plan)
{
    AUTO_STRBUF masked = STRBUF_INIT, clean = STRBUF_INIT;
    if (node && node->text) {
        secret_mask(node->text, &masked);
        redactor_apply(plan->redactor, masked.data ? masked.data : "", masked.len, &clean);
    }
    json_add_or_null(change, key, clean.data);
}

static void add_change(struct comparison *comparison, const char *path,
                       const struct settings_node *old, const struct settings_node *now,
                       bool is_open)
{
    cJSON *change = cJSON_CreateObject();
    cJSON_AddStringToObject(change, "path", path);
    add_value(change, "from", is_open ? old : NULL, comparison->old.plan);
    add_value(change, "to", is_open ? now : NULL, comparison->now.plan);
    cJSON_AddItemToArray(comparison->out, change);
}

static bool has_open_values(const char *key)
{
    return strcmp(key, "Env") != 0 && strcmp(key, "Environment") != 0 && !secret_name(key);
}

static void compare(struct comparison *comparison, const char *path,
                    const struct settings_node *old, const struct settings_node *now, bool is_open);

static void compare_member(struct comparison *comparison, const char *path, const char *key,
                           const struct settings_node *old, const struct settings_node *now,
                           bool is_open)
{
    AUTOFREE char *below = mem_printf("%s.%s", path, key);
    compare(comparison, below, node_find(old, key), node_find(now, key),
            is_open && has_open_values(key));
}

// Members of an object are told one by one, an array as a whole.
static void compare(struct comparison *comparison, const char *path,
                    const struct settings_node *old, const struct settings_node *now, bool is_open)
{
    const bool is_old = old && old->type == NODE_OBJECT, is_now = now && now->type == NODE_OBJECT;
    if (!is_old && !is_now) {
        if (!same_value(old, now))
            add_change(comparison, path, old, now, is_open);
        return;
    }
    for (const struct settings_node *item = is_old ? old->first : NULL; item; item = item->next)
        compare_member(comparison, path, item->key, old, now, is_open);
    for (const struct settings_node *item = is_now ? now->first : NULL; item; item = item->next)
        if (!node_find(old, item->key))
            compare_member(comparison, path, item->key, old, now, is_open);
}

static bool has_other_value(const variable_list *list, const struct variable *variable)
{
    vec_each (other, list)
        if (strcmp(other->name, variable->name) == 0)
            return strcmp(other->value, variable->value) != 0;
    return true;
}

static void add_aspect(struct comparison *comparison, const char *path)
{
    const cJSON *known;
    json_each (known, comparison->out)
        if (strcmp(json_string_or(known, "path", ""), path) == 0)
            return;
    add_change(comparison, path, NULL, NULL, false);
}

static void compare_environments(struct comparison *comparison, const variable_list *one,
                                 const variable_list *other)
{
    vec_each (variable, one) {
        AUTOFREE char *path = mem_printf("environment.%s", variable->name);
        if (has_other_value(other, variable))
            add_aspect(comparison, path);
    }
}

cJSON *plan_changed_settings(struct planned old, struct planned now)
{
    struct comparison comparison = {old, now, cJSON_CreateArray()};
    AUTO_STRBUF path = STRBUF_INIT;
    plan_settings_path(now.plan, now.resource, &path);
    compare(&comparison, path.data, node_of(old), node_of(now), true);
    if (cJSON_GetArraySize(comparison.out) > 0)
        return comparison.out;
    compare_environments(&comparison, &old.resource->environment, &now.resource->environment);
    compare_environments(&comparison, &now.resource->environment, &old.resource->environment);
    if (cJSON_GetArraySize(comparison.out) == 0) // of Defaults, or where an address is looked for
        add_aspect(&comparison, now.resource->backing == BACKING_PROCESS ? "command" : "address");
    return comparison.out;
}

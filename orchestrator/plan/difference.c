#include "orchestrator/plan/difference.h"

#include <string.h>

#include "base/mem.h"

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(const char *const *a, const char *const *b)
{
    if (!a || !b)
        return a == b;
    while (*a && *b && strcmp(*a, *b) == 0)
        a++, b++;
    return !*a && !*b;
}

static bool same_connection(const struct connection *a, const struct connection *b)
{
    return a->engine == b->engine && a->port == b->port && a->tls == b->tls &&
           same_text(a->host, b->host) && same_text(a->user, b->user) &&
           same_text(a->password, b->password) && same_text(a->database, b->database) &&
           same_text(a->query, b->query);
}

static bool same_container(const struct plan_resource *a, const struct plan_resource *b)
{
    AUTO_STRBUF spec_a = STRBUF_INIT, spec_b = STRBUF_INIT;
    if (a->backing != BACKING_CONTAINER)
        return true;
    container_spec_json(&a->spec, &spec_a);
    container_spec_json(&b->spec, &spec_b);
    return a->persistent == b->persistent && strcmp(spec_a.data, spec_b.data) == 0;
}

static bool same_process(const struct plan_resource *a, const struct plan_resource *b)
{
    return same_texts(a->argv, b->argv) && same_texts(a->prebuild, b->prebuild) &&
           same_texts(a->watch_dirs, b->watch_dirs) && same_text(a->workdir, b->workdir) &&
           same_text(a->host, b->host) && same_text(a->health_url, b->health_url) &&
           a->port == b->port && a->restart == b->restart;
}

static bool same_job(const struct plan_resource *a, const struct plan_resource *b)
{
    if (a->backing != BACKING_JOB) // of a database these are only the places where commands look
        return true;
    return same_text(a->migrations_path, b->migrations_path) &&
           same_text(a->seeds_path, b->seeds_path) && same_text(a->seed_script, b->seed_script) &&
           same_text(a->seed_mode, b->seed_mode) && a->seed_once == b->seed_once;
}

// Of two of a name the later one counts.
static const char *value_of(const variable_list *list, const char *name)
{
    for (size_t i = list->len; i-- > 0;)
        if (strcmp(list->items[i].name, name) == 0)
            return list->items[i].value;
    return NULL;
}

static bool covers(const variable_list *list, const variable_list *other)
{
    vec_each (variable, other)
        if (!same_text(value_of(list, variable->name), value_of(other, variable->name)))
            return false;
    return true;
}

// Jobs come and go with the files of a database, whom they wait for is said by the database.
static bool waits_for_all_of(struct planned one, struct planned other)
{
    vec_each (index, &other.resource->dependencies) {
        const struct plan_resource *wanted = &other.plan->resources.items[*index];
        bool found = wanted->backing == BACKING_JOB;
        vec_each (mine, &one.resource->dependencies)
            found = found || strcmp(one.plan->resources.items[*mine].name, wanted->name) == 0;
        if (!found)
            return false;
    }
    return true;
}

bool plan_differs(struct planned old, struct planned now)
{
    const struct plan_resource *a = old.resource, *b = now.resource;
    return a->kind != b->kind || a->backing != b->backing ||
           !same_connection(&a->connection, &b->connection) ||
           !same_connection(&a->direct, &b->direct) || !same_container(a, b) ||
           !same_process(a, b) || !same_job(a, b) || !covers(&a->environment, &b->environment) ||
           !covers(&b->environment, &a->environment) || !waits_for_all_of(old, now) ||
           !waits_for_all_of(now, old);
}

void plan_settings_path(const struct plan *plan, const struct plan_resource *resource,
                        struct strbuf *out)
{
    static const char *const sections[] = {
        [RESOURCE_DATABASE] = "Databases", [RESOURCE_CACHE] = "Cache",
        [RESOURCE_SERVICE] = "Services",   [RESOURCE_PLUGIN] = "Plugins",
        [RESOURCE_APP] = "Apps",           [RESOURCE_PROCESSOR] = "BackgroundProcessors",
        [RESOURCE_TOOL] = "Tools",
    };
    const struct plan_resource *owner =
        resource->backing == BACKING_JOB ? &plan->resources.items[resource->target] : resource;
    strbuf_addf(out, "%s.%s", sections[owner->kind], owner->name);
}

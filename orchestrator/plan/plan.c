#include "orchestrator/plan/plan.h"

#include <string.h>

#include "base/mem.h"
#include "base/suggest.h"
#include "orchestrator/plan/private.h"

const char *resource_kind_name(enum resource_kind kind)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        RESOURCE_KINDS(X)
#undef X
    };
    return names[kind];
}

struct plan_resource *plan_add(struct plan *plan, const char *name, enum resource_kind kind)
{
    vec_push(&plan->resources, (struct plan_resource){.name = name, .kind = kind});
    return &plan->resources.items[plan->resources.len - 1];
}

void plan_depend(struct plan_resource *resource, size_t on)
{
    vec_each (known, &resource->dependencies)
        if (*known == on)
            return;
    vec_push(&resource->dependencies, on);
}

struct plan_resource *plan_find(const struct plan *plan, const char *name)
{
    vec_each (resource, &plan->resources)
        if (strcmp(resource->name, name) == 0)
            return resource;
    return NULL;
}

size_t plan_index(const struct plan *plan, const struct plan_resource *resource)
{
    return (size_t)(resource - plan->resources.items);
}

void plan_depend_on_database(struct plan *plan, struct plan_resource *resource, const char *key)
{
    struct plan_resource *database = plan_find(plan, key);
    if (!database)
        return;
    const size_t index = plan_index(plan, database);
    plan_depend(resource, index);
    vec_each (job, &plan->resources)
        if (job->backing == BACKING_JOB && job->target == index)
            plan_depend(resource, plan_index(plan, job));
}

// Depth-first search; `path` holds the way down, `colour` 0 unseen, 1 on the path, 2 done.
static bool visit(const struct plan *plan, size_t index, char *colour, size_t *path, size_t depth,
                  struct strbuf *out)
{
    path[depth] = index;
    if (colour[index] == 1) {
        size_t first = 0;
        while (path[first] != index)
            first++;
        for (size_t i = first; i <= depth; i++)
            strbuf_addf(out, "%s%s", i > first ? " -> " : "", plan->resources.items[path[i]].name);
        return true;
    }
    if (colour[index] == 2)
        return false;
    colour[index] = 1;
    vec_each (dependency, &plan->resources.items[index].dependencies)
        if (visit(plan, *dependency, colour, path, depth + 1, out))
            return true;
    colour[index] = 2;
    return false;
}

bool plan_find_cycle(const struct plan *plan, struct strbuf *out)
{
    AUTOFREE char *colour = mem_alloc(plan->resources.len);
    AUTOFREE size_t *path = mem_alloc((plan->resources.len + 1) * sizeof *path);
    for (size_t i = 0; i < plan->resources.len; i++)
        if (visit(plan, i, colour, path, 0, out))
            return true;
    return false;
}

static void select_with_dependencies(const struct plan *plan, size_t index, bool *wanted)
{
    if (wanted[index])
        return;
    wanted[index] = true;
    vec_each (dependency, &plan->resources.items[index].dependencies)
        select_with_dependencies(plan, *dependency, wanted);
}

static int unknown_name(const struct plan *plan, const char *name, struct err *err)
{
    VEC_OF(const char *) names = {0};
    vec_each (resource, &plan->resources)
        vec_push(&names, resource->name);
    const char *nearest = suggest_nearest(name, names.items, names.len);
    vec_release(&names);
    err_set(err, ERR_USAGE, "no resource is named \"%s\"", name);
    if (nearest)
        return err_hint(err, "did you mean \"%s\"?", nearest);
    return err_hint(err, "`berth config` shows what the settings name");
}

int plan_select(const struct plan *plan, const char *const *names, size_t count, bool *wanted,
                struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct plan_resource *resource = plan_find(plan, names[i]);
        if (!resource)
            return unknown_name(plan, names[i], err);
        select_with_dependencies(plan, plan_index(plan, resource), wanted);
        if (resource->kind ==
            RESOURCE_DATABASE) // a database is ready with its migrations and its seed
            vec_each (job, &plan->resources)
                if (job->backing == BACKING_JOB && job->target == plan_index(plan, resource))
                    select_with_dependencies(plan, plan_index(plan, job), wanted);
    }
    for (size_t i = 0; count == 0 && i < plan->resources.len; i++)
        if (!plan->resources.items[i].on_demand)
            select_with_dependencies(plan, i, wanted);
    return 0;
}

static void check_cycle(struct planning *planning)
{
    AUTO_STRBUF cycle = STRBUF_INIT;
    if (!plan_find_cycle(planning->plan, &cycle))
        return;
    AUTOFREE char *first = mem_strndup(cycle.data, strcspn(cycle.data, " "));
    const struct plan_resource *resource = plan_find(planning->plan, first);
    struct span span = {0};
    if (resource->process)
        span = settings_span(resource->process->node, "WaitFor");
    diag_error(planning->diags, span, "these resources wait for each other: %s", cycle.data);
    diag_hint(planning->diags, "remove one of the references or WaitFor entries between them");
}

// Settings keep their own names apart, but know nothing of the jobs'.
static void check_names(struct planning *planning)
{
    const struct plan *plan = planning->plan;
    vec_each (resource, &plan->resources) {
        const struct plan_resource *first = plan_find(plan, resource->name);
        if (first == resource ||
            (first->backing != BACKING_JOB && resource->backing != BACKING_JOB))
            continue;
        const struct plan_resource *job = first->backing == BACKING_JOB ? first : resource;
        const struct plan_resource *other = job == first ? resource : first;
        const struct settings_node *node = other->process    ? other->process->node
                                           : other->database ? other->database->node
                                           : other->cache    ? other->cache->node
                                                             : NULL;
        diag_error(planning->diags, settings_span(node, ""),
                   "\"%s\" is the name of the %s of \"%s\"", job->name,
                   resource_kind_name(job->kind), plan->resources.items[job->target].name);
        diag_hint(planning->diags, "choose another name");
    }
}

int plan_build(const struct settings *settings, const struct workspace *workspace,
               struct store *store, const struct plan_options *options, struct plan **out,
               struct diag_list *diags, struct err *err)
{
    struct plan *plan = mem_alloc(sizeof *plan);
    plan->arena = arena_new();
    plan->settings = settings;
    plan->workspace = workspace;
    plan->redactor = redactor_new();
    struct planning planning = {plan, store, options, diags};
    plan->primary_database = settings->primary_database;
    if ((store && store_begin(store, err)) || plan_databases(&planning, err) ||
        plan_caches(&planning, err) || plan_jobs(&planning, err) ||
        plan_processes(&planning, err) || (store && store_commit(store, err))) {
        if (store)
            store_rollback(store);
        plan_free(plan);
        return -1;
    }
    check_names(&planning);
    check_cycle(&planning);
    vec_each (resource, &plan->resources)
        plan->uses_docker = plan->uses_docker || resource->backing == BACKING_CONTAINER;
    *out = plan;
    return 0;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    vec_each (resource, &plan->resources) {
        vec_release(&resource->dependencies);
        vec_release(&resource->environment);
    }
    vec_release(&plan->resources);
    redactor_free(plan->redactor);
    arena_free(plan->arena);
    free(plan);
}

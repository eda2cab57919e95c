// SQL Server refuses tables whose cascading actions could run in a circle, or reach one table on
// two ways; emulated relations would run in the circle. Only actions that change rows count.
#include "migrator/schema/resolver.h"

enum { MOST_REPORTS = 100 }; // each is found by a search of its own

struct cascades {
    struct resolver *resolver;
    size_t count;      // of models
    size_t *component; // of each model: strongly connected components; 0: not known yet
    size_t *order, *low, *stack;
    struct frame *frames;
    size_t visited, stacked, components;
    // The last search that met a model, and the relation it started with.
    size_t *mark;
    const struct dm_relation **via;
};

struct frame {
    size_t model, next; // next: index of the relation to follow
};

static bool changes_rows(enum dm_action action)
{
    return action != DM_NO_ACTION && action != DM_RESTRICT;
}

static bool cascades(const struct cascades *graph, const struct dm_relation *relation)
{
    return relation->kind != DM_MANY_TO_MANY && relation->to && relation->field_count > 0 &&
           (changes_rows(dm_relation_on_delete(graph->resolver->datamodel, relation)) ||
            changes_rows(dm_relation_on_update(relation)));
}

static void enter(struct cascades *graph, size_t model, size_t *depth)
{
    graph->order[model] = graph->low[model] = ++graph->visited;
    graph->stack[graph->stacked++] = model;
    graph->frames[(*depth)++] = (struct frame){.model = model};
}

static void leave(struct cascades *graph, size_t model)
{
    if (graph->low[model] != graph->order[model])
        return;
    graph->components++;
    size_t member;
    do {
        member = graph->stack[--graph->stacked];
        graph->component[member] = graph->components;
    } while (member != model);
}

static void lower(struct cascades *graph, size_t model, size_t to)
{
    if (to < graph->low[model])
        graph->low[model] = to;
}

// Tarjan's algorithm, without recursion: a chain of models may be as long as the schema.
static void find_components(struct cascades *graph, size_t root)
{
    size_t depth = 0;
    enter(graph, root, &depth);
    while (depth > 0) {
        struct frame *frame = &graph->frames[depth - 1];
        const struct model_info *info = &graph->resolver->models[frame->model];
        if (frame->next == info->outgoing_count) {
            leave(graph, frame->model);
            if (--depth > 0)
                lower(graph, graph->frames[depth - 1].model, graph->low[frame->model]);
            continue;
        }
        const struct dm_relation *relation = info->outgoing[frame->next++];
        if (!cascades(graph, relation))
            continue;
        size_t to = relation->to_model->index;
        if (graph->order[to] == 0)
            enter(graph, to, &depth);
        else if (graph->component[to] == 0)
            lower(graph, frame->model, graph->order[to]);
    }
}

static void hint_actions(struct resolver *resolver, const struct dm_relation *relation)
{
    bool implicit =
        relation->on_delete == DM_ACTION_ABSENT || relation->on_update == DM_ACTION_ABSENT;
    diag_hint(resolver->diagnostics, "set onDelete: NoAction, onUpdate: NoAction%s",
              implicit ? " (an action that is not written has a default that changes rows)" : "");
}

static void report_cycles(struct cascades *graph)
{
    const struct datamodel *datamodel = graph->resolver->datamodel;
    size_t reports = 0;
    for (size_t i = 0; i < datamodel->relation_count && reports < MOST_REPORTS; i++) {
        const struct dm_relation *relation = datamodel->relations[i];
        size_t from = relation->from_model->index, to = relation->to_model->index;
        if (!cascades(graph, relation) || graph->component[from] != graph->component[to])
            continue;
        reports++;
        if (from == to)
            diag_error(graph->resolver->diagnostics, relation->span,
                       "the relation of \"%s\" with itself has actions that run in a circle",
                       relation->from_model->name);
        else
            diag_error(graph->resolver->diagnostics, relation->span,
                       "the actions of this relation run in a circle, back to \"%s\"",
                       relation->from_model->name);
        hint_actions(graph->resolver, relation);
    }
}

// Marks a model as reached by a relation. Returns whether it was not so before.
static bool mark(struct cascades *graph, const struct dm_relation *start, size_t model,
                 size_t search, const struct dm_model **met_twice)
{
    if (graph->mark[model] == search) {
        if (graph->via[model] != start && !*met_twice)
            *met_twice = graph->resolver->datamodel->models[model];
        return false;
    }
    graph->mark[model] = search;
    graph->via[model] = start;
    return true;
}

// Marks what the relation reaches. Returns the first model that another relation of the same model
// reached before, or NULL.
static const struct dm_model *reach(struct cascades *graph, const struct dm_relation *start,
                                    size_t search)
{
    size_t pending = 0;
    const struct dm_model *met_twice = NULL;
    if (mark(graph, start, start->to_model->index, search, &met_twice))
        graph->stack[pending++] = start->to_model->index;
    while (pending > 0) {
        const struct model_info *info = &graph->resolver->models[graph->stack[--pending]];
        for (size_t i = 0; i < info->outgoing_count; i++) {
            size_t to = info->outgoing[i]->to_model->index;
            if (cascades(graph, info->outgoing[i]) && mark(graph, start, to, search, &met_twice))
                graph->stack[pending++] = to;
        }
    }
    return met_twice;
}

// Two ways begin with two relations.
static bool forks(const struct cascades *graph, const struct model_info *info)
{
    size_t ways = 0;
    for (size_t i = 0; i < info->outgoing_count && ways < 2; i++)
        ways += cascades(graph, info->outgoing[i]);
    return ways == 2;
}

static void report_paths(struct cascades *graph)
{
    size_t reports = 0;
    for (size_t i = 0; i < graph->count && reports < MOST_REPORTS; i++) {
        const struct model_info *info = &graph->resolver->models[i];
        bool has_ways = forks(graph, info);
        for (size_t j = 0; has_ways && j < info->outgoing_count; j++) {
            const struct dm_relation *relation = info->outgoing[j];
            if (!cascades(graph, relation) || relation->to_model == info->model)
                continue;
            const struct dm_model *met = reach(graph, relation, i + 1);
            if (!met)
                continue;
            reports++;
            diag_error(graph->resolver->diagnostics, relation->span,
                       "changes in \"%s\" reach \"%s\" on more than one way, this relation and "
                       "\"%s\"",
                       met->name, info->model->name, graph->via[met->index]->from->name);
            hint_actions(graph->resolver, relation);
        }
    }
}

void validate_cascades(struct resolver *resolver)
{
    const struct datamodel *datamodel = resolver->datamodel;
    bool emulated = datamodel->datasource && datamodel->datasource->relation_mode == DM_EMULATED;
    bool refused = provider_can(resolver->rules, REFUSES_CASCADE_CYCLES);
    size_t count = datamodel->model_count;
    if ((!refused && !emulated) || count == 0)
        return;
    AUTOFREE size_t *numbers = mem_alloc(count * 5 * sizeof *numbers);
    AUTOFREE struct frame *frames = mem_alloc(count * sizeof *frames);
    AUTOFREE const struct dm_relation **via = mem_alloc(count * sizeof *via);
    struct cascades graph = {.resolver = resolver,
                             .count = count,
                             .component = numbers,
                             .order = numbers + count,
                             .low = numbers + 2 * count,
                             .stack = numbers + 3 * count,
                             .mark = numbers + 4 * count,
                             .frames = frames,
                             .via = via};
    for (size_t i = 0; i < count; i++)
        if (graph.order[i] == 0)
            find_components(&graph, i);
    size_t before = resolver->diagnostics->error_count;
    report_cycles(&graph);
    if (refused && !emulated && resolver->diagnostics->error_count == before)
        report_paths(&graph);
}

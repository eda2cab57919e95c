#include "migrator/diff/diff.h"

#include <string.h>

void steps_release(struct steps *steps)
{
    vec_release(&steps->items);
    arena_free(steps->arena);
    *steps = (struct steps){0};
}

struct step *diff_push(struct diff *diff, enum step_kind kind)
{
    vec_push(&diff->steps->items, (struct step){.kind = kind});
    return &diff->steps->items.items[diff->steps->items.len - 1];
}

const char *schema_key(struct arena *arena, const char *space, const char *name)
{
    return space ? arena_printf(arena, "%s\n%s", space, name) : name;
}

static void pair_tables(struct diff *diff)
{
    struct arena *arena = diff->steps->arena;
    diff->change_of = ARENA_ARRAY(arena, struct table_change *, diff->from->table_count + 1);
    diff->change_to = ARENA_ARRAY(arena, struct table_change *, diff->to->table_count + 1);
    if (diff->from->table_count == 0)
        return;
    struct map *tables = map_new();
    for (size_t i = 0; i < diff->to->table_count; i++) {
        struct table *table = &diff->to->tables[i];
        map_put(tables, schema_key(arena, table->space, table->name), table);
    }
    for (size_t i = 0; i < diff->from->table_count; i++) {
        const struct table *from = &diff->from->tables[i];
        const struct table *to = map_get(tables, schema_key(arena, from->space, from->name));
        if (!to)
            continue;
        diff->change_of[i] = table_change_of(arena, diff->rules, from, to);
        diff->change_to[to->position] = diff->change_of[i];
    }
    map_free(tables);
}

static void diff_schemas(struct diff *diff)
{
    size_t f = 0;
    for (size_t t = 0; t < diff->to->schema_count; t++) {
        const char *name = diff->to->schemas[t];
        while (f < diff->from->listed_schema_count &&
               strcmp(diff->from->listed_schemas[f], name) < 0)
            f++;
        if (f == diff->from->listed_schema_count ||
            strcmp(diff->from->listed_schemas[f], name) != 0)
            diff_push(diff, STEP_CREATE_SCHEMA)->next_schema = name;
    }
}

static const struct extension *find_extension(const struct model *model, const char *name)
{
    for (size_t i = 0; i < model->extension_count; i++) {
        if (strcmp(model->extensions[i].name, name) == 0)
            return &model->extensions[i];
    }
    return NULL;
}

static bool both_differ(const char *left, const char *right)
{
    return left && right && strcmp(left, right) != 0;
}

// What is not said is the server's choice, which stands. An extension that is not listed any more
// stays as well: others may use it.
static bool extension_changes(const struct extension *from, const struct extension *to)
{
    return both_differ(from->version, to->version) || both_differ(from->schema, to->schema);
}

static void diff_extensions(struct diff *diff)
{
    for (size_t i = 0; i < diff->from->extension_count; i++) {
        const struct extension *from = &diff->from->extensions[i];
        const struct extension *to = find_extension(diff->to, from->name);
        if (to && extension_changes(from, to))
            diff_push(diff, STEP_DROP_EXTENSION)->extension = from;
    }
    for (size_t i = 0; i < diff->to->extension_count; i++) {
        const struct extension *to = &diff->to->extensions[i];
        const struct extension *from = find_extension(diff->from, to->name);
        if (!from || extension_changes(from, to))
            diff_push(diff, STEP_CREATE_EXTENSION)->next_extension = to;
    }
}

static void diff_altered_tables(struct diff *diff)
{
    for (size_t i = 0; i < diff->from->table_count; i++) {
        const struct table_change *change = diff->change_of[i];
        if (!change || change->is_redefined)
            continue;
        if (table_change_alters(change)) {
            struct step *step = diff_push(diff, STEP_ALTER_TABLE);
            step->table = change->from;
            step->next_table = change->to;
            step->table_change = change;
        }
        diff_replaced_indexes(diff, change);
    }
}

static void diff_dropped_tables(struct diff *diff)
{
    for (size_t i = 0; i < diff->from->table_count; i++) {
        if (!diff->change_of[i])
            diff_push(diff, STEP_DROP_TABLE)->table = &diff->from->tables[i];
    }
}

static void diff_created_tables(struct diff *diff)
{
    for (size_t i = 0; i < diff->to->table_count; i++) {
        if (!diff->change_to[i])
            diff_push(diff, STEP_CREATE_TABLE)->next_table = &diff->to->tables[i];
    }
}

static void diff_redefined_tables(struct diff *diff)
{
    size_t count = 0;
    const struct table_change **redefined =
        ARENA_ARRAY(diff->steps->arena, const struct table_change *, diff->from->table_count + 1);
    for (size_t i = 0; i < diff->from->table_count; i++) {
        if (diff->change_of[i] && diff->change_of[i]->is_redefined)
            redefined[count++] = diff->change_of[i];
    }
    if (count == 0)
        return;
    struct step *step = diff_push(diff, STEP_REDEFINE_TABLES);
    step->redefined = redefined;
    step->redefined_count = count;
}

void model_diff(const struct model *from, const struct model *to, struct steps *out)
{
    out->arena = arena_new();
    out->from = from;
    out->to = to;
    struct diff diff = {
        .from = from,
        .to = to,
        .rules = diff_rules_of(to->dialect->provider),
        .steps = out,
    };
    pair_tables(&diff);
    diff_schemas(&diff);
    diff_extensions(&diff);
    diff_enumerations(&diff);
    diff_dropped_foreign_keys(&diff);
    diff_dropped_indexes(&diff);
    diff_altered_tables(&diff);
    diff_dropped_tables(&diff);
    diff_dropped_enumerations(&diff);
    diff_created_tables(&diff);
    diff_redefined_tables(&diff);
    diff_created_indexes(&diff);
    diff_renamed_foreign_keys(&diff);
    diff_added_foreign_keys(&diff);
    diff_renamed_indexes(&diff);
    map_free(diff.enumerations_from);
    map_free(diff.enumerations_to);
}

// Steps of enum types: only engines where an enum is a type of its own have them.
#include <string.h>

#include "migrator/diff/diff.h"

// Enums by name, of one model. Freed by the caller.
static struct map *map_enumerations(struct arena *arena, const struct model *model)
{
    struct map *map = map_new();
    for (size_t i = 0; i < model->enumeration_count; i++) {
        struct enumeration *enumeration = &model->enumerations[i];
        map_put(map, schema_key(arena, enumeration->space, enumeration->name), enumeration);
    }
    return map;
}

static struct map *map_values(const struct enumeration *enumeration)
{
    struct map *map = map_new();
    for (size_t i = 0; i < enumeration->value_count; i++)
        map_put(map, enumeration->values[i], NULL);
    return map;
}

static bool same_values(const struct enumeration *left, const struct enumeration *right)
{
    if (left->value_count != right->value_count)
        return false;
    for (size_t i = 0; i < left->value_count; i++) {
        if (strcmp(left->values[i], right->values[i]) != 0)
            return false;
    }
    return true;
}

// The values of one enum that another does not have.
static const char **values_beyond(struct arena *arena, const struct enumeration *enumeration,
                                  const struct enumeration *other, size_t *count)
{
    const char **values = ARENA_ARRAY(arena, const char *, enumeration->value_count + 1);
    struct map *known = map_values(other);
    for (size_t i = 0; i < enumeration->value_count; i++) {
        if (!map_has(known, enumeration->values[i]))
            values[(*count)++] = enumeration->values[i];
    }
    map_free(known);
    return values;
}

static bool uses(const struct column *column, const struct enumeration *enumeration)
{
    return column->type.family == COLUMN_ENUM &&
           enumeration_same(column->type.enumeration, enumeration);
}

static size_t count_uses(const struct model *model, const struct enumeration *enumeration)
{
    size_t count = 0;
    for (size_t t = 0; t < model->table_count; t++) {
        for (size_t c = 0; c < model->tables[t].column_count; c++)
            count += uses(&model->tables[t].columns[c], enumeration);
    }
    return count;
}

static void add_abandoned(struct enum_change *change, const struct table *table,
                          const struct column *column)
{
    if (!uses(column, change->from))
        return;
    struct enum_use use = {.table = table, .column = column};
    change->abandoned[change->abandoned_count++] = use;
    if (column->value.kind != DEFAULT_NONE)
        change->with_default[change->with_default_count++] = use;
}

static void add_use(struct enum_change *change, const struct table_change *table,
                    const struct column_pair *pair)
{
    if (!uses(pair->from, change->from))
        return;
    if (pair->recreated) {
        add_abandoned(change, table->from, pair->from);
        return;
    }
    if (pair->from->value.kind != DEFAULT_NONE)
        change->with_default[change->with_default_count++] = (struct enum_use){
            table->from,
            table->to,
            pair->from,
            pair->to,
        };
}

// Columns of `from` that use the enum: those whose tables go, then those that go, then the rest.
static void collect_old_uses(struct diff *diff, struct enum_change *change)
{
    for (size_t i = 0; i < diff->from->table_count; i++) {
        const struct table *table = &diff->from->tables[i];
        for (size_t c = 0; !diff->change_of[i] && c < table->column_count; c++)
            add_abandoned(change, table, &table->columns[c]);
    }
    for (size_t i = 0; i < diff->from->table_count; i++) {
        const struct table_change *table = diff->change_of[i];
        for (size_t c = 0; table && c < table->dropped_count; c++)
            add_abandoned(change, table->from, table->dropped[c]);
        for (size_t c = 0; table && c < table->pair_count; c++)
            add_use(change, table, &table->pairs[c]);
    }
}

static void collect_retyped(struct diff *diff, struct enum_change *change)
{
    for (size_t i = 0; i < diff->to->table_count; i++) {
        const struct table_change *table = diff->change_to[i];
        for (size_t c = 0; table && c < table->to->column_count; c++) {
            const struct column *column = &table->to->columns[c];
            const struct column *old = table_column(table->from, column->name);
            if (old && uses(column, change->to) && uses(old, change->from))
                change->retyped[change->retyped_count++] =
                    (struct enum_use){table->from, table->to, old, column};
        }
    }
}

static const struct enum_change *enum_change_of(struct diff *diff, const struct enumeration *from,
                                                const struct enumeration *to)
{
    if (same_values(from, to))
        return NULL;
    struct arena *arena = diff->steps->arena;
    struct enum_change *change = ARENA_NEW(arena, struct enum_change);
    change->from = from;
    change->to = to;
    change->added = values_beyond(arena, to, from, &change->added_count);
    change->removed = values_beyond(arena, from, to, &change->removed_count);
    if (change->removed_count == 0)
        return change->added_count > 0 ? change : NULL;

    size_t capacity = count_uses(diff->from, from) + 1;
    change->retyped = ARENA_ARRAY(arena, struct enum_use, capacity);
    change->with_default = ARENA_ARRAY(arena, struct enum_use, capacity);
    change->abandoned = ARENA_ARRAY(arena, struct enum_use, capacity);
    collect_old_uses(diff, change);
    collect_retyped(diff, change);
    return change;
}

void diff_enumerations(struct diff *diff)
{
    if (!diff->rules->has_enum_types)
        return;
    struct arena *arena = diff->steps->arena;
    diff->enumerations_from = map_enumerations(arena, diff->from);
    diff->enumerations_to = map_enumerations(arena, diff->to);
    for (size_t i = 0; i < diff->to->enumeration_count; i++) {
        const struct enumeration *to = &diff->to->enumerations[i];
        if (!map_has(diff->enumerations_from, schema_key(arena, to->space, to->name)))
            diff_push(diff, STEP_CREATE_ENUM)->next_enumeration = to;
    }
    for (size_t i = 0; i < diff->from->enumeration_count; i++) {
        const struct enumeration *from = &diff->from->enumerations[i];
        const struct enumeration *to =
            map_get(diff->enumerations_to, schema_key(arena, from->space, from->name));
        const struct enum_change *change = to ? enum_change_of(diff, from, to) : NULL;
        if (!change)
            continue;
        struct step *step = diff_push(diff, STEP_ALTER_ENUM);
        step->enumeration = from;
        step->next_enumeration = to;
        step->enum_change = change;
    }
}

void diff_dropped_enumerations(struct diff *diff)
{
    if (!diff->rules->has_enum_types)
        return;
    for (size_t i = 0; i < diff->from->enumeration_count; i++) {
        const struct enumeration *from = &diff->from->enumerations[i];
        const char *key = schema_key(diff->steps->arena, from->space, from->name);
        if (!map_has(diff->enumerations_to, key))
            diff_push(diff, STEP_DROP_ENUM)->enumeration = from;
    }
}

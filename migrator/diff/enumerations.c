// Steps of enum types: only engines where an enum is a type of its own have them.
#include <string.h>

#include "base/map.h"
#include "migrator/diff/diff.h"

static const struct enumeration *find_enumeration(const struct model *model,
                                                  const struct enumeration *enumeration)
{
    for (size_t i = 0; i < model->enumeration_count; i++) {
        if (enumeration_same(&model->enumerations[i], enumeration))
            return &model->enumerations[i];
    }
    return NULL;
}

static bool has_value(const struct enumeration *enumeration, const char *value)
{
    for (size_t i = 0; i < enumeration->value_count; i++) {
        if (strcmp(enumeration->values[i], value) == 0)
            return true;
    }
    return false;
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
    struct arena *arena = diff->steps->arena;
    struct enum_change *change = ARENA_NEW(arena, struct enum_change);
    change->from = from;
    change->to = to;
    change->added = ARENA_ARRAY(arena, const char *, to->value_count + 1);
    for (size_t i = 0; i < to->value_count; i++) {
        if (!has_value(from, to->values[i]))
            change->added[change->added_count++] = to->values[i];
    }
    change->removed = ARENA_ARRAY(arena, const char *, from->value_count + 1);
    for (size_t i = 0; i < from->value_count; i++) {
        if (!has_value(to, from->values[i]))
            change->removed[change->removed_count++] = from->values[i];
    }
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
    for (size_t i = 0; i < diff->to->enumeration_count; i++) {
        if (diff->from->enumeration_count == 0 ||
            !find_enumeration(diff->from, &diff->to->enumerations[i]))
            diff_push(diff, STEP_CREATE_ENUM)->next_enumeration = &diff->to->enumerations[i];
    }
    for (size_t i = 0; i < diff->from->enumeration_count; i++) {
        const struct enumeration *from = &diff->from->enumerations[i];
        const struct enumeration *to = find_enumeration(diff->to, from);
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
        if (!find_enumeration(diff->to, &diff->from->enumerations[i]))
            diff_push(diff, STEP_DROP_ENUM)->enumeration = &diff->from->enumerations[i];
    }
}

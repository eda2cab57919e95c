// Steps of indexes.
#include <string.h>

#include "migrator/diff/diff.h"

// MySQL gives no index away that a foreign key needs which stays.
static bool serves_foreign_key(const struct diff *diff, const struct table_change *change,
                               const struct index *index)
{
    if (!diff->rules->keeps_foreign_key_indexes)
        return false;
    for (size_t i = 0; i < change->from->foreign_key_count; i++) {
        const struct foreign_key *key = &change->from->foreign_keys[i];
        if (index_serves(index, key) && foreign_key_find_equal(change, key))
            return true;
    }
    return false;
}

static void push_drop(struct diff *diff, const struct table *table, const struct index *index)
{
    struct step *step = diff_push(diff, STEP_DROP_INDEX);
    step->table = table;
    step->index = index;
}

static bool any_table_is_redefined(const struct diff *diff)
{
    for (size_t i = 0; i < diff->from->table_count; i++) {
        if (diff->change_of[i] && diff->change_of[i]->is_redefined)
            return true;
    }
    return false;
}

// It stays as it is, and yet it is dropped before its columns change and created after that.
static bool is_reindexed(const struct diff *diff, const struct table_change *change,
                         const struct index *index)
{
    if (diff->rules->reindexes_recreated)
        return index_is_recreated(change, index);
    for (size_t i = 0; diff->rules->reindexes_retyped && i < index->part_count; i++) {
        const struct column_pair *pair = change->pair_of[index->parts[i].column->position];
        if (pair && pair->differences & COLUMN_TYPE)
            return true;
    }
    return false;
}

// Whether it goes by a step of its own, before anything changes.
static bool goes_first(const struct diff *diff, const struct table_change *change,
                       const struct index *index)
{
    if (table_change_has_dropped(change, index))
        return false;
    if (diff->rules->reindexes_recreated && index_is_recreated(change, index))
        return true;
    return !index_find_equal(change->to, index) && !index_is_replaced_by_key(change, index) &&
           !serves_foreign_key(diff, change, index);
}

static bool has_index_of(const struct table *table, const struct foreign_key *key)
{
    if (table->primary_key && index_serves(table->primary_key, key))
        return true;
    for (size_t i = 0; i < table->index_count; i++) {
        if (index_serves(&table->indexes[i], key))
            return true;
    }
    return false;
}

// A foreign key that has no index gets one of its own name from MySQL, which outlives it. A schema
// does not say so; a described database does.
static void drop_implicit_indexes(struct diff *diff, const struct table_change *change)
{
    for (size_t i = 0; i < change->from->foreign_key_count; i++) {
        const struct foreign_key *key = &change->from->foreign_keys[i];
        bool is_recreated = false;
        for (size_t c = 0; c < key->column_count; c++) {
            const struct column_pair *pair = change->pair_of[key->columns[c]->position];
            is_recreated |= pair && pair->recreated;
        }
        if (!is_recreated || key->columns[0]->is_described || has_index_of(change->from, key))
            continue;
        struct index *index = ARENA_NEW(diff->steps->arena, struct index);
        *index = (struct index){.kind = DM_INDEX_NORMAL, .name = key->name};
        push_drop(diff, change->from, index);
    }
}

void diff_dropped_indexes(struct diff *diff)
{
    // SQLite rebuilds indexes inside RedefineTables, before which names must be free.
    bool of_dropped_tables = diff->rules->redefines_tables && any_table_is_redefined(diff);
    for (size_t t = 0; t < diff->from->table_count; t++) {
        const struct table *table = &diff->from->tables[t];
        const struct table_change *change = diff->change_of[t];
        if (change ? change->is_redefined : !of_dropped_tables)
            continue;
        for (size_t i = 0; i < table->index_count; i++) {
            const struct index *index = &table->indexes[i];
            if (!change || goes_first(diff, change, index))
                push_drop(diff, table, index);
        }
        if (change && diff->rules->keeps_foreign_key_indexes)
            drop_implicit_indexes(diff, change);
    }
}

void diff_replaced_indexes(struct diff *diff, const struct table_change *change)
{
    for (size_t i = 0; i < change->from->index_count; i++) {
        const struct index *index = &change->from->indexes[i];
        if (!index_find_equal(change->to, index) && index_is_replaced_by_key(change, index))
            push_drop(diff, change->from, index);
    }
}

// `old` is NULL where the table is created too.
static void push_create(struct diff *diff, const struct table *old, const struct table *table,
                        const struct index *index)
{
    struct step *step = diff_push(diff, STEP_CREATE_INDEX);
    step->table = old;
    step->next_table = table;
    step->next_index = index;
}

// It goes together with a column that is dropped and added.
static bool loses_column(const struct diff *diff, const struct table_change *change,
                         const struct index *index)
{
    return diff->rules->recreates_indexes && index_is_recreated(change, index);
}

static void create_missing(struct diff *diff, const struct table_change *change)
{
    for (size_t i = 0; i < change->to->index_count; i++) {
        const struct index *index = &change->to->indexes[i];
        const struct index *old = index_find_equal(change->from, index);
        if (table_change_has_added(change, index))
            continue;
        if (!old || loses_column(diff, change, old) || is_reindexed(diff, change, old))
            push_create(diff, change->from, change->to, index);
    }
}

void diff_created_indexes(struct diff *diff)
{
    for (size_t t = 0; t < diff->to->table_count && !diff->rules->inlines_indexes; t++) {
        const struct table *table = &diff->to->tables[t];
        for (size_t i = 0; !diff->change_to[t] && i < table->index_count; i++) {
            bool is_inline =
                diff->rules->inlines_unique && table->indexes[i].kind == DM_INDEX_UNIQUE;
            if (!is_inline)
                push_create(diff, NULL, table, &table->indexes[i]);
        }
    }
    for (size_t t = 0; t < diff->from->table_count; t++) {
        if (diff->change_of[t] && !diff->change_of[t]->is_redefined)
            create_missing(diff, diff->change_of[t]);
    }
}

void diff_renamed_indexes(struct diff *diff)
{
    enum step_kind kind = diff->rules->renames_indexes ? STEP_RENAME_INDEX : STEP_REDEFINE_INDEX;
    for (size_t t = 0; t < diff->from->table_count; t++) {
        const struct table_change *change = diff->change_of[t];
        if (!change || change->is_redefined)
            continue;
        for (size_t i = 0; i < change->from->index_count; i++) {
            const struct index *index = &change->from->indexes[i];
            const struct index *next = index_successor(change, index);
            if (!next || name_compare(index->name, next->name) == 0 ||
                loses_column(diff, change, index) ||
                (diff->rules->reindexes_recreated && index_is_recreated(change, index)))
                continue;
            struct step *step = diff_push(diff, kind);
            step->table = change->from;
            step->next_table = change->to;
            step->index = index;
            step->next_index = next;
        }
    }
}

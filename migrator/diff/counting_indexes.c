// MySQL: a column that counts is the first of some index at all times. One that it loses or gets by
// the change goes or comes in the same statement.
#include "migrator/diff/table_change.h"

// Whether the index of `from`, or that of `to`, is there before and after the change.
static bool is_kept(const struct table_change *change, const struct index *index, bool is_old)
{
    const struct index *old = is_old ? index : index_find_equal(change->from, index);
    const struct index *next = is_old ? index_find_equal(change->to, index) : index;
    return old && next && !index_is_recreated(change, old);
}

// Whether a column counts by an index that is not kept, and by no other on its side of the change.
static bool lets_count(const struct table_change *change, const struct index *index, bool is_old)
{
    const struct table *table = is_old ? change->from : change->to;
    const struct column *column = index->parts[0].column;
    const struct index *key = table->primary_key;
    const bool has_key = key && key->parts[0].column == column && !(is_old && change->drops_key);
    if (!column->increments || has_key || is_kept(change, index, is_old))
        return false;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].parts[0].column == column &&
            is_kept(change, &table->indexes[i], is_old))
            return false;
    }
    return true;
}

void table_change_bind_indexes(struct arena *arena, struct table_change *change)
{
    const struct table *from = change->from, *to = change->to;
    change->dropped_indexes = ARENA_ARRAY(arena, const struct index *, from->index_count + 1);
    change->added_indexes = ARENA_ARRAY(arena, const struct index *, to->index_count + 1);
    for (size_t i = 0; i < from->index_count; i++) {
        const struct index *index = &from->indexes[i];
        if (lets_count(change, index, true) && !index_is_replaced_by_key(change, index))
            change->dropped_indexes[change->dropped_index_count++] = index;
    }
    for (size_t i = 0; i < to->index_count; i++) {
        if (lets_count(change, &to->indexes[i], false))
            change->added_indexes[change->added_index_count++] = &to->indexes[i];
    }
}

static bool is_among(const struct index *const *indexes, size_t count, const struct index *index)
{
    for (size_t i = 0; i < count; i++) {
        if (indexes[i] == index)
            return true;
    }
    return false;
}

bool table_change_has_dropped(const struct table_change *change, const struct index *index)
{
    return is_among(change->dropped_indexes, change->dropped_index_count, index);
}

bool table_change_has_added(const struct table_change *change, const struct index *index)
{
    return is_among(change->added_indexes, change->added_index_count, index);
}

// Steps of foreign keys, on engines where they are not part of CREATE TABLE.
#include "migrator/diff/diff.h"

static bool targets_redefined(const struct diff *diff, const struct foreign_key *key)
{
    if (key->target->is_external)
        return false;
    const struct table_change *change = diff->change_of[key->target->position];
    return change && change->is_redefined;
}

// MySQL lets no column begin or cease to count that a foreign key refers to; MariaDB does.
static bool targets_counting(const struct diff *diff, const struct foreign_key *key)
{
    const struct table_change *change =
        key->target->is_external ? NULL : diff->change_of[key->target->position];
    const bool is_mysql =
        diff->from->mysql_server == MYSQL_ITSELF || diff->to->mysql_server == MYSQL_ITSELF;
    for (size_t i = 0; is_mysql && change && i < key->column_count; i++) {
        const struct column_pair *pair = change->pair_of[key->target_columns[i]->position];
        if (pair && pair->differences & COLUMN_INCREMENT)
            return true;
    }
    return false;
}

// MySQL gives no index away that a foreign key needs, not even for a while.
static bool loses_index(const struct diff *diff, const struct table_change *change,
                        const struct foreign_key *key)
{
    for (size_t i = 0; diff->rules->reindexes_recreated && i < change->from->index_count; i++) {
        const struct index *index = &change->from->indexes[i];
        if (index_serves(index, key) && index_is_recreated(change, index))
            return true;
    }
    return false;
}

static bool has_fulltext(const struct table *table)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == DM_INDEX_FULLTEXT)
            return true;
    }
    return false;
}

// MySQL copies a table with a full-text index to make a column required, and refuses to copy one of
// a foreign key.
static bool is_copied(const struct table_change *change, const struct foreign_key *key)
{
    if (!has_fulltext(change->from))
        return false;
    for (size_t i = 0; i < key->column_count; i++) {
        const struct column_pair *pair = change->pair_of[key->columns[i]->position];
        if (pair && pair->from->arity == COLUMN_NULLABLE && pair->to->arity == COLUMN_REQUIRED)
            return true;
    }
    return false;
}

static bool lives_on(const struct diff *diff, const struct table_change *change,
                     const struct foreign_key *key, const struct foreign_key *next)
{
    bool same_name = diff->rules->renames_foreign_keys || name_compare(key->name, next->name) == 0;
    return same_name && foreign_key_equal(change, key, next) && !targets_redefined(diff, key) &&
           !targets_counting(diff, key) && !loses_index(diff, change, key) &&
           !is_copied(change, key) && !change->is_redefined;
}

static bool has_foreign_key(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        if (name_compare(table->foreign_keys[i].name, name) == 0)
            return true;
    }
    return false;
}

// Of several that are alike the one of the same name, else one whose name is free.
static const struct foreign_key *find_next(const struct diff *diff,
                                           const struct table_change *change,
                                           const struct foreign_key *key)
{
    const struct foreign_key *found = NULL;
    for (size_t i = 0; i < change->to->foreign_key_count; i++) {
        const struct foreign_key *next = &change->to->foreign_keys[i];
        if (!lives_on(diff, change, key, next))
            continue;
        if (name_compare(key->name, next->name) == 0)
            return next;
        if (!found && !has_foreign_key(change->from, next->name))
            found = next;
    }
    return found;
}

static bool existed(const struct diff *diff, const struct table_change *change,
                    const struct foreign_key *next)
{
    for (size_t i = 0; i < change->from->foreign_key_count; i++) {
        if (lives_on(diff, change, &change->from->foreign_keys[i], next))
            return true;
    }
    return false;
}

void diff_dropped_foreign_keys(struct diff *diff)
{
    if (diff->rules->inlines_foreign_keys)
        return;
    for (size_t t = 0; t < diff->from->table_count; t++) {
        const struct table *table = &diff->from->tables[t];
        const struct table_change *change = diff->change_of[t];
        for (size_t i = 0; i < table->foreign_key_count; i++) {
            if (change && find_next(diff, change, &table->foreign_keys[i]))
                continue;
            struct step *step = diff_push(diff, STEP_DROP_FOREIGN_KEY);
            step->table = table;
            step->foreign_key = &table->foreign_keys[i];
        }
    }
}

void diff_renamed_foreign_keys(struct diff *diff)
{
    if (diff->rules->inlines_foreign_keys || !diff->rules->renames_foreign_keys)
        return;
    for (size_t t = 0; t < diff->from->table_count; t++) {
        const struct table_change *change = diff->change_of[t];
        for (size_t i = 0; change && i < change->from->foreign_key_count; i++) {
            const struct foreign_key *key = &change->from->foreign_keys[i];
            const struct foreign_key *next = find_next(diff, change, key);
            if (!next || name_compare(key->name, next->name) == 0)
                continue;
            struct step *step = diff_push(diff, STEP_RENAME_FOREIGN_KEY);
            step->table = change->from;
            step->next_table = change->to;
            step->foreign_key = key;
            step->next_foreign_key = next;
        }
    }
}

void diff_added_foreign_keys(struct diff *diff)
{
    if (diff->rules->inlines_foreign_keys)
        return;
    for (size_t t = 0; t < diff->to->table_count; t++) {
        const struct table *table = &diff->to->tables[t];
        const struct table_change *change = diff->change_to[t];
        for (size_t i = 0; i < table->foreign_key_count; i++) {
            if (change && existed(diff, change, &table->foreign_keys[i]))
                continue;
            struct step *step = diff_push(diff, STEP_ADD_FOREIGN_KEY);
            step->next_table = table;
            step->next_foreign_key = &table->foreign_keys[i];
        }
    }
}

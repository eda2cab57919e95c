#include "migrator/diff/table_change.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int compare_columns(const void *left, const void *right)
{
    const struct column *l = *(const struct column *const *)left;
    const struct column *r = *(const struct column *const *)right;
    return strcmp(l->name, r->name);
}

static const struct column **columns_by_name(struct arena *arena, const struct table *table)
{
    const struct column **columns =
        ARENA_ARRAY(arena, const struct column *, table->column_count + 1);
    for (size_t i = 0; i < table->column_count; i++)
        columns[i] = &table->columns[i];
    qsort(columns, table->column_count, sizeof(struct column *), compare_columns);
    return columns;
}

static struct column_pair pair_of(const struct diff_rules *rules, const struct column *from,
                                  const struct column *to, bool is_key)
{
    struct column_pair pair = {.from = from, .to = to};
    enum type_change type = rules->type_change(from, to);
    bool loses_sequence = from->value.kind == DEFAULT_SEQUENCE && to->value.kind == DEFAULT_NONE;
    if (from->arity != to->arity)
        pair.differences |= COLUMN_ARITY;
    if (type != TYPE_SAME)
        pair.differences |= COLUMN_TYPE;
    if (!default_equal(rules, from, to))
        pair.differences |= COLUMN_DEFAULT;
    if (from->increments != to->increments && !loses_sequence)
        pair.differences |= COLUMN_INCREMENT;
    if (from->is_described && rules->unavoidable)
        pair.differences &= ~rules->unavoidable(from, to, is_key);
    pair.recreated = type == TYPE_RECREATE;
    pair.is_risky = type == TYPE_RISKY_CAST;
    return pair;
}

static void pair_columns(struct arena *arena, const struct diff_rules *rules,
                         struct table_change *change)
{
    const struct column **from = columns_by_name(arena, change->from);
    const struct column **to = columns_by_name(arena, change->to);
    size_t from_count = change->from->column_count;
    size_t to_count = change->to->column_count;
    change->pairs = ARENA_ARRAY(arena, struct column_pair, from_count + 1);
    change->pair_of = ARENA_ARRAY(arena, struct column_pair *, from_count + 1);
    change->dropped = ARENA_ARRAY(arena, const struct column *, from_count + 1);
    change->added = ARENA_ARRAY(arena, const struct column *, to_count + 1);
    change->altered = ARENA_ARRAY(arena, struct column_pair *, from_count + 1);
    for (size_t f = 0, t = 0; f < from_count || t < to_count;) {
        int order = f == from_count ? 1 : t == to_count ? -1 : strcmp(from[f]->name, to[t]->name);
        if (order < 0) {
            change->dropped[change->dropped_count++] = from[f++];
        } else if (order > 0) {
            change->added[change->added_count++] = to[t++];
        } else {
            struct column_pair *pair = &change->pairs[change->pair_count++];
            const struct index *key = change->to->primary_key;
            *pair = pair_of(rules, from[f++], to[t], key && index_has_column(key, to[t]));
            t++;
            change->pair_of[pair->from->position] = pair;
        }
    }
    for (size_t i = 0; i < from_count; i++) {
        if (change->pair_of[i] && change->pair_of[i]->differences)
            change->altered[change->altered_count++] = change->pair_of[i];
    }
}

// An operator class that is written out may be the one that is meant where none is.
static bool operator_classes_equal(const struct index_part *from, const struct index_part *to)
{
    const char *left = from->operator_class ? from->operator_class : from->usual_operator_class;
    const char *right = to->operator_class ? to->operator_class : to->usual_operator_class;
    if (left && right)
        return strcmp(left, right) == 0;
    return !from->operator_class && !to->operator_class;
}

// What MySQL indexes of a column; 0: all of it, which a prefix of its length is, too.
static int64_t length_of(const struct index_part *part)
{
    const struct column_type *type = &part->column->type;
    const bool is_whole = type->family == COLUMN_SCALAR && type->argument_count == 1 &&
                          part->length == type->arguments[0];
    return is_whole ? 0 : part->length;
}

static bool parts_equal(const struct index *from, const struct index *to)
{
    if (from->part_count != to->part_count)
        return false;
    for (size_t i = 0; i < from->part_count; i++) {
        const struct index_part *l = &from->parts[i];
        const struct index_part *r = &to->parts[i];
        bool l_descends = l->sort == DM_SORT_DESC;
        bool r_descends = r->sort == DM_SORT_DESC;
        if (strcmp(l->column->name, r->column->name) != 0 || l_descends != r_descends ||
            length_of(l) != length_of(r) || !operator_classes_equal(l, r))
            return false;
    }
    return true;
}

// A primary key is clustered and any other index is not, unless said otherwise (SQL Server).
static bool is_clustered(const struct index *index)
{
    if (index->clustering == DM_CLUSTERED_ABSENT)
        return index->kind == DM_INDEX_PRIMARY;
    return index->clustering == DM_CLUSTERED;
}

static enum dm_index_type type_of(const struct index *index)
{
    return index->type == DM_INDEX_TYPE_ABSENT ? DM_INDEX_BTREE : index->type;
}

bool index_equal(const struct index *from, const struct index *to)
{
    return from->kind == to->kind && type_of(from) == type_of(to) &&
           is_clustered(from) == is_clustered(to) &&
           name_compare(from->comparable, to->comparable) == 0 && parts_equal(from, to);
}

const struct index *index_find_equal(const struct table *table, const struct index *index)
{
    for (size_t i = 0; i < table->index_count; i++) {
        if (index_equal(&table->indexes[i], index))
            return &table->indexes[i];
    }
    return NULL;
}

const struct index *index_successor(const struct table_change *change, const struct index *from)
{
    for (size_t i = 0; i < change->from->index_count; i++) {
        const struct index *other = &change->from->indexes[i];
        if (other == from || other->kind != from->kind || other->part_count != from->part_count)
            continue;
        size_t same = 0;
        while (same < from->part_count && other->parts[same].column == from->parts[same].column)
            same++;
        if (same == from->part_count)
            return NULL;
    }
    return index_find_equal(change->to, from);
}

bool index_is_replaced_by_key(const struct table_change *change, const struct index *index)
{
    const struct index *key = change->to->primary_key;
    if (!change->adds_key || change->drops_key || index->kind != DM_INDEX_UNIQUE ||
        index->part_count != key->part_count)
        return false;
    for (size_t i = 0; i < index->part_count; i++) {
        if (strcmp(index->parts[i].column->name, key->parts[i].column->name) != 0)
            return false;
    }
    return true;
}

static bool key_columns_change(const struct table_change *change)
{
    const struct index *key = change->from->primary_key;
    for (size_t i = 0; i < key->part_count; i++) {
        const struct column_pair *pair = change->pair_of[key->parts[i].column->position];
        if (!pair || pair->differences & COLUMN_TYPE)
            return true;
    }
    return false;
}

static void compare_keys(const struct diff_rules *rules, struct table_change *change)
{
    const struct index *from = change->from->primary_key;
    const struct index *to = change->to->primary_key;
    bool stays = from && to && index_equal(from, to) && !key_columns_change(change);
    change->drops_key = from && !stays;
    change->adds_key = to && !stays;
    change->renames_key =
        stays && rules->names_primary_keys && name_compare(from->name, to->name) != 0;
}

bool foreign_key_equal(const struct table_change *change, const struct foreign_key *from,
                       const struct foreign_key *to)
{
    if (strcmp(from->target->name, to->target->name) != 0 ||
        name_compare(from->target->space, to->target->space) != 0 ||
        from->column_count != to->column_count || from->on_delete != to->on_delete ||
        from->on_update != to->on_update)
        return false;
    for (size_t i = 0; i < from->column_count; i++) {
        const struct column_pair *pair = change->pair_of[from->columns[i]->position];
        if (!pair || pair->to != to->columns[i] || pair->differences & COLUMN_TYPE ||
            strcmp(from->target_columns[i]->name, to->target_columns[i]->name) != 0)
            return false;
    }
    return true;
}

const struct foreign_key *foreign_key_find_equal(const struct table_change *change,
                                                 const struct foreign_key *from)
{
    for (size_t i = 0; i < change->to->foreign_key_count; i++) {
        if (foreign_key_equal(change, from, &change->to->foreign_keys[i]))
            return &change->to->foreign_keys[i];
    }
    return NULL;
}

static bool foreign_keys_change(const struct table_change *change)
{
    if (change->from->foreign_key_count != change->to->foreign_key_count)
        return true;
    for (size_t i = 0; i < change->from->foreign_key_count; i++) {
        if (!foreign_key_find_equal(change, &change->from->foreign_keys[i]))
            return true;
    }
    return false;
}

// A literal as SQLite's ALTER TABLE … ADD COLUMN takes it on a table with rows: a number, a string,
// a blob, or a constant's name. Anything else has to be computed for each row.
static bool is_literal(const char *expression)
{
    static const char *const constants[] = {"null", "true", "false"};
    const char *at = expression + strspn(expression, " \t\n");
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        if (strcasecmp(at, constants[i]) == 0)
            return true;
    }
    if ((*at == 'x' || *at == 'X') && at[1] == '\'')
        at++;
    if (*at == '\'') {
        for (at++; *at && (*at != '\'' || at[1] == '\''); at++)
            at += *at == '\'';
        return *at == '\'' && at[1] == '\0';
    }
    at += *at == '-' || *at == '+';
    return *at != '\0' && strspn(at, "0123456789.eE") == strlen(at);
}

static bool adds_what_alter_cannot(const struct table_change *change)
{
    for (size_t i = 0; i < change->added_count; i++) {
        const struct column *column = change->added[i];
        bool is_computed =
            column->value.kind == DEFAULT_NOW ||
            (column->value.kind == DEFAULT_EXPRESSION && !is_literal(column->value.expression));
        if (column->arity == COLUMN_REQUIRED || is_computed)
            return true;
    }
    return false;
}

static bool must_redefine(const struct diff_rules *rules, const struct table_change *change)
{
    if (rules->redefines_for_increment) {
        for (size_t i = 0; i < change->altered_count; i++) {
            if (change->altered[i]->differences & COLUMN_INCREMENT)
                return true;
        }
        for (size_t i = 0; i < change->pair_count; i++) {
            if (!change->pairs[i].recreated)
                return false;
        }
        return true; // no column would be left
    }
    return rules->redefines_tables &&
           (change->drops_key || change->adds_key || change->dropped_count > 0 ||
            change->altered_count > 0 || adds_what_alter_cannot(change) ||
            foreign_keys_change(change));
}

bool index_serves(const struct index *index, const struct foreign_key *key)
{
    if (index->part_count < key->column_count)
        return false;
    for (size_t i = 0; i < key->column_count; i++) {
        if (index->parts[i].column != key->columns[i])
            return false;
    }
    return true;
}

bool index_is_recreated(const struct table_change *change, const struct index *index)
{
    for (size_t i = 0; i < index->part_count; i++) {
        const struct column_pair *pair = change->pair_of[index->parts[i].column->position];
        if (pair && pair->recreated)
            return true;
    }
    return false;
}

struct table_change *table_change_of(struct arena *arena, const struct diff_rules *rules,
                                     const struct table *from, const struct table *to)
{
    struct table_change *change = ARENA_NEW(arena, struct table_change);
    change->from = from;
    change->to = to;
    pair_columns(arena, rules, change);
    compare_keys(rules, change);
    if (rules->counts_by_index)
        table_change_bind_indexes(arena, change);
    change->is_redefined = must_redefine(rules, change);
    return change;
}

bool table_change_alters(const struct table_change *change)
{
    return change->dropped_count > 0 || change->added_count > 0 || change->altered_count > 0 ||
           change->drops_key || change->adds_key || change->renames_key ||
           change->dropped_index_count > 0 || change->added_index_count > 0;
}

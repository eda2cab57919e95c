#include "migrator/introspect/schema_relations.h"

#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"

typedef VEC_OF(struct relation_field) field_list;

struct relations {
    struct names *names;
    const bool *is_ignored;
    field_list *fields; // by the table's position
    struct map *pairs;  // of tables with a relation; the value tells whether there are several
    struct map *known;  // table and columns of a foreign key -> struct dm_relation
    struct map *words;  // of relations that are taken
};

static bool is_unique_index(const struct index *index, const struct column *const *columns,
                            size_t count)
{
    if (index->kind > DM_INDEX_UNIQUE || index->part_count != count || index->where)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!index_has_column(index, columns[i]))
            return false;
    }
    return true;
}

bool columns_are_unique(const struct table *table, const struct column *const *columns,
                        size_t count)
{
    if (table->primary_key && is_unique_index(table->primary_key, columns, count))
        return true;
    for (size_t i = 0; i < table->index_count; i++) {
        if (is_unique_index(&table->indexes[i], columns, count))
            return true;
    }
    return false;
}

// The table that a column of the join table leads to, as the language has it; NULL: otherwise. The
// order of foreign keys is the engine's matter.
static const struct table *join_target(const struct table *table, const char *column)
{
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const struct foreign_key *key = &table->foreign_keys[i];
        if (key->column_count == 1 && strcmp(key->columns[0]->name, column) == 0 &&
            key->on_delete == DM_CASCADE && key->on_update == DM_CASCADE &&
            table_key_column(key->target) == key->target_columns[0])
            return key->target;
    }
    return NULL;
}

// Exactly what the language makes of such a relation, names included: else it could not be said.
static bool has_join_indexes(const struct names *names, const struct table *table)
{
    const struct dialect *dialect = names->model->dialect;
    struct arena *arena = names->arena;
    const struct index *other = NULL, *pair = table->primary_key;
    const char *suffix = dialect->join_table_has_primary_key ? "_AB_pkey" : "_AB_unique";
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == DM_INDEX_UNIQUE)
            pair = &table->indexes[i];
        else
            other = &table->indexes[i];
    }
    size_t count = dialect->join_table_has_primary_key ? 1 : 2;
    return pair && other && table->index_count == count && pair->part_count == 2 &&
           other->part_count == 1 && pair->parts[0].column == &table->columns[0] &&
           pair->parts[1].column == &table->columns[1] &&
           other->parts[0].column == &table->columns[1] &&
           strcmp(pair->name, constraint_name(arena, dialect, table->name, NULL, suffix)) == 0 &&
           strcmp(other->name, constraint_name(arena, dialect, table->name, NULL, "_B_index")) == 0;
}

bool table_is_join(const struct names *names, const struct table *table)
{
    if (table->name[0] != '_' || table->column_count != 2 || table->foreign_key_count != 2 ||
        strcmp(table->columns[0].name, "A") != 0 || strcmp(table->columns[1].name, "B") != 0)
        return false;
    const struct table *a = join_target(table, "A"), *b = join_target(table, "B");
    return a && b && strcmp(names_table(names, a), names_table(names, b)) <= 0 &&
           has_join_indexes(names, table);
}

static const char *pair_key(struct arena *arena, const struct table *one, const struct table *other)
{
    size_t low = one->position < other->position ? one->position : other->position;
    size_t high = one->position < other->position ? other->position : one->position;
    return arena_printf(arena, "%zu %zu", low, high);
}

static void count_pair(struct relations *relations, const struct table *one,
                       const struct table *other)
{
    const char *key = pair_key(relations->names->arena, one, other);
    bool is_first = !map_has(relations->pairs, key) && one != other;
    map_put(relations->pairs, key, is_first ? NULL : relations);
}

static bool needs_name(const struct relations *relations, const struct table *one,
                       const struct table *other)
{
    return map_get(relations->pairs, pair_key(relations->names->arena, one, other)) != NULL;
}

static void add_field(struct relations *relations, const struct table *table,
                      const struct table *target, const char *wish, const char *suffix,
                      const char *attribute)
{
    struct names *names = relations->names;
    bool is_hidden =
        relations->is_ignored[target->position] && !relations->is_ignored[table->position];
    struct relation_field field = {
        .name = names_take_field(names, table, wish),
        .type = arena_printf(names->arena, "%s%s", names_table(names, target), suffix),
        .attribute = is_hidden ? arena_printf(names->arena, "%s @ignore", attribute) : attribute,
    };
    vec_push(&relations->fields[table->position], field);
}

static const char *foreign_key_key(struct arena *arena, const char *table, const char *const *names,
                                   size_t count)
{
    AUTO_STRBUF key = STRBUF_INIT;
    strbuf_adds(&key, table);
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&key, "\n%s", names[i]);
    return arena_strndup(arena, key.data, key.len);
}

static void know_relations(struct relations *relations)
{
    const struct datamodel *known = relations->names->known;
    struct arena *arena = relations->names->arena;
    for (size_t i = 0; known && i < known->relation_count; i++) {
        struct dm_relation *relation = known->relations[i];
        const char **columns = ARENA_ARRAY(arena, const char *, relation->field_count + 1);
        for (size_t c = 0; c < relation->field_count; c++)
            columns[c] = relation->fields[c]->db_name;
        if (relation->kind != DM_MANY_TO_MANY)
            map_put(relations->known,
                    foreign_key_key(arena, relation->from_model->db_name, columns,
                                    relation->field_count),
                    relation);
        else
            map_put(relations->known, arena_printf(arena, "_%s", relation->name), relation);
    }
}

static const struct dm_relation *known_relation(const struct relations *relations,
                                                const struct table *table,
                                                const struct foreign_key *key)
{
    struct arena *arena = relations->names->arena;
    const char **columns = ARENA_ARRAY(arena, const char *, key->column_count + 1);
    for (size_t i = 0; i < key->column_count; i++)
        columns[i] = key->columns[i]->name;
    return map_get(relations->known,
                   foreign_key_key(arena, table->name, columns, key->column_count));
}

static void put_fields(struct strbuf *out, const struct names *names, const struct table *table,
                       const struct column *const *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_addf(out, "%s%s", i > 0 ? ", " : "", names_column(names, table, columns[i]));
}

static const char *action_word(enum dm_action action)
{
    static const char *const words[] = {[DM_CASCADE] = "Cascade",
                                        [DM_RESTRICT] = "Restrict",
                                        [DM_NO_ACTION] = "NoAction",
                                        [DM_SET_NULL] = "SetNull",
                                        [DM_SET_DEFAULT] = "SetDefault"};
    return words[action];
}

// What is as the language takes it to be is not written.
static void put_actions(struct strbuf *out, const struct foreign_key *key, bool is_required)
{
    if (key->on_delete != (is_required ? DM_RESTRICT : DM_SET_NULL))
        strbuf_addf(out, ", onDelete: %s", action_word(key->on_delete));
    if (key->on_update != DM_CASCADE)
        strbuf_addf(out, ", onUpdate: %s", action_word(key->on_update));
}

static void put_map(struct strbuf *out, const struct names *names, const struct table *table,
                    const struct foreign_key *key)
{
    AUTO_STRBUF columns = STRBUF_INIT;
    for (size_t i = 0; i < key->column_count; i++)
        strbuf_addf(&columns, "%s%s", i > 0 ? "_" : "", key->columns[i]->name);
    const char *usual =
        constraint_name(names->arena, names->model->dialect, table->name, columns.data, "_fkey");
    if (key->name && strcmp(key->name, usual) != 0)
        strbuf_addf(out, ", map: \"%s\"", key->name);
}

// "<Model>_<fields>To<Target>"; NULL: the only relation of the two, which needs no name.
static const char *relation_name(struct relations *relations, const struct table *table,
                                 const struct foreign_key *key, const struct dm_relation *known)
{
    struct names *names = relations->names;
    if (!needs_name(relations, table, key->target) && !(known && known->has_given_name))
        return NULL;
    AUTO_STRBUF wish = STRBUF_INIT;
    if (known && known->has_given_name) {
        strbuf_adds(&wish, known->name);
    } else {
        strbuf_adds(&wish, names_table(names, table));
        for (size_t i = 0; i < key->column_count; i++)
            strbuf_addf(&wish, "_%s", names_column(names, table, key->columns[i]));
        strbuf_addf(&wish, "To%s", names_table(names, key->target));
    }
    const char *name = arena_strdup(names->arena, wish.data);
    for (int i = 2; map_has(relations->words, name); i++)
        name = arena_printf(names->arena, "%s_%d", wish.data, i);
    map_put(relations->words, name, relations);
    return name;
}

static const char *forward_attribute(struct relations *relations, const struct table *table,
                                     const struct foreign_key *key, const char *name,
                                     bool is_required)
{
    struct names *names = relations->names;
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_adds(&out, "@relation(");
    if (name)
        strbuf_addf(&out, "\"%s\", ", name);
    strbuf_adds(&out, "fields: [");
    put_fields(&out, names, table, key->columns, key->column_count);
    strbuf_adds(&out, "], references: [");
    put_fields(&out, names, key->target, key->target_columns, key->column_count);
    strbuf_adds(&out, "]");
    put_actions(&out, key, is_required);
    put_map(&out, names, table, key);
    strbuf_adds(&out, ")");
    return arena_strdup(names->arena, out.data);
}

// A reference to what is not unique (SQLite checks that late) cannot be said.
static void add_foreign_key(struct relations *relations, const struct table *table,
                            const struct foreign_key *key)
{
    struct names *names = relations->names;
    struct arena *arena = names->arena;
    if (!columns_are_unique(key->target, key->target_columns, key->column_count))
        return;
    bool is_required = false, is_optional = false;
    for (size_t i = 0; i < key->column_count; i++) {
        is_required = is_required || key->columns[i]->arity == COLUMN_REQUIRED;
        is_optional = is_optional || key->columns[i]->arity != COLUMN_REQUIRED;
    }
    const struct dm_relation *known = known_relation(relations, table, key);
    const char *name = relation_name(relations, table, key, known);
    const char *own = names_table(names, table);
    const char *target = names_table(names, key->target);
    const char *wish = known  ? known->from->name
                       : name ? arena_printf(arena, "%s_%s", target, name)
                              : target;
    add_field(relations, table, key->target, wish, is_optional ? "?" : "",
              forward_attribute(relations, table, key, name, is_required));
    bool is_self = table == key->target;
    wish = known  ? known->to->name
           : name ? arena_printf(arena, "%s%s_%s", is_self ? "other_" : "", own, name)
                  : own;
    bool is_one = columns_are_unique(table, key->columns, key->column_count);
    add_field(relations, key->target, table, wish, is_one ? "?" : "[]",
              name ? arena_printf(arena, "@relation(\"%s\")", name) : "");
}

static void add_join(struct relations *relations, const struct table *table)
{
    struct names *names = relations->names;
    struct arena *arena = names->arena;
    const struct table *a = join_target(table, "A"), *b = join_target(table, "B");
    const struct dm_relation *known = map_get(relations->known, table->name);
    const char *usual =
        arena_printf(arena, "_%sTo%s", names_table(names, a), names_table(names, b));
    bool is_named = needs_name(relations, a, b) || strcmp(usual, table->name) != 0;
    const char *attribute =
        is_named ? arena_printf(arena, "@relation(\"%s\")", table->name + 1) : "";
    const char *to_b =
        a == b ? arena_printf(arena, "%s_B", names_table(names, b)) : names_table(names, b);
    const char *to_a =
        a == b ? arena_printf(arena, "%s_A", names_table(names, a)) : names_table(names, a);
    // Column A is the model of the first field, which is the one that leads to B.
    add_field(relations, a, b, known ? known->from->name : to_b, "[]", attribute);
    add_field(relations, b, a, known ? known->to->name : to_a, "[]", attribute);
}

static void add_all(struct relations *relations)
{
    const struct model *model = relations->names->model;
    for (size_t t = 0; t < model->table_count; t++) {
        const struct table *table = &model->tables[t];
        if (table_is_join(relations->names, table))
            count_pair(relations, table->foreign_keys[0].target, table->foreign_keys[1].target);
        else
            for (size_t k = 0; k < table->foreign_key_count; k++)
                count_pair(relations, table, table->foreign_keys[k].target);
    }
    for (size_t t = 0; t < model->table_count; t++) {
        const struct table *table = &model->tables[t];
        if (table_is_join(relations->names, table))
            add_join(relations, table);
        else
            for (size_t k = 0; k < table->foreign_key_count; k++)
                add_foreign_key(relations, table, &table->foreign_keys[k]);
    }
}

struct relation_fields *relation_fields_of(struct names *names, const bool *is_ignored)
{
    const size_t count = names->model->table_count;
    struct relations relations = {
        .names = names,
        .is_ignored = is_ignored,
        .fields = ARENA_ARRAY(names->arena, field_list, count + 1),
        .pairs = map_new(),
        .known = map_new(),
        .words = map_new(),
    };
    know_relations(&relations);
    add_all(&relations);
    struct relation_fields *out = ARENA_ARRAY(names->arena, struct relation_fields, count + 1);
    for (size_t i = 0; i < count; i++) {
        field_list *list = &relations.fields[i];
        out[i].count = list->len;
        out[i].items = ARENA_ARRAY(names->arena, struct relation_field, list->len + 1);
        if (list->len > 0)
            memcpy(out[i].items, list->items, list->len * sizeof *list->items);
        vec_release(list);
    }
    map_free(relations.pairs);
    map_free(relations.known);
    map_free(relations.words);
    return out;
}

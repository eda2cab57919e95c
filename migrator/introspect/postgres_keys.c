// Primary keys, indexes and foreign keys.
#include <string.h>

#include "migrator/introspect/postgres.h"

static enum dm_index_type index_type(const char *method)
{
    static const struct {
        const char *name;
        enum dm_index_type type;
    } methods[] = {{"btree", DM_INDEX_BTREE}, {"hash", DM_INDEX_HASH},     {"gist", DM_INDEX_GIST},
                   {"gin", DM_INDEX_GIN},     {"spgist", DM_INDEX_SPGIST}, {"brin", DM_INDEX_BRIN}};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (strcmp(methods[i].name, method) == 0)
            return methods[i].type;
    }
    return DM_INDEX_TYPE_ABSENT;
}

// The server writes a predicate in parentheses.
static const char *read_predicate(struct draft *draft, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (length > 2 && text[0] == '(' && text[length - 1] == ')')
        return arena_strndup(draft->model->arena, text + 1, length - 2);
    return draft_copy(draft, text);
}

// In the order of the query's columns.
struct index_row {
    const char *table, *key, *name, *is_primary, *is_unique, *is_constraint, *method, *predicate,
        *column, *descends, *operator_class, *is_usual_class;
};

static void take_index(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct index_row row = {values[0], values[1], values[2],  values[3],
                                  values[4], values[5], values[6],  values[7],
                                  values[8], values[9], values[10], values[11]};
    const struct table *table = draft_enter(draft, row.table);
    if (!table || (row.predicate && !draft->scope->partial_indexes))
        return;
    enum dm_index_type type = index_type(row.method);
    if (draft_is_next(draft, row.key))
        draft_add_index(draft, (struct index){
                                   .kind = *row.is_primary == 't'  ? DM_INDEX_PRIMARY
                                           : *row.is_unique == 't' ? DM_INDEX_UNIQUE
                                                                   : DM_INDEX_NORMAL,
                                   .name = draft_copy(draft, row.name),
                                   .type = type,
                                   .where = read_predicate(draft, row.predicate),
                                   .is_constraint = *row.is_constraint == 't',
                               });
    struct index_part part = {
        .column = row.column ? table_column(table, row.column) : NULL,
        .sort = type == DM_INDEX_BTREE && *row.descends == 't' ? DM_SORT_DESC : DM_SORT_ABSENT,
    };
    if (row.operator_class && *row.is_usual_class == 't')
        part.usual_operator_class = draft_copy(draft, row.operator_class);
    else
        part.operator_class = draft_copy(draft, row.operator_class);
    draft_add_part(draft, part);
}

// A part that is no column (an expression) has attribute number 0. An exclusion constraint is no
// index that a schema could ask for. The planner takes an array for 10 rows and a series for 1000,
// for which it would compile the query (jit_above_cost) at many times its cost.
int postgres_describe_indexes(struct draft *draft, struct err *err)
{
    int status =
        draft_query(draft,
                    "SELECT c.oid, i.indexrelid, x.relname, i.indisprimary, i.indisunique, "
                    "EXISTS (SELECT FROM pg_catalog.pg_constraint k "
                    "WHERE k.conindid = i.indexrelid AND k.contype = 'u'), "
                    "m.amname, pg_catalog.pg_get_expr(i.indpred, i.indrelid), a.attname, "
                    "coalesce(i.indoption[p.at - 1] & 1, 0) = 1, o.opcname, o.opcdefault "
                    "FROM pg_catalog.pg_index i "
                    "CROSS JOIN LATERAL unnest(i.indkey::int2[]) "
                    "WITH ORDINALITY AS p(attnum, at) "
                    "JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
                    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                    "JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid "
                    "JOIN pg_catalog.pg_am m ON m.oid = x.relam "
                    "LEFT JOIN pg_catalog.pg_attribute a "
                    "ON a.attrelid = c.oid AND a.attnum = p.attnum AND a.attnum > 0 "
                    "LEFT JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[p.at - 1] "
                    "WHERE NOT i.indisexclusion AND n.nspname IN (%s) "
                    "ORDER BY c.oid, x.relname COLLATE \"C\", p.at",
                    take_index, err);
    draft_enter(draft, NULL);
    return status;
}

static enum dm_action read_action(char letter)
{
    switch (letter) {
    case 'c': return DM_CASCADE;
    case 'r': return DM_RESTRICT;
    case 'n': return DM_SET_NULL;
    case 'd': return DM_SET_DEFAULT;
    default: return DM_NO_ACTION;
    }
}

// In the order of the query's columns.
struct foreign_key_row {
    const char *table, *key, *name, *target, *on_delete, *on_update, *column, *target_column;
};

static void take_foreign_key(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct foreign_key_row row = {values[0], values[1], values[2], values[3],
                                        values[4], values[5], values[6], values[7]};
    const struct table *target = map_get(draft->tables, row.target);
    const struct table *table = draft_enter(draft, row.table);
    if (!table || !target) // it leads out of the schemas at hand
        return;
    if (draft_is_next(draft, row.key))
        draft_add_foreign_key(draft, (struct foreign_key){
                                         .name = draft_copy(draft, row.name),
                                         .target = target,
                                         .on_delete = read_action(*row.on_delete),
                                         .on_update = read_action(*row.on_update),
                                     });
    draft_add_link(draft, table_column(table, row.column), table_column(target, row.target_column));
}

// A key into a partitioned table has copies for the partitions, which have a parent.
int postgres_describe_foreign_keys(struct draft *draft, struct err *err)
{
    int status = draft_query(
        draft,
        "SELECT c.oid, k.oid, k.conname, k.confrelid, k.confdeltype, k.confupdtype, "
        "a.attname, t.attname "
        "FROM pg_catalog.pg_constraint k "
        "CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS p(at) "
        "JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[p.at] "
        "JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = k.confkey[p.at] "
        "WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname IN (%s) "
        "ORDER BY c.oid, k.conname COLLATE \"C\", p.at",
        take_foreign_key, err);
    draft_enter(draft, NULL);
    return status;
}

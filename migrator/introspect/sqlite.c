// A SQLite file through its pragmas, as tables in one query for each kind.
// Rules: https://www.sqlite.org/pragma.html, https://www.sqlite.org/datatype3.html
#include <stdlib.h>
#include <string.h>

#include "migrator/introspect/describe.h"
#include "migrator/introspect/sqlite.h"

static int catalogue(struct draft *draft, const char *sql, driver_row *row, struct err *err)
{
    int status = draft->driver->ops->query(draft->driver, sql, row, draft, err);
    draft_enter(draft, NULL);
    return status;
}

static void take_table(void *context, const char *const *values)
{
    draft_add_table(context, values[0], NULL, values[0]);
}

static int describe_tables(struct draft *draft, struct err *err)
{
    int status = catalogue(draft,
                           "SELECT name FROM sqlite_master WHERE type = 'table' "
                           "AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
                           take_table, err);
    draft_close_tables(draft);
    return status;
}

static void take_column(void *context, const char *const *values)
{
    struct draft *draft = context;
    if (!draft_enter(draft, values[0]))
        return;
    struct column column = {.name = draft_copy(draft, values[1])};
    column.type = sqlite_read_type(draft->model->arena, values[2]);
    column.arity = *values[3] == '1' ? COLUMN_REQUIRED : COLUMN_NULLABLE;
    if (values[4])
        sqlite_read_default(draft->model->arena, values[4], &column);
    draft_add_column(draft, column);
}

// The rowid under another name: the only column of a primary key, declared exactly so.
static void note_increment(struct column *column, const char *declared, bool is_only)
{
    if (!is_only || sqlite3_stricmp(declared, "INTEGER") != 0)
        return;
    column->increments = true;
    column->arity = COLUMN_REQUIRED;
}

static void take_key_column(void *context, const char *const *values)
{
    struct draft *draft = context;
    struct table *table = draft_enter(draft, values[0]);
    if (!table)
        return;
    struct column *column = (struct column *)table_column(table, values[1]); // the draft's own
    if (draft_is_next(draft, "key"))
        draft_add_index(draft, (struct index){.kind = DM_INDEX_PRIMARY});
    draft_add_part(draft, (struct index_part){.column = column});
    if (column)
        note_increment(column, values[2], *values[3] == '1' && !values[3][1]);
}

static int describe_columns(struct draft *draft, struct err *err)
{
    int status = catalogue(draft,
                           "SELECT m.name, c.name, c.type, c.\"notnull\", c.dflt_value "
                           "FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                           "WHERE m.type = 'table' ORDER BY m.name, c.cid",
                           take_column, err);
    if (status)
        return status;
    return catalogue(draft,
                     "SELECT m.name, c.name, c.type, count(*) OVER (PARTITION BY m.name) "
                     "FROM sqlite_master m JOIN pragma_table_info(m.name) c "
                     "WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk",
                     take_key_column, err);
}

// In the order of the query's columns.
struct index_row {
    const char *table, *name, *is_unique, *column, *descends, *definition;
};

static void take_index(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct index_row row = {values[0], values[1], values[2], values[3], values[4], values[5]};
    const struct table *table = draft_enter(draft, row.table);
    if (!table || (row.definition && !draft->scope->partial_indexes))
        return;
    if (draft_is_next(draft, row.name))
        draft_add_index(draft,
                        (struct index){
                            .kind = *row.is_unique == '1' ? DM_INDEX_UNIQUE : DM_INDEX_NORMAL,
                            .name = draft_copy(draft, row.name),
                            .where = sqlite_read_predicate(draft->model->arena, row.definition),
                        });
    draft_add_part(draft, (struct index_part){
                              .column = row.column ? table_column(table, row.column) : NULL,
                              .sort = *row.descends == '1' ? DM_SORT_DESC : DM_SORT_ABSENT,
                          });
}

static int describe_indexes(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT m.name, i.name, i.\"unique\", p.name, p.\"desc\", "
                     "CASE WHEN i.partial THEN d.sql END "
                     "FROM sqlite_master m JOIN pragma_index_list(m.name) i "
                     "JOIN pragma_index_xinfo(i.name) p "
                     "LEFT JOIN sqlite_master d ON d.type = 'index' AND d.name = i.name "
                     "WHERE m.type = 'table' AND i.origin <> 'pk' AND p.key "
                     "ORDER BY m.name, i.seq, p.seqno",
                     take_index, err);
}

// In the order of the query's columns.
struct foreign_key_row {
    const char *table, *key, *part, *target, *column, *target_column, *on_update, *on_delete;
};

// Without columns a reference means those of the other table's primary key.
static const struct column *target_column(const struct table *target,
                                          const struct foreign_key_row *row)
{
    if (row->target_column)
        return table_column(target, row->target_column);
    size_t part = (size_t)strtoull(row->part, NULL, 10);
    const struct index *key = target->primary_key;
    return key && part < key->part_count ? key->parts[part].column : NULL;
}

static void take_foreign_key(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct foreign_key_row row = {values[0], values[1], values[2], values[3],
                                        values[4], values[5], values[6], values[7]};
    const struct table *target = map_get(draft->tables, row.target);
    const struct table *table = draft_enter(draft, row.table);
    if (!table || !target)
        return;
    if (draft_is_next(draft, row.key))
        draft_add_foreign_key(draft, (struct foreign_key){
                                         .target = target,
                                         .on_delete = action_of_words(row.on_delete),
                                         .on_update = action_of_words(row.on_update),
                                     });
    draft_add_link(draft, table_column(table, row.column), target_column(target, &row));
}

// The names of foreign keys are nowhere but in the text of CREATE TABLE, and mean nothing: they get
// those that a schema without names would give.
static void name_foreign_keys(struct draft *draft)
{
    struct model *model = draft->model;
    for (size_t t = 0; t < model->table_count; t++) {
        struct table *table = &model->tables[t];
        for (size_t k = 0; k < table->foreign_key_count; k++) {
            struct foreign_key *key = &table->foreign_keys[k];
            AUTO_STRBUF columns = STRBUF_INIT;
            for (size_t i = 0; i < key->column_count; i++)
                strbuf_addf(&columns, "%s%s", i > 0 ? "_" : "", key->columns[i]->name);
            key->name =
                constraint_name(model->arena, model->dialect, table->name, columns.data, "_fkey");
        }
    }
}

static int describe_foreign_keys(struct draft *draft, struct err *err)
{
    int status = catalogue(draft,
                           "SELECT m.name, k.id, k.seq, k.\"table\", k.\"from\", k.\"to\", "
                           "k.on_update, k.on_delete "
                           "FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k "
                           "WHERE m.type = 'table' ORDER BY m.name, k.id, k.seq",
                           take_foreign_key, err);
    name_foreign_keys(draft);
    return status;
}

int sqlite_describe(struct draft *draft, struct err *err)
{
    return describe_tables(draft, err) || describe_columns(draft, err) ||
                   describe_indexes(draft, err) || describe_foreign_keys(draft, err)
               ? -1
               : 0;
}

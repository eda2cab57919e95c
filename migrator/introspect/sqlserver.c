// A database of SQL Server through its catalogue views.
// Rules: Transact-SQL reference, "Object catalog views".
#include "migrator/introspect/sqlserver.h"

#include <stdlib.h>
#include <string.h>

#include "migrator/introspect/describe.h"

// By the bytes of their names, whatever the database's collation is.
#define IN_BYTE_ORDER " COLLATE Latin1_General_BIN2"

static int catalogue(struct draft *draft, const char *sql, driver_row *row, struct err *err)
{
    const int status = draft_query(draft, sql, row, err);
    draft_enter(draft, NULL);
    return status;
}

static void take_table(void *context, const char *const *values)
{
    struct draft *draft = context;
    draft_add_table(draft, values[0], draft_shown_schema(draft, values[1]), values[2]);
}

static int describe_tables(struct draft *draft, struct err *err)
{
    const int status = catalogue(draft,
                                 "SELECT t.object_id, s.name, t.name FROM sys.tables t "
                                 "JOIN sys.schemas s ON s.schema_id = t.schema_id "
                                 "WHERE t.is_ms_shipped = 0 AND s.name IN (%s) "
                                 "ORDER BY s.name" IN_BYTE_ORDER ", t.name" IN_BYTE_ORDER,
                                 take_table, err);
    draft_close_tables(draft);
    return status;
}

// In the order of the query's columns.
struct column_row {
    const char *table, *name, *type, *length, *precision, *scale, *is_nullable, *is_identity;
    const char *default_name, *default_text;
};

static int32_t number(const char *text)
{
    return text ? (int32_t)strtol(text, NULL, 10) : 0;
}

static void take_column(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct column_row row = {values[0], values[1], values[2], values[3], values[4],
                                   values[5], values[6], values[7], values[8], values[9]};
    if (!draft_enter(draft, row.table))
        return;
    const struct sqlserver_type type = {row.type, number(row.length), number(row.precision),
                                        number(row.scale)};
    struct column column = {.name = draft_copy(draft, row.name),
                            .type = sqlserver_read_type(draft, &type),
                            .arity = *row.is_nullable == '1' ? COLUMN_NULLABLE : COLUMN_REQUIRED,
                            .increments = *row.is_identity == '1'};
    if (row.default_text)
        sqlserver_read_default(draft->model->arena, row.default_text, &column);
    column.value.name = draft_copy(draft, row.default_name);
    draft_add_column(draft, column);
}

// A type that somebody gave a name is what it stands for.
static int describe_columns(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT c.object_id, c.name, CASE WHEN y.is_user_defined = 1 "
                     "AND y.is_assembly_type = 0 THEN TYPE_NAME(c.system_type_id) ELSE y.name END, "
                     "c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, d.name, "
                     "d.definition FROM sys.columns c "
                     "JOIN sys.tables t ON t.object_id = c.object_id "
                     "JOIN sys.schemas s ON s.schema_id = t.schema_id "
                     "JOIN sys.types y ON y.user_type_id = c.user_type_id "
                     "LEFT JOIN sys.default_constraints d ON d.object_id = c.default_object_id "
                     "WHERE t.is_ms_shipped = 0 AND s.name IN (%s) "
                     "ORDER BY c.object_id, c.column_id",
                     take_column, err);
}

// In the order of the query's columns.
struct index_row {
    const char *table, *name, *is_primary, *is_unique, *is_constraint, *is_clustered, *column,
        *descends;
};

static void take_index(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct index_row row = {values[0], values[1], values[2], values[3],
                                  values[4], values[5], values[6], values[7]};
    const struct table *table = draft_enter(draft, row.table);
    if (!table)
        return;
    if (draft_is_next(draft, row.name))
        draft_add_index(draft,
                        (struct index){
                            .kind = *row.is_primary == '1'  ? DM_INDEX_PRIMARY
                                    : *row.is_unique == '1' ? DM_INDEX_UNIQUE
                                                            : DM_INDEX_NORMAL,
                            .name = draft_copy(draft, row.name),
                            .clustering = *row.is_clustered == '1' ? DM_CLUSTERED : DM_NONCLUSTERED,
                            .is_constraint = *row.is_constraint == '1',
                        });
    draft_add_part(
        draft, (struct index_part){.column = table_column(table, row.column),
                                   .sort = *row.descends == '1' ? DM_SORT_DESC : DM_SORT_ABSENT});
}

// Heaps (0) are none, and the schema language has no word for the other kinds and for filters.
static int describe_indexes(struct draft *draft, struct err *err)
{
    return catalogue(
        draft,
        "SELECT i.object_id, i.name, i.is_primary_key, i.is_unique, "
        "i.is_unique_constraint, CASE WHEN i.type = 1 THEN 1 ELSE 0 END, c.name, "
        "p.is_descending_key FROM sys.indexes i "
        "JOIN sys.tables t ON t.object_id = i.object_id "
        "JOIN sys.schemas s ON s.schema_id = t.schema_id "
        "JOIN sys.index_columns p ON p.object_id = i.object_id "
        "AND p.index_id = i.index_id "
        "JOIN sys.columns c ON c.object_id = i.object_id AND c.column_id = p.column_id "
        "WHERE t.is_ms_shipped = 0 AND i.type IN (1, 2) AND i.is_hypothetical = 0 "
        "AND i.has_filter = 0 AND p.key_ordinal > 0 AND s.name IN (%s) "
        "ORDER BY i.object_id, i.name" IN_BYTE_ORDER ", p.key_ordinal",
        take_index, err);
}

static int describe_foreign_keys(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT f.parent_object_id, f.name, "
                     "COL_NAME(k.parent_object_id, k.parent_column_id), f.referenced_object_id, "
                     "COL_NAME(k.referenced_object_id, k.referenced_column_id), "
                     "REPLACE(f.delete_referential_action_desc, N'_', N' '), "
                     "REPLACE(f.update_referential_action_desc, N'_', N' ') "
                     "FROM sys.foreign_keys f JOIN sys.schemas s ON s.schema_id = f.schema_id "
                     "JOIN sys.foreign_key_columns k ON k.constraint_object_id = f.object_id "
                     "WHERE f.is_ms_shipped = 0 AND s.name IN (%s) "
                     "ORDER BY f.parent_object_id, f.name" IN_BYTE_ORDER ", k.constraint_column_id",
                     draft_take_foreign_key, err);
}

int sqlserver_describe(struct draft *draft, struct err *err)
{
    return draft_describe_schemas(draft,
                                  "SELECT s.name FROM sys.schemas s WHERE s.name IN (%s) "
                                  "ORDER BY s.name" IN_BYTE_ORDER,
                                  err) ||
                   describe_tables(draft, err) || describe_columns(draft, err) ||
                   describe_indexes(draft, err) || describe_foreign_keys(draft, err)
               ? -1
               : 0;
}

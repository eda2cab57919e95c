// A database of MySQL or MariaDB through its information_schema.
// Rules: MySQL manual 28.3; where MariaDB differs, its knowledge base.
#include "migrator/introspect/mysql.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "migrator/introspect/describe.h"
#include "migrator/model/types_mysql.h"

static int catalogue(struct draft *draft, const char *sql, driver_row *row, struct err *err)
{
    const int status = draft->driver->ops->query(draft->driver, sql, row, draft, err);
    draft_enter(draft, NULL);
    return status;
}

static void take_table(void *context, const char *const *values)
{
    draft_add_table(context, values[0], NULL, values[0]);
}

#define TABLES                                          \
    "SELECT table_name FROM information_schema.tables " \
    "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"

static int describe_tables(struct draft *draft, struct err *err)
{
    const int status = catalogue(draft, TABLES " ORDER BY BINARY table_name", take_table, err);
    draft_close_tables(draft);
    return status;
}

// An enum belongs to its column: enum('a','b'). Its name is what a schema would call it.
static void take_enum(void *context, const char *const *values)
{
    struct draft *draft = context;
    AUTOFREE char *name = mem_printf("%s_%s", values[0], values[1]);
    AUTOFREE char *key = mem_printf("%s.%s", values[0], values[1]);
    const char *at = strchr(values[2], '(');
    while (at && (*at == '(' || *at == ',')) {
        at++;
        const char *value = mysql_read_string(draft->model->arena, &at);
        if (!value)
            break;
        draft_add_enum_value(draft, key, NULL, name, value);
    }
}

static int describe_enumerations(struct draft *draft, struct err *err)
{
    const int status = catalogue(draft,
                                 "SELECT table_name, column_name, column_type "
                                 "FROM information_schema.columns WHERE table_schema = DATABASE() "
                                 "AND data_type = 'enum' AND table_name IN (" TABLES ") "
                                 "ORDER BY BINARY table_name, ordinal_position",
                                 take_enum, err);
    draft_close_enumerations(draft);
    return status;
}

// In the order of the query's columns. MariaDB's default is SQL; MySQL's is SQL where the extra
// says so, else the bare value.
struct column_row {
    const char *table, *name, *type, *is_nullable, *value, *extra;
};

static void take_column(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct column_row row = {values[0], values[1], values[2],
                                   values[3], values[4], values[5]};
    if (!draft_enter(draft, row.table))
        return;
    AUTOFREE char *key = mem_printf("%s.%s", row.table, row.name);
    struct column column = {.name = draft_copy(draft, row.name)};
    column.type = mysql_read_type(draft, row.type);
    const struct enumeration *enumeration = map_get(draft->enumerations, key);
    if (enumeration)
        column.type = (struct column_type){.family = COLUMN_ENUM, .enumeration = enumeration};
    column.arity = strcasecmp(row.is_nullable, "NO") == 0 ? COLUMN_REQUIRED : COLUMN_NULLABLE;
    column.increments = strcasestr(row.extra, "auto_increment");
    const enum mysql_default_form form =
        draft->model->mysql_server == MYSQL_MARIADB  ? MYSQL_DEFAULT_SQL
        : strcasestr(row.extra, "DEFAULT_GENERATED") ? MYSQL_DEFAULT_ESCAPED
                                                     : MYSQL_DEFAULT_BARE;
    if (row.value)
        mysql_read_default(draft->model->arena, row.value, form, &column);
    draft_add_column(draft, column);
}

// MariaDB knows JSON as a text with a check (knowledge base, "JSON Data Type").
static void take_json(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct table *table = map_get(draft->tables, values[0]);
    for (size_t i = 0; table && i < table->column_count; i++) {
        AUTOFREE char *check = mem_printf("json_valid(`%s`)", table->columns[i].name);
        struct column_type *type = &table->columns[i].type;
        if (strcmp(check, values[1]) != 0 || type->family != COLUMN_SCALAR ||
            type->native->code != MY_LONGTEXT)
            continue;
        type->native = &draft->model->dialect->types[MY_JSON];
        type->scalar = DM_JSON;
    }
}

static int describe_server(struct draft *draft, struct err *err)
{
    AUTOFREE char *version = NULL;
    if (draft->driver->ops->query(draft->driver, "SELECT VERSION()", driver_take_first, &version,
                                  err))
        return -1;
    const bool is_mariadb = version && strstr(version, "MariaDB");
    draft->model->mysql_server = is_mariadb ? MYSQL_MARIADB : MYSQL_ITSELF;
    return 0;
}

static int describe_json(struct draft *draft, struct err *err)
{
    if (draft->model->mysql_server != MYSQL_MARIADB)
        return 0;
    return draft->driver->ops->query(draft->driver,
                                     "SELECT table_name, check_clause "
                                     "FROM information_schema.check_constraints "
                                     "WHERE constraint_schema = DATABASE()",
                                     take_json, draft, err);
}

static int describe_columns(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT table_name, column_name, column_type, is_nullable, column_default, "
                     "extra FROM information_schema.columns WHERE table_schema = DATABASE() "
                     "ORDER BY BINARY table_name, ordinal_position",
                     take_column, err) ||
                   describe_json(draft, err)
               ? -1
               : 0;
}

// In the order of the query's columns.
struct index_row {
    const char *table, *name, *is_loose, *method, *column, *length, *collation;
};

static void take_index(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct index_row row = {values[0], values[1], values[2], values[3],
                                  values[4], values[5], values[6]};
    const struct table *table = draft_enter(draft, row.table);
    if (!table)
        return;
    const bool is_fulltext = strcmp(row.method, "FULLTEXT") == 0;
    const bool is_key = strcmp(row.name, "PRIMARY") == 0; // which is no name to give
    if (draft_is_next(draft, row.name))
        draft_add_index(draft, (struct index){
                                   .kind = is_key                 ? DM_INDEX_PRIMARY
                                           : *row.is_loose == '0' ? DM_INDEX_UNIQUE
                                           : is_fulltext          ? DM_INDEX_FULLTEXT
                                                                  : DM_INDEX_NORMAL,
                                   .name = is_key ? NULL : draft_copy(draft, row.name),
                               });
    const bool descends = row.collation && *row.collation == 'D';
    draft_add_part(draft,
                   (struct index_part){
                       .column = row.column ? table_column(table, row.column) : NULL,
                       .length = row.length && !is_fulltext ? strtoll(row.length, NULL, 10) : 0,
                       .sort = descends ? DM_SORT_DESC : DM_SORT_ABSENT,
                   });
}

// A part without a column is an expression.
static int describe_indexes(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT table_name, index_name, non_unique, index_type, column_name, "
                     "sub_part, collation FROM information_schema.statistics "
                     "WHERE table_schema = DATABASE() AND index_type <> 'SPATIAL' "
                     "ORDER BY BINARY table_name, BINARY index_name, seq_in_index",
                     take_index, err);
}

static int describe_foreign_keys(struct draft *draft, struct err *err)
{
    return catalogue(draft,
                     "SELECT k.table_name, k.constraint_name, k.column_name, "
                     "k.referenced_table_name, k.referenced_column_name, r.delete_rule, "
                     "r.update_rule FROM information_schema.key_column_usage k "
                     "JOIN information_schema.referential_constraints r "
                     "ON r.constraint_schema = k.constraint_schema "
                     "AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name "
                     "WHERE k.constraint_schema = DATABASE() "
                     "AND k.referenced_table_schema = k.table_schema "
                     "ORDER BY BINARY k.table_name, BINARY k.constraint_name, k.ordinal_position",
                     draft_take_foreign_key, err);
}

int mysql_describe(struct draft *draft, struct err *err)
{
    return describe_server(draft, err) || describe_enumerations(draft, err) ||
                   describe_tables(draft, err) || describe_columns(draft, err) ||
                   describe_indexes(draft, err) || describe_foreign_keys(draft, err)
               ? -1
               : 0;
}

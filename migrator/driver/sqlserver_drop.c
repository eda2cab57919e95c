#include <string.h>

#include "migrator/driver/sqlserver.h"
#include "migrator/sql_quote.h"

typedef VEC_OF(char *) statement_list;

static void take_statement(void *context, const char *const *values)
{
    statement_list *statements = context;
    vec_push(statements, mem_strdup(values[0]));
}

static void release(statement_list *statements)
{
    vec_each (statement, statements)
        free(*statement);
    vec_release(statements);
}

static void add_schemas(const struct driver *driver, const char *const *schemas, size_t count,
                        struct strbuf *out)
{
    strbuf_addch(out, '(');
    sql_quote_literal(SQL_SQLSERVER, driver->schema, out);
    for (size_t i = 0; i < count; i++) {
        strbuf_adds(out, ", ");
        sql_quote_literal(SQL_SQLSERVER, schemas[i], out);
    }
    strbuf_addch(out, ')');
}

// What stands in the way of others comes first: foreign keys, then what refers to tables. Triggers
// go with their tables, and what the server ships is not ours to drop.
static int read_objects(struct driver *driver, const char *schemas, statement_list *out,
                        struct err *err)
{
    static const char sql[] =
        "SELECT sql FROM ("
        "SELECT 1 AS step, 0 AS id, CONCAT(N'ALTER TABLE ', QUOTENAME(s.name), N'.', "
        "QUOTENAME(t.name), N' DROP CONSTRAINT ', QUOTENAME(f.name)) AS sql "
        "FROM sys.foreign_keys f JOIN sys.tables t ON t.object_id = f.parent_object_id "
        "JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name IN %s "
        "UNION ALL SELECT 2, -o.object_id, CONCAT(N'DROP ', CASE o.type WHEN 'V' THEN N'VIEW ' "
        "WHEN 'P' THEN N'PROCEDURE ' WHEN 'SN' THEN N'SYNONYM ' ELSE N'FUNCTION ' END, "
        "QUOTENAME(s.name), N'.', QUOTENAME(o.name)) FROM sys.objects o "
        "JOIN sys.schemas s ON s.schema_id = o.schema_id "
        "WHERE o.is_ms_shipped = 0 AND o.type IN ('V', 'P', 'SN', 'FN', 'IF', 'TF') "
        "AND s.name IN %s "
        "UNION ALL SELECT 3, 0, CONCAT(N'DROP TABLE ', QUOTENAME(s.name), N'.', QUOTENAME(t.name)) "
        "FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id "
        "WHERE t.is_ms_shipped = 0 AND s.name IN %s "
        "UNION ALL SELECT 4, 0, CONCAT(N'DROP SEQUENCE ', QUOTENAME(s.name), N'.', "
        "QUOTENAME(q.name)) FROM sys.sequences q JOIN sys.schemas s ON s.schema_id = q.schema_id "
        "WHERE s.name IN %s "
        "UNION ALL SELECT 5, 0, CONCAT(N'DROP TYPE ', QUOTENAME(s.name), N'.', QUOTENAME(y.name)) "
        "FROM sys.types y JOIN sys.schemas s ON s.schema_id = y.schema_id "
        "WHERE y.is_user_defined = 1 AND s.name IN %s) drops ORDER BY step, id";
    AUTO_STRBUF query = STRBUF_INIT;
    strbuf_addf(&query, sql, schemas, schemas, schemas, schemas, schemas);
    return sqlserver_query_rows(driver, query.data, take_statement, out, err);
}

// One after the other; what a view that is bound to its schema still needs goes in a later round.
static int drop_round(struct driver *driver, const statement_list *statements, size_t *dropped,
                      struct err *err)
{
    int failed = 0;
    *dropped = 0;
    vec_each (statement, statements) {
        struct err refused;
        if (sqlserver_execute(driver, *statement, &refused) == 0) {
            ++*dropped;
        } else if (tds_is_lost(&sqlserver_of(driver)->tds)) {
            *err = refused;
            return -1;
        } else if (!failed) {
            *err = refused;
            failed = 1;
        }
    }
    return failed;
}

// Object by object: the database itself, and who may do what in it, stays. Schemas stay, too, empty
// as they are, but for those that the history makes.
int sqlserver_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                       struct err *err)
{
    AUTO_STRBUF names = STRBUF_INIT, sql = STRBUF_INIT;
    int failed;
    size_t dropped;
    add_schemas(driver, schemas, count, &names);
    do {
        statement_list statements = {0};
        failed = read_objects(driver, names.data, &statements, err)
                     ? -1
                     : drop_round(driver, &statements, &dropped, err);
        release(&statements);
    } while (failed > 0 && dropped > 0);
    if (failed)
        return -1;
    for (size_t i = 0; i < count; i++) {
        strbuf_adds(&sql, "IF SCHEMA_ID(");
        sql_quote_literal(SQL_SQLSERVER, schemas[i], &sql);
        strbuf_adds(&sql, ") IS NOT NULL DROP SCHEMA ");
        sql_quote_identifier(SQL_SQLSERVER, schemas[i], &sql);
        strbuf_adds(&sql, "; ");
    }
    return count ? sqlserver_execute(driver, sql.data, err) : 0;
}

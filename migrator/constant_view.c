#include "migrator/constant_view.h"

#include "migrator/sql_quote.h"

static void add_name(const struct driver *driver, const struct constant_view *view,
                     struct strbuf *out)
{
    if (driver->schema) {
        sql_quote_identifier(driver->script.dialect, driver->schema, out);
        strbuf_addch(out, '.');
    }
    sql_quote_identifier(driver->script.dialect, view->name, out);
}

// In quotes: what is a word to one server is reserved by another.
static void add_columns(const struct driver *driver, const struct constant_view *view,
                        struct strbuf *out)
{
    for (size_t i = 0; i < view->column_count; i++) {
        strbuf_adds(out, i > 0 ? ", " : "");
        sql_quote_identifier(driver->script.dialect, view->columns[i], out);
    }
}

static void add_existence_query(const struct driver *driver, const struct constant_view *view,
                                struct strbuf *out)
{
    switch (driver->script.dialect) {
    case SQL_POSTGRES:
        strbuf_addf(out,
                    "SELECT 1 FROM pg_catalog.pg_views WHERE viewname = '%s' AND schemaname = ",
                    view->name);
        sql_quote_literal(SQL_POSTGRES, driver->schema, out);
        break;
    case SQL_SQLITE:
        strbuf_addf(out, "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = '%s'",
                    view->name);
        break;
    case SQL_MYSQL:
        strbuf_addf(out,
                    "SELECT 1 FROM information_schema.views WHERE table_schema = DATABASE() "
                    "AND table_name = '%s'",
                    view->name);
        break;
    case SQL_SQLSERVER:
        strbuf_addf(out,
                    "SELECT 1 FROM sys.views v JOIN sys.schemas s ON s.schema_id = v.schema_id "
                    "WHERE v.name = N'%s' AND s.name = ",
                    view->name);
        sql_quote_literal(SQL_SQLSERVER, driver->schema, out);
        break;
    }
}

int constant_view_read(struct driver *driver, const struct constant_view *view, driver_row *row,
                       void *context, bool *exists, struct err *err)
{
    size_t views = 0;
    AUTO_STRBUF query = STRBUF_INIT, select = STRBUF_INIT;
    add_existence_query(driver, view, &query);
    if (driver->ops->query(driver, query.data, driver_count_row, &views, err))
        return -1;
    *exists = views > 0;
    if (!*exists)
        return 0;
    strbuf_adds(&select, "SELECT ");
    add_columns(driver, view, &select);
    strbuf_adds(&select, " FROM ");
    add_name(driver, view, &select);
    return driver->ops->query(driver, select.data, row, context, err);
}

static void add_creation(const struct driver *driver, const struct constant_view *view,
                         const char *const *values, size_t row_count, struct strbuf *out)
{
    strbuf_adds(out, "CREATE VIEW ");
    add_name(driver, view, out);
    strbuf_adds(out, " (");
    add_columns(driver, view, out);
    strbuf_adds(out, ") AS ");
    // MySQL and MariaDB have no form of VALUES in common, and SQL Server's is no query.
    const enum sql_dialect dialect = driver->script.dialect;
    const bool selects = dialect == SQL_MYSQL || dialect == SQL_SQLSERVER;
    const char *row = selects ? " UNION ALL SELECT " : "), (";
    strbuf_adds(out, selects ? "SELECT " : "VALUES (");
    for (size_t i = 0; i < row_count * view->column_count; i++) {
        if (i > 0)
            strbuf_adds(out, i % view->column_count ? ", " : row);
        if (values[i])
            sql_quote_literal(dialect, values[i], out);
        else
            strbuf_adds(out, "NULL");
    }
    strbuf_adds(out, selects ? "" : ")");
}

void constant_view_sql(const struct driver *driver, const struct constant_view *view,
                       const char *const *values, size_t row_count, bool exists, struct strbuf *out)
{
    AUTO_STRBUF creation = STRBUF_INIT;
    if (exists) {
        strbuf_adds(out, "DROP VIEW IF EXISTS ");
        add_name(driver, view, out);
        strbuf_adds(out, "; ");
    }
    add_creation(driver, view, values, row_count, &creation);
    if (driver->script.dialect != SQL_SQLSERVER) {
        strbuf_add(out, creation.data, creation.len);
        return;
    }
    // There it has to be alone in its batch.
    strbuf_adds(out, "EXEC(");
    sql_quote_literal(SQL_SQLSERVER, creation.data, out);
    strbuf_adds(out, ")");
}

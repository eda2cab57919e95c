#include "migrator/driver/sqlserver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "migrator/driver/engines.h"
#include "migrator/driver/lock.h"
#include "migrator/sql_quote.h"

// The lock that Prisma takes as well: of the database, by the session.
#define LOCK "N'prisma_migrate'"

static void sqlserver_driver_close(struct driver *driver)
{
    struct sqlserver *sqlserver = sqlserver_of(driver);
    tds_release(&sqlserver->tds);
    tds_address_release(&sqlserver->address);
    free(sqlserver);
}

int sqlserver_fail(const struct sqlserver *sqlserver, struct err *err)
{
    tds_fail(&sqlserver->tds, err);
    return tds_is_lost(&sqlserver->tds)
               ? err_wrap(err, "the connection to %s is lost", sqlserver->driver.place)
               : err_wrap(err, "%s", sqlserver->driver.place);
}

// Often a second error says what the first one prevented.
void sqlserver_failure(const struct sqlserver *sqlserver, struct failure *failure)
{
    const struct tds_message *error = tds_error(&sqlserver->tds);
    AUTO_STRBUF more = STRBUF_INIT;
    failure->message = mem_strdup(error ? error->text : "the server went away");
    if (error && error->number)
        failure->code = mem_printf("%d, state %d", error->number, error->state);
    vec_each (message, &sqlserver->tds.messages)
        if (message != error && message->number && message->severity >= TDS_SEVERITY_ERROR)
            strbuf_addf(&more, "%s%s (%d)", more.len ? " " : "", message->text, message->number);
    failure->detail = more.len ? mem_strdup(more.data) : NULL;
}

int sqlserver_execute(struct driver *driver, const char *sql, struct err *err)
{
    struct sqlserver *sqlserver = sqlserver_of(driver);
    return tds_batch(&sqlserver->tds, sql, NULL, NULL, NULL) ? sqlserver_fail(sqlserver, err) : 0;
}

int sqlserver_query_rows(struct driver *driver, const char *sql, driver_row *row, void *context,
                         struct err *err)
{
    struct sqlserver *sqlserver = sqlserver_of(driver);
    return tds_batch(&sqlserver->tds, sql, row, context, NULL) ? sqlserver_fail(sqlserver, err) : 0;
}

int sqlserver_in_transaction(struct sqlserver *sqlserver, bool *out, struct err *err)
{
    AUTOFREE char *count = NULL;
    if (sqlserver_query_rows(&sqlserver->driver, "SELECT @@TRANCOUNT", driver_take_first, &count,
                             err))
        return -1;
    *out = count && strcmp(count, "0") != 0;
    return 0;
}

void sqlserver_roll_back(struct sqlserver *sqlserver)
{
    struct err ignored;
    if (!tds_is_lost(&sqlserver->tds))
        (void)!sqlserver_execute(&sqlserver->driver, "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION",
                                 &ignored);
}

// "session 51 (login sa, program berth, host x)". Owned by the caller. Without the right to see
// others' sessions nobody can tell.
static char *describe_holder(struct driver *driver)
{
    struct err ignored;
    char *holder = NULL;
    (void)!sqlserver_query_rows(
        driver,
        "SELECT TOP 1 CONCAT(N'session ', l.request_session_id, N' (login ', s.login_name, "
        "N', program ', s.program_name, N', host ', s.host_name, N')') "
        "FROM sys.dm_tran_locks l LEFT JOIN sys.dm_exec_sessions s "
        "ON s.session_id = l.request_session_id "
        "WHERE l.resource_type = N'APPLICATION' AND l.request_status = N'GRANT' "
        "AND l.resource_database_id = DB_ID() AND l.resource_description LIKE N'%prisma_migrate%'",
        driver_take_first, &holder, &ignored);
    return holder ? holder : mem_strdup("another session");
}

// Whether the lock was got within the time.
static int take_lock(struct driver *driver, int64_t timeout_ms, bool *taken, struct err *err)
{
    AUTOFREE char *answer = NULL;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_addf(&sql,
                "DECLARE @r INT; EXEC @r = sp_getapplock @Resource = " LOCK
                ", @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = %" PRId64
                "; SELECT @r",
                timeout_ms);
    if (sqlserver_query_rows(driver, sql.data, driver_take_first, &answer, err))
        return -1;
    // 0 and 1: got; -1: not within the time; below: Transact-SQL reference, sp_getapplock
    const long code = answer ? strtol(answer, NULL, 10) : -999;
    if (code < -1)
        return err_set(err, ERR_FAILED, "%s: the server gives no lock (%ld)", driver->place, code);
    *taken = code >= 0;
    return 0;
}

static int sqlserver_lock(struct driver *driver, int64_t timeout_ms, struct err *err)
{
    static const struct lock lock = {take_lock, describe_holder};
    return lock_wait(&lock, driver, timeout_ms, err);
}

// The tables of the target's schema.
static void add_own_tables(const struct driver *driver, struct strbuf *sql)
{
    strbuf_adds(sql, "FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id "
                     "WHERE t.is_ms_shipped = 0 AND s.name = ");
    sql_quote_literal(SQL_SQLSERVER, driver->schema, sql);
}

static int sqlserver_ledger_read(struct driver *driver, struct ledger *out, struct err *err)
{
    struct ledger ledger = {0};
    size_t tables = 0;
    AUTO_STRBUF exists = STRBUF_INIT, select = STRBUF_INIT;
    strbuf_adds(&exists, "SELECT 1 ");
    add_own_tables(driver, &exists);
    strbuf_adds(&exists, " AND t.name = N'_prisma_migrations'");
    if (sqlserver_query_rows(driver, exists.data, driver_count_row, &tables, err))
        return -1;
    ledger.exists = tables > 0;
    ledger_sql_select(&driver->ledger, &select);
    if (ledger.exists && sqlserver_query_rows(driver, select.data, ledger_take_row, &ledger, err)) {
        ledger_release(&ledger);
        return -1;
    }
    *out = ledger;
    return 0;
}

// A schema is made by a batch of its own.
static int sqlserver_schema_create(struct driver *driver, struct err *err)
{
    AUTO_STRBUF create = STRBUF_INIT, sql = STRBUF_INIT;
    strbuf_adds(&create, "CREATE SCHEMA ");
    sql_quote_identifier(SQL_SQLSERVER, driver->schema, &create);
    strbuf_adds(&sql, "IF SCHEMA_ID(");
    sql_quote_literal(SQL_SQLSERVER, driver->schema, &sql);
    strbuf_adds(&sql, ") IS NULL EXEC(");
    sql_quote_literal(SQL_SQLSERVER, create.data, &sql);
    strbuf_adds(&sql, ")");
    return sqlserver_execute(driver, sql.data, err);
}

static int sqlserver_find_table(struct driver *driver, char **out, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT TOP 1 t.name ");
    add_own_tables(driver, &sql);
    strbuf_adds(&sql, " AND t.name <> N'_prisma_migrations' ORDER BY t.name");
    *out = NULL;
    return sqlserver_query_rows(driver, sql.data, driver_take_first, out, err);
}

static const struct driver_ops ops = {
    .close = sqlserver_driver_close,
    .lock = sqlserver_lock,
    .execute = sqlserver_execute,
    .query = sqlserver_query_rows,
    .run = sqlserver_run,
    .load = sqlserver_load,
    .ledger_read = sqlserver_ledger_read,
    .schema_create = sqlserver_schema_create,
    .find_table = sqlserver_find_table,
    .drop_all = sqlserver_drop_all,
};

int sqlserver_open(const char *url, const struct migrator_callbacks *callbacks,
                   enum driver_mode mode, struct driver **out, bool *missing, struct err *err)
{
    struct sqlserver *sqlserver = mem_alloc(sizeof *sqlserver);
    AUTO_DRIVER *driver = &sqlserver->driver;
    *driver = (struct driver){.ops = &ops,
                              .script.dialect = SQL_SQLSERVER,
                              .ledger.dialect = SQL_SQLSERVER,
                              .callbacks = callbacks};
    if (sqlserver_connect_url(url, mode, sqlserver, missing, err))
        return -1;
    const char *schema = sqlserver->address.schema;
    AUTO_STRBUF name = STRBUF_INIT;
    driver->schema = mem_strdup(schema ? schema : SQLSERVER_DEFAULT_SCHEMA);
    sql_quote_identifier(SQL_SQLSERVER, driver->schema, &name);
    strbuf_adds(&name, ".[_prisma_migrations]");
    driver->ledger.name = strbuf_detach(&name);
    *out = TAKE(driver);
    return 0;
}

#include "migrator/driver/postgres.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "migrator/driver/engines.h"
#include "migrator/sql_quote.h"

// The key of the advisory lock that Prisma takes as well.
#define LOCK_KEY "72707369"

static void take_notice(void *context, const PGresult *result)
{
    const struct postgres *postgres = context;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!postgres->quiet && message)
        driver_say(&postgres->driver, "%s: %s",
                   severity && strcmp(severity, "WARNING") == 0 ? "warning" : "notice", message);
}

static void postgres_close(struct driver *driver)
{
    struct postgres *postgres = postgres_of(driver);
    PQfinish(postgres->conn);
    free(postgres);
}

// A migrator that dies in the middle of a long statement must not let it go on: servers from 14 on
// look after their client every second then, where their system lets them.
static void watch_client(struct postgres *postgres)
{
    struct err ignored;
    if (PQserverVersion(postgres->conn) >= 140000)
        (void)!postgres_execute(&postgres->driver, "SET client_connection_check_interval = 1000",
                                &ignored);
}

static int set_search_path(struct postgres *postgres, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SET search_path = ");
    sql_quote_identifier(SQL_POSTGRES, postgres->driver.schema, &sql);
    return postgres_execute(&postgres->driver, sql.data, err);
}

int postgres_restore_session(struct postgres *postgres, struct err *err)
{
    if (postgres_execute(&postgres->driver, "SET SESSION AUTHORIZATION DEFAULT; RESET ALL", err) ||
        set_search_path(postgres, err))
        return -1;
    watch_client(postgres);
    return 0;
}

// The first value of the first row, NULL when there is none. Owned by the caller.
static int query_value(struct driver *driver, const char *sql, char **out, struct err *err)
{
    *out = NULL;
    return postgres_query(driver, sql, driver_take_first, out, err);
}

// "pid 4711 (berth migrator, user app, from 10.0.0.7, connected for 12 s)". Owned by the caller.
static char *describe_holder(struct driver *driver)
{
    static const char sql[] =
        "SELECT 'pid ' || l.pid || ' (' || COALESCE(NULLIF(a.application_name, ''), 'unnamed') || "
        "', user ' || COALESCE(a.usename::text, '?') || "
        "', from ' || COALESCE(host(a.client_addr), 'the server''s own socket') || "
        "', connected for ' || COALESCE(round(extract(epoch FROM clock_timestamp() - "
        "a.backend_start))::text, '?') || ' s)' "
        "FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
        "WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objsubid = 1 "
        "AND l.objid = " LOCK_KEY " AND l.database = (SELECT oid FROM pg_catalog.pg_database "
        "WHERE datname = current_database())";
    struct err ignored;
    char *holder = NULL;
    if (query_value(driver, sql, &holder, &ignored) || !holder)
        return mem_strdup("another session");
    return holder;
}

static int wait_for_lock(struct postgres *postgres, int64_t timeout_ms, struct err *err)
{
    struct driver *driver = &postgres->driver;
    AUTOFREE char *holder = describe_holder(driver);
    char waited[CLOCK_DURATION_SIZE];
    struct exchange exchange;
    AUTO_STRBUF sql = STRBUF_INIT;
    clock_format_duration(timeout_ms, waited);
    driver_say(driver, "another migrator is at work: %s; waiting up to %s", holder, waited);
    strbuf_addf(&sql, "SET lock_timeout = %" PRId64, timeout_ms);
    if (postgres_execute(driver, sql.data, err))
        return -1;
    postgres_exchange(postgres, "SELECT pg_catalog.pg_advisory_lock(" LOCK_KEY ")", &exchange);
    const bool is_timeout = exchange_failed_with(&exchange, "55P03");
    int failed = exchange.error || exchange.lost ? exchange_error(postgres, &exchange, err) : 0;
    exchange_release(&exchange);
    if (is_timeout) {
        free(holder);
        holder = describe_holder(driver);
        err_set(err, ERR_TIMEOUT, "the lock of %s was not free within %s: held by %s",
                driver->place, waited, holder);
        return err_hint(err, "wait until that one is done, or end it with SELECT "
                             "pg_terminate_backend(pid)");
    }
    return failed ? -1 : postgres_execute(driver, "RESET lock_timeout", err);
}

static int postgres_lock(struct driver *driver, int64_t timeout_ms, struct err *err)
{
    AUTOFREE char *got = NULL;
    if (query_value(driver, "SELECT pg_catalog.pg_try_advisory_lock(" LOCK_KEY ")", &got, err))
        return -1;
    if (got && strcmp(got, "t") == 0)
        return 0;
    return wait_for_lock(postgres_of(driver), timeout_ms, err);
}

static int postgres_ledger_read(struct driver *driver, struct ledger *out, struct err *err)
{
    struct ledger ledger = {0};
    AUTOFREE char *found = NULL;
    AUTO_STRBUF exists = STRBUF_INIT, select = STRBUF_INIT;
    strbuf_adds(&exists, "SELECT pg_catalog.to_regclass(");
    sql_quote_literal(SQL_POSTGRES, driver->ledger.name, &exists);
    strbuf_adds(&exists, ")");
    if (query_value(driver, exists.data, &found, err))
        return -1;
    ledger.exists = found != NULL;
    ledger_sql_select(&driver->ledger, &select);
    if (found && postgres_query(driver, select.data, ledger_take_row, &ledger, err)) {
        ledger_release(&ledger);
        return -1;
    }
    *out = ledger;
    return 0;
}

// IF NOT EXISTS would ask for a right that nobody needs otherwise.
static int postgres_schema_create(struct driver *driver, struct err *err)
{
    AUTOFREE char *schema = NULL;
    AUTO_STRBUF exists = STRBUF_INIT, create = STRBUF_INIT;
    strbuf_adds(&exists, "SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ");
    sql_quote_literal(SQL_POSTGRES, driver->schema, &exists);
    if (query_value(driver, exists.data, &schema, err))
        return -1;
    if (schema)
        return 0;
    strbuf_adds(&create, "CREATE SCHEMA ");
    sql_quote_identifier(SQL_POSTGRES, driver->schema, &create);
    return postgres_execute(driver, create.data, err);
}

// What an extension brought along is nobody's schema: PostGIS keeps a table in public.
static int postgres_find_table(struct driver *driver, char **out, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT c.relname FROM pg_catalog.pg_class c "
                      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                      "WHERE c.relkind IN ('r', 'p') AND c.relname <> '_prisma_migrations' "
                      "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.objid = c.oid "
                      "AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'e') "
                      "AND n.nspname = ");
    sql_quote_literal(SQL_POSTGRES, driver->schema, &sql);
    strbuf_adds(&sql, " ORDER BY c.relname LIMIT 1");
    return query_value(driver, sql.data, out, err);
}

// A partitioned table's index is invalid as long as a partition lacks its part, and complete then.
static int postgres_find_invalid_indexes(struct driver *driver, driver_row *row, void *context,
                                         struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) "
                      "FROM pg_catalog.pg_index i "
                      "JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
                      "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                      "WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = ");
    sql_quote_literal(SQL_POSTGRES, driver->schema, &sql);
    strbuf_adds(&sql, " ORDER BY c.relname");
    return postgres_query(driver, sql.data, row, context, err);
}

static const struct driver_ops ops = {
    .close = postgres_close,
    .lock = postgres_lock,
    .execute = postgres_execute,
    .query = postgres_query,
    .run = postgres_run,
    .load = postgres_load,
    .ledger_read = postgres_ledger_read,
    .schema_create = postgres_schema_create,
    .find_table = postgres_find_table,
    .find_invalid_indexes = postgres_find_invalid_indexes,
    .drop_all = postgres_drop_all,
};

int postgres_open(const char *url, const struct migrator_callbacks *callbacks,
                  enum driver_mode mode, struct driver **out, bool *missing, struct err *err)
{
    if (libpq_load(err))
        return -1;
    struct postgres *postgres = mem_alloc(sizeof *postgres);
    AUTO_DRIVER *driver = &postgres->driver;
    *driver = (struct driver){.ops = &ops,
                              .script.dialect = SQL_POSTGRES,
                              .ledger.dialect = SQL_POSTGRES,
                              .callbacks = callbacks};
    if (postgres_connect(url, mode, postgres, missing, err))
        return -1;
    AUTO_STRBUF name = STRBUF_INIT;
    sql_quote_identifier(SQL_POSTGRES, driver->schema, &name);
    strbuf_adds(&name, ".\"_prisma_migrations\"");
    driver->ledger.name = strbuf_detach(&name);
    PQsetNoticeReceiver(postgres->conn, take_notice, postgres);
    const char *conforming = PQparameterStatus(postgres->conn, "standard_conforming_strings");
    driver->script.backslash_escapes = conforming && strcmp(conforming, "off") == 0;
    if (mode == DRIVER_WRITE) { // our own statements name their schemas
        if (set_search_path(postgres, err))
            return -1;
        watch_client(postgres);
    }
    *out = TAKE(driver);
    return 0;
}

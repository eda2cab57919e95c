#include "migrator/driver/mysql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "migrator/driver/engines.h"
#include "migrator/driver/lock.h"
#include "migrator/sql_quote.h"

// The lock that Prisma takes as well: one for all databases of the server.
#define LOCK "'prisma_migrate'"

static void mysql_driver_close(struct driver *driver)
{
    struct mysql *mysql = mysql_of(driver);
    if (mysql->conn)
        mysql_close(mysql->conn);
    free(mysql->database);
    free(mysql);
}

int mysql_restore_session(struct mysql *mysql, struct err *err)
{
    if (mysql_select_db(mysql->conn, mysql->database))
        return mysql_fail(mysql, err);
    return mysql_execute(&mysql->driver,
                         "UNLOCK TABLES; SET autocommit = DEFAULT, sql_mode = DEFAULT, "
                         "foreign_key_checks = DEFAULT, unique_checks = DEFAULT, "
                         "time_zone = DEFAULT; SET NAMES utf8mb4",
                         err);
}

// "connection 12 (user app from 10.0.0.7:41230, for 12 s)". Owned by the caller. Without the right
// to see others' sessions the number is all there is.
static char *describe_holder(struct driver *driver)
{
    struct err ignored;
    char *holder = NULL;
    (void)!mysql_query_rows(
        driver,
        "SELECT CONCAT('connection ', l.id, COALESCE(CONCAT(' (user ', p.user, ' from ', p.host, "
        "', for ', p.time, ' s)'), '')) FROM (SELECT IS_USED_LOCK(" LOCK ") AS id) l "
        "LEFT JOIN information_schema.processlist p ON p.id = l.id",
        driver_take_first, &holder, &ignored);
    return holder ? holder : mem_strdup("another session");
}

// Whether the lock was got: 1, within the time: 0.
static int take_lock(struct driver *driver, int64_t timeout_ms, bool *taken, struct err *err)
{
    AUTOFREE char *answer = NULL;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_addf(&sql, "SELECT GET_LOCK(" LOCK ", %" PRId64 ")", (timeout_ms + 999) / 1000);
    if (mysql_query_rows(driver, sql.data, driver_take_first, &answer, err))
        return -1;
    if (!answer)
        return err_set(err, ERR_FAILED, "%s: the server gives no lock", driver->place);
    *taken = *answer == '1';
    return 0;
}

static int mysql_lock(struct driver *driver, int64_t timeout_ms, struct err *err)
{
    static const struct lock lock = {take_lock, describe_holder};
    return lock_wait(&lock, driver, timeout_ms, err);
}

#define OWN_TABLES                                                    \
    "FROM information_schema.tables WHERE table_schema = DATABASE() " \
    "AND table_type = 'BASE TABLE' AND table_name "

static int mysql_ledger_read(struct driver *driver, struct ledger *out, struct err *err)
{
    struct ledger ledger = {0};
    size_t tables = 0;
    AUTO_STRBUF select = STRBUF_INIT;
    if (mysql_query_rows(driver, "SELECT 1 " OWN_TABLES "= '_prisma_migrations'", driver_count_row,
                         &tables, err))
        return -1;
    ledger.exists = tables > 0;
    ledger_sql_select(&driver->ledger, &select);
    if (ledger.exists && mysql_query_rows(driver, select.data, ledger_take_row, &ledger, err)) {
        ledger_release(&ledger);
        return -1;
    }
    *out = ledger;
    return 0;
}

static int mysql_find_table(struct driver *driver, char **out, struct err *err)
{
    *out = NULL;
    return mysql_query_rows(driver,
                            "SELECT table_name " OWN_TABLES
                            "<> '_prisma_migrations' ORDER BY table_name LIMIT 1",
                            driver_take_first, out, err);
}

static void take_drop(void *context, const char *const *values)
{
    struct strbuf *sql = context;
    strbuf_addf(sql, "DROP %s ", values[0]);
    sql_quote_identifier(SQL_MYSQL, values[1], sql);
    strbuf_adds(sql, "; ");
}

// Object by object: the database itself, its character set and who may do what in it stay.
int mysql_drop_all(struct driver *driver, const char *const *schemas, size_t count, struct err *err)
{
    (void)schemas; // a schema is a database here, and other databases are others' matter
    (void)count;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SET foreign_key_checks = 0; ");
    if (mysql_query_rows(
            driver,
            "SELECT IF(table_type = 'VIEW', 'VIEW', IF(table_type = 'SEQUENCE', 'SEQUENCE', "
            "'TABLE')), table_name FROM information_schema.tables WHERE table_schema = DATABASE() "
            "UNION ALL SELECT routine_type, routine_name FROM information_schema.routines "
            "WHERE routine_schema = DATABASE() "
            "UNION ALL SELECT 'EVENT', event_name FROM information_schema.events "
            "WHERE event_schema = DATABASE()",
            take_drop, &sql, err))
        return -1;
    strbuf_adds(&sql, "SET foreign_key_checks = DEFAULT");
    return mysql_execute(driver, sql.data, err);
}

static const struct driver_ops ops = {
    .close = mysql_driver_close,
    .lock = mysql_lock,
    .execute = mysql_execute,
    .query = mysql_query_rows,
    .run = mysql_run,
    .load = mysql_load,
    .ledger_read = mysql_ledger_read,
    .find_table = mysql_find_table,
    .drop_all = mysql_drop_all,
};

// Our own literals are written for backslashes that escape, and our statements for commits that
// nobody has to ask for.
static int begin_session(struct mysql *mysql, struct err *err)
{
    struct driver *driver = &mysql->driver;
    AUTOFREE char *modes = NULL;
    if (mysql_query_rows(driver, "SELECT @@sql_mode", driver_take_first, &modes, err))
        return -1;
    driver->script.backslash_escapes = !modes || !strstr(modes, "NO_BACKSLASH_ESCAPES");
    return 0;
}

int mysql_open(const char *url, const struct migrator_callbacks *callbacks, enum driver_mode mode,
               struct driver **out, bool *missing, struct err *err)
{
    if (libmariadb_load(err))
        return -1;
    struct mysql *mysql = mem_alloc(sizeof *mysql);
    AUTO_DRIVER *driver = &mysql->driver;
    *driver = (struct driver){.ops = &ops,
                              .script.dialect = SQL_MYSQL,
                              .ledger.dialect = SQL_MYSQL,
                              .callbacks = callbacks};
    if (mysql_connect_url(url, mode, mysql, missing, err) || begin_session(mysql, err))
        return -1;
    AUTO_STRBUF name = STRBUF_INIT;
    sql_quote_identifier(SQL_MYSQL, mysql->database, &name);
    strbuf_adds(&name, ".`_prisma_migrations`");
    driver->ledger.name = strbuf_detach(&name);
    *out = TAKE(driver);
    return 0;
}

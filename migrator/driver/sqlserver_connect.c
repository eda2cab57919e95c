#include <string.h>

#include "migrator/driver/sqlserver.h"
#include "migrator/sql_quote.h"

// Numbers of the server's messages: sys.messages.
enum { NO_SUCH_DATABASE = 911, CANNOT_OPEN_DATABASE = 4060, DATABASE_EXISTS = 1801 };

static int connect_to(struct sqlserver *sqlserver, const char *database, struct err *err)
{
    const struct tds_address *address = &sqlserver->address;
    tds_release(&sqlserver->tds);
    return tds_connect(&sqlserver->tds, address, database, err)
               ? err_wrap(err, "cannot connect to %s:%d, database %s", address->host, address->port,
                          address->database)
               : 0;
}

// To a new one the server may not let anybody in at once.
static int create_database(struct sqlserver *sqlserver, struct err *err)
{
    const char *name = sqlserver->address.database;
    AUTO_STRBUF sql = STRBUF_INIT;
    if (connect_to(sqlserver, NULL, err))
        return -1;
    strbuf_adds(&sql, "CREATE DATABASE ");
    sql_quote_identifier(SQL_SQLSERVER, name, &sql);
    const bool failed = tds_batch(&sqlserver->tds, sql.data, NULL, NULL, NULL) &&
                        !tds_said(&sqlserver->tds, DATABASE_EXISTS); // somebody else made it
    if (failed) {
        tds_fail(&sqlserver->tds, err);
        return err_wrap(err, "cannot make the database %s", name);
    }
    driver_say(&sqlserver->driver, "made the database %s", name);
    return connect_to(sqlserver, name, err);
}

static int open_database(struct sqlserver *sqlserver, enum driver_mode mode, bool *missing,
                         struct err *err)
{
    const bool failed = connect_to(sqlserver, sqlserver->address.database, err);
    const bool is_missing = failed && (tds_said(&sqlserver->tds, CANNOT_OPEN_DATABASE) ||
                                       tds_said(&sqlserver->tds, NO_SUCH_DATABASE));
    if (missing)
        *missing = is_missing;
    if (is_missing && mode == DRIVER_WRITE)
        return create_database(sqlserver, err);
    return failed ? -1 : 0;
}

int sqlserver_connect_url(const char *url, enum driver_mode mode, struct sqlserver *sqlserver,
                          bool *missing, struct err *err)
{
    struct tds_address *address = &sqlserver->address;
    if (tds_address_read(url, address, err))
        return err_wrap(err, "the database's URL");
    if (address->port == 0)
        address->port = 1433;
    if (!address->database) {
        err_set(err, ERR_INVALID, "the database's URL names no database");
        return err_hint(err, "sqlserver://host:port;database=name;user=name;password=…");
    }
    sqlserver->driver.place =
        mem_printf("%s at %s:%d", address->database, address->host, address->port);
    return open_database(sqlserver, mode, missing, err) || sqlserver_begin_session(sqlserver, err)
               ? -1
               : 0;
}

// What indexes on computed columns and filtered ones insist on (Transact-SQL reference, "SET
// options that affect results"), and that an error ends its transaction.
int sqlserver_begin_session(struct sqlserver *sqlserver, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SET NOEXEC OFF; SET PARSEONLY OFF; SET FMTONLY OFF; SET ROWCOUNT 0; USE ");
    sql_quote_identifier(SQL_SQLSERVER, sqlserver->address.database, &sql);
    strbuf_adds(&sql,
                "; SET ANSI_NULLS, ANSI_NULL_DFLT_ON, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, "
                "CONCAT_NULL_YIELDS_NULL, QUOTED_IDENTIFIER, XACT_ABORT ON; "
                "SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS, NOCOUNT OFF; "
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    return sqlserver_execute(&sqlserver->driver, sql.data, err);
}

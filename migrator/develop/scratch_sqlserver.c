#include <string.h>

#include "base/tds_address.h"
#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"

// The URL with another database.
static char *url_of(const char *url, const char *database)
{
    AUTO_STRBUF out = STRBUF_INIT, name = STRBUF_INIT, value = STRBUF_INIT;
    const char *at = url + strcspn(url, ";");
    strbuf_add(&out, url, (size_t)(at - url));
    for (;;) {
        const char *pair = at + strspn(at, "; ");
        if (tds_parameter_next(&at, &name, &value) <= 0)
            break;
        if (strcmp(name.data, "database") != 0 && strcmp(name.data, "databasename") != 0 &&
            strcmp(name.data, "initialcatalog") != 0)
            strbuf_addf(&out, ";%.*s", (int)(at - pair), pair);
    }
    strbuf_addf(&out, ";database=%s", database);
    return strbuf_detach(&out);
}

// From a database that every server has, and everybody may look into.
static int open_server(const struct migrator_target *target, struct driver **out, struct err *err)
{
    AUTOFREE char *url = url_of(target->url, "master");
    struct migrator_target server = *target;
    server.url = url;
    return driver_open(&server, NULL, DRIVER_READ, out, NULL, err);
}

static int create(struct driver *driver, const char *name, bool *denied, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "CREATE DATABASE ");
    sql_quote_identifier(SQL_SQLSERVER, name, &sql);
    if (driver->ops->execute(driver, sql.data, err) == 0)
        return 0;
    *denied = strstr(err->message, "(262)");
    if (*denied)
        err_hint(err, "ALTER SERVER ROLE dbcreator ADD MEMBER the login");
    return -1;
}

// Nobody may be in a database that is dropped.
static void end_its_connections(struct driver *driver, const char *name)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "ALTER DATABASE ");
    sql_quote_identifier(SQL_SQLSERVER, name, &sql);
    strbuf_adds(&sql, " SET SINGLE_USER WITH ROLLBACK IMMEDIATE");
    (void)!driver->ops->execute(driver, sql.data, &ignored);
}

static const struct scratch_server server = {
    .open = open_server,
    .create = create,
    .url = url_of,
    .leftovers = "SELECT d.name, CASE WHEN EXISTS (SELECT 1 FROM sys.dm_exec_sessions s "
                 "WHERE s.database_id = d.database_id) THEN 1 ELSE 0 END FROM sys.databases d "
                 "WHERE LEFT(d.name, 14) = N'" SCRATCH_PREFIX "'",
    .end_its_connections = end_its_connections,
};

void scratch_sqlserver_clear(struct driver *driver)
{
    scratch_server_clear(&server, driver, true);
}

int scratch_sqlserver_make(const struct migrator_target *target, const char *hash,
                           struct scratch_place *out, bool *denied, struct err *err)
{
    return scratch_server_make(&server, target, hash, out, denied, err);
}

int scratch_sqlserver_drop(const struct migrator_target *target, const struct scratch_place *place,
                           struct err *err)
{
    return scratch_server_drop(&server, target, place, err);
}

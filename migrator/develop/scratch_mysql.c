#include <string.h>

#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"

// From a database that every server has, and everybody may look into.
static int open_server(const struct migrator_target *target, struct driver **out, struct err *err)
{
    AUTOFREE char *url = scratch_server_url(target->url, "information_schema");
    struct migrator_target server = *target;
    server.url = url;
    return driver_open(&server, NULL, DRIVER_READ, out, NULL, err);
}

static int create(struct driver *driver, const char *name, bool *denied, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "CREATE DATABASE ");
    sql_quote_identifier(SQL_MYSQL, name, &sql);
    if (driver->ops->execute(driver, sql.data, err) == 0)
        return 0;
    *denied = strstr(err->message, "(1044)");
    if (*denied)
        err_hint(err, "GRANT ALL ON `" SCRATCH_PREFIX "%%`.* to the user");
    return -1;
}

static const struct scratch_server server = {
    .open = open_server,
    .create = create,
    .url = scratch_server_url,
    .leftovers = "SELECT s.schema_name, EXISTS (SELECT 1 FROM information_schema.processlist p "
                 "WHERE p.db = s.schema_name) FROM information_schema.schemata s "
                 "WHERE LEFT(s.schema_name, 14) = '" SCRATCH_PREFIX "'",
};

void scratch_mysql_clear(struct driver *driver)
{
    scratch_server_clear(&server, driver, true);
}

int scratch_mysql_make(const struct migrator_target *target, const char *hash,
                       struct scratch_place *out, bool *denied, struct err *err)
{
    return scratch_server_make(&server, target, hash, out, denied, err);
}

int scratch_mysql_drop(const struct migrator_target *target, const struct scratch_place *place,
                       struct err *err)
{
    return scratch_server_drop(&server, target, place, err);
}

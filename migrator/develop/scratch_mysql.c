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

static void drop_leftovers(struct driver *driver, bool only_own)
{
    scratch_server_drop_leftovers(
        driver,
        "SELECT s.schema_name, EXISTS (SELECT 1 FROM information_schema.processlist p "
        "WHERE p.db = s.schema_name) FROM information_schema.schemata s "
        "WHERE LEFT(s.schema_name, 14) = '" SCRATCH_PREFIX "'",
        NULL, only_own);
}

void scratch_mysql_clear(struct driver *driver)
{
    drop_leftovers(driver, true);
}

int scratch_mysql_make(const struct migrator_target *target, const char *hash,
                       struct scratch_place *out, bool *denied, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    AUTOFREE char *name = scratch_server_name(hash);
    if (open_server(target, &driver, err))
        return err_wrap(err, "no scratch database");
    drop_leftovers(driver, false);
    if (create(driver, name, denied, err))
        return err_wrap(err, "no scratch database");
    out->url = scratch_server_url(target->url, name);
    out->name = TAKE(name);
    return 0;
}

int scratch_mysql_drop(const struct migrator_target *target, const struct scratch_place *place,
                       struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    return open_server(target, &driver, err) || scratch_server_drop(driver, place->name, err) ? -1
                                                                                              : 0;
}

#include <string.h>

#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"

// From the target's own database, or one that every server has when that is missing.
static int open_server(const struct migrator_target *target, struct driver **out, struct err *err)
{
    static const char *const others[] = {"postgres", "template1"};
    bool missing;
    if (driver_open(target, NULL, DRIVER_READ, out, &missing, err) == 0)
        return 0;
    for (size_t i = 0; i < 2 && missing; i++) {
        AUTOFREE char *url = scratch_server_url(target->url, others[i]);
        struct migrator_target other = *target;
        other.url = url;
        if (driver_open(&other, NULL, DRIVER_READ, out, &missing, err) == 0)
            return 0;
    }
    return -1;
}

static int check_privilege(struct driver *driver, bool *denied, struct err *err)
{
    AUTOFREE char *role = NULL;
    if (driver->ops->query(driver,
                           "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = current_user "
                           "AND NOT rolcreatedb AND NOT rolsuper",
                           driver_take_first, &role, err))
        return -1;
    *denied = role != NULL;
    if (!role)
        return 0;
    err_set(err, ERR_FAILED, "the role \"%s\" may not create databases (CREATEDB)", role);
    return err_hint(err, "ALTER ROLE \"%s\" CREATEDB", role);
}

// A statement of a killed run may still be at work there.
static void end_its_connections(struct driver *driver, const char *name)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT pg_catalog.pg_terminate_backend(pid) FROM "
                      "pg_catalog.pg_stat_activity WHERE datname = ");
    sql_quote_literal(SQL_POSTGRES, name, &sql);
    (void)!driver->ops->execute(driver, sql.data, &ignored);
}

// What an administrator has put into template1 is what the target's database began with as well.
static int create(struct driver *driver, const char *name, bool *denied, struct err *err)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT, comment = STRBUF_INIT;
    if (check_privilege(driver, denied, err))
        return -1;
    strbuf_adds(&sql, "CREATE DATABASE ");
    sql_quote_identifier(SQL_POSTGRES, name, &sql);
    if (driver->ops->execute(driver, sql.data, err)) {
        // 55006: somebody is connected to template1
        if (!strstr(err->message, "55006"))
            return -1;
        strbuf_adds(&sql, " TEMPLATE template0");
        if (driver->ops->execute(driver, sql.data, err))
            return -1;
    }
    // Nobody needs it after a crash: no commit has to wait for the disk.
    strbuf_adds(&comment, "ALTER DATABASE ");
    sql_quote_identifier(SQL_POSTGRES, name, &comment);
    strbuf_adds(&comment, " SET synchronous_commit = off; ");
    strbuf_adds(&comment, "COMMENT ON DATABASE ");
    sql_quote_identifier(SQL_POSTGRES, name, &comment);
    strbuf_adds(&comment, " IS 'berth replays migrations here; nothing of it is needed when no "
                          "berth command is running'");
    (void)!driver->ops->execute(driver, comment.data, &ignored);
    return 0;
}

static const struct scratch_server server = {
    .open = open_server,
    .create = create,
    .url = scratch_server_url,
    .leftovers = "SELECT d.datname, CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_stat_activity a "
                 "WHERE a.datid = d.oid) THEN 1 ELSE 0 END "
                 "FROM pg_catalog.pg_database d WHERE starts_with(d.datname::text, '" SCRATCH_PREFIX
                 "') AND pg_catalog.pg_has_role(d.datdba, 'USAGE')",
    .end_its_connections = end_its_connections,
};

void scratch_postgres_clear(struct driver *driver)
{
    scratch_server_clear(&server, driver, true);
}

int scratch_postgres_make(const struct migrator_target *target, const char *hash,
                          struct scratch_place *out, bool *denied, struct err *err)
{
    return scratch_server_make(&server, target, hash, out, denied, err);
}

int scratch_postgres_drop(const struct migrator_target *target, const struct scratch_place *place,
                          struct err *err)
{
    return scratch_server_drop(&server, target, place, err);
}

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"

enum {
    // Younger than this it may be one that its maker has not connected to yet.
    LEFTOVER_AGE_S = 120,
    CHANCE_DIGITS = 8
};

// The URL with another database: scheme "://" authority "/" database [ "?" parameters ]
static char *url_of_database(const char *url, const char *database)
{
    AUTO_STRBUF out = STRBUF_INIT;
    const char *authority = strstr(url, "://");
    authority = authority ? authority + 3 : url;
    const char *end = authority + strcspn(authority, "/?#");
    const char *parameter = strchr(end, '?');
    strbuf_add(&out, url, (size_t)(end - url));
    strbuf_addf(&out, "/%s", database);
    // libpq would let this one win over the path
    for (char separator = '?'; parameter && *parameter; parameter += strcspn(parameter, "&")) {
        parameter++;
        const size_t length = strcspn(parameter, "&");
        if (strncmp(parameter, "dbname=", 7) == 0)
            continue;
        strbuf_addf(&out, "%c%.*s", separator, (int)length, parameter);
        separator = '&';
    }
    return strbuf_detach(&out);
}

// From the target's own database, or one that every server has when that is missing.
static int open_server(const struct migrator_target *target, struct driver **out, struct err *err)
{
    static const char *const others[] = {"postgres", "template1"};
    bool missing;
    if (driver_open(target, NULL, DRIVER_READ, out, &missing, err) == 0)
        return 0;
    for (size_t i = 0; i < 2 && missing; i++) {
        AUTOFREE char *url = url_of_database(target->url, others[i]);
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

static int drop(struct driver *driver, const char *name, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "DROP DATABASE IF EXISTS ");
    sql_quote_identifier(name, &sql);
    return driver->ops->execute(driver, sql.data, err);
}

struct leftovers {
    VEC_OF(char *) names;
    int64_t now_s;
};

// prefix hash "_" seconds in hex "_" chance
static void take_leftover(void *context, const char *const *values)
{
    struct leftovers *leftovers = context;
    const char *time = strchr(values[0] + strlen(SCRATCH_PREFIX), '_');
    const int64_t made_s = time ? strtoll(time + 1, NULL, 16) : 0;
    if (leftovers->now_s - made_s >= LEFTOVER_AGE_S)
        vec_push(&leftovers->names, mem_strdup(values[0]));
}

// Another run may be at the same, or use one after all: whatever fails here may stay.
static void drop_leftovers(struct driver *driver)
{
    struct err ignored;
    struct leftovers leftovers = {.now_s = clock_wall_ms() / 1000};
    (void)!driver->ops->query(
        driver,
        "SELECT d.datname FROM pg_catalog.pg_database d WHERE starts_with(d.datname::text, "
        "'" SCRATCH_PREFIX "') AND pg_catalog.pg_has_role(d.datdba, 'USAGE') AND NOT EXISTS "
        "(SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)",
        take_leftover, &leftovers, &ignored);
    vec_each (name, &leftovers.names) {
        (void)!drop(driver, *name, &ignored);
        free(*name);
    }
    vec_release(&leftovers.names);
}

static char *make_name(const char *hash)
{
    char chance[UUID_SIZE];
    uuid_v4(chance);
    chance[CHANCE_DIGITS] = '\0';
    return mem_printf(SCRATCH_PREFIX "%s_%llx_%s", hash,
                      (unsigned long long)(clock_wall_ms() / 1000), chance);
}

// What an administrator has put into template1 is what the target's database began with as well.
static int create(struct driver *driver, const char *name, struct err *err)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT, comment = STRBUF_INIT;
    strbuf_adds(&sql, "CREATE DATABASE ");
    sql_quote_identifier(name, &sql);
    if (driver->ops->execute(driver, sql.data, err)) {
        // 55006: somebody is connected to template1
        if (!strstr(err->message, "55006"))
            return -1;
        strbuf_adds(&sql, " TEMPLATE template0");
        if (driver->ops->execute(driver, sql.data, err))
            return -1;
    }
    strbuf_adds(&comment, "COMMENT ON DATABASE ");
    sql_quote_identifier(name, &comment);
    strbuf_adds(&comment, " IS 'berth replays migrations here; nothing of it is needed when no "
                          "berth command is running'");
    (void)!driver->ops->execute(driver, comment.data, &ignored);
    return 0;
}

int scratch_postgres_make(const struct migrator_target *target, const char *hash,
                          struct scratch_place *out, bool *denied, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    AUTOFREE char *name = make_name(hash);
    if (open_server(target, &driver, err) || check_privilege(driver, denied, err))
        return err_wrap(err, "no scratch database");
    drop_leftovers(driver);
    if (create(driver, name, err))
        return err_wrap(err, "no scratch database");
    out->url = url_of_database(target->url, name);
    out->name = TAKE(name);
    return 0;
}

int scratch_postgres_drop(const struct migrator_target *target, const struct scratch_place *place,
                          struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    return open_server(target, &driver, err) || drop(driver, place->name, err) ? -1 : 0;
}

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/process.h"
#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"

enum {
    // Younger than this it may be one that its maker, elsewhere, has not connected to yet.
    LEFTOVER_AGE_S = 120,
    CHANCE_DIGITS = 4
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
    char place[PROCESS_PLACE_SIZE];
    bool only_own; // those of runs on this machine, which are known to be over
    int64_t now_s;
};

// prefix hash "_" seconds [ "_" place "_" pid "_" start ] "_" chance, numbers in hexadecimal. A
// maker on this machine either lives or does not; what others made is over when it is old and
// unused.
static bool is_leftover(const struct leftovers *leftovers, const char *name, bool is_used)
{
    unsigned long long made_s = 0, start_ticks = 0;
    unsigned pid = 0;
    char place[PROCESS_PLACE_SIZE] = "";
    const char *time = strchr(name + strlen(SCRATCH_PREFIX), '_');
    if (time &&
        sscanf(time, "_%llx_%8[0-9a-f]_%x_%llx_", &made_s, place, &pid, &start_ticks) == 4 &&
        strcmp(place, leftovers->place) == 0)
        return !process_identity_alive((struct process_identity){(pid_t)pid, start_ticks});
    return !leftovers->only_own && !is_used && leftovers->now_s - (int64_t)made_s >= LEFTOVER_AGE_S;
}

static void take_leftover(void *context, const char *const *values)
{
    struct leftovers *leftovers = context;
    if (is_leftover(leftovers, values[0], strcmp(values[1], "t") == 0))
        vec_push(&leftovers->names, mem_strdup(values[0]));
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

// Another run may be at the same, or use one after all: whatever fails here may stay.
static void drop_leftovers(struct driver *driver, bool only_own)
{
    struct err ignored;
    struct leftovers leftovers = {.only_own = only_own, .now_s = clock_wall_ms() / 1000};
    process_place(leftovers.place);
    (void)!driver->ops->query(
        driver,
        "SELECT d.datname, EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = "
        "d.oid) "
        "FROM pg_catalog.pg_database d WHERE starts_with(d.datname::text, '" SCRATCH_PREFIX
        "') AND pg_catalog.pg_has_role(d.datdba, 'USAGE')",
        take_leftover, &leftovers, &ignored);
    vec_each (name, &leftovers.names) {
        end_its_connections(driver, *name);
        (void)!drop(driver, *name, &ignored);
        free(*name);
    }
    vec_release(&leftovers.names);
}

void scratch_postgres_clear(struct driver *driver)
{
    drop_leftovers(driver, true);
}

static char *make_name(const char *hash)
{
    const struct process_identity self = process_identity_self();
    char chance[UUID_SIZE], place[PROCESS_PLACE_SIZE];
    uuid_v4(chance);
    chance[CHANCE_DIGITS] = '\0';
    process_place(place);
    return mem_printf(SCRATCH_PREFIX "%s_%llx_%s_%x_%llx_%s", hash,
                      (unsigned long long)(clock_wall_ms() / 1000), place, (unsigned)self.pid,
                      (unsigned long long)self.start_ticks, chance);
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
    drop_leftovers(driver, false);
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

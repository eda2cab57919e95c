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
char *scratch_server_url(const char *url, const char *database)
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

static int drop(struct driver *driver, const char *name, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "DROP DATABASE IF EXISTS ");
    sql_quote_identifier(driver->script.dialect, name, &sql);
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
    if (is_leftover(leftovers, values[0], strcmp(values[1], "1") == 0))
        vec_push(&leftovers->names, mem_strdup(values[0]));
}

// Another run may be at the same, or use one after all: whatever fails here may stay.
void scratch_server_clear(const struct scratch_server *server, struct driver *driver, bool only_own)
{
    struct err ignored;
    struct leftovers leftovers = {.only_own = only_own, .now_s = clock_wall_ms() / 1000};
    process_place(leftovers.place);
    (void)!driver->ops->query(driver, server->leftovers, take_leftover, &leftovers, &ignored);
    vec_each (name, &leftovers.names) {
        if (server->end_its_connections)
            server->end_its_connections(driver, *name);
        (void)!drop(driver, *name, &ignored);
        free(*name);
    }
    vec_release(&leftovers.names);
}

static char *new_name(const char *hash)
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

int scratch_server_make(const struct scratch_server *server, const struct migrator_target *target,
                        const char *hash, struct scratch_place *out, bool *denied, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    AUTOFREE char *name = new_name(hash);
    if (server->open(target, &driver, err))
        return err_wrap(err, "no scratch database");
    scratch_server_clear(server, driver, false);
    if (server->create(driver, name, denied, err))
        return err_wrap(err, "no scratch database");
    out->url = server->url(target->url, name);
    out->name = TAKE(name);
    return 0;
}

int scratch_server_drop(const struct scratch_server *server, const struct migrator_target *target,
                        const struct scratch_place *place, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    return server->open(target, &driver, err) || drop(driver, place->name, err) ? -1 : 0;
}

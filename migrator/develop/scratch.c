#include "migrator/develop/scratch.h"

#include <string.h>

#include "base/file.h"
#include "migrator/develop/scratch_place.h"
#include "migrator/sql_quote.h"
#include "migrator/target.h"

struct scratch {
    const struct migrator_target *server; // whose server it is on
    struct migrator_target target;
    struct scratch_place place;
    struct driver *driver;
};

int scratch_history_hash(const struct history *history, char out[SHA256_HEX_SIZE], struct err *err)
{
    AUTO_STRBUF all = STRBUF_INIT;
    vec_each (migration, &history->migrations) {
        AUTO_STRBUF text = STRBUF_INIT;
        char checksum[SHA256_HEX_SIZE];
        if (!migration->no_script && file_read(migration->path, &text, err))
            return -1;
        sha256_hex(text.data, text.len, checksum);
        strbuf_addf(&all, "%s/%s\n", migration->name, checksum);
    }
    sha256_hex(all.data, all.len, out);
    return 0;
}

// How each engine makes a place, and drops it.
struct maker {
    const char *provider;
    int (*make)(const struct migrator_target *target, const char *hash, struct scratch_place *out,
                bool *denied, struct err *err);
    int (*drop)(const struct migrator_target *target, const struct scratch_place *place,
                struct err *err);
    void (*clear)(struct driver *driver); // of what runs of this machine left that are over
    const char *session; // SQL that its connection begins with: no commit waits for the disk
};
static const struct maker makers[] = {
    {"postgresql", scratch_postgres_make, scratch_postgres_drop, scratch_postgres_clear, NULL},
    {"mysql", scratch_mysql_make, scratch_mysql_drop, scratch_mysql_clear, NULL},
    {"sqlserver", scratch_sqlserver_make, scratch_sqlserver_drop, scratch_sqlserver_clear, NULL},
    {"sqlite", scratch_sqlite_make, scratch_sqlite_drop, scratch_sqlite_clear,
     "PRAGMA synchronous = OFF"},
};

static const struct maker *find_maker(const struct migrator_target *target)
{
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
        if (strcmp(makers[i].provider, target->provider) == 0)
            return &makers[i];
    return NULL;
}

static int make_place(struct scratch *scratch, const char *hash, bool *denied, struct err *err)
{
    const struct maker *maker = find_maker(scratch->server);
    if (!maker)
        return err_set(err, ERR_INVALID, "no scratch database can be made for %s",
                       scratch->server->provider);
    return maker->make(scratch->server, hash, &scratch->place, denied, err);
}

static int begin_session(const struct scratch *scratch, struct err *err)
{
    const char *session = find_maker(scratch->server)->session;
    return session ? scratch->driver->ops->execute(scratch->driver, session, err) : 0;
}

int scratch_open(const struct migrator_target *target, const struct history *history,
                 struct scratch **out, bool *denied, struct err *err)
{
    char hash[SHA256_HEX_SIZE];
    bool ignored;
    if (!denied)
        denied = &ignored;
    *denied = false;
    if (scratch_history_hash(history, hash, err))
        return -1;
    hash[SCRATCH_HASH_DIGITS] = '\0';
    AUTO_SCRATCH *scratch = mem_alloc(sizeof *scratch);
    scratch->server = target;
    scratch->place.lock = -1;
    if (make_place(scratch, hash, denied, err))
        return -1;
    scratch->target = *target;
    scratch->target.url = scratch->place.url;
    // The connection stays open, so that nobody takes the database for a leftover.
    if (driver_open(&scratch->target, NULL, DRIVER_WRITE, &scratch->driver, NULL, err) ||
        driver_create_schema(scratch->driver, err) || begin_session(scratch, err))
        return -1;
    *out = TAKE(scratch);
    return 0;
}

void scratch_close(struct scratch *scratch)
{
    struct err ignored; // the next one clears it away
    if (!scratch)
        return;
    driver_close(scratch->driver);
    if (scratch->place.name)
        (void)!find_maker(scratch->server)->drop(scratch->server, &scratch->place, &ignored);
    if (scratch->place.lock >= 0)
        close(scratch->place.lock);
    free(scratch->place.url);
    free(scratch->place.name);
    free(scratch);
}

void scratch_clear_leftovers(const struct migrator_target *target, struct driver *driver)
{
    const struct maker *maker = find_maker(target);
    if (maker)
        maker->clear(driver);
}

void scratch_cleanup(struct scratch **scratch)
{
    scratch_close(*scratch);
}

const struct migrator_target *scratch_target(const struct scratch *scratch)
{
    return &scratch->target;
}

struct driver *scratch_driver(const struct scratch *scratch)
{
    return scratch->driver;
}

int scratch_run(struct scratch *scratch, const struct history_migration *migration,
                const struct migrator_callbacks *callbacks, struct err *err)
{
    const struct driver_book book = {0};
    struct driver *driver = scratch->driver;
    struct script script;
    struct failure failure = {0};
    int64_t rows;
    if (migration->no_script)
        return 0;
    if (script_read(migration->path, target_shown_path(scratch->server, migration->path),
                    &driver->script, &script, err))
        return -1;
    const int failed = driver->ops->run(driver, &script, &book, &rows, &failure, err);
    if (failed && failure.happened)
        failure_report(&failure, &script.source, callbacks, err);
    failure_release(&failure);
    script_release(&script);
    return failed;
}

int scratch_replay(struct scratch *scratch, const struct history *history,
                   const struct migrator_callbacks *callbacks, struct err *err)
{
    vec_each (migration, &history->migrations)
        if (scratch_run(scratch, migration, callbacks, err))
            return -1;
    return 0;
}

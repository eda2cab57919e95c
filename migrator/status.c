#include "migrator/status.h"

#include <string.h>

#include "base/file.h"
#include "migrator/runs.h"
#include "migrator/target.h"

void migrator_status_release(struct migrator_status *status)
{
    vec_each (migration, &status->migrations) {
        free(migration->name);
        free(migration->logs);
        migrator_origin_release(&migration->origin);
    }
    vec_release(&status->migrations);
    vec_each (index, &status->invalid_indexes)
        free(*index);
    vec_release(&status->invalid_indexes);
    *status = (struct migrator_status){0};
}

// What the database says of itself.
struct recorded {
    struct ledger ledger;
    struct runs runs; // read only where a migration is missing here
};

static bool was_edited(const struct history_migration *migration, const struct ledger_row *row)
{
    AUTO_STRBUF text = STRBUF_INIT;
    struct err ignored;
    return !migration->no_script && !file_read(migration->path, &text, &ignored) &&
           !history_checksum_matches(row->checksum, text.data, text.len);
}

static bool is_listed(const struct migrator_status *status, const char *name)
{
    vec_each (migration, &status->migrations)
        if (strcmp(migration->name, name) == 0)
            return true;
    return false;
}

// What the database has, in the order of its start. A migration that was only rolled back comes
// with the pending ones, or not at all when its file is gone.
static void add_recorded(const struct history *history, const struct recorded *recorded,
                         struct migrator_status *status)
{
    const struct ledger *ledger = &recorded->ledger;
    vec_each (row, &ledger->rows) {
        const struct ledger_row *deciding;
        const enum ledger_state state = ledger_state_of(ledger, row->name, &deciding);
        if (state == LEDGER_ROLLED_BACK || deciding != row || is_listed(status, row->name))
            continue;
        const struct history_migration *on_disk = history_find(history, row->name);
        const struct migration_status migration = {
            .name = mem_strdup(row->name),
            .state = state == LEDGER_APPLIED ? MIGRATION_APPLIED : MIGRATION_FAILED,
            .edited = on_disk && state == LEDGER_APPLIED && was_edited(on_disk, row),
            .missing = !on_disk,
            .no_script = on_disk && on_disk->no_script,
            .finished_at_ms = row->finished_at_ms,
            .logs = row->logs && *row->logs ? mem_strdup(row->logs) : NULL,
            .origin =
                on_disk ? (struct migrator_origin){0} : runs_origin_of(&recorded->runs, row->id)};
        vec_push(&status->migrations, migration);
        status->applied += state == LEDGER_APPLIED;
        status->failed += state == LEDGER_FAILED;
        status->edited += migration.edited;
        status->missing += migration.missing;
    }
}

static void add_pending(const struct history *history, const struct ledger *ledger,
                        struct migrator_status *status)
{
    vec_each (migration, &history->migrations) {
        const enum ledger_state state = ledger_state_of(ledger, migration->name, NULL);
        if (state == LEDGER_APPLIED || state == LEDGER_FAILED)
            continue;
        vec_push(&status->migrations,
                 (struct migration_status){.name = mem_strdup(migration->name),
                                           .state = state == LEDGER_UNKNOWN ? MIGRATION_PENDING
                                                                            : MIGRATION_ROLLED_BACK,
                                           .no_script = migration->no_script});
        status->pending++;
    }
}

static bool any_is_missing(const struct history *history, const struct ledger *ledger)
{
    vec_each (row, &ledger->rows)
        if (!history_find(history, row->name))
            return true;
    return false;
}

// A database that does not exist has nothing, which is a status too.
int status_open(const struct migrator_target *target, struct driver **driver,
                struct migrator_status *status, struct err *err)
{
    if (driver_open(target, NULL, DRIVER_READ, driver, &status->database_missing, err))
        return status->database_missing ? 0 : -1;
    return 0;
}

static int read_recorded(struct driver *driver, const struct history *history,
                         struct recorded *recorded, struct err *err)
{
    if (!driver)
        return 0;
    if (driver->ops->ledger_read(driver, &recorded->ledger, err))
        return -1;
    return any_is_missing(history, &recorded->ledger) ? runs_read(driver, &recorded->runs, err) : 0;
}

static void take_invalid_index(void *context, const char *const *values)
{
    struct migrator_status *status = context;
    vec_push(&status->invalid_indexes, mem_strdup(values[0]));
}

static int read_invalid_indexes(struct driver *driver, struct migrator_status *status,
                                struct err *err)
{
    if (!driver || !driver->ops->find_invalid_indexes)
        return 0;
    return driver->ops->find_invalid_indexes(driver, take_invalid_index, status, err);
}

int status_fill(struct driver *driver, const struct history *history,
                struct migrator_status *status, struct err *err)
{
    struct recorded recorded = {0};
    const int failed =
        read_recorded(driver, history, &recorded, err) || read_invalid_indexes(driver, status, err);
    if (!failed) {
        status->has_ledger = recorded.ledger.exists;
        add_recorded(history, &recorded, status);
        add_pending(history, &recorded.ledger, status);
    }
    ledger_release(&recorded.ledger);
    runs_release(&recorded.runs);
    return failed;
}

int migrator_status_read(const struct migrator_target *target, struct migrator_status *out,
                         struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    struct history history = {0};
    struct migrator_status status = {0};
    const int failed = target_read_history(target, &history, err) ||
                       status_open(target, &driver, &status, err) ||
                       status_fill(driver, &history, &status, err);
    history_release(&history);
    if (!failed)
        *out = status;
    return failed ? -1 : 0;
}

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrator/develop/scratch.h"
#include "migrator/driver/driver.h"
#include "migrator/history.h"
#include "migrator/migration_run.h"
#include "migrator/runs.h"
#include "migrator/target.h"

struct pending {
    const struct history_migration *migration;
    char id[UUID_SIZE]; // of the row that it gets
};

// One run of migrator_deploy.
struct deploy {
    const struct migrator_target *target;
    const struct migrator_callbacks *callbacks;
    struct driver *driver;
    struct history history;
    struct ledger ledger;
    VEC_OF(struct pending) pending;
};

static void report_progress(const struct deploy *deploy, size_t index, bool finished,
                            int64_t duration_ms)
{
    const struct migrator_progress progress = {.migration =
                                                   deploy->pending.items[index].migration->name,
                                               .index = index + 1,
                                               .total = deploy->pending.len,
                                               .finished = finished,
                                               .duration_ms = duration_ms};
    if (deploy->callbacks && deploy->callbacks->progress)
        deploy->callbacks->progress(deploy->callbacks->context, &progress);
}

static int apply(struct deploy *deploy, const struct pending *pending, struct err *err)
{
    const struct migration_run run = {.target = deploy->target,
                                      .callbacks = deploy->callbacks,
                                      .driver = deploy->driver,
                                      .migration = pending->migration};
    return migration_run_begin(&run, pending->id, err);
}

static int fail_not_empty(const struct deploy *deploy, const char *table, struct err *err)
{
    const char *first = deploy->history.migrations.items[0].name;
    err_set(err, ERR_FAILED,
            "%s is not empty (it has a table \"%s\") and nothing says which migrations it has "
            "(P3005)",
            deploy->driver->place, table);
    return err_hint(err,
                    "if the database already is what the first migrations make, record each of "
                    "them without running it: berth db resolve --applied %s",
                    first);
}

static int fail_earlier_failure(struct driver *driver, const struct ledger_row *row,
                                struct err *err)
{
    AUTO_STRBUF indexes = STRBUF_INIT;
    char started[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(row->started_at_ms, started);
    err_set(err, ERR_FAILED,
            "the migration %s, begun %s, failed or never finished; nothing is applied until that "
            "is settled (P3009)",
            row->name, started);
    migration_find_invalid_indexes(driver, &indexes);
    return err_hint(err,
                    "where its effects are undone: berth db resolve --rolled-back %s; where it "
                    "was completed by hand: berth db resolve --applied %s%s",
                    row->name, row->name, indexes.data);
}

static int open_ledger(struct deploy *deploy, struct err *err)
{
    struct driver *driver = deploy->driver;
    AUTOFREE char *table = NULL;
    if (driver->ops->ledger_read(driver, &deploy->ledger, err))
        return -1;
    const struct ledger_row *failed = ledger_first_failed(&deploy->ledger);
    if (failed)
        return fail_earlier_failure(driver, failed, err);
    if (deploy->ledger.exists)
        return 0;
    if (driver->ops->find_table(driver, &table, err))
        return -1;
    if (table)
        return fail_not_empty(deploy, table, err);
    return driver_create_ledger(driver, err);
}

static void warn_if_edited(const struct deploy *deploy, const struct history_migration *migration,
                           const struct ledger_row *row)
{
    AUTO_STRBUF text = STRBUF_INIT;
    struct err ignored;
    if (!migration->no_script && !file_read(migration->path, &text, &ignored) &&
        !history_checksum_matches(row->checksum, text.data, text.len))
        driver_say(deploy->driver, "warning: %s was edited after it was applied",
                   target_shown_path(deploy->target, migration->path));
}

// What is to be applied. A directory without its script stops everything, before anything is done.
static int find_pending(struct deploy *deploy, struct err *err)
{
    vec_each (migration, &deploy->history.migrations) {
        const struct ledger_row *row;
        if (ledger_state_of(&deploy->ledger, migration->name, &row) == LEDGER_APPLIED) {
            warn_if_edited(deploy, migration, row);
            continue;
        }
        if (migration->no_script) {
            err_set(err, ERR_FAILED, "%s does not exist (P3015)",
                    target_shown_path(deploy->target, migration->path));
            return err_hint(err, "restore the file, or delete its directory");
        }
        struct pending pending = {.migration = migration};
        uuid_v4(pending.id);
        vec_push(&deploy->pending, pending);
    }
    return 0;
}

// Before anything is applied, so that no crash leaves a migration nobody knows the origin of. To
// know it is a help, no condition.
static void record_origin(struct deploy *deploy)
{
    struct migrator_origin origin = {0};
    AUTO_STRBUF ids = STRBUF_INIT;
    struct err err;
    if (!deploy->pending.len || !deploy->callbacks || !deploy->callbacks->origin)
        return;
    deploy->callbacks->origin(deploy->callbacks->context, &origin);
    vec_each (pending, &deploy->pending)
        strbuf_addf(&ids, "%s%s", ids.len ? " " : "", pending->id);
    if ((origin.branch || origin.commit) && runs_record(deploy->driver, &origin, ids.data, &err))
        driver_say(deploy->driver, "warning: the branch of this run could not be recorded: %s",
                   err.message);
    migrator_origin_release(&origin);
}

static int deploy_all(struct deploy *deploy, struct migrator_deploy_result *result, struct err *err)
{
    if (deploy->history.migrations.len == 0)
        return 0;
    scratch_clear_leftovers(deploy->target, deploy->driver);
    if (deploy->driver->ops->lock(deploy->driver, target_lock_timeout_ms(deploy->target), err) ||
        open_ledger(deploy, err) || find_pending(deploy, err))
        return -1;
    record_origin(deploy);
    for (size_t i = 0; i < deploy->pending.len; i++) {
        const int64_t begun = clock_monotonic_ms();
        report_progress(deploy, i, false, 0);
        if (apply(deploy, &deploy->pending.items[i], err))
            return -1;
        report_progress(deploy, i, true, clock_monotonic_ms() - begun);
        result->applied++;
    }
    return 0;
}

int migrator_deploy(const struct migrator_target *target,
                    const struct migrator_callbacks *callbacks, struct migrator_deploy_result *out,
                    struct err *err)
{
    struct deploy deploy = {.target = target, .callbacks = callbacks};
    struct migrator_deploy_result result = {0};
    int failed = target_read_history(target, &deploy.history, err) ||
                 driver_open(target, callbacks, DRIVER_WRITE, &deploy.driver, NULL, err) ||
                 deploy_all(&deploy, &result, err);
    driver_close(deploy.driver);
    ledger_release(&deploy.ledger);
    history_release(&deploy.history);
    vec_release(&deploy.pending);
    if (failed)
        return -1;
    *out = result;
    return 0;
}

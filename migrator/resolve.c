#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrator/driver/driver.h"
#include "migrator/migration_run.h"
#include "migrator/target.h"

static int fail_unknown(const struct migrator_target *target, const char *name, struct err *err)
{
    err_set(err, ERR_FAILED, "there is no migration %s in %s (P3017)", name,
            target_shown_path(target, target->migrations_path));
    return err_hint(err, "give the whole name of its directory");
}

static int resolve_applied(struct driver *driver, const struct migrator_target *target,
                           const struct history *history, const struct ledger *ledger,
                           const char *name, struct err *err)
{
    const struct history_migration *migration = history_find(history, name);
    struct ledger_entry entry = {.name = name, .started_at_ms = clock_wall_ms()};
    AUTO_STRBUF text = STRBUF_INIT, sql = STRBUF_INIT;
    if (!migration || migration->no_script)
        return fail_unknown(target, name, err);
    if (ledger_state_of(ledger, name, NULL) == LEDGER_APPLIED)
        return err_set(err, ERR_FAILED, "%s is recorded as applied already (P3008)", name);
    if (file_read(migration->path, &text, err) ||
        (!ledger->exists && driver_create_ledger(driver, err)))
        return -1;
    uuid_v4(entry.id);
    sha256_hex(text.data, text.len, entry.checksum);
    ledger_sql_roll_back(&driver->ledger, name, &sql);
    strbuf_adds(&sql, "; ");
    ledger_sql_resolved(&driver->ledger, &entry, &sql);
    return driver_execute_transaction(driver, sql.data, err);
}

static int resolve_rolled_back(struct driver *driver, const struct ledger *ledger, const char *name,
                               struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    bool is_known = false, all_applied = true;
    vec_each (row, &ledger->rows) {
        if (strcmp(row->name, name) != 0)
            continue;
        is_known = true;
        all_applied = all_applied && row->finished_at_ms && !row->rolled_back_at_ms;
    }
    if (!is_known)
        return err_set(err, ERR_FAILED, "%s was never begun on this database (P3011)", name);
    if (all_applied)
        return err_set(err, ERR_FAILED, "%s is applied, it did not fail (P3012)", name);
    ledger_sql_roll_back(&driver->ledger, name, &sql);
    return driver->ops->execute(driver, sql.data, err);
}

static int resume(struct driver *driver, const struct migrator_target *target,
                  const struct migrator_callbacks *callbacks, const struct history *history,
                  const struct ledger *ledger, const struct migrator_resumption *resumption,
                  struct err *err)
{
    const struct ledger_row *row;
    const struct migration_run run = {.target = target,
                                      .callbacks = callbacks,
                                      .driver = driver,
                                      .migration = history_find(history, resumption->name)};
    if (ledger_state_of(ledger, resumption->name, &row) != LEDGER_FAILED)
        return err_set(err, ERR_FAILED, "%s has not failed on this database (P3012)",
                       resumption->name);
    if (!run.migration || run.migration->no_script)
        return fail_unknown(target, resumption->name, err);
    if (strlen(row->id) >= UUID_SIZE)
        return err_set(err, ERR_FAILED, "the ledger's row of %s has an unknown form",
                       resumption->name);
    char id[UUID_SIZE] = "";
    memcpy(id, row->id, strlen(row->id));
    return migration_run_resume(&run, id, resumption->from, err);
}

int migrator_resume(const struct migrator_target *target,
                    const struct migrator_callbacks *callbacks,
                    const struct migrator_resumption *resumption, struct err *err)
{
    struct history history = {0};
    struct ledger ledger = {0};
    struct driver *driver = NULL;
    const int failed = target_read_history(target, &history, err) ||
                       driver_open(target, callbacks, DRIVER_WRITE, &driver, NULL, err) ||
                       driver->ops->lock(driver, target_lock_timeout_ms(target), err) ||
                       driver->ops->ledger_read(driver, &ledger, err) ||
                       resume(driver, target, callbacks, &history, &ledger, resumption, err);
    driver_close(driver);
    ledger_release(&ledger);
    history_release(&history);
    return failed ? -1 : 0;
}

int migrator_resolve(const struct migrator_target *target, const char *name,
                     enum migrator_resolution resolution, struct err *err)
{
    struct history history = {0};
    struct ledger ledger = {0};
    struct driver *driver = NULL;
    int failed = target_read_history(target, &history, err) ||
                 driver_open(target, NULL, DRIVER_WRITE, &driver, NULL, err) ||
                 driver->ops->lock(driver, target_lock_timeout_ms(target), err) ||
                 driver->ops->ledger_read(driver, &ledger, err);
    if (!failed)
        failed = resolution == MIGRATOR_APPLIED
                     ? resolve_applied(driver, target, &history, &ledger, name, err)
                     : resolve_rolled_back(driver, &ledger, name, err);
    driver_close(driver);
    ledger_release(&ledger);
    history_release(&history);
    return failed ? -1 : 0;
}

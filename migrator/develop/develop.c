#include "migrator/develop/develop.h"

#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrator/develop/memory.h"
#include "migrator/develop/migration_file.h"
#include "migrator/develop/migration_name.h"
#include "migrator/sql/render.h"
#include "migrator/target.h"

static const struct migration_status *find_status(const struct develop *develop, const char *name)
{
    vec_each (migration, &develop->status.migrations)
        if (strcmp(migration->name, name) == 0)
            return migration;
    return NULL;
}

static int check_status(const struct develop *develop, struct err *err)
{
    vec_each (migration, &develop->status.migrations) {
        if (migration->state == MIGRATION_FAILED) {
            err_set(err, ERR_FAILED,
                    "the migration %s failed or never finished; nothing is done until that is "
                    "settled (P3009)",
                    migration->name);
            return err_hint(err,
                            "where its effects are undone: berth db resolve --rolled-back %s; "
                            "where it was completed by hand: berth db resolve --applied %s",
                            migration->name, migration->name);
        }
        if (migration->no_script && migration->state != MIGRATION_APPLIED) {
            err_set(err, ERR_FAILED, "%s/%s has no migration.sql (P3015)",
                    target_shown_path(develop->target, develop->target->migrations_path),
                    migration->name);
            return err_hint(err, "restore the file, or delete its directory");
        }
    }
    return 0;
}

static int read_actual(struct develop *develop, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    if (develop->status.database_missing)
        return 0;
    if (driver_open(develop->target, NULL, DRIVER_READ, &driver, NULL, err))
        return -1;
    return introspect(driver, &develop->scope, &develop->actual, err);
}

// The applied ones, or those that are pending, in the order on disk. What is wrong with a pending
// one is shown with its line.
static int replay_some(struct develop *develop, struct scratch *scratch, bool pending,
                       struct err *err)
{
    vec_each (migration, &develop->history.migrations) {
        const struct migration_status *status = find_status(develop, migration->name);
        if (pending == (status && status->state == MIGRATION_APPLIED))
            continue;
        if (scratch_run(scratch, migration, pending ? develop->callbacks : NULL, err)) {
            err_hint(err, "correct it, or delete its directory: it is not applied here");
            return err_wrap(err, "on an empty database (P3006)");
        }
    }
    return 0;
}

// Is all of the history applied, and the database what it is known to make?
static bool is_known(const struct develop *develop)
{
    return develop->actual && develop->status.pending == 0 &&
           memory_of(develop->memory, &develop->history, &develop->scope, develop->actual) ==
               MEMORY_SAME;
}

// What can't be replayed although it is applied is the live database's secret: that one stands for
// the history then. What is pending has to run.
static int replay(struct develop *develop, struct err *err)
{
    AUTO_SCRATCH *scratch = NULL;
    bool denied = false;
    if (develop->history.migrations.len == 0) {
        develop->expected = model_new(develop->provider);
        return 0;
    }
    if (is_known(develop))
        return 0;
    if (scratch_open(develop->target, &develop->history, &scratch, &denied, err)) {
        develop->unreplayed = *err;
        return denied ? 0 : -1;
    }
    if (replay_some(develop, scratch, false, err)) {
        develop->unreplayed = *err;
        return 0;
    }
    struct driver *driver = scratch_driver(scratch);
    if (introspect(driver, &develop->scope, &develop->expected, err))
        return -1;
    if (develop->status.pending == 0)
        return 0;
    return replay_some(develop, scratch, true, err) ||
                   introspect(driver, &develop->scope, &develop->all, err)
               ? -1
               : 0;
}

int develop_open(const struct migrator_target *target, const struct datamodel *datamodel,
                 const struct migrator_callbacks *callbacks, const char *memory,
                 struct develop *out, struct err *err)
{
    struct develop develop = {.target = target,
                              .memory = memory,
                              .callbacks = callbacks,
                              .scope = introspect_scope_of(datamodel),
                              .provider = datamodel->provider};
    if (target_read_history(target, &develop.history, err) ||
        migrator_status_read(target, &develop.status, err) || check_status(&develop, err) ||
        read_actual(&develop, err) || replay(&develop, err)) {
        develop_release(&develop);
        return -1;
    }
    develop.nothing = model_new(develop.provider);
    *out = develop;
    return 0;
}

void develop_release(struct develop *develop)
{
    model_free(develop->expected);
    model_free(develop->all);
    model_free(develop->actual);
    model_free(develop->nothing);
    migrator_status_release(&develop->status);
    history_release(&develop->history);
    *develop = (struct develop){0};
}

bool develop_sees_drift(const struct develop *develop)
{
    return develop->expected && develop->actual &&
           (develop->status.has_ledger || develop->history.migrations.len == 0);
}

// An extension that is there beyond what the migrations make is the server's or its
// administrator's; one that a migration makes later is made if it does not exist.
void develop_drift(const struct develop *develop, struct steps *out)
{
    size_t kept = 0;
    model_diff(develop->expected, develop->actual, out);
    for (size_t i = 0; i < out->items.len; i++) {
        const enum step_kind kind = out->items.items[i].kind;
        if (kind != STEP_CREATE_EXTENSION && kind != STEP_DROP_EXTENSION)
            out->items.items[kept++] = out->items.items[i];
    }
    out->items.len = kept;
}

void develop_undrift(const struct develop *develop, struct steps *out)
{
    model_diff(develop->actual, develop->expected, out);
}

const struct model *develop_base(const struct develop *develop)
{
    if (develop->all)
        return develop->all;
    if (develop->expected)
        return develop->expected;
    if (develop->status.pending > 0)
        return NULL;
    return develop->actual ? develop->actual : develop->nothing;
}

const char *develop_later_applied(const struct develop *develop,
                                  const struct migration_status *migration)
{
    if (migration->state == MIGRATION_APPLIED)
        return NULL;
    vec_each (other, &develop->status.migrations)
        if (other->state == MIGRATION_APPLIED && strcmp(other->name, migration->name) > 0)
            return other->name;
    return NULL;
}

int develop_write(const struct develop *develop, const struct steps *steps, const char *title,
                  char **name_out, struct err *err)
{
    AUTO_STRBUF slug = STRBUF_INIT, name = STRBUF_INIT, script = STRBUF_INIT;
    migration_slug(title, &slug);
    migration_name(&develop->history, clock_wall_ms(), slug.data, &name);
    steps_render_warnings(steps, &script);
    steps_render(steps, &script);
    if (migration_write(develop->target->migrations_path, name.data, develop->target->provider,
                        script.data, err))
        return -1;
    *name_out = strbuf_detach(&name);
    return 0;
}

int develop_run(const struct develop *develop, const struct steps *steps, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    AUTO_STRBUF text = STRBUF_INIT;
    const struct driver_book book = {0};
    struct failure failure = {0};
    struct script script;
    int64_t rows;
    if (driver_open(develop->target, develop->callbacks, DRIVER_WRITE, &driver, NULL, err) ||
        driver->ops->lock(driver, target_lock_timeout_ms(develop->target), err))
        return -1;
    steps_render(steps, &text);
    const struct source source = {"the change", text.data, text.len};
    script_parse(&source, &driver->script, &script);
    const int failed = driver->ops->run(driver, &script, &book, &rows, &failure, err);
    if (failed && failure.happened)
        failure_report(&failure, &script.source, develop->callbacks, err);
    failure_release(&failure);
    script_release(&script);
    return failed;
}

int develop_check_data(const struct develop *develop, const struct steps *steps,
                       struct data_loss *out, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    bool missing = false;
    if (driver_open(develop->target, NULL, DRIVER_READ, &driver, &missing, err))
        return missing ? 0 : -1;
    data_loss_find(driver, steps, out);
    return 0;
}

int develop_remember(const struct develop *develop, const struct model *actual, struct err *err)
{
    struct history history = {0};
    if (!develop->memory || target_read_history(develop->target, &history, err))
        return develop->memory ? -1 : 0;
    const int failed = memory_keep(develop->memory, &history, &develop->scope, actual, err);
    history_release(&history);
    return failed;
}

static int check_applied(const struct develop *develop, const char *name, struct err *err)
{
    struct migrator_status status = {0};
    if (migrator_status_read(develop->target, &status, err))
        return -1;
    bool is_applied = false;
    vec_each (migration, &status.migrations)
        if (strcmp(migration->name, name) == 0)
            is_applied =
                migration->state == MIGRATION_APPLIED && !migration->missing && !migration->edited;
    const size_t failed = status.failed;
    migrator_status_release(&status);
    if (is_applied && failed == 0)
        return 0;
    return err_set(err, ERR_FAILED,
                   "%s was applied, but the directory and the ledger do not say so", name);
}

int develop_verify(const struct develop *develop, const char *name, const struct model *wanted,
                   struct model **actual_out, struct steps *remaining, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    struct model *actual = NULL;
    if (check_applied(develop, name, err) ||
        driver_open(develop->target, NULL, DRIVER_READ, &driver, NULL, err) ||
        introspect(driver, &develop->scope, &actual, err))
        return -1;
    model_diff(actual, wanted, remaining);
    *actual_out = actual;
    return 0;
}

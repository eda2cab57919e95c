#include "migrator/migration_run.h"

#include <string.h>

#include "base/clock.h"
#include "migrator/target.h"

static void take_invalid_index(void *context, const char *const *values)
{
    struct strbuf *out = context;
    strbuf_addf(out, "%s DROP INDEX %s;", out->len ? "" : "; what is left of an index:", values[0]);
}

void migration_find_invalid_indexes(struct driver *driver, struct strbuf *out)
{
    struct err ignored;
    if (driver->ops->find_invalid_indexes)
        (void)!driver->ops->find_invalid_indexes(driver, take_invalid_index, out, &ignored);
}

// The row says failed, with the reason; the hint says how to go on.
static void record_failure(const struct migration_run *run, const struct script *script,
                           const struct ledger_entry *entry, const struct failure *failure,
                           struct err *err)
{
    AUTO_STRBUF logs = STRBUF_INIT, sql = STRBUF_INIT, effect = STRBUF_INIT, indexes = STRBUF_INIT;
    struct err unrecorded;
    failure_logs(failure, &script->source, entry->name, &logs);
    ledger_sql_failed(&run->driver->ledger, entry, logs.data, failure->recorded, &sql);
    if (run->driver->ops->execute(run->driver, sql.data, &unrecorded))
        driver_say(run->driver, "warning: the failure could not be recorded: %s",
                   unrecorded.message);
    failure_effect(failure, &effect);
    migration_find_invalid_indexes(run->driver, &indexes);
    if (failure->committed == 0 && !failure->in_part)
        err_hint(err,
                 "%s: correct the file, run `berth db resolve --rolled-back %s`, deploy again%s",
                 effect.data, entry->name, indexes.data);
    else
        err_hint(err,
                 "%s: correct the rest and run `berth db resolve --resume %s --from %zu`; or undo "
                 "them and run `berth db resolve --rolled-back %s`%s",
                 effect.data, entry->name, failure->committed + 1, entry->name, indexes.data);
}

// What a driver book's `begun` is told of.
struct begun {
    const struct ledger_table *table;
    const struct ledger_entry *entry;
    size_t skipped; // statements that are not run any more
};

static void write_begun(const void *context, const struct script *script, size_t index,
                        struct strbuf *sql)
{
    const struct begun *begun = context;
    const struct failure failure = {.has_place = true,
                                    .unit = failure_unit(script->dialect),
                                    .start = script->statements.items[index].start,
                                    .statement = begun->skipped + index + 1,
                                    .count = begun->skipped + script->statements.len,
                                    .committed = begun->skipped + index};
    AUTO_STRBUF logs = STRBUF_INIT;
    failure_progress(&failure, &script->source, begun->entry->name, &logs);
    ledger_sql_progress(begun->table, begun->entry, logs.data, sql);
}

// Runs what the script has; `skipped` statements of the file are in front of it.
static int run_script(const struct migration_run *run, const struct script *script, size_t skipped,
                      const struct ledger_entry *entry, const struct driver_book *book,
                      struct err *err)
{
    struct failure failure = {0};
    int64_t rows;
    if (run->driver->ops->run(run->driver, script, book, &rows, &failure, err) == 0) {
        failure_release(&failure);
        return 0;
    }
    if (failure.happened) {
        failure.statement += failure.statement ? skipped : 0;
        failure.count += skipped;
        failure.committed += skipped;
        failure.recorded = failure.recorded || skipped > 0;
        failure_report(&failure, &script->source, run->callbacks, err);
        record_failure(run, script, entry, &failure, err);
    }
    failure_release(&failure);
    return -1;
}

static int read_script(const struct migration_run *run, struct script *out, struct err *err)
{
    const char *path = run->migration->path;
    return script_read(path, target_shown_path(run->target, path), &run->driver->script, out, err);
}

int migration_run_begin(const struct migration_run *run, const char *id, struct err *err)
{
    const struct ledger_table *table = &run->driver->ledger;
    struct ledger_entry entry = {.name = run->migration->name, .started_at_ms = clock_wall_ms()};
    AUTO_STRBUF within = STRBUF_INIT, before = STRBUF_INIT, after = STRBUF_INIT;
    struct script script;
    if (read_script(run, &script, err))
        return -1;
    memcpy(entry.id, id, sizeof entry.id);
    sha256_hex(script.file.text, script.file.length, entry.checksum);
    ledger_sql_applied(table, &entry, &within);
    ledger_sql_started(table, &entry, &before);
    ledger_sql_finished(table, &entry, &after);
    const struct begun begun = {table, &entry, 0};
    const struct driver_book book = {within.data, before.data, after.data, write_begun, &begun};
    const int failed = run_script(run, &script, 0, &entry, &book, err);
    script_release(&script);
    return failed;
}

// The source with nothing but line ends before the offset, so that all behind keeps its line.
static char *blank_before(const struct source *source, size_t offset)
{
    char *text = mem_strndup(source->text, source->length);
    for (size_t i = 0; i < offset; i++)
        if (text[i] != '\n' && text[i] != '\r')
            text[i] = ' ';
    return text;
}

static int resume_script(const struct migration_run *run, const struct script *whole,
                         const struct ledger_entry *entry, size_t from, struct err *err)
{
    AUTO_STRBUF finish = STRBUF_INIT;
    AUTOFREE char *text = blank_before(&whole->source, whole->statements.items[from - 1].start);
    const struct source source = {whole->source.path, text, whole->source.length};
    const struct begun begun = {&run->driver->ledger, entry, from - 1};
    struct script rest;
    ledger_sql_resumed(&run->driver->ledger, entry, &finish);
    script_parse(&source, &run->driver->script, &rest);
    const struct driver_book book = {finish.data, NULL, finish.data, write_begun, &begun};
    const int failed = run_script(run, &rest, from - 1, entry, &book, err);
    script_release(&rest);
    return failed;
}

int migration_run_resume(const struct migration_run *run, const char *id, size_t from,
                         struct err *err)
{
    struct ledger_entry entry = {.name = run->migration->name};
    struct script script;
    int failed;
    if (read_script(run, &script, err))
        return -1;
    memcpy(entry.id, id, sizeof entry.id);
    sha256_hex(script.file.text, script.file.length, entry.checksum);
    if (from == 0 || from > script.statements.len)
        failed = err_set(err, ERR_USAGE, "%s: give a %s from 1 to %zu", script.source.path,
                         failure_unit(script.dialect), script.statements.len);
    else
        failed = resume_script(run, &script, &entry, from, err);
    script_release(&script);
    return failed;
}

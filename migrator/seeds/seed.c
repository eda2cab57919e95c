#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "migrator/driver/driver.h"
#include "migrator/seeds/program.h"
#include "migrator/seeds/record.h"
#include "migrator/target.h"
#include "migrator/text_file.h"

// One run of migrator_seed.
struct sowing {
    const struct migrator_target *target;
    const struct migrator_seed *seed;
    const struct migrator_callbacks *callbacks;
    struct driver *driver;
    struct seed_record record;
    char *directory;
    VEC_OF(char *) files; // names, in byte order
    struct migrator_seed_result result;
};

static bool has_ending(const char *name, const char *ending)
{
    const size_t length = strlen(name), ending_length = strlen(ending);
    return length > ending_length && strcmp(name + length - ending_length, ending) == 0;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static int list_files(struct sowing *sowing, struct err *err)
{
    if (!sowing->directory)
        return 0;
    DIR *directory = opendir(sowing->directory);
    if (!directory)
        return errno == ENOENT || errno == ENOTDIR
                   ? 0
                   : err_set_errno(err, "cannot read %s", sowing->directory);
    for (const struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' &&
            (has_ending(entry->d_name, ".sql") || has_ending(entry->d_name, ".csv")))
            vec_push(&sowing->files, mem_strdup(entry->d_name));
    closedir(directory);
    if (sowing->files.len > 1)
        qsort(sowing->files.items, sowing->files.len, sizeof *sowing->files.items, compare_names);
    return 0;
}

static void report_progress(const struct sowing *sowing, const char *name, size_t index,
                            size_t total, bool finished, int64_t duration_ms)
{
    const struct migrator_progress progress = {.migration = name,
                                               .index = index,
                                               .total = total,
                                               .finished = finished,
                                               .duration_ms = duration_ms,
                                               .rows = sowing->result.rows};
    if (sowing->callbacks && sowing->callbacks->progress)
        sowing->callbacks->progress(sowing->callbacks->context, &progress);
}

static int sow_sql(struct sowing *sowing, const char *path, const struct driver_book *book,
                   int64_t *rows, struct err *err)
{
    struct script script;
    struct failure failure = {0};
    if (script_read(path, target_shown_path(sowing->target, path), &sowing->driver->script, &script,
                    err))
        return -1;
    const int failed = sowing->driver->ops->run(sowing->driver, &script, book, rows, &failure, err);
    if (failed && failure.happened) {
        AUTO_STRBUF effect = STRBUF_INIT;
        failure_report(&failure, &script.source, sowing->callbacks, err);
        failure_effect(&failure, &effect);
        err_hint(err, "%s; files before it stay sown, and the next run goes on with this one",
                 effect.data);
    }
    failure_release(&failure);
    script_release(&script);
    return failed;
}

// "02_User.csv" -> "User": digits at the front only give the order.
static char *table_of(const char *file)
{
    const size_t digits = strspn(file, "0123456789");
    const size_t prefix = digits && (file[digits] == '_' || file[digits] == '-') ? digits + 1 : 0;
    const size_t length = strlen(file) - strlen(".csv");
    return prefix < length ? mem_strndup(file + prefix, length - prefix)
                           : mem_strndup(file, length);
}

static int sow_csv(struct sowing *sowing, const char *path, const char *file,
                   const struct driver_book *book, int64_t *rows, struct err *err)
{
    struct source source;
    struct csv_reader csv;
    struct failure failure = {0};
    AUTOFREE char *table = table_of(file);
    if (text_file_read(path, target_shown_path(sowing->target, path), &source, err))
        return -1;
    int failed = csv_open(&source, &csv, err);
    if (!failed) {
        failed = sowing->driver->ops->load(sowing->driver, table, &csv, book, rows, &failure, err);
        csv_close(&csv);
    }
    if (failure.happened) {
        failure_report(&failure, &source, sowing->callbacks, err);
        err_hint(err, "nothing of it took effect; files before it stay sown, and the next run goes "
                      "on with this one");
    }
    failure_release(&failure);
    text_file_release(&source);
    return failed;
}

// The file and its mark, in one transaction.
static int sow_file(struct sowing *sowing, size_t index, struct err *err)
{
    const char *file = sowing->files.items[index];
    const char *mode = sowing->seed->mode;
    AUTOFREE char *path = path_join(sowing->directory, file);
    AUTO_STRBUF mark = STRBUF_INIT;
    int64_t rows = 0;
    seed_record_add(&sowing->record, mode, file);
    seed_record_sql(sowing->driver, &sowing->record, &mark);
    const struct driver_book book = {.within = mark.data, .after = mark.data};
    const int failed = has_ending(file, ".csv") ? sow_csv(sowing, path, file, &book, &rows, err)
                                                : sow_sql(sowing, path, &book, &rows, err);
    if (failed)
        return -1;
    sowing->record.exists = true;
    sowing->result.files++;
    sowing->result.rows += rows;
    return 0;
}

static int mark_done(struct sowing *sowing, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    seed_record_add(&sowing->record, sowing->seed->mode, "");
    seed_record_sql(sowing->driver, &sowing->record, &sql);
    return driver_execute_transaction(sowing->driver, sql.data, err);
}

static int sow_files(struct sowing *sowing, struct err *err)
{
    const char *mode = sowing->seed->mode;
    // A run that was cut short is continued; a whole one is only repeated on request.
    if (seed_record_has(&sowing->record, mode, ""))
        seed_record_remove_mode(&sowing->record, mode);
    for (size_t i = 0; i < sowing->files.len; i++) {
        const char *file = sowing->files.items[i];
        const int64_t begun = clock_monotonic_ms();
        if (seed_record_has(&sowing->record, mode, file))
            continue;
        report_progress(sowing, file, i + 1, sowing->files.len, false, 0);
        if (sow_file(sowing, i, err))
            return -1;
        report_progress(sowing, file, i + 1, sowing->files.len, true, clock_monotonic_ms() - begun);
    }
    return mark_done(sowing, err);
}

// A program talks to the database itself, so no lock is held meanwhile: SQLite's would shut it out.
static int run_program(struct sowing *sowing, struct err *err)
{
    const char *name = path_basename(sowing->seed->script_path);
    const int64_t begun = clock_monotonic_ms();
    report_progress(sowing, name, 1, 1, false, 0);
    if (seed_program_run(sowing->seed, sowing->callbacks, err))
        return -1;
    seed_record_release(&sowing->record);
    if (seed_record_read(sowing->driver, &sowing->record, err))
        return -1;
    seed_record_remove_mode(&sowing->record, sowing->seed->mode);
    if (mark_done(sowing, err))
        return -1;
    sowing->result.files = 1;
    report_progress(sowing, name, 1, 1, true, clock_monotonic_ms() - begun);
    return 0;
}

static int sow(struct sowing *sowing, struct err *err)
{
    const bool has_files = sowing->files.len > 0;
    if (driver_open(sowing->target, sowing->callbacks, DRIVER_WRITE, &sowing->driver, NULL, err) ||
        (has_files &&
         sowing->driver->ops->lock(sowing->driver, target_lock_timeout_ms(sowing->target), err)) ||
        seed_record_read(sowing->driver, &sowing->record, err))
        return -1;
    if (sowing->seed->once && seed_record_has(&sowing->record, sowing->seed->mode, "")) {
        sowing->result.skipped = true;
        return 0;
    }
    return has_files ? sow_files(sowing, err) : run_program(sowing, err);
}

static int check_mode(const char *mode, struct err *err)
{
    if (*mode && *mode != '.' && !strchr(mode, '/'))
        return 0;
    return err_set(err, ERR_USAGE, "\"%s\" is no seed mode: it names a directory of seeds", mode);
}

int migrator_seed(const struct migrator_target *target, const struct migrator_seed *seed,
                  const struct migrator_callbacks *callbacks, struct migrator_seed_result *out,
                  struct err *err)
{
    struct sowing sowing = {.target = target, .seed = seed, .callbacks = callbacks};
    if (check_mode(seed->mode, err))
        return -1;
    sowing.directory = seed->seeds_path ? path_join(seed->seeds_path, seed->mode) : NULL;
    int failed = list_files(&sowing, err);
    const bool has_program = seed->script_path && file_exists(seed->script_path);
    if (!failed && (sowing.files.len > 0 || has_program))
        failed = sow(&sowing, err);
    else
        sowing.result.skipped = true;
    driver_close(sowing.driver);
    seed_record_release(&sowing.record);
    vec_each (file, &sowing.files)
        free(*file);
    vec_release(&sowing.files);
    free(sowing.directory);
    if (failed)
        return -1;
    *out = sowing.result;
    return 0;
}

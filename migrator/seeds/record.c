#include "migrator/seeds/record.h"

#include <string.h>

#include "base/clock.h"
#include "migrator/sql_quote.h"

#define VIEW "_berth_seeds"

static void take_mark(void *context, const char *const *values)
{
    struct seed_record *record = context;
    if (values[0] && values[1] && values[2])
        vec_push(&record->marks, (struct seed_mark){mem_strdup(values[0]), mem_strdup(values[1]),
                                                    mem_strdup(values[2])});
}

static void add_name(const struct driver *driver, struct strbuf *out)
{
    if (driver->schema) {
        sql_quote_identifier(driver->schema, out);
        strbuf_addch(out, '.');
    }
    strbuf_adds(out, "\"" VIEW "\"");
}

static void add_existence_query(const struct driver *driver, struct strbuf *out)
{
    if (!driver->schema) {
        strbuf_adds(out, "SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = '" VIEW "'");
        return;
    }
    strbuf_adds(out,
                "SELECT 1 FROM pg_catalog.pg_views WHERE viewname = '" VIEW "' AND schemaname = ");
    sql_quote_literal(SQL_POSTGRES, driver->schema, out);
}

int seed_record_read(struct driver *driver, struct seed_record *out, struct err *err)
{
    struct seed_record record = {0};
    size_t views = 0;
    AUTO_STRBUF exists = STRBUF_INIT, select = STRBUF_INIT;
    add_existence_query(driver, &exists);
    strbuf_adds(&select, "SELECT mode, file, sown_at FROM ");
    add_name(driver, &select);
    if (driver->ops->query(driver, exists.data, driver_count_row, &views, err))
        return -1;
    record.exists = views > 0;
    if (record.exists && driver->ops->query(driver, select.data, take_mark, &record, err)) {
        seed_record_release(&record);
        return -1;
    }
    *out = record;
    return 0;
}

static void release_mark(struct seed_mark *mark)
{
    free(mark->mode);
    free(mark->file);
    free(mark->sown_at);
}

void seed_record_release(struct seed_record *record)
{
    vec_each (mark, &record->marks)
        release_mark(mark);
    vec_release(&record->marks);
    *record = (struct seed_record){0};
}

bool seed_record_has(const struct seed_record *record, const char *mode, const char *file)
{
    vec_each (mark, &record->marks)
        if (strcmp(mark->mode, mode) == 0 && strcmp(mark->file, file) == 0)
            return true;
    return false;
}

void seed_record_add(struct seed_record *record, const char *mode, const char *file)
{
    char now[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(clock_wall_ms(), now);
    vec_push(&record->marks,
             (struct seed_mark){mem_strdup(mode), mem_strdup(file), mem_strdup(now)});
}

void seed_record_remove_mode(struct seed_record *record, const char *mode)
{
    size_t kept = 0;
    for (size_t i = 0; i < record->marks.len; i++) {
        if (strcmp(record->marks.items[i].mode, mode) == 0)
            release_mark(&record->marks.items[i]);
        else
            record->marks.items[kept++] = record->marks.items[i];
    }
    record->marks.len = kept;
}

void seed_record_sql(const struct driver *driver, const struct seed_record *record,
                     struct strbuf *out)
{
    if (record->exists) {
        strbuf_adds(out, "DROP VIEW IF EXISTS ");
        add_name(driver, out);
        strbuf_adds(out, "; ");
    }
    strbuf_adds(out, "CREATE VIEW ");
    add_name(driver, out);
    strbuf_adds(out, " (mode, file, sown_at) AS VALUES ");
    for (size_t i = 0; i < record->marks.len; i++) {
        const struct seed_mark *mark = &record->marks.items[i];
        strbuf_adds(out, i ? ", (" : "(");
        sql_quote_literal(driver->script.dialect, mark->mode, out);
        strbuf_adds(out, ", ");
        sql_quote_literal(driver->script.dialect, mark->file, out);
        strbuf_adds(out, ", ");
        sql_quote_literal(driver->script.dialect, mark->sown_at, out);
        strbuf_adds(out, ")");
    }
}

#include "migrator/seeds/record.h"

#include <string.h>

#include "base/clock.h"
#include "migrator/constant_view.h"

static const char *const columns[] = {"mode", "file", "sown_at"};
static const struct constant_view view = {"_berth_seeds", columns,
                                          sizeof columns / sizeof *columns};

static void take_mark(void *context, const char *const *values)
{
    struct seed_record *record = context;
    if (values[0] && values[1] && values[2])
        vec_push(&record->marks, (struct seed_mark){mem_strdup(values[0]), mem_strdup(values[1]),
                                                    mem_strdup(values[2])});
}

int seed_record_read(struct driver *driver, struct seed_record *out, struct err *err)
{
    struct seed_record record = {0};
    if (constant_view_read(driver, &view, take_mark, &record, &record.exists, err)) {
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
    VEC_OF(const char *) values = {0};
    vec_each (mark, &record->marks) {
        vec_push(&values, mark->mode);
        vec_push(&values, mark->file);
        vec_push(&values, mark->sown_at);
    }
    constant_view_sql(driver, &view, values.items, record->marks.len, record->exists, out);
    vec_release(&values);
}

#include "migrator/driver/insert.h"

#include "migrator/sql_quote.h"

enum { BATCH_BYTES = 256 * 1024 };

static void begin_statement(const struct insert *insert, struct strbuf *sql)
{
    const struct csv_record *header = &insert->csv->header;
    strbuf_addf(sql, "INSERT INTO %s", insert->table);
    for (size_t i = 0; i < header->fields.len; i++) {
        strbuf_adds(sql, i ? ", " : " (");
        sql_quote_identifier(insert->driver->script.dialect, csv_value(header, i), sql);
    }
    strbuf_adds(sql, ") VALUES ");
}

static void add_record(const struct insert *insert, struct strbuf *sql)
{
    const struct csv_record *record = &insert->csv->record;
    for (size_t i = 0; i < record->fields.len; i++) {
        const char *value = csv_value(record, i);
        strbuf_adds(sql, i ? ", " : "(");
        if (value)
            insert->add_value(insert->context, i, value, sql);
        else
            strbuf_adds(sql, "NULL");
    }
    strbuf_adds(sql, ")");
}

static int fail(const struct insert *insert, struct failure *failure, struct err *err)
{
    const struct csv_reader *csv = insert->csv;
    insert->describe(insert->driver, failure);
    err_set(err, ERR_FAILED, "%s: %s", csv->source->path, failure->message);
    if (insert->is_lost(insert->driver))
        return -1;
    failure->happened = failure->has_place = true;
    failure->start = csv->record.start;
    failure->end = csv->position;
    return -1;
}

// One INSERT of many rows. Returns 1 while there may be more; *refused: the server took them not.
static int insert_batch(const struct insert *insert, int64_t *rows, bool *refused, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    size_t count = 0;
    int more = 1;
    begin_statement(insert, &sql);
    while (sql.len < BATCH_BYTES && count < insert->batch_rows &&
           (more = csv_next(insert->csv, err)) > 0) {
        strbuf_adds(&sql, count > 0 ? ", " : "");
        add_record(insert, &sql);
        count++;
    }
    if (more < 0)
        return -1;
    *refused = count > 0 && insert->send(insert->driver, sql.data);
    if (*refused)
        return -1;
    *rows += (int64_t)count;
    return more;
}

static void roll_back(const struct insert *insert)
{
    struct err ignored;
    if (!insert->is_lost(insert->driver))
        (void)!insert->driver->ops->execute(insert->driver, "ROLLBACK", &ignored);
}

// Which record of the batch that begins at `position` the server refuses. With an error it may have
// undone the transaction, so what comes before is sent again.
static int find_culprit(const struct insert *insert, const char *begin, size_t first,
                        size_t position, struct failure *failure, struct err *err)
{
    int64_t ignored;
    bool refused = false;
    roll_back(insert);
    if (insert->driver->ops->execute(insert->driver, begin, err))
        return -1;
    insert->csv->position = first;
    while (insert->csv->position < position)
        if (insert_batch(insert, &ignored, &refused, err) < 0)
            return refused ? fail(insert, failure, err) : -1;
    while (csv_next(insert->csv, err) > 0) {
        AUTO_STRBUF sql = STRBUF_INIT;
        begin_statement(insert, &sql);
        add_record(insert, &sql);
        if (insert->send(insert->driver, sql.data))
            return fail(insert, failure, err);
    }
    return err_set(err, ERR_FAILED, "%s: the server refused rows together that it takes one by one",
                   insert->csv->source->path);
}

static int insert_records(const struct insert *insert, const char *begin, int64_t *rows,
                          struct failure *failure, struct err *err)
{
    const size_t first = insert->csv->position;
    int more = 1;
    while (more > 0) {
        const size_t position = insert->csv->position;
        bool refused = false;
        more = insert_batch(insert, rows, &refused, err);
        if (refused && insert->is_lost(insert->driver))
            return fail(insert, failure, err);
        if (refused)
            return find_culprit(insert, begin, first, position, failure, err);
    }
    return more;
}

int insert_all(const struct insert *insert, const char *begin, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err)
{
    struct driver *driver = insert->driver;
    *rows = 0;
    if (driver->ops->execute(driver, begin, err) == 0 &&
        insert_records(insert, begin, rows, failure, err) == 0 &&
        (!book->within || driver->ops->execute(driver, book->within, err) == 0) &&
        driver->ops->execute(driver, "COMMIT", err) == 0)
        return 0;
    roll_back(insert);
    return -1;
}

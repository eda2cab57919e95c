#include <string.h>
#include <strings.h>

#include "migrator/driver/sqlite.h"
#include "migrator/sql_quote.h"

static int fail(const struct sqlite *sqlite, const struct csv_reader *csv, bool in_record,
                struct failure *failure, struct err *err)
{
    struct csv_field field;
    failure->happened = true;
    sqlite_failure(sqlite, failure);
    if (in_record) {
        failure->has_place = true;
        failure->start = csv->record.start;
        failure->end = csv->position;
    } else if (csv_named_column(csv, failure->message, &field)) {
        failure->has_place = true;
        failure->start = field.start;
        failure->end = field.end;
    }
    return err_set(err, ERR_FAILED, "%s: %s", csv->source->path, failure->message);
}

struct columns {
    const struct csv_record *header;
    VEC_OF(bool) is_boolean; // by the header's order
};

// A row of table_info: its name and declared type.
static void take_column(void *context, const char *const *values)
{
    struct columns *columns = context;
    for (size_t i = 0; i < columns->header->fields.len; i++)
        if (values[1] && values[2] && strcasecmp(csv_value(columns->header, i), values[1]) == 0 &&
            strncasecmp(values[2], "bool", 4) == 0)
            columns->is_boolean.items[i] = true;
}

static int read_columns(struct sqlite *sqlite, const char *table, struct columns *columns,
                        struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    for (size_t i = 0; i < columns->header->fields.len; i++)
        vec_push(&columns->is_boolean, false);
    strbuf_adds(&sql, "PRAGMA table_info(");
    sql_quote_identifier(SQL_SQLITE, table, &sql);
    strbuf_adds(&sql, ")");
    return sqlite_query(&sqlite->driver, sql.data, take_column, columns, err);
}

static void add_insert(const char *table, const struct csv_record *header, struct strbuf *sql)
{
    strbuf_adds(sql, "INSERT INTO ");
    sql_quote_identifier(SQL_SQLITE, table, sql);
    for (size_t i = 0; i < header->fields.len; i++) {
        strbuf_adds(sql, i ? ", " : " (");
        sql_quote_identifier(SQL_SQLITE, csv_value(header, i), sql);
    }
    strbuf_adds(sql, ") VALUES (");
    for (size_t i = 0; i < header->fields.len; i++)
        strbuf_adds(sql, i ? ", ?" : "?");
    strbuf_adds(sql, ")");
}

// Text, which the column's affinity turns into a number; booleans have no affinity that would.
static void bind(sqlite3_stmt *insert, const struct csv_record *record,
                 const struct columns *columns)
{
    for (size_t i = 0; i < record->fields.len; i++) {
        const char *value = csv_value(record, i);
        if (value && columns->is_boolean.items[i] && strcasecmp(value, "true") == 0)
            value = "1";
        else if (value && columns->is_boolean.items[i] && strcasecmp(value, "false") == 0)
            value = "0";
        if (value)
            sqlite3_bind_text(insert, (int)i + 1, value, -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(insert, (int)i + 1);
    }
}

static int insert_records(struct sqlite *sqlite, const char *table, struct csv_reader *csv,
                          int64_t *rows, struct failure *failure, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    struct columns columns = {.header = &csv->header};
    sqlite3_stmt *insert = NULL;
    int failed = read_columns(sqlite, table, &columns, err);
    add_insert(table, &csv->header, &sql);
    if (!failed && sqlite3_prepare_v2(sqlite->db, sql.data, -1, &insert, NULL))
        failed = fail(sqlite, csv, false, failure, err);
    int more = 0;
    while (!failed && (more = csv_next(csv, err)) > 0) {
        bind(insert, &csv->record, &columns);
        if (sqlite3_step(insert) != SQLITE_DONE)
            failed = fail(sqlite, csv, true, failure, err);
        else
            ++*rows;
        sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    vec_release(&columns.is_boolean);
    return failed || more < 0 ? -1 : 0;
}

int sqlite_load(struct driver *driver, const char *table, struct csv_reader *csv,
                const struct driver_book *book, int64_t *rows, struct failure *failure,
                struct err *err)
{
    struct sqlite *sqlite = sqlite_of(driver);
    *rows = 0;
    if (sqlite_execute(driver, "BEGIN IMMEDIATE", err))
        return -1;
    int failed = insert_records(sqlite, table, csv, rows, failure, err) ||
                 (book->within && sqlite_execute(driver, book->within, err));
    if (!failed && sqlite3_exec(sqlite->db, "COMMIT", NULL, NULL, NULL)) {
        failure->happened = true;
        sqlite_failure(sqlite, failure);
        failed = err_set(err, ERR_FAILED, "%s: %s", csv->source->path, failure->message);
    }
    if (sqlite_in_transaction(sqlite))
        sqlite_roll_back(sqlite);
    return failed ? -1 : 0;
}

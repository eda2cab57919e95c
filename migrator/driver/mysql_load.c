#include <string.h>
#include <strings.h>

#include "migrator/driver/mysql.h"
#include "migrator/sql_quote.h"

enum { BATCH_BYTES = 256 * 1024, BATCH_ROWS = 1000 };

enum conversion { CONVERT_NONE, CONVERT_BOOLEAN, CONVERT_TIME };

struct load {
    struct mysql *mysql;
    const char *table;
    struct csv_reader *csv;
    VEC_OF(enum conversion) conversions; // by the header's order
};

// A column of the table: its name, and its type in full.
static void take_column(void *context, const char *const *values)
{
    struct load *load = context;
    for (size_t i = 0; i < load->conversions.len; i++) {
        if (strcasecmp(csv_value(&load->csv->header, i), values[0]) != 0)
            continue;
        if (strcasecmp(values[1], "tinyint(1)") == 0 || strncasecmp(values[1], "bit", 3) == 0)
            load->conversions.items[i] = CONVERT_BOOLEAN;
        else if (strncasecmp(values[1], "datetime", 8) == 0 ||
                 strncasecmp(values[1], "timestamp", 9) == 0)
            load->conversions.items[i] = CONVERT_TIME;
    }
}

static int read_columns(struct load *load, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    for (size_t i = 0; i < load->csv->header.fields.len; i++)
        vec_push(&load->conversions, CONVERT_NONE);
    strbuf_adds(&sql, "SELECT column_name, column_type FROM information_schema.columns "
                      "WHERE table_schema = DATABASE() AND table_name = ");
    sql_quote_literal(SQL_MYSQL, load->table, &sql);
    return mysql_query_rows(&load->mysql->driver, sql.data, take_column, load, err);
}

// What the server would not take as other engines do: the words of a boolean, and the Z of UTC.
static void add_value(const char *value, enum conversion conversion, struct strbuf *sql)
{
    const size_t length = value ? strlen(value) : 0;
    if (!value) {
        strbuf_adds(sql, "NULL");
    } else if (conversion == CONVERT_BOOLEAN && strcasecmp(value, "true") == 0) {
        strbuf_adds(sql, "1");
    } else if (conversion == CONVERT_BOOLEAN &&
               (strcasecmp(value, "false") == 0 || strcmp(value, "0") == 0)) {
        strbuf_adds(sql, "0");
    } else if (conversion == CONVERT_TIME && length > 0 && value[length - 1] == 'Z') {
        AUTOFREE char *local = mem_strndup(value, length - 1);
        sql_quote_literal(SQL_MYSQL, local, sql);
    } else {
        sql_quote_literal(SQL_MYSQL, value, sql);
    }
}

static void begin_insert(const struct load *load, struct strbuf *sql)
{
    const struct csv_record *header = &load->csv->header;
    strbuf_adds(sql, "INSERT INTO ");
    sql_quote_identifier(SQL_MYSQL, load->table, sql);
    for (size_t i = 0; i < header->fields.len; i++) {
        strbuf_adds(sql, i ? ", " : " (");
        sql_quote_identifier(SQL_MYSQL, csv_value(header, i), sql);
    }
    strbuf_adds(sql, ") VALUES ");
}

static void add_record(const struct load *load, struct strbuf *sql)
{
    const struct csv_record *record = &load->csv->record;
    for (size_t i = 0; i < record->fields.len; i++) {
        strbuf_adds(sql, i ? ", " : "(");
        add_value(csv_value(record, i), load->conversions.items[i], sql);
    }
    strbuf_adds(sql, ")");
}

static int fail(const struct load *load, bool in_record, struct failure *failure, struct err *err)
{
    const struct csv_reader *csv = load->csv;
    if (mysql_is_lost(load->mysql))
        return mysql_fail(load->mysql, err);
    failure->happened = true;
    mysql_failure(load->mysql, failure);
    if (in_record) {
        failure->has_place = true;
        failure->start = csv->record.start;
        failure->end = csv->position;
    }
    return err_set(err, ERR_FAILED, "%s: %s", csv->source->path, failure->message);
}

// Record by record from where a batch began: which one the server refuses.
static int find_culprit(struct load *load, size_t position, struct failure *failure,
                        struct err *err)
{
    load->csv->position = position;
    while (csv_next(load->csv, err) > 0) {
        AUTO_STRBUF sql = STRBUF_INIT;
        begin_insert(load, &sql);
        add_record(load, &sql);
        if (mysql_exchange(load->mysql, sql.data, sql.len, NULL))
            return fail(load, true, failure, err);
    }
    return err_set(err, ERR_FAILED, "%s: the server refused rows together that it takes one by one",
                   load->csv->source->path);
}

// One INSERT of many rows. Returns 1 while there may be more.
static int insert_batch(struct load *load, int64_t *rows, struct failure *failure, struct err *err)
{
    const size_t position = load->csv->position;
    AUTO_STRBUF sql = STRBUF_INIT;
    int64_t count = 0;
    int more = 1;
    begin_insert(load, &sql);
    while (sql.len < BATCH_BYTES && count < BATCH_ROWS && (more = csv_next(load->csv, err)) > 0) {
        strbuf_adds(&sql, count > 0 ? ", " : "");
        add_record(load, &sql);
        count++;
    }
    if (more < 0)
        return -1;
    if (count > 0 && mysql_exchange(load->mysql, sql.data, sql.len, NULL))
        return count == 1 ? fail(load, true, failure, err)
                          : find_culprit(load, position, failure, err);
    *rows += count;
    return more;
}

static int insert_all(struct load *load, int64_t *rows, struct failure *failure, struct err *err)
{
    int more = read_columns(load, err) ? -1 : 1;
    while (more > 0)
        more = insert_batch(load, rows, failure, err);
    return more;
}

int mysql_load(struct driver *driver, const char *table, struct csv_reader *csv,
               const struct driver_book *book, int64_t *rows, struct failure *failure,
               struct err *err)
{
    struct load load = {.mysql = mysql_of(driver), .table = table, .csv = csv};
    struct err ignored;
    *rows = 0;
    int failed = mysql_execute(driver, "START TRANSACTION", err) ||
                 insert_all(&load, rows, failure, err) ||
                 (book->within && mysql_execute(driver, book->within, err)) ||
                 mysql_execute(driver, "COMMIT", err);
    vec_release(&load.conversions);
    if (!failed)
        return 0;
    if (!mysql_is_lost(load.mysql))
        (void)!mysql_execute(driver, "ROLLBACK", &ignored);
    return -1;
}

#include <string.h>
#include <strings.h>

#include "migrator/driver/insert.h"
#include "migrator/driver/mysql.h"
#include "migrator/sql_quote.h"

enum { BATCH_ROWS = 1000 };

enum conversion { CONVERT_NONE, CONVERT_BOOLEAN, CONVERT_TIME };

struct load {
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

static int read_columns(struct load *load, struct driver *driver, const char *table,
                        struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    for (size_t i = 0; i < load->csv->header.fields.len; i++)
        vec_push(&load->conversions, CONVERT_NONE);
    strbuf_adds(&sql, "SELECT column_name, column_type FROM information_schema.columns "
                      "WHERE table_schema = DATABASE() AND table_name = ");
    sql_quote_literal(SQL_MYSQL, table, &sql);
    return mysql_query_rows(driver, sql.data, take_column, load, err);
}

// What the server would not take as other engines do: the words of a boolean, and the Z of UTC.
static void add_value(const void *context, size_t column, const char *value, struct strbuf *sql)
{
    const struct load *load = context;
    const enum conversion conversion = load->conversions.items[column];
    const size_t length = strlen(value);
    if (conversion == CONVERT_BOOLEAN && strcasecmp(value, "true") == 0) {
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

static int send_statement(struct driver *driver, const char *sql)
{
    return mysql_exchange(mysql_of(driver), sql, strlen(sql), NULL);
}

static bool is_lost(const struct driver *driver)
{
    return mysql_is_lost((const struct mysql *)driver);
}

static void describe(const struct driver *driver, struct failure *failure)
{
    mysql_failure((const struct mysql *)driver, failure);
}

int mysql_load(struct driver *driver, const char *table, struct csv_reader *csv,
               const struct driver_book *book, int64_t *rows, struct failure *failure,
               struct err *err)
{
    struct load load = {.csv = csv};
    AUTO_STRBUF name = STRBUF_INIT;
    sql_quote_identifier(SQL_MYSQL, table, &name);
    const struct insert insert = {.driver = driver,
                                  .table = name.data,
                                  .csv = csv,
                                  .batch_rows = BATCH_ROWS,
                                  .context = &load,
                                  .add_value = add_value,
                                  .send = send_statement,
                                  .is_lost = is_lost,
                                  .describe = describe};
    const bool failed = read_columns(&load, driver, table, err) ||
                        insert_all(&insert, "START TRANSACTION", book, rows, failure, err);
    vec_release(&load.conversions);
    return failed ? -1 : 0;
}

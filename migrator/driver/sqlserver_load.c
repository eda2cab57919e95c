#include <string.h>
#include <strings.h>

#include "migrator/driver/insert.h"
#include "migrator/driver/sqlserver.h"
#include "migrator/sql_quote.h"

enum { BATCH_ROWS = 1000 }; // the most that VALUES takes

enum conversion { CONVERT_NONE, CONVERT_BOOLEAN, CONVERT_BYTES };

struct load {
    struct csv_reader *csv;
    VEC_OF(enum conversion) conversions; // by the header's order
    bool has_identity;                   // a column whose values the server gives is among them
};

// A column of the table: its name, its type, whether the server numbers it.
static void take_column(void *context, const char *const *values)
{
    struct load *load = context;
    for (size_t i = 0; i < load->conversions.len; i++) {
        if (strcasecmp(csv_value(&load->csv->header, i), values[0]) != 0)
            continue;
        if (strstr(values[1], "binary") || strcmp(values[1], "image") == 0)
            load->conversions.items[i] = CONVERT_BYTES;
        else if (strcmp(values[1], "bit") == 0)
            load->conversions.items[i] = CONVERT_BOOLEAN;
        load->has_identity = load->has_identity || strcmp(values[2], "1") == 0;
    }
}

static int read_columns(struct load *load, struct driver *driver, const char *table,
                        struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    for (size_t i = 0; i < load->csv->header.fields.len; i++)
        vec_push(&load->conversions, CONVERT_NONE);
    strbuf_adds(&sql, "SELECT c.name, TYPE_NAME(c.system_type_id), c.is_identity "
                      "FROM sys.columns c WHERE c.object_id = OBJECT_ID(");
    sql_quote_literal(SQL_SQLSERVER, table, &sql);
    strbuf_adds(&sql, ")");
    return sqlserver_query_rows(driver, sql.data, take_column, load, err);
}

// Bytes are hexadecimal, as Postgres or this server writes them; all else but a boolean's words the
// server makes of text.
static void add_value(const void *context, size_t column, const char *value, struct strbuf *sql)
{
    const struct load *load = context;
    const enum conversion conversion = load->conversions.items[column];
    const bool is_marked = strncmp(value, "\\x", 2) == 0 || strncasecmp(value, "0x", 2) == 0;
    const bool is_true = strcasecmp(value, "true") == 0;
    if (conversion == CONVERT_BOOLEAN && (is_true || strcasecmp(value, "false") == 0)) {
        strbuf_adds(sql, is_true ? "1" : "0");
        return;
    }
    if (conversion != CONVERT_BYTES) {
        sql_quote_literal(SQL_SQLSERVER, value, sql);
        return;
    }
    AUTOFREE char *digits = mem_printf("0x%s", is_marked ? value + 2 : value);
    strbuf_adds(sql, "CONVERT(VARBINARY(MAX), ");
    sql_quote_literal(SQL_SQLSERVER, digits, sql);
    strbuf_adds(sql, ", 1)");
}

static int send_statement(struct driver *driver, const char *sql)
{
    return tds_batch(&sqlserver_of(driver)->tds, sql, NULL, NULL, NULL);
}

static bool is_lost(const struct driver *driver)
{
    return tds_is_lost(&((const struct sqlserver *)driver)->tds);
}

static void describe(const struct driver *driver, struct failure *failure)
{
    sqlserver_failure((const struct sqlserver *)driver, failure);
}

// "schema.table", or a table of the target's schema.
static void add_name(const struct driver *driver, const char *table, struct strbuf *out)
{
    const char *dot = strchr(table, '.');
    AUTOFREE char *schema = dot ? mem_strndup(table, (size_t)(dot - table)) : NULL;
    sql_quote_identifier(SQL_SQLSERVER, schema ? schema : driver->schema, out);
    strbuf_addch(out, '.');
    sql_quote_identifier(SQL_SQLSERVER, dot ? dot + 1 : table, out);
}

// The server takes numbers for such a column only while it is told to.
static int load_rows(const struct insert *insert, const struct load *load,
                     const struct driver_book *book, int64_t *rows, struct failure *failure,
                     struct err *err)
{
    if (!load->has_identity)
        return insert_all(insert, "BEGIN TRANSACTION", book, rows, failure, err);
    struct err ignored;
    AUTO_STRBUF on = STRBUF_INIT, off = STRBUF_INIT;
    strbuf_addf(&on, "SET IDENTITY_INSERT %s ON; BEGIN TRANSACTION", insert->table);
    strbuf_addf(&off, "SET IDENTITY_INSERT %s OFF", insert->table);
    const int failed = insert_all(insert, on.data, book, rows, failure, err);
    const int left_on = !is_lost(insert->driver) &&
                        sqlserver_execute(insert->driver, off.data, failed ? &ignored : err);
    return failed || left_on ? -1 : 0;
}

int sqlserver_load(struct driver *driver, const char *table, struct csv_reader *csv,
                   const struct driver_book *book, int64_t *rows, struct failure *failure,
                   struct err *err)
{
    struct load load = {.csv = csv};
    AUTO_STRBUF name = STRBUF_INIT;
    add_name(driver, table, &name);
    const struct insert insert = {.driver = driver,
                                  .table = name.data,
                                  .csv = csv,
                                  .batch_rows = BATCH_ROWS,
                                  .context = &load,
                                  .add_value = add_value,
                                  .send = send_statement,
                                  .is_lost = is_lost,
                                  .describe = describe};
    const bool failed = read_columns(&load, driver, name.data, err) ||
                        load_rows(&insert, &load, book, rows, failure, err);
    vec_release(&load.conversions);
    return failed ? -1 : 0;
}

#include <string.h>

#include "migrator/driver/postgres.h"
#include "migrator/sql_quote.h"

enum { CHUNK_BYTES = 64 * 1024 };

// "Table", or "schema"."Table" where the name has a dot; without one it is the target's schema.
static void add_table(const struct driver *driver, const char *table, struct strbuf *out)
{
    const char *dot = strchr(table, '.');
    AUTOFREE char *schema =
        dot ? mem_strndup(table, (size_t)(dot - table)) : mem_strdup(driver->schema);
    sql_quote_identifier(SQL_POSTGRES, schema, out);
    strbuf_addch(out, '.');
    sql_quote_identifier(SQL_POSTGRES, dot ? dot + 1 : table, out);
}

// One record in COPY's text format.
static void add_copy_line(const struct csv_record *record, struct strbuf *out)
{
    for (size_t i = 0; i < record->fields.len; i++) {
        const char *value = csv_value(record, i);
        if (i > 0)
            strbuf_addch(out, '\t');
        if (!value) {
            strbuf_adds(out, "\\N");
            continue;
        }
        for (; *value; value++) {
            static const char escaped[] = "\b\f\n\r\t\v\\", letters[] = "bfnrtv\\";
            const char *at = strchr(escaped, *value);
            if (at)
                strbuf_addch(out, '\\');
            strbuf_addch(out, at ? letters[at - escaped] : *value);
        }
    }
    strbuf_addch(out, '\n');
}

// Returns -1 with err when the file itself is malformed.
static int send_records(PGconn *conn, struct csv_reader *csv, struct err *err)
{
    AUTO_STRBUF chunk = STRBUF_INIT;
    int more;
    while ((more = csv_next(csv, err)) > 0) {
        add_copy_line(&csv->record, &chunk);
        if (chunk.len < CHUNK_BYTES)
            continue;
        if (PQputCopyData(conn, chunk.data, (int)chunk.len) != 1)
            break; // the reason comes with the result
        strbuf_clear(&chunk);
    }
    if (more >= 0 && chunk.len)
        (void)PQputCopyData(conn, chunk.data, (int)chunk.len);
    return more < 0 ? -1 : 0;
}

// "COPY users, line 3, column age: …", in the server's language: the first number behind the
// table's name; and the header's column that is named after it.
static void place_record(const char *table, const struct csv_reader *csv, struct failure *failure)
{
    const char *context = failure->context;
    const char *dot = strchr(table, '.');
    const char *bare = dot ? dot + 1 : table;
    const char *at = context ? strstr(context, bare) : NULL;
    struct csv_field column;
    if (!at && csv_named_column(csv, failure->message, &column)) {
        failure->has_place = true;
        failure->start = column.start;
        failure->end = column.end;
    }
    if (!at)
        return;
    at += strlen(bare);
    at += strcspn(at, "0123456789\n");
    char *rest = NULL;
    const unsigned long line = strtoul(at, &rest, 10);
    struct csv_reader again;
    struct err ignored;
    if (line == 0 || csv_open(csv->source, &again, &ignored))
        return;
    unsigned long reached = 0;
    while (reached < line && csv_next(&again, &ignored) > 0)
        reached++;
    if (reached == line) {
        failure->has_place = true;
        failure->start = again.record.start;
        failure->end = again.position;
        for (size_t i = 0; i < again.header.fields.len; i++) {
            AUTOFREE char *named = mem_printf(" %s:", csv_value(&again.header, i));
            if (strstr(rest, named)) {
                failure->start = again.record.fields.items[i].start;
                failure->end = again.record.fields.items[i].end;
            }
        }
    }
    csv_close(&again);
}

static int copy_records(struct postgres *postgres, const char *sql, const char *table,
                        struct csv_reader *csv, int64_t *rows, struct failure *failure,
                        struct err *err)
{
    PGresult *result = PQexec(postgres->conn, sql);
    bool malformed = false;
    if (PQresultStatus(result) == PGRES_COPY_IN) {
        PQclear(result);
        malformed = send_records(postgres->conn, csv, err);
        PQputCopyEnd(postgres->conn, malformed ? "malformed" : NULL);
        result = PQgetResult(postgres->conn);
    }
    int failed = malformed ? -1 : 0;
    if (PQstatus(postgres->conn) != CONNECTION_OK) {
        const struct exchange exchange = {.error = result, .lost = true};
        failed = exchange_error(postgres, &exchange, err);
    } else if (!malformed && PQresultStatus(result) != PGRES_COMMAND_OK) {
        failure->happened = true;
        postgres_failure(result, failure);
        place_record(table, csv, failure);
        failed = err_set(err, ERR_FAILED, "%s: %s", csv->source->path, failure->message);
    } else if (!malformed) {
        *rows = strtoll(PQcmdTuples(result), NULL, 10);
    }
    while (result) { // to the end, or the connection takes no other command
        PQclear(result);
        result = PQgetResult(postgres->conn);
    }
    return failed;
}

static void take_sequence(void *context, const char *const *values)
{
    strbuf_addf(context, "%s; ", values[0]);
}

// Rows with keys of their own leave the keys' sequences behind; the next insert of the application
// would collide. Every sequence that a column of the header owns goes to the column's highest
// value.
static int advance_sequences(struct postgres *postgres, const char *table,
                             const struct csv_record *header, struct err *err)
{
    AUTO_STRBUF quoted = STRBUF_INIT, sql = STRBUF_INIT, advance = STRBUF_INIT;
    add_table(&postgres->driver, table, &quoted);
    strbuf_adds(&sql, "SELECT pg_catalog.format('SELECT pg_catalog.setval(%L, "
                      "GREATEST(MAX(%I), pg_catalog.pg_sequence_last_value(%L))) FROM %s "
                      "HAVING MAX(%I) IS NOT NULL AND MAX(%I) > 0', "
                      "s.name, a.attname, s.name, a.attrelid::regclass, a.attname, a.attname) "
                      "FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL "
                      "(SELECT pg_catalog.pg_get_serial_sequence(");
    sql_quote_literal(SQL_POSTGRES, quoted.data, &sql);
    strbuf_adds(&sql, ", a.attname) AS name) s WHERE s.name IS NOT NULL AND a.attnum > 0 "
                      "AND NOT a.attisdropped AND a.attrelid = ");
    sql_quote_literal(SQL_POSTGRES, quoted.data, &sql);
    strbuf_adds(&sql, "::pg_catalog.regclass AND a.attname IN (");
    for (size_t i = 0; i < header->fields.len; i++) {
        strbuf_adds(&sql, i ? ", " : "");
        sql_quote_literal(SQL_POSTGRES, csv_value(header, i), &sql);
    }
    strbuf_adds(&sql, ")");
    if (postgres_query(&postgres->driver, sql.data, take_sequence, &advance, err))
        return -1;
    return advance.len ? postgres_execute(&postgres->driver, advance.data, err) : 0;
}

int postgres_load(struct driver *driver, const char *table, struct csv_reader *csv,
                  const struct driver_book *book, int64_t *rows, struct failure *failure,
                  struct err *err)
{
    struct postgres *postgres = postgres_of(driver);
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "COPY ");
    add_table(driver, table, &sql);
    for (size_t i = 0; i < csv->header.fields.len; i++) {
        strbuf_adds(&sql, i ? ", " : " (");
        sql_quote_identifier(SQL_POSTGRES, csv_value(&csv->header, i), &sql);
    }
    strbuf_adds(&sql, ") FROM STDIN");
    *rows = 0;
    if (postgres_execute(driver, "BEGIN", err))
        return -1;
    if (copy_records(postgres, sql.data, table, csv, rows, failure, err) ||
        advance_sequences(postgres, table, &csv->header, err) ||
        (book->within && postgres_execute(driver, book->within, err)) ||
        postgres_execute(driver, "COMMIT", err)) {
        (void)!postgres_execute(driver, "ROLLBACK", &ignored);
        return -1;
    }
    return 0;
}

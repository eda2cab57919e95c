#include <string.h>

#include "migrator/driver/postgres.h"

// Statements that write rows; "SELECT 3" only read them.
static int64_t rows_written(PGresult *result)
{
    static const char *const writers[] = {"INSERT", "UPDATE", "DELETE", "MERGE", "COPY"};
    const char *status = PQcmdStatus(result);
    for (size_t i = 0; i < sizeof writers / sizeof *writers; i++)
        if (strncmp(status, writers[i], strlen(writers[i])) == 0)
            return strtoll(PQcmdTuples(result), NULL, 10);
    return 0;
}

static void drain_copy_out(PGconn *conn)
{
    char *row = NULL;
    while (PQgetCopyData(conn, &row, 0) > 0)
        PQfreemem(row);
}

// Returns false when nothing that makes sense can follow.
static bool take_result(struct postgres *postgres, PGresult *result, struct exchange *out)
{
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        out->completed++;
        out->rows += rows_written(result);
        break;
    case PGRES_COPY_IN:
        PQclear(result);
        return PQputCopyEnd(postgres->conn, "a file of SQL has no data for COPY FROM STDIN: use a "
                                            ".csv file, or INSERT") == 1;
    case PGRES_COPY_OUT: drain_copy_out(postgres->conn); break;
    case PGRES_EMPTY_QUERY: break;
    default:
        if (!out->error) {
            out->error = result;
            return true;
        }
    }
    PQclear(result);
    return true;
}

void postgres_exchange(struct postgres *postgres, const char *sql, struct exchange *out)
{
    *out = (struct exchange){0};
    bool more = PQsendQuery(postgres->conn, sql) == 1, makes_sense = true;
    while (more && makes_sense) {
        PGresult *result = PQgetResult(postgres->conn);
        more = result != NULL;
        makes_sense = !more || take_result(postgres, result, out);
    }
    out->lost = !makes_sense || PQstatus(postgres->conn) != CONNECTION_OK;
}

void exchange_release(struct exchange *exchange)
{
    PQclear(exchange->error);
    exchange->error = NULL;
}

const char *exchange_code(const struct exchange *exchange)
{
    const char *code =
        exchange->error ? PQresultErrorField(exchange->error, PG_DIAG_SQLSTATE) : NULL;
    return code ? code : "";
}

bool exchange_failed_with(const struct exchange *exchange, const char *code)
{
    return strcmp(exchange_code(exchange), code) == 0;
}

int exchange_error(const struct postgres *postgres, const struct exchange *exchange,
                   struct err *err)
{
    struct failure failure = {0};
    AUTO_STRBUF text = STRBUF_INIT;
    if (exchange->error)
        postgres_failure(exchange->error, &failure);
    if (exchange->lost)
        err_set(err, ERR_FAILED, "the connection to %s is lost%s%s", postgres->driver.place,
                failure.message ? ": " : "", failure.message ? failure.message : "");
    else {
        failure_describe(&failure, &text);
        err_set(err, ERR_FAILED, "%s: %s", postgres->driver.place, text.data);
    }
    failure_release(&failure);
    return -1;
}

static char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text ? mem_strdup(text) : NULL;
}

void postgres_failure(const PGresult *result, struct failure *failure)
{
    failure->message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (!failure->message) // libpq's own, not the server's
        failure->message =
            mem_strndup(PQresultErrorMessage(result), strcspn(PQresultErrorMessage(result), "\n"));
    failure->code = field(result, PG_DIAG_SQLSTATE);
    failure->detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    failure->hint = field(result, PG_DIAG_MESSAGE_HINT);
    failure->context = field(result, PG_DIAG_CONTEXT);
}

int postgres_execute(struct driver *driver, const char *sql, struct err *err)
{
    struct postgres *postgres = postgres_of(driver);
    struct exchange exchange;
    postgres_exchange(postgres, sql, &exchange);
    const int failed =
        exchange.error || exchange.lost ? exchange_error(postgres, &exchange, err) : 0;
    exchange_release(&exchange);
    return failed;
}

int postgres_query(struct driver *driver, const char *sql, driver_row *row, void *context,
                   struct err *err)
{
    enum { COLUMNS_MAX = 16 };
    struct postgres *postgres = postgres_of(driver);
    PGresult *result = PQexec(postgres->conn, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        const struct exchange exchange = {.error = result,
                                          .lost = PQstatus(postgres->conn) != CONNECTION_OK};
        exchange_error(postgres, &exchange, err);
        PQclear(result);
        return -1;
    }
    for (int i = 0; i < PQntuples(result); i++) {
        const char *values[COLUMNS_MAX] = {NULL};
        for (int k = 0; k < PQnfields(result) && k < COLUMNS_MAX; k++)
            values[k] = PQgetisnull(result, i, k) ? NULL : PQgetvalue(result, i, k);
        row(context, values);
    }
    PQclear(result);
    return 0;
}

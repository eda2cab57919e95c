#include "migrator/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "migrator/sql_quote.h"

void ledger_release(struct ledger *ledger)
{
    vec_each (row, &ledger->rows) {
        free(row->id);
        free(row->checksum);
        free(row->name);
        free(row->logs);
    }
    vec_release(&ledger->rows);
    *ledger = (struct ledger){0};
}

static int64_t milliseconds(const char *text)
{
    return text ? strtoll(text, NULL, 10) : 0;
}

void ledger_take_row(void *context, const char *const *values)
{
    struct ledger *ledger = context;
    vec_push(&ledger->rows, (struct ledger_row){.id = mem_strdup(values[0]),
                                                .checksum = mem_strdup(values[1]),
                                                .name = mem_strdup(values[2]),
                                                .logs = values[3] ? mem_strdup(values[3]) : NULL,
                                                .started_at_ms = milliseconds(values[4]),
                                                .finished_at_ms = milliseconds(values[5]),
                                                .rolled_back_at_ms = milliseconds(values[6])});
}

static enum ledger_state row_state(const struct ledger_row *row)
{
    if (row->rolled_back_at_ms)
        return LEDGER_ROLLED_BACK;
    return row->finished_at_ms ? LEDGER_APPLIED : LEDGER_FAILED;
}

enum ledger_state ledger_state_of(const struct ledger *ledger, const char *name,
                                  const struct ledger_row **row)
{
    const struct ledger_row *found = NULL;
    // A row that still stands outweighs those that were rolled back, and a failure an older
    // success.
    vec_each (candidate, &ledger->rows)
        if (strcmp(candidate->name, name) == 0 &&
            (!found || row_state(candidate) == LEDGER_FAILED ||
             row_state(found) == LEDGER_ROLLED_BACK))
            found = candidate;
    if (row)
        *row = found;
    return found ? row_state(found) : LEDGER_UNKNOWN;
}

const struct ledger_row *ledger_first_failed(const struct ledger *ledger)
{
    vec_each (row, &ledger->rows)
        if (row_state(row) == LEDGER_FAILED)
            return row;
    return NULL;
}

void ledger_sql_create(const struct ledger_table *table, struct strbuf *out)
{
    static const char postgres[] =
        "    id                      VARCHAR(36) PRIMARY KEY NOT NULL,\n"
        "    checksum                VARCHAR(64) NOT NULL,\n"
        "    finished_at             TIMESTAMPTZ,\n"
        "    migration_name          VARCHAR(255) NOT NULL,\n"
        "    logs                    TEXT,\n"
        "    rolled_back_at          TIMESTAMPTZ,\n"
        "    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),\n"
        "    applied_steps_count     INTEGER NOT NULL DEFAULT 0\n";
    static const char sqlite[] =
        "    \"id\"                    TEXT PRIMARY KEY NOT NULL,\n"
        "    \"checksum\"              TEXT NOT NULL,\n"
        "    \"finished_at\"           DATETIME,\n"
        "    \"migration_name\"        TEXT NOT NULL,\n"
        "    \"logs\"                  TEXT,\n"
        "    \"rolled_back_at\"        DATETIME,\n"
        "    \"started_at\"            DATETIME NOT NULL DEFAULT current_timestamp,\n"
        "    \"applied_steps_count\"   INTEGER UNSIGNED NOT NULL DEFAULT 0\n";
    static const char mysql[] =
        "    id                      VARCHAR(36) PRIMARY KEY NOT NULL,\n"
        "    checksum                VARCHAR(64) NOT NULL,\n"
        "    finished_at             DATETIME(3),\n"
        "    migration_name          VARCHAR(255) NOT NULL,\n"
        "    logs                    TEXT,\n"
        "    rolled_back_at          DATETIME(3),\n"
        "    started_at              DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),\n"
        "    applied_steps_count     INTEGER UNSIGNED NOT NULL DEFAULT 0\n";
    static const char sqlserver[] =
        "    [id]                    VARCHAR(36) PRIMARY KEY NOT NULL,\n"
        "    [checksum]              VARCHAR(64) NOT NULL,\n"
        "    [finished_at]           DATETIMEOFFSET,\n"
        "    [migration_name]        NVARCHAR(250) NOT NULL,\n"
        "    [logs]                  NVARCHAR(MAX) NULL,\n"
        "    [rolled_back_at]        DATETIMEOFFSET,\n"
        "    [started_at]            DATETIMEOFFSET NOT NULL DEFAULT CURRENT_TIMESTAMP,\n"
        "    [applied_steps_count]   INT NOT NULL DEFAULT 0\n";
    static const char *const columns[] = {[SQL_POSTGRES] = postgres,
                                          [SQL_SQLITE] = sqlite,
                                          [SQL_MYSQL] = mysql,
                                          [SQL_SQLSERVER] = sqlserver};
    strbuf_addf(out, "CREATE TABLE %s (\n%s)%s", table->name, columns[table->dialect],
                table->dialect == SQL_MYSQL
                    ? " DEFAULT CHARACTER SET utf8mb4 COLLATE = utf8mb4_unicode_ci"
                    : "");
}

void ledger_sql_select(const struct ledger_table *table, struct strbuf *out)
{
    static const char postgres[] =
        "pg_catalog.round(EXTRACT(EPOCH FROM started_at) * 1000)::pg_catalog.int8, "
        "pg_catalog.round(EXTRACT(EPOCH FROM finished_at) * 1000)::pg_catalog.int8, "
        "pg_catalog.round(EXTRACT(EPOCH FROM rolled_back_at) * 1000)::pg_catalog.int8";
    // The columns are UTC, whatever the session's time zone is.
    static const char mysql[] = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', started_at) DIV 1000, "
                                "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', finished_at) DIV 1000, "
                                "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', rolled_back_at) DIV 1000";
    static const char sqlserver[] = "DATEDIFF_BIG(millisecond, '1970-01-01', started_at), "
                                    "DATEDIFF_BIG(millisecond, '1970-01-01', finished_at), "
                                    "DATEDIFF_BIG(millisecond, '1970-01-01', rolled_back_at)";
    static const char *const times[] = {[SQL_POSTGRES] = postgres,
                                        [SQL_SQLITE] = "started_at, finished_at, rolled_back_at",
                                        [SQL_MYSQL] = mysql,
                                        [SQL_SQLSERVER] = sqlserver};
    strbuf_addf(out, "SELECT id, checksum, migration_name, logs, %s FROM %s ORDER BY started_at",
                times[table->dialect], table->name);
}

// The moment at which the statement runs. SQLite's table holds Unix milliseconds.
static const char *sql_now(enum sql_dialect dialect)
{
    static const char *const now[] = {[SQL_POSTGRES] = "pg_catalog.clock_timestamp()",
                                      [SQL_SQLITE] =
                                          "(CAST(strftime('%s', 'now') AS INTEGER) * 1000 + "
                                          "CAST(substr(strftime('%f', 'now'), 4) AS INTEGER))",
                                      [SQL_MYSQL] = "UTC_TIMESTAMP(3)",
                                      [SQL_SQLSERVER] = "SYSDATETIMEOFFSET()"};
    return now[dialect];
}

// `finished`: an expression, or NULL for a row that is only begun. `logs` may be NULL.
static void insert_row(const struct ledger_table *table, const struct ledger_entry *entry,
                       const char *started, const char *finished, const char *logs, int steps,
                       struct strbuf *out)
{
    strbuf_addf(out,
                "INSERT INTO %s (id, checksum, migration_name, logs, started_at, finished_at, "
                "applied_steps_count) VALUES ('%s', '%s', ",
                table->name, entry->id, entry->checksum);
    sql_quote_literal(table->dialect, entry->name, out);
    strbuf_adds(out, ", ");
    if (logs)
        sql_quote_literal(table->dialect, logs, out);
    else
        strbuf_adds(out, "NULL");
    strbuf_addf(out, ", %s, %s, %d)", started, finished ? finished : "NULL", steps);
}

// When the migration began: by the server's own clock, which is the transaction's within one on
// Postgres, and the statement's on MySQL and SQL Server.
static void add_started(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out)
{
    if (table->dialect == SQL_SQLITE)
        strbuf_addf(out, "%" PRId64, entry->started_at_ms);
    else if (table->dialect == SQL_POSTGRES)
        strbuf_adds(out, "pg_catalog.now()");
    else
        strbuf_adds(out, sql_now(table->dialect));
}

void ledger_sql_applied(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out)
{
    AUTO_STRBUF started = STRBUF_INIT;
    add_started(table, entry, &started);
    insert_row(table, entry, started.data, sql_now(table->dialect), NULL, 1, out);
}

void ledger_sql_started(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out)
{
    AUTO_STRBUF started = STRBUF_INIT;
    add_started(table, entry, &started);
    insert_row(table, entry, started.data, NULL, NULL, 0, out);
}

void ledger_sql_finished(const struct ledger_table *table, const struct ledger_entry *entry,
                         struct strbuf *out)
{
    strbuf_addf(out,
                "UPDATE %s SET finished_at = %s, applied_steps_count = 1, logs = NULL WHERE id = "
                "'%s'",
                table->name, sql_now(table->dialect), entry->id);
}

void ledger_sql_resumed(const struct ledger_table *table, const struct ledger_entry *entry,
                        struct strbuf *out)
{
    strbuf_addf(out,
                "UPDATE %s SET finished_at = %s, applied_steps_count = 1, logs = NULL, "
                "checksum = '%s' WHERE id = '%s'",
                table->name, sql_now(table->dialect), entry->checksum, entry->id);
}

void ledger_sql_failed(const struct ledger_table *table, const struct ledger_entry *entry,
                       const char *logs, bool has_row, struct strbuf *out)
{
    AUTO_STRBUF started = STRBUF_INIT;
    if (!has_row) {
        add_started(table, entry, &started);
        if (table->dialect == SQL_POSTGRES) // by now another transaction's begin
            strbuf_addf(&started, " - '%" PRId64 " ms'::pg_catalog.interval",
                        clock_wall_ms() - entry->started_at_ms);
        else if (table->dialect == SQL_MYSQL)
            strbuf_addf(&started, " - INTERVAL %" PRId64 " MICROSECOND",
                        (clock_wall_ms() - entry->started_at_ms) * 1000);
        else if (table->dialect == SQL_SQLSERVER) {
            strbuf_clear(&started);
            strbuf_addf(&started, "DATEADD(millisecond, -%" PRId64 ", SYSDATETIMEOFFSET())",
                        clock_wall_ms() - entry->started_at_ms);
        }
        insert_row(table, entry, started.data, NULL, logs, 0, out);
        return;
    }
    ledger_sql_progress(table, entry, logs, out);
}

void ledger_sql_progress(const struct ledger_table *table, const struct ledger_entry *entry,
                         const char *logs, struct strbuf *out)
{
    strbuf_addf(out, "UPDATE %s SET logs = ", table->name);
    sql_quote_literal(table->dialect, logs, out);
    strbuf_addf(out, " WHERE id = '%s'", entry->id);
}

void ledger_sql_roll_back(const struct ledger_table *table, const char *name, struct strbuf *out)
{
    strbuf_addf(out, "UPDATE %s SET rolled_back_at = %s WHERE migration_name = ", table->name,
                sql_now(table->dialect));
    sql_quote_literal(table->dialect, name, out);
    strbuf_adds(out, " AND finished_at IS NULL AND rolled_back_at IS NULL");
}

void ledger_sql_resolved(const struct ledger_table *table, const struct ledger_entry *entry,
                         struct strbuf *out)
{
    AUTO_STRBUF started = STRBUF_INIT;
    add_started(table, entry, &started);
    insert_row(table, entry, started.data, started.data, "", 0, out);
}

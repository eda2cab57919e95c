#include "migrator/driver/sqlite.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/url.h"
#include "migrator/driver/engines.h"

static void sqlite_close(struct driver *driver)
{
    struct sqlite *sqlite = sqlite_of(driver);
    sqlite3_close_v2(sqlite->db);
    if (sqlite->lock_fd >= 0)
        close(sqlite->lock_fd);
    free(sqlite->path);
    free(sqlite);
}

static const char *code_name(int code)
{
    // https://www.sqlite.org/rescode.html, the primary ones
    static const char *const names[] = {
        "SQLITE_OK",       "SQLITE_ERROR",     "SQLITE_INTERNAL", "SQLITE_PERM",
        "SQLITE_ABORT",    "SQLITE_BUSY",      "SQLITE_LOCKED",   "SQLITE_NOMEM",
        "SQLITE_READONLY", "SQLITE_INTERRUPT", "SQLITE_IOERR",    "SQLITE_CORRUPT",
        "SQLITE_NOTFOUND", "SQLITE_FULL",      "SQLITE_CANTOPEN", "SQLITE_PROTOCOL",
        "SQLITE_EMPTY",    "SQLITE_SCHEMA",    "SQLITE_TOOBIG",   "SQLITE_CONSTRAINT",
        "SQLITE_MISMATCH", "SQLITE_MISUSE",    "SQLITE_NOLFS",    "SQLITE_AUTH",
        "SQLITE_FORMAT",   "SQLITE_RANGE",     "SQLITE_NOTADB"};
    const size_t primary = (size_t)(code & 0xFF);
    return primary < sizeof names / sizeof *names ? names[primary] : "SQLITE_ERROR";
}

int sqlite_error(const struct sqlite *sqlite, struct err *err)
{
    err_set(err, ERR_FAILED, "%s: %s (%s)", sqlite->driver.place, sqlite3_errmsg(sqlite->db),
            code_name(sqlite3_errcode(sqlite->db)));
    if (sqlite3_errcode(sqlite->db) == SQLITE_BUSY) {
        AUTOFREE char *holder = sqlite_describe_holder(sqlite->path, SQLITE_LOCK_OF_SQLITE);
        err_hint(err, "the file is in use by %s", holder);
    }
    return -1;
}

void sqlite_failure(const struct sqlite *sqlite, struct failure *failure)
{
    failure->message = mem_strdup(sqlite3_errmsg(sqlite->db));
    failure->code = mem_strdup(code_name(sqlite3_errcode(sqlite->db)));
}

bool sqlite_in_transaction(const struct sqlite *sqlite)
{
    return !sqlite3_get_autocommit(sqlite->db);
}

void sqlite_roll_back(struct sqlite *sqlite)
{
    sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
}

void sqlite_set_foreign_keys(struct sqlite *sqlite, bool enforced)
{
    sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_ENABLE_FKEY, (int)enforced, NULL);
}

int sqlite_execute(struct driver *driver, const char *sql, struct err *err)
{
    struct sqlite *sqlite = sqlite_of(driver);
    if (sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return sqlite_error(sqlite, err);
}

int sqlite_query(struct driver *driver, const char *sql, driver_row *row, void *context,
                 struct err *err)
{
    enum { COLUMNS_MAX = 16 };
    struct sqlite *sqlite = sqlite_of(driver);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *values[COLUMNS_MAX] = {NULL};
        for (int i = 0; i < sqlite3_column_count(statement) && i < COLUMNS_MAX; i++)
            values[i] = (const char *)sqlite3_column_text(statement, i);
        row(context, values);
        code = SQLITE_OK;
    }
    const int failed = code == SQLITE_DONE ? 0 : sqlite_error(sqlite, err);
    sqlite3_finalize(statement);
    return failed;
}

// Unix milliseconds, or ISO text as other engines and `current_timestamp` write it:
// "2026-11-22 01:40:22", "2026-11-22T01:40:22.159Z", "… +00:00". 0: NULL.
static int64_t parse_time(const char *text)
{
    struct tm tm = {0};
    int milliseconds = 0;
    if (!text)
        return 0;
    if (text[strspn(text, "-0123456789")] == '\0')
        return strtoll(text, NULL, 10);
    const char *rest = strptime(text, "%Y-%m-%d", &tm);
    if (!rest || (*rest != ' ' && *rest != 'T'))
        return 0;
    rest = strptime(rest + 1, "%H:%M:%S", &tm);
    if (!rest)
        return 0;
    if (*rest == '.') {
        int scale = 100;
        for (rest++; isdigit((unsigned char)*rest); rest++, scale /= 10)
            milliseconds += (*rest - '0') * scale;
    }
    int hours = 0, minutes = 0;
    const char *zone = rest + strspn(rest, " ");
    if ((*zone == '+' || *zone == '-') && sscanf(zone + 1, "%2d:%2d", &hours, &minutes) >= 1 &&
        *zone == '-') {
        hours = -hours;
        minutes = -minutes;
    }
    return ((int64_t)timegm(&tm) - hours * 3600 - minutes * 60) * 1000 + milliseconds;
}

// Rows come in the table's order, which is nearly that of their start.
static void take_ledger_row(void *context, const char *const *values)
{
    struct ledger *ledger = context;
    vec_push(&ledger->rows, (struct ledger_row){.id = mem_strdup(values[0] ? values[0] : ""),
                                                .checksum = mem_strdup(values[1] ? values[1] : ""),
                                                .name = mem_strdup(values[2] ? values[2] : ""),
                                                .logs = values[3] ? mem_strdup(values[3]) : NULL,
                                                .started_at_ms = parse_time(values[4]),
                                                .finished_at_ms = parse_time(values[5]),
                                                .rolled_back_at_ms = parse_time(values[6])});
    for (size_t i = ledger->rows.len - 1; i > 0; i--) {
        struct ledger_row *row = &ledger->rows.items[i];
        if (row[-1].started_at_ms <= row->started_at_ms)
            break;
        const struct ledger_row earlier = *row;
        *row = row[-1];
        row[-1] = earlier;
    }
}

static int sqlite_ledger_read(struct driver *driver, struct ledger *out, struct err *err)
{
    struct ledger ledger = {0};
    size_t tables = 0;
    AUTO_STRBUF select = STRBUF_INIT;
    ledger_sql_select(&driver->ledger, &select);
    if (sqlite_query(driver,
                     "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = "
                     "'_prisma_migrations'",
                     driver_count_row, &tables, err))
        return -1;
    ledger.exists = tables > 0;
    if (ledger.exists && sqlite_query(driver, select.data, take_ledger_row, &ledger, err)) {
        ledger_release(&ledger);
        return -1;
    }
    *out = ledger;
    return 0;
}

// Litestream and SQLite keep tables of their own.
static int sqlite_find_table(struct driver *driver, char **out, struct err *err)
{
    *out = NULL;
    return sqlite_query(driver,
                        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> "
                        "'_prisma_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                        "AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\' ORDER BY name LIMIT 1",
                        driver_take_first, out, err);
}

// What SQLite's manual says under SQLITE_DBCONFIG_RESET_DATABASE: the file stays the same file, for
// whoever has it open, and becomes an empty database.
static int sqlite_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                           struct err *err)
{
    struct sqlite *sqlite = sqlite_of(driver);
    (void)schemas;
    (void)count;
    sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
    const int failed = sqlite_execute(driver, "VACUUM", err);
    sqlite3_db_config(sqlite->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
    return failed;
}

static const struct driver_ops ops = {
    .close = sqlite_close,
    .lock = sqlite_lock,
    .execute = sqlite_execute,
    .query = sqlite_query,
    .run = sqlite_run,
    .load = sqlite_load,
    .ledger_read = sqlite_ledger_read,
    .find_table = sqlite_find_table,
    .drop_all = sqlite_drop_all,
};

// file = ( "file" | "sqlite" ) ":" [ "//" [ "localhost" ] ] path [ "?" parameters ]
// The parameters are Prisma's (connection_limit …) and mean nothing here.
static char *parse_path(const char *url)
{
    struct strbuf path = STRBUF_INIT;
    const char *start = strchr(url, ':') + 1;
    if (strncmp(start, "//", 2) == 0) {
        start += 2;
        if (strncmp(start, "localhost/", 10) == 0)
            start += 9;
    }
    url_decode(start, strcspn(start, "?"), &path);
    return strbuf_detach(&path);
}

static int make_parent(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return 0;
    AUTOFREE char *parent = mem_strndup(path, (size_t)(slash - path));
    return file_is_directory(parent) ? 0 : file_make_directories(parent, 0755, err);
}

int sqlite_open(const char *url, const struct migrator_callbacks *callbacks, enum driver_mode mode,
                struct driver **out, bool *missing, struct err *err)
{
    struct sqlite *sqlite = mem_alloc(sizeof *sqlite);
    AUTO_DRIVER *driver = &sqlite->driver;
    *driver = (struct driver){.ops = &ops,
                              .script.dialect = SQL_SQLITE,
                              .ledger = {SQL_SQLITE, mem_strdup("\"_prisma_migrations\"")},
                              .callbacks = callbacks};
    sqlite->lock_fd = -1;
    sqlite->path = parse_path(url);
    driver->place = mem_strdup(sqlite->path);
    if (mode == DRIVER_READ && !file_exists(sqlite->path)) {
        if (missing)
            *missing = true;
        return err_set(err, ERR_FAILED, "there is no database %s", sqlite->path);
    }
    if (mode == DRIVER_WRITE && make_parent(sqlite->path, err))
        return -1;
    // Never read-only: what a crash left half done is rolled back by the next one who opens it, and
    // only who may write can do that.
    const int flags = SQLITE_OPEN_READWRITE | (mode == DRIVER_WRITE ? SQLITE_OPEN_CREATE : 0);
    if (sqlite3_open_v2(sqlite->path, &sqlite->db, flags, NULL))
        return sqlite_error(sqlite, err);
    if (mode == DRIVER_READ && sqlite_execute(driver, "PRAGMA query_only = ON", err))
        return -1;
    sqlite3_busy_timeout(sqlite->db, SQLITE_BUSY_WAIT_MS);
    // As Prisma's engine has it; SQLite itself leaves them unchecked.
    sqlite_set_foreign_keys(sqlite, true);
    *out = TAKE(driver);
    return 0;
}

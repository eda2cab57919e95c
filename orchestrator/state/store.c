#include <sys/stat.h>

#include "base/mem.h"
#include "orchestrator/state/store_parts.h"

int store_fail(struct store *store, struct err *err)
{
    err_set(err, ERR_FAILED, "the state store .berth/state.db: %s", sqlite3_errmsg(store->db));
    if (sqlite3_errcode(store->db) == SQLITE_FULL)
        return err_hint(err, "make room on the disk; nothing was changed");
    if (sqlite3_errcode(store->db) == SQLITE_CORRUPT || sqlite3_errcode(store->db) == SQLITE_NOTADB)
        return err_hint(err, "remove that file: ports are chosen again, nothing else is lost");
    return -1;
}

static int execute(struct store *store, const char *sql, struct err *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : store_fail(store, err);
}

// What a killed process wrote is there for the next one without any flush, which only the machine's
// end would need; and whatever runs here ends with the machine. So no write of the journal flushes:
// in WAL mode only what folds the log back does (https://sqlite.org/wal.html).
static const char SCHEMA[] =
    "PRAGMA journal_mode = WAL;"
    "PRAGMA synchronous = NORMAL;"
    "CREATE TABLE IF NOT EXISTS port (resource TEXT PRIMARY KEY, port INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS made (kind TEXT NOT NULL, name TEXT NOT NULL, resource TEXT NOT "
    "NULL,"
    " owner TEXT NOT NULL, start_ticks INTEGER NOT NULL, PRIMARY KEY (kind, name)) STRICT";

int store_open(const struct workspace *workspace, struct store **out, struct err *err)
{
    if (workspace_make_directory(workspace, err))
        return -1;
    AUTOFREE char *path = workspace_path(workspace, "state.db");
    struct store *store = mem_alloc(sizeof *store);
    int result =
        sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (result != SQLITE_OK) {
        store_fail(store, err);
        store_close(store);
        return -1;
    }
    (void)chmod(path, 0600);
    sqlite3_busy_timeout(store->db, 5000);
    if (execute(store, SCHEMA, err)) {
        store_close(store);
        return -1;
    }
    *out = store;
    return 0;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite3_close(store->db);
    free(store->owner);
    free(store);
}

int store_port(struct store *store, const char *resource)
{
    sqlite3_stmt *statement = NULL;
    int port = 0;
    sqlite3_prepare_v2(store->db, "SELECT port FROM port WHERE resource = ?", -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, resource, -1, SQLITE_STATIC);
    if (sqlite3_step(statement) == SQLITE_ROW)
        port = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return port;
}

int store_port_set(struct store *store, const char *resource, int port, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(store->db, "INSERT OR REPLACE INTO port VALUES (?, ?)", -1, &statement,
                       NULL);
    sqlite3_bind_text(statement, 1, resource, -1, SQLITE_STATIC);
    sqlite3_bind_int(statement, 2, port);
    int result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return result == SQLITE_DONE ? 0 : store_fail(store, err);
}

const char *store_port_owner(struct store *store, int port)
{
    sqlite3_stmt *statement = NULL;
    free(TAKE(store->owner));
    sqlite3_prepare_v2(store->db, "SELECT resource FROM port WHERE port = ?", -1, &statement, NULL);
    sqlite3_bind_int(statement, 1, port);
    if (sqlite3_step(statement) == SQLITE_ROW)
        store->owner = mem_strdup((const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return store->owner;
}

int store_begin(struct store *store, struct err *err)
{
    return execute(store, "BEGIN IMMEDIATE", err);
}

int store_commit(struct store *store, struct err *err)
{
    return execute(store, "COMMIT", err);
}

void store_rollback(struct store *store)
{
    struct err ignored; // SQLite may have done it by itself already
    if (execute(store, "ROLLBACK", &ignored))
        return;
}

#include "orchestrator/state/store.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/mem.h"

struct store {
    sqlite3 *db;
    char *owner; // what store_port_owner returned last
};

static int fail(struct store *store, struct err *err)
{
    return err_set(err, ERR_FAILED, "the state store .berth/state.db: %s",
                   sqlite3_errmsg(store->db));
}

static int execute(struct store *store, const char *sql, struct err *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(store, err);
}

int store_open(const struct workspace *workspace, struct store **out, struct err *err)
{
    if (workspace_make_directory(workspace, err))
        return -1;
    AUTOFREE char *path = workspace_path(workspace, "state.db");
    struct store *store = mem_alloc(sizeof *store);
    int result =
        sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    if (result != SQLITE_OK) {
        fail(store, err);
        store_close(store);
        return -1;
    }
    (void)chmod(path, 0600);
    sqlite3_busy_timeout(store->db, 5000);
    if (execute(store,
                "CREATE TABLE IF NOT EXISTS port (resource TEXT PRIMARY KEY, port INTEGER NOT "
                "NULL) STRICT",
                err)) {
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
    return result == SQLITE_DONE ? 0 : fail(store, err);
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

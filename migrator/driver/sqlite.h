#pragma once
// The SQLite driver's own parts.

#include <sqlite3.h>

#include "migrator/driver/driver.h"

struct sqlite {
    struct driver driver;
    sqlite3 *db;
    char *path;
    int lock_fd; // flock'ed; -1: none. Closed after the database, or SQLite's own locks were lost
};

enum { SQLITE_BUSY_WAIT_MS = 10 * 1000 };

static inline struct sqlite *sqlite_of(struct driver *driver)
{
    return (struct sqlite *)driver; // its first member
}

// Fills err with the connection's last error; -1.
int sqlite_error(const struct sqlite *sqlite, struct err *err);
// The connection's last error into the failure.
void sqlite_failure(const struct sqlite *sqlite, struct failure *failure);
bool sqlite_in_transaction(const struct sqlite *sqlite);
void sqlite_roll_back(struct sqlite *sqlite);
// Are references checked from now on? Unlike the pragma it works within a transaction as well.
void sqlite_set_foreign_keys(struct sqlite *sqlite, bool enforced);

enum sqlite_lock_type { SQLITE_LOCK_OF_SQLITE, SQLITE_LOCK_OF_BERTH };
// Who has a lock on the file: "pid 4711 (node)", "another process" when that is not known. Owned by
// the caller.
char *sqlite_describe_holder(const char *path, enum sqlite_lock_type type);

int sqlite_lock(struct driver *driver, int64_t timeout_ms, struct err *err);
int sqlite_execute(struct driver *driver, const char *sql, struct err *err);
int sqlite_query(struct driver *driver, const char *sql, driver_row *row, void *context,
                 struct err *err);
int sqlite_run(struct driver *driver, const struct script *script, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err);
int sqlite_load(struct driver *driver, const char *table, struct csv_reader *csv,
                const struct driver_book *book, int64_t *rows, struct failure *failure,
                struct err *err);

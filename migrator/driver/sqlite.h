#pragma once
// The SQLite driver's own parts.

#include <sqlite3.h>

#include "migrator/driver/driver.h"

struct sqlite {
    struct driver driver;
    sqlite3 *db;
    char *path;
};

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

// Who has the file open and locked: "pid 4711 (node)". Owned by the caller, NULL when not known.
char *sqlite_describe_holder(const char *path);

int sqlite_execute(struct driver *driver, const char *sql, struct err *err);
int sqlite_query(struct driver *driver, const char *sql, driver_row *row, void *context,
                 struct err *err);
int sqlite_run(struct driver *driver, const struct script *script, const struct driver_book *book,
               int64_t *rows, struct failure *failure, struct err *err);
int sqlite_load(struct driver *driver, const char *table, struct csv_reader *csv,
                const struct driver_book *book, int64_t *rows, struct failure *failure,
                struct err *err);

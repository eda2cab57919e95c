#pragma once
// One migration's file is run, and its row in the ledger says how that went: what `db deploy` and
// `db resolve --resume` share.

#include "migrator/driver/driver.h"
#include "migrator/history.h"

struct migration_run {
    const struct migrator_target *target;
    const struct migrator_callbacks *callbacks; // may be NULL
    struct driver *driver;                      // holds the lock
    const struct history_migration *migration;  // has its script
};

// The whole file, as a new row of this id. ERR_FAILED: the file is at fault, and the row says so.
int migration_run_begin(const struct migration_run *run, const char *id,
                        struct err *err) MUST_CHECK;
// From statement `from` (from 1) of the file as it now lies; the row is the failed one.
int migration_run_resume(const struct migration_run *run, const char *id, size_t from,
                         struct err *err) MUST_CHECK;

// Appends "; what is left of an index: DROP INDEX a.b;" for the end of a hint, or nothing.
void migration_find_invalid_indexes(struct driver *driver, struct strbuf *out);

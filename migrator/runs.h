#pragma once
// Which checkout applied which migrations, kept in the database itself, as databases outlive and
// are shared by checkouts: _berth_runs (migrator/constant_view.h), a row for each run that applied
// some. It names them by the ids of their rows in the ledger, which belong to one run only: what
// another tool applies later is never taken for this run's.

#include <stddef.h>

#include "base/vec.h"
#include "migrator/driver/driver.h"
#include "migrator/migrator.h"

struct run {
    char *started_at; // RFC 3339
    struct migrator_origin origin;
    char *ids; // of rows in the ledger, parted by spaces
};

// Zero-initialised is empty.
struct runs {
    VEC_OF(struct run) runs;
    bool exists;
};

int runs_read(struct driver *driver, struct runs *out, struct err *err) MUST_CHECK;
void runs_release(struct runs *runs);
// Of the run that wrote the ledger's row of that id; all NULL: not known. Owned by the caller.
struct migrator_origin runs_origin_of(const struct runs *runs, const char *id);
// Adds a run that is about to begin; `ids` as above.
int runs_record(struct driver *driver, const struct migrator_origin *origin, const char *ids,
                struct err *err) MUST_CHECK;

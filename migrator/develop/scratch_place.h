#pragma once
// Private to the scratch: how each engine makes and removes its place.

#include "migrator/driver/driver.h"

enum { SCRATCH_HASH_DIGITS = 8 };

struct scratch_place {
    char *url;  // of the database; owned
    char *name; // Postgres: the database's; SQLite: the directory's; owned
    int lock;   // SQLite: the directory, locked while it is in use; -1: none
};
// What all of their names begin with.
#define SCRATCH_PREFIX "berth_scratch_"

int scratch_postgres_make(const struct migrator_target *target, const char *hash,
                          struct scratch_place *out, bool *denied, struct err *err) MUST_CHECK;
int scratch_postgres_drop(const struct migrator_target *target, const struct scratch_place *place,
                          struct err *err) MUST_CHECK;
// Only what runs of this machine left that are over.
void scratch_postgres_clear(struct driver *driver);
int scratch_sqlite_make(const char *hash, struct scratch_place *out, struct err *err) MUST_CHECK;
int scratch_sqlite_drop(const struct scratch_place *place, struct err *err) MUST_CHECK;
void scratch_sqlite_clear(void);

#pragma once
// The migrations on disk: <path>/<name>/migration.sql and <path>/migration_lock.toml, as the format
// contract, "On disk", lays them down.

#include <stdbool.h>
#include <stddef.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/vec.h"

struct history_migration {
    char *name;     // of the directory
    char *path;     // absolute, of its migration.sql
    bool no_script; // the directory has no migration.sql
};

// In byte order of the names, which is the order of application. Zero-initialised is empty.
struct history {
    VEC_OF(struct history_migration) migrations;
    bool has_lock;
    char *lock_provider; // as written; NULL: the lock file names none
};

// A missing directory is an empty history. Directories whose names begin with a dot and symbolic
// links are not migrations.
int history_read(const char *path, struct history *out, struct err *err) MUST_CHECK;
void history_release(struct history *history);
const struct history_migration *history_find(const struct history *history, const char *name);

// Does migration_lock.toml allow the provider? Aliases are the same provider ("postgres",
// "postgresql"; "mssql", "sqlserver"); without the file anything is allowed. `path` is the
// history's, as shown.
int history_check_provider(const struct history *history, const char *provider, const char *path,
                           struct err *err) MUST_CHECK;

// Is this the checksum of these bytes? Line ends may have been converted either way since, and old
// versions of Prisma wrote hex digits without padding.
bool history_checksum_matches(const char *checksum, const void *bytes, size_t length);

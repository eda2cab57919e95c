#pragma once
// A new migration on disk, and migration_lock.toml beside it.

#include "base/err.h"

// Makes <migrations_path>/<name>/migration.sql, which appears at once and whole, and the lock file
// where there is none. The parents are made too. The caller is the only one at it: drafts of a
// killed one are removed. Fails where the directory exists.
int migration_write(const char *migrations_path, const char *name, const char *provider,
                    const char *script, struct err *err) MUST_CHECK;

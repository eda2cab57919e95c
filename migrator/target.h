#pragma once
// What every command asks of its target.

#include "migrator/history.h"
#include "migrator/migrator.h"

// A path as messages show it: relative to the target's root where it lies below. Borrowed.
const char *target_shown_path(const struct migrator_target *target, const char *path);
int64_t target_lock_timeout_ms(const struct migrator_target *target);
// The migrations on disk, of the target's provider. *out is owned by the caller.
int target_read_history(const struct migrator_target *target, struct history *out,
                        struct err *err) MUST_CHECK;

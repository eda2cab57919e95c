#pragma once
// What was seen once: that a history makes a database of this shape. Where the same history meets
// the same shape again, nothing has to be replayed to know that there is no drift.
//
// The fact holds for any database, so that a file that is kept too long or copied does no harm. It
// is one line: the history's hash and the shape's.

#include <stdbool.h>

#include "migrator/history.h"
#include "migrator/model/model.h"

// A file that is missing or damaged remembers nothing. path may be NULL.
bool memory_has(const char *path, const struct history *history, const struct model *actual);
// Replaces what was remembered. Its directory has to exist.
int memory_keep(const char *path, const struct history *history, const struct model *actual,
                struct err *err) MUST_CHECK;

#pragma once
// What was seen once: that a history makes a database of this shape. Where the same history meets
// the same shape again, nothing has to be replayed to know that there is no drift.
//
// The fact holds for any database, so that a file that is kept too long or copied does no harm. It
// is one line: the hash of the history and of what of a database was looked at, and the shape's.

#include "migrator/history.h"
#include "migrator/introspect/introspect.h"

enum memory {
    MEMORY_NONE,       // nothing, or of another history
    MEMORY_SAME,       // this history makes this shape
    MEMORY_OTHER_SHAPE // this history makes another shape
};
// A file that is missing or damaged remembers nothing. path may be NULL.
enum memory memory_of(const char *path, const struct history *history,
                      const struct introspect_scope *scope, const struct model *actual);
// Replaces what was remembered. Its directory has to exist.
int memory_keep(const char *path, const struct history *history,
                const struct introspect_scope *scope, const struct model *actual,
                struct err *err) MUST_CHECK;

#pragma once
// The name of a new migration's directory: <yyyymmddhhmmss>_<slug>. Rules: the format contract, "In
// the database", directory name.

#include <stdint.h>

#include "base/strbuf.h"
#include "migrator/history.h"

// What the user calls it, as words of [a-z0-9] with "_" between them, 200 bytes at most;
// "migration" where nothing is left. Letters with marks, Greek and Cyrillic ones become Latin,
// "aWord" two words. Appends.
void migration_slug(const char *text, struct strbuf *out);

// Appends the directory's name. The time is UTC; where the last migration on disk is of that second
// or of a later one, it is a second after that, so that the new one comes last.
void migration_name(const struct history *history, int64_t wall_ms, const char *slug,
                    struct strbuf *out);

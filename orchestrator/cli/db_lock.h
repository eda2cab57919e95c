#pragma once
// One command at a time makes migrations of a database: what it compares is what it then applies.

#include "base/err.h"
#include "orchestrator/state/workspace.h"

// The lock of the database's migrations, .berth/migrate-<key>, until *fd is closed or the process
// ends. Waits for another holder, who is named on stderr; ERR_TIMEOUT naming it after 10 s.
int db_lock_take(const struct workspace *workspace, const char *key, int *fd,
                 struct err *err) MUST_CHECK;

#pragma once
// A migration's status as JSON: one shape for the worker, `db status --json` and the dashboard.

#include <cjson/cJSON.h>

#include "base/strbuf.h"
#include "migrator/migrator.h"

// {"name", "state": "applied"|"pending"|"failed"|"rolled back", "finishedAt", "edited", "missing",
// "error", "origin": {"branch", "commit", "worktree"} of a missing one
cJSON *migration_json(const struct migration_status *migration);
// Appends where one that is not in this checkout was applied, as far as that is known: "applied on
// branch x (1a2b3c4), not in this checkout".
void migration_missing_text(const struct migration_status *migration, struct strbuf *out);
const char *migration_state_name(enum migration_state state);

#pragma once
// A migration's status as JSON: one shape for the worker, `db status --json` and the dashboard.

#include <cjson/cJSON.h>

#include "migrator/migrator.h"

// {"name", "state": "applied"|"pending"|"failed"|"rolled back", "finishedAt", "edited", "missing",
// "error"}
cJSON *migration_json(const struct migration_status *migration);
const char *migration_state_name(enum migration_state state);

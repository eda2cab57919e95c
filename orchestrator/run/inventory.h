#pragma once
// What of a workspace is in the engine, by its labels: the truth when no supervisor runs.

#include <cjson/cJSON.h>

#include "orchestrator/docker/inquiry.h"
#include "orchestrator/state/workspace.h"

struct inventory {
    cJSON *containers; // as the engine lists them, running or not
    cJSON *volumes;
};

int inventory_read(struct inquiry *inquiry, const struct workspace *workspace,
                   struct inventory *out, struct err *err) MUST_CHECK;
void inventory_release(struct inventory *inventory);

// The first name of a listed container, without its slash; "" where it has none.
const char *inventory_name(const cJSON *container);
bool inventory_runs(const cJSON *container);

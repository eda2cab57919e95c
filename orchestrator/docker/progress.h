#pragma once
// The progress of a pull, added up over its layers. Fed with the values of the engine's progress
// stream: {"status": "Downloading", "id": "<layer>", "progressDetail": {"current": n, "total": n}}.
// Source: Docker Engine API, ImageCreate; the statuses are the engine's own words.

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/strbuf.h"
#include "orchestrator/docker/docker.h"

struct progress;

struct progress *progress_new(void);
void progress_free(struct progress *progress); // NULL is fine
void progress_add(struct progress *progress, const cJSON *value);
// Over all layers known so far; bytes never go back. The text is static.
struct docker_progress progress_sum(const struct progress *progress);
// What a value says went wrong ("errorDetail", or the older "error"); NULL for progress. Borrowed
// from the value.
const char *progress_error(const cJSON *value);

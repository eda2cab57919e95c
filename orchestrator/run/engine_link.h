#pragma once
// The supervisor's link to the container engine: found and greeted, with a picture of the
// containers that carry this workspace's label, and its event stream afterwards. An engine that was
// up and goes away is asked again after 0.1 s, 0.2 s … 5 s; once it answers, the containers are
// listed anew, and each resource looks at its own.

#include <cjson/cJSON.h>

#include "base/err.h"
#include "orchestrator/docker/docker.h"
#include "orchestrator/loop/loop.h"

struct engine_link;
struct supervisor;

// Begins to connect; the first engine_link_when_ready answers when it is done.
struct engine_link *engine_link_new(struct supervisor *supervisor);
void engine_link_free(struct engine_link *link); // NULL is fine

// Calls fn once the engine can be used, or, where it never could, cannot (see engine_link_error).
// Never from inside the call.
void engine_link_when_ready(struct engine_link *link, loop_fn *fn, void *context);
// The same, with a fresh list, and another try at an engine that could not be used.
void engine_link_look_again(struct engine_link *link, loop_fn *fn, void *context);
const struct err *engine_link_error(const struct engine_link *link); // NULL: it can be used
struct docker *engine_link_docker(const struct engine_link *link);
// The workspace's container of that name as the engine listed it last; NULL: there was none.
const cJSON *engine_link_listed(const struct engine_link *link, const char *container_name);

// Labels on all that berth makes.
#define LABEL_WORKSPACE "dev.berth.workspace"
#define LABEL_PATH "dev.berth.workspace.path"
#define LABEL_RESOURCE "dev.berth.resource"
#define LABEL_SPEC "dev.berth.spec"
#define LABEL_SPEC_HASH "dev.berth.spec-hash"
#define LABEL_OWNER "dev.berth.owner"
// On volumes: the major version that the data was made for.
#define LABEL_VERSION "dev.berth.engine-major"
// On containers of one command: what it is for.
#define LABEL_ONE_OFF "dev.berth.one-off"

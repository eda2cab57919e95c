#pragma once
// From a container spec to the body of POST /containers/create (Docker Engine API 1.41).

#include <cjson/cJSON.h>

#include "orchestrator/run/resource.h"

// The resource's own container, with the labels that tell its spec again. Owned by the caller.
cJSON *container_body(const struct resource *resource, const struct container_spec *spec);
// The labels that everything berth makes carries. Owned by the caller.
cJSON *container_labels(const struct resource *resource);

// A one-off container (orchestrator/drivers/one_off.h): image, environment and mounts of the spec,
// no network and no port, the command as root in the place of the image's own. `purpose` is for a
// label. Owned by the caller.
cJSON *container_one_off_body(const struct resource *resource, const struct container_spec *spec,
                              const char *purpose, const char *const *command);
// Owned by the caller.
char *container_one_off_name(const struct plan_resource *planned);

#pragma once
// A container beside a resource's own that runs one command over the same data, to its end: for
// what only the engine's images can read or mend. A resource has one at a time, as they share a
// name; one that a killed supervisor left is removed before the next.

#include "orchestrator/docker/docker.h"
#include "provisioners/container_spec.h"

struct one_off;

// output: the last lines that it wrote, stdout and stderr. err: it could not be run to its end;
// exit_code is -1 then.
typedef void one_off_fn(void *context, int exit_code, const char *output, const struct err *err);

// `body` (of the create, borrowed for this call) says what it is, `spec` (borrowed until fn; NULL:
// nothing) what is put into it (container_file.h). Answers once, never from inside
// the call, when the container is gone again. Owned by the caller, to be freed from fn on, or
// before: then the container is left to whoever comes next.
struct one_off *one_off_start(struct docker *docker, const char *name, const cJSON *body,
                              const struct container_spec *spec, one_off_fn *fn, void *context);
void one_off_free(struct one_off *one_off); // NULL is fine

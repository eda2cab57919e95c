#include "orchestrator/docker/call.h"

struct docker_call *docker_volume_create(struct docker *docker, const cJSON *body, docker_fn *fn,
                                         void *context)
{
    return docker_request(docker, "POST", "/volumes/create", body, 0, fn, context);
}

struct docker_call *docker_volume_inspect(struct docker *docker, const char *name, docker_fn *fn,
                                          void *context)
{
    return call_named(docker, "GET", "/volumes/%s", name, NULL, fn, context);
}

struct docker_call *docker_volume_remove(struct docker *docker, const char *name, docker_fn *fn,
                                         void *context)
{
    return call_named(docker, "DELETE", "/volumes/%s", name, NULL, fn, context);
}

#include "orchestrator/docker/call.h"

struct docker_call *docker_network_create(struct docker *docker, const cJSON *body, docker_fn *fn,
                                          void *context)
{
    return docker_request(docker, "POST", "/networks/create", body, 0, fn, context);
}

struct docker_call *docker_network_inspect(struct docker *docker, const char *name, docker_fn *fn,
                                           void *context)
{
    return call_named(docker, "GET", "/networks/%s", name, NULL, fn, context);
}

struct docker_call *docker_network_remove(struct docker *docker, const char *name, docker_fn *fn,
                                          void *context)
{
    return call_named(docker, "DELETE", "/networks/%s", name, NULL, fn, context);
}

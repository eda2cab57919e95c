#include "orchestrator/docker/call.h"

struct docker_call *docker_image_inspect(struct docker *docker, const char *image, docker_fn *fn,
                                         void *context)
{
    return call_named(docker, "GET", "/images/%s/json", image, NULL, fn, context);
}

struct docker_call *docker_image_list(struct docker *docker, docker_fn *fn, void *context)
{
    return docker_request(docker, "GET", "/images/json", NULL, 0, fn, context);
}

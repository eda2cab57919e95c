// The first word with the engine: is it one, and which version of the API do both know?
// Negotiation as https://docs.docker.com/reference/api/engine/#versioned-api-and-sdk describes it:
// the newer side speaks the older one's version.

#include <stdio.h>

#include "orchestrator/docker/call.h"

enum { API_MAJOR = 1, API_OLDEST_MINOR = 41, API_NEWEST_MINOR = 51 };

static int negotiate(struct docker *docker, const char *offered, struct err *err)
{
    int major, minor, end = 0;
    if (!offered || sscanf(offered, "%3d.%4d%n", &major, &minor, &end) != 2 || offered[end]) {
        err_set(err, ERR_NO_ENGINE, "what answers at %s is not a Docker engine",
                docker_endpoint(docker));
        return err_hint(err, "set DOCKER_HOST to where the engine is");
    }
    if (major < API_MAJOR || (major == API_MAJOR && minor < API_OLDEST_MINOR)) {
        err_set(err, ERR_NO_ENGINE,
                "the Docker engine at %s is too old: it speaks API %d.%d, berth needs %d.%d",
                docker_endpoint(docker), major, minor, API_MAJOR, API_OLDEST_MINOR);
        return err_hint(err, "upgrade Docker to 20.10 or newer");
    }
    bool is_newer = major > API_MAJOR || minor > API_NEWEST_MINOR;
    docker_set_version(docker, API_MAJOR, is_newer ? API_NEWEST_MINOR : minor);
    return 0;
}

static void on_ping(struct docker_call *call, const struct docker_result *result)
{
    struct err err;
    if (!result->err && negotiate(call_docker(call), call_header(call, "Api-Version"), &err))
        call_fail(call, result->status, &err);
    else
        call_finish(call, result);
}

struct docker_call *docker_ping(struct docker *docker, docker_fn *fn, void *context)
{
    // HEAD would do for an engine; what a proxy or another server says is in the body.
    static const struct call_request ping = {
        .path = "/_ping",
        .timeout_ms = 10000,
        .then = on_ping,
        .is_text = true,
        .is_unversioned = true,
    };
    return call_single(docker, &ping, fn, context);
}

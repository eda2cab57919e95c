#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/filters.h"

enum { WAIT_TIMEOUT_MS = 120000 };

struct docker_call *docker_container_create(struct docker *docker, const char *name,
                                            const cJSON *body, docker_fn *fn, void *context)
{
    return call_named(docker, "POST", "/containers/create?name=%s", name, body, fn, context);
}

struct docker_call *docker_container_start(struct docker *docker, const char *id, docker_fn *fn,
                                           void *context)
{
    return call_named(docker, "POST", "/containers/%s/start", id, NULL, fn, context);
}

struct docker_call *docker_container_inspect(struct docker *docker, const char *id, docker_fn *fn,
                                             void *context)
{
    return call_named(docker, "GET", "/containers/%s/json", id, NULL, fn, context);
}

struct docker_call *docker_container_stop(struct docker *docker, const char *id, int timeout_s,
                                          docker_fn *fn, void *context)
{
    AUTOFREE char *format = mem_printf("/containers/%%s/stop?t=%d", timeout_s);
    AUTOFREE char *path = call_path(format, id);
    // The engine answers when the container has ended.
    int64_t timeout_ms = (int64_t)timeout_s * 1000 + CALL_DEFAULT_TIMEOUT_MS;
    return docker_request(docker, "POST", path, NULL, timeout_ms, fn, context);
}

struct docker_call *docker_container_wait(struct docker *docker, const char *id,
                                          const char *condition, docker_fn *fn, void *context)
{
    AUTOFREE char *format = mem_printf("/containers/%%s/wait?condition=%s", condition);
    AUTOFREE char *path = call_path(format, id);
    return docker_request(docker, "POST", path, NULL, WAIT_TIMEOUT_MS, fn, context);
}

struct docker_call *docker_container_remove(struct docker *docker, const char *id, bool force,
                                            docker_fn *fn, void *context)
{
    const char *format = force ? "/containers/%s?v=1&force=1" : "/containers/%s?v=1";
    return call_named(docker, "DELETE", format, id, NULL, fn, context);
}

struct docker_call *docker_container_list(struct docker *docker, const char *label, docker_fn *fn,
                                          void *context)
{
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, "/containers/json?all=1&filters=");
    const struct filter filters[] = {{"label", label}, {0}};
    filters_add(filters, &path);
    return docker_request(docker, "GET", path.data, NULL, 0, fn, context);
}

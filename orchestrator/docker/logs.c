// A container's log. The answer does not say in every version of the API whether it is framed, so
// the container is asked first: a TTY's output is raw.

#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/url.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/output.h"

struct logs {
    char *path;
    struct output output;
};

static void logs_free(void *state)
{
    struct logs *logs = state;
    free(logs->path);
    free(logs);
}

static bool on_logs_data(struct docker_call *call, const char *bytes, size_t length)
{
    struct logs *logs = call_state(call);
    output_push(&logs->output, call, bytes, length);
    return true;
}

static void on_logs_end(struct docker_call *call, const struct docker_result *result)
{
    struct logs *logs = call_state(call);
    struct docker_result replaced;
    call_finish(call, output_end(&logs->output, result, &replaced));
}

static void on_inspected(struct docker_call *call, const struct docker_result *result)
{
    if (result->err) {
        call_finish(call, result);
        return;
    }
    struct logs *logs = call_state(call);
    logs->output.frames.is_raw = json_bool_or(json_get(result->json, "Config"), "Tty", false);
    call_send(call, &(struct call_request){.path = logs->path,
                                           .timeout_ms = CALL_NO_TIMEOUT,
                                           .on_data = on_logs_data,
                                           .then = on_logs_end});
}

struct docker_call *docker_container_logs(struct docker *docker, const char *id, bool follow,
                                          const char *since, int tail, docker_output_fn *output,
                                          docker_fn *fn, void *context)
{
    AUTO_STRBUF path = STRBUF_INIT;
    AUTOFREE char *start = call_path("/containers/%s/logs?stdout=1&stderr=1", id);
    strbuf_adds(&path, start);
    if (follow)
        strbuf_adds(&path, "&follow=1");
    if (tail >= 0)
        strbuf_addf(&path, "&tail=%d", tail);
    if (since) {
        strbuf_adds(&path, "&since=");
        url_encode(since, &path);
    }
    struct logs *logs = mem_alloc(sizeof *logs);
    *logs = (struct logs){.path = strbuf_detach(&path), .output.fn = output};
    struct docker_call *call = call_new(docker, fn, context);
    call_set_state(call, logs, logs_free);
    AUTOFREE char *inspect = call_path("/containers/%s/json", id);
    call_send(call, &(struct call_request){.path = inspect, .then = on_inspected});
    return call;
}

// A container's log. The answer does not say in every version of the API whether it is framed, so
// the container is asked first: a TTY's output is raw. A log that was followed is read on after its
// end (log_cursor.h says why); that of a TTY has no entries to tell apart, and is not.

#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/url.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/log_cursor.h"
#include "orchestrator/docker/output.h"

struct logs {
    char *id, *since; // since: NULL for all
    bool follow;
    int tail;
    struct log_cursor cursor;
    struct output output;
};

static void logs_free(void *state)
{
    struct logs *logs = state;
    free(logs->id);
    free(logs->since);
    free(logs);
}

static bool on_logs_data(struct docker_call *call, const char *bytes, size_t length)
{
    struct logs *logs = call_state(call);
    output_push(&logs->output, call, bytes, length);
    return true;
}

static void send_logs(struct docker_call *call, bool follow, const char *since, int tail,
                      call_step_fn *then)
{
    struct logs *logs = call_state(call);
    AUTO_STRBUF path = STRBUF_INIT;
    AUTOFREE char *start = call_path("/containers/%s/logs?stdout=1&stderr=1", logs->id);
    strbuf_adds(&path, start);
    if (follow)
        strbuf_adds(&path, "&follow=1");
    if (logs->output.cursor)
        strbuf_adds(&path, "&timestamps=1");
    if (tail >= 0)
        strbuf_addf(&path, "&tail=%d", tail);
    if (since) {
        strbuf_adds(&path, "&since=");
        url_encode(since, &path);
    }
    call_send(call, &(struct call_request){.path = path.data,
                                           .timeout_ms = CALL_NO_TIMEOUT,
                                           .on_data = on_logs_data,
                                           .then = then});
}

static void on_logs_end(struct docker_call *call, const struct docker_result *result)
{
    struct logs *logs = call_state(call);
    struct docker_result replaced;
    call_finish(call, output_end(&logs->output, result, &replaced));
}

// What comes after is a bonus: by now the container may have been removed.
static void on_rest_end(struct docker_call *call, const struct docker_result *result)
{
    (void)result;
    call_finish(call, &(struct docker_result){.status = 200});
}

static void on_followed(struct docker_call *call, const struct docker_result *result)
{
    struct logs *logs = call_state(call);
    struct docker_result replaced;
    result = output_end(&logs->output, result, &replaced);
    AUTO_STRBUF since = STRBUF_INIT;
    if (result->err || !log_cursor_read_on(&logs->cursor, &since))
        call_finish(call, result);
    else if (since.len > 0)
        send_logs(call, false, since.data, -1, on_rest_end);
    else
        send_logs(call, false, logs->since, logs->tail, on_rest_end);
}

static void on_inspected(struct docker_call *call, const struct docker_result *result)
{
    if (result->err) {
        call_finish(call, result);
        return;
    }
    struct logs *logs = call_state(call);
    bool is_tty = json_bool_or(json_get(result->json, "Config"), "Tty", false);
    bool reads_on = logs->follow && !is_tty;
    logs->output.frames.is_raw = is_tty;
    logs->output.cursor = reads_on ? &logs->cursor : NULL;
    send_logs(call, logs->follow, logs->since, logs->tail, reads_on ? on_followed : on_logs_end);
}

struct docker_call *docker_container_logs(struct docker *docker, const char *id, bool follow,
                                          const char *since, int tail, docker_output_fn *output,
                                          docker_fn *fn, void *context)
{
    struct logs *logs = mem_alloc(sizeof *logs);
    *logs = (struct logs){
        .id = mem_strdup(id),
        .since = since ? mem_strdup(since) : NULL,
        .follow = follow,
        .tail = tail,
        .output.fn = output,
    };
    struct docker_call *call = call_new(docker, fn, context);
    call_set_state(call, logs, logs_free);
    AUTOFREE char *inspect = call_path("/containers/%s/json", id);
    call_send(call, &(struct call_request){.path = inspect, .then = on_inspected});
    return call;
}

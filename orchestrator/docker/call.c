#include "orchestrator/docker/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/url.h"
#include "orchestrator/docker/endpoint.h"
#include "orchestrator/docker/error.h"

struct docker_call {
    struct docker *docker;
    docker_fn *fn;
    void *context;
    bool is_over;
    // The request that runs; NULL between two.
    struct http_call *http;
    char *method, *path;
    call_data_fn *on_data;
    call_step_fn *then;
    bool is_text;
    void *state;
    void (*state_free)(void *state);
    TAILQ_ENTRY(docker_call) link;
};

struct docker {
    struct loop *loop;
    struct http_client *http;
    struct endpoint endpoint;
    char version[24]; // "/v1.41"
    TAILQ_HEAD(docker_call_list, docker_call) calls;
};

int docker_new(struct loop *loop, struct http_client *http, struct docker **out, struct err *err)
{
    struct endpoint_environment environment = endpoint_environment();
    struct endpoint endpoint;
    if (endpoint_find(&environment, &endpoint, err))
        return -1;
    struct docker *docker = mem_alloc(sizeof *docker);
    *docker = (struct docker){.loop = loop, .http = http, .endpoint = endpoint};
    docker_set_version(docker, 1, 41);
    TAILQ_INIT(&docker->calls);
    *out = docker;
    return 0;
}

void docker_free(struct docker *docker)
{
    if (!docker)
        return;
    while (!TAILQ_EMPTY(&docker->calls))
        docker_cancel(TAILQ_FIRST(&docker->calls));
    endpoint_release(&docker->endpoint);
    free(docker);
}

const char *docker_endpoint(const struct docker *docker)
{
    return docker->endpoint.name;
}

void docker_set_version(struct docker *docker, int major, int minor)
{
    snprintf(docker->version, sizeof docker->version, "/v%d.%d", major, minor);
}

// --- The life of a call

struct docker_call *call_new(struct docker *docker, docker_fn *fn, void *context)
{
    struct docker_call *call = mem_alloc(sizeof *call);
    *call = (struct docker_call){.docker = docker, .fn = fn, .context = context};
    TAILQ_INSERT_TAIL(&docker->calls, call, link);
    return call;
}

static void call_free(void *context)
{
    struct docker_call *call = context;
    if (call->state_free)
        call->state_free(call->state);
    free(call->method);
    free(call->path);
    free(call);
}

void docker_cancel(struct docker_call *call)
{
    if (call->is_over)
        return;
    call->is_over = true;
    if (call->http)
        http_cancel(TAKE(call->http));
    TAILQ_REMOVE(&call->docker->calls, call, link);
    // A callback of the call may be what cancels it.
    loop_defer(call->docker->loop, call_free, call);
}

void call_finish(struct docker_call *call, const struct docker_result *result)
{
    docker_fn *fn = call->fn;
    void *context = call->context;
    docker_cancel(call);
    fn(context, result);
}

void call_fail(struct docker_call *call, int status, const struct err *err)
{
    call_finish(call, &(struct docker_result){.status = status, .err = err});
}

bool call_is_over(const struct docker_call *call)
{
    return call->is_over;
}

void call_set_state(struct docker_call *call, void *state, void (*state_free)(void *state))
{
    call->state = state;
    call->state_free = state_free;
}

void *call_state(const struct docker_call *call)
{
    return call->state;
}

void *call_context(const struct docker_call *call)
{
    return call->context;
}

struct docker *call_docker(const struct docker_call *call)
{
    return call->docker;
}

const char *call_header(const struct docker_call *call, const char *name)
{
    return call->http ? http_header(call->http, name) : NULL;
}

// --- A request of it

// The JSON of a whole answer, NULL for one without a body.
static int parse_body(const struct docker_call *call, const struct http_reply *reply, cJSON **out,
                      struct err *err)
{
    if (call->is_text || reply->body_length == 0)
        return 0;
    if (json_parse(reply->body, reply->body_length, out, err) == 0)
        return 0;
    error_tidy(err);
    return err_wrap(err, "the Docker engine's answer to %s %.*s", call->method,
                    (int)strcspn(call->path, "?"), call->path);
}

static void on_reply(void *context, const struct http_reply *reply)
{
    struct docker_call *call = context;
    struct docker_result result = {.status = (int)reply->status};
    struct error_request request = {
        .endpoint = call->docker->endpoint.name,
        .method = call->method,
        .path = call->path,
    };
    struct err err;
    AUTO_JSON *json = NULL;
    if (error_from_reply(reply, &request, &err) || parse_body(call, reply, &json, &err))
        result.err = &err;
    result.json = json;
    struct http_call *http = call->http;
    call->then(call, &result);
    // The step may have sent the next request; the one that has just ended is not to be cancelled.
    if (call->http == http)
        call->http = NULL;
}

static bool on_data(void *context, const char *bytes, size_t length)
{
    struct docker_call *call = context;
    return call->on_data(call, bytes, length);
}

void call_send(struct docker_call *call, const struct call_request *request)
{
    const struct docker *docker = call->docker;
    const struct endpoint *endpoint = &docker->endpoint;
    free(call->method);
    free(call->path);
    call->method = mem_strdup(request->method ? request->method : "GET");
    call->path = mem_strdup(request->path);
    call->on_data = request->on_data;
    call->then = request->then ? request->then : call_finish;
    call->is_text = request->is_text;

    AUTOFREE char *url = mem_printf("%s%s%s", endpoint->base_url,
                                    request->is_unversioned ? "" : docker->version, request->path);
    AUTO_STRBUF body = STRBUF_INIT;
    if (request->body)
        json_print(request->body, false, &body);
    int64_t timeout_ms = request->timeout_ms ? request->timeout_ms : CALL_DEFAULT_TIMEOUT_MS;
    struct http_tls tls = {endpoint->ca_file, endpoint->certificate_file, endpoint->key_file,
                           endpoint->skip_verify};
    call->http =
        http_start(docker->http, &(struct http_request){
                                     .method = call->method,
                                     .unix_socket = endpoint->unix_socket,
                                     .url = url,
                                     .body = request->body ? body.data : request->bytes,
                                     .body_length = request->body ? body.len : request->byte_count,
                                     .content_type = request->content_type,
                                     .timeout_ms = timeout_ms == CALL_NO_TIMEOUT ? 0 : timeout_ms,
                                     .silence_ms = request->silence_ms,
                                     .on_data = request->on_data ? on_data : NULL,
                                     .on_done = on_reply,
                                     .context = call,
                                     .tls = endpoint->use_tls ? &tls : NULL,
                                 });
}

struct docker_call *call_single(struct docker *docker, const struct call_request *request,
                                docker_fn *fn, void *context)
{
    struct docker_call *call = call_new(docker, fn, context);
    call_send(call, request);
    return call;
}

struct docker_call *docker_request(struct docker *docker, const char *method, const char *path,
                                   const cJSON *body, int64_t timeout_ms, docker_fn *fn,
                                   void *context)
{
    return call_single(docker,
                       &(struct call_request){
                           .method = method, .path = path, .body = body, .timeout_ms = timeout_ms},
                       fn, context);
}

char *call_path(const char *format, const char *name)
{
    struct strbuf path = STRBUF_INIT;
    const char *place = strstr(format, "%s");
    strbuf_add(&path, format, (size_t)(place - format));
    url_encode(name, &path);
    strbuf_adds(&path, place + 2);
    return strbuf_detach(&path);
}

struct docker_call *call_named(struct docker *docker, const char *method, const char *format,
                               const char *name, const cJSON *body, docker_fn *fn, void *context)
{
    AUTOFREE char *path = call_path(format, name);
    return docker_request(docker, method, path, body, 0, fn, context);
}

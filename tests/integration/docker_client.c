// Makes one call of the Docker client and prints what comes of it, a JSON value a line:
// {"output": …}, {"event": …} and {"progress": …} on the way, {"result": …} last. What the test
// scripts drive to see the client at work on a real engine, or on one that is at fault.
//
//     docker_client CALL [ARGUMENT]...
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/docker/docker.h"

struct session {
    struct loop *loop;
    struct http_client *http;
    struct docker *docker;
    char **arguments;
    bool has_failed;
    struct docker_call *running;
};

static void print(const char *key, cJSON *value)
{
    AUTO_JSON *line = cJSON_CreateObject();
    cJSON_AddItemToObject(line, key, value);
    AUTO_STRBUF text = STRBUF_INIT;
    json_print(line, false, &text);
    puts(text.data);
    fflush(stdout);
}

static void on_result(void *context, const struct docker_result *result)
{
    struct session *session = context;
    cJSON *value = cJSON_CreateObject();
    cJSON_AddNumberToObject(value, "status", result->status);
    if (result->json)
        cJSON_AddItemToObject(value, "json", cJSON_Duplicate(result->json, true));
    if (result->err) {
        cJSON_AddStringToObject(value, "error", result->err->message);
        cJSON_AddStringToObject(value, "hint", result->err->hint);
        cJSON_AddNumberToObject(value, "exit", err_exit_code(result->err->kind));
    }
    session->has_failed = result->err != NULL;
    print("result", value);
    loop_stop(session->loop);
}

static void on_output(void *context, int stream, const char *bytes, size_t length)
{
    (void)context;
    AUTOFREE char *text = mem_strndup(bytes, length);
    cJSON *value = cJSON_CreateObject();
    cJSON_AddNumberToObject(value, "stream", stream);
    cJSON_AddStringToObject(value, "text", text);
    print("output", value);
}

static void on_event(void *context, const cJSON *event)
{
    (void)context;
    print("event", cJSON_Duplicate(event, true));
}

static void on_progress(void *context, const struct docker_progress *progress)
{
    (void)context;
    cJSON *value = cJSON_CreateObject();
    cJSON_AddNumberToObject(value, "done", (double)progress->done_bytes);
    cJSON_AddNumberToObject(value, "total", (double)progress->total_bytes);
    cJSON_AddStringToObject(value, "text", progress->text);
    print("progress", value);
}

// Cancels from within its own callback, after the first piece.
static void on_output_cancel(void *context, int stream, const char *bytes, size_t length)
{
    struct session *session = context;
    on_output(context, stream, bytes, length);
    docker_cancel(session->running);
    print("cancelled", cJSON_CreateTrue());
    loop_stop(session->loop);
}

// --- The calls, by name: arguments, and how to start them

typedef struct docker_call *start_fn(struct session *session, char **arguments);

static struct docker_call *start_ping(struct session *session, char **arguments)
{
    (void)arguments;
    return docker_ping(session->docker, on_result, session);
}

// The argument as JSON, owned by the caller; NULL for an empty one.
static cJSON *json_of(const char *argument)
{
    cJSON *json = NULL;
    struct err err;
    if (*argument && json_parse(argument, strlen(argument), &json, &err)) {
        fprintf(stderr, "%s\n", err.message);
        exit(2);
    }
    return json;
}

// NAME BODY
static struct docker_call *start_create(struct session *session, char **arguments)
{
    AUTO_JSON *body = json_of(arguments[1]);
    return docker_container_create(session->docker, arguments[0], body, on_result, session);
}

static struct docker_call *start_start(struct session *session, char **arguments)
{
    return docker_container_start(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_inspect(struct session *session, char **arguments)
{
    return docker_container_inspect(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_stop(struct session *session, char **arguments)
{
    int timeout_s = (int)strtol(arguments[1], NULL, 10);
    return docker_container_stop(session->docker, arguments[0], timeout_s, on_result, session);
}

// ID force|gently
static struct docker_call *start_remove(struct session *session, char **arguments)
{
    bool force = !strcmp(arguments[1], "force");
    return docker_container_remove(session->docker, arguments[0], force, on_result, session);
}

static struct docker_call *start_list(struct session *session, char **arguments)
{
    return docker_container_list(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_network_create(struct session *session, char **arguments)
{
    AUTO_JSON *body = json_of(arguments[0]);
    return docker_network_create(session->docker, body, on_result, session);
}

static struct docker_call *start_network_inspect(struct session *session, char **arguments)
{
    return docker_network_inspect(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_network_remove(struct session *session, char **arguments)
{
    return docker_network_remove(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_volume_create(struct session *session, char **arguments)
{
    AUTO_JSON *body = json_of(arguments[0]);
    return docker_volume_create(session->docker, body, on_result, session);
}

static struct docker_call *start_volume_inspect(struct session *session, char **arguments)
{
    return docker_volume_inspect(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_volume_remove(struct session *session, char **arguments)
{
    return docker_volume_remove(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_image(struct session *session, char **arguments)
{
    return docker_image_inspect(session->docker, arguments[0], on_result, session);
}

static struct docker_call *start_images(struct session *session, char **arguments)
{
    (void)arguments;
    return docker_image_list(session->docker, on_result, session);
}

// IMAGE [SILENCE-MS]
static struct docker_call *start_pull(struct session *session, char **arguments)
{
    const int64_t silence_ms = arguments[1] ? strtoll(arguments[1], NULL, 10) : 0;
    return docker_image_pull(session->docker, arguments[0], silence_ms, on_progress, on_result,
                             session);
}

// ID follow|kept TAIL SINCE
static struct docker_call *start_logs(struct session *session, char **arguments)
{
    bool follow = !strcmp(arguments[1], "follow");
    const char *since = *arguments[3] ? arguments[3] : NULL;
    int tail = (int)strtol(arguments[2], NULL, 10);
    return docker_container_logs(session->docker, arguments[0], follow, since, tail, on_output,
                                 on_result, session);
}

static struct docker_call *start_logs_cancel(struct session *session, char **arguments)
{
    return docker_container_logs(session->docker, arguments[0], true, NULL, -1, on_output_cancel,
                                 on_result, session);
}

static struct docker_call *start_events(struct session *session, char **arguments)
{
    return docker_events(session->docker, arguments[0], on_event, on_result, session);
}

// ID WORD...
static struct docker_call *start_exec(struct session *session, char **arguments)
{
    return docker_exec(session->docker, arguments[0], (const char *const *)arguments + 1, on_output,
                       on_result, session);
}

// METHOD PATH BODY TIMEOUT_MS
static struct docker_call *start_request(struct session *session, char **arguments)
{
    AUTO_JSON *body = json_of(arguments[2]);
    return docker_request(session->docker, arguments[0], arguments[1], body,
                          strtol(arguments[3], NULL, 10), on_result, session);
}

static const struct {
    const char *name;
    start_fn *start;
    int arguments;
} calls[] = {
    {"ping", start_ping, 0},
    {"create", start_create, 2},
    {"start", start_start, 1},
    {"inspect", start_inspect, 1},
    {"stop", start_stop, 2},
    {"remove", start_remove, 2},
    {"list", start_list, 1},
    {"network-create", start_network_create, 1},
    {"network-inspect", start_network_inspect, 1},
    {"network-remove", start_network_remove, 1},
    {"volume-create", start_volume_create, 1},
    {"volume-inspect", start_volume_inspect, 1},
    {"volume-remove", start_volume_remove, 1},
    {"image", start_image, 1},
    {"images", start_images, 0},
    {"pull", start_pull, 1},
    {"logs", start_logs, 4},
    {"logs-cancel", start_logs_cancel, 1},
    {"events", start_events, 1},
    {"exec", start_exec, 2},
    {"request", start_request, 4},
};

static start_fn *call_named(const char *name, int arguments)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (!strcmp(name, calls[i].name) && arguments >= calls[i].arguments)
            return calls[i].start;
    fprintf(stderr, "docker_client: no call %s with %d arguments\n", name, arguments);
    exit(2);
}

struct start {
    struct session *session;
    start_fn *fn;
};

// A version agreed on is where everything starts.
static void on_ready(void *context, const struct docker_result *result)
{
    struct start *start = context;
    struct session *session = start->session;
    if (result->err)
        on_result(session, result);
    else
        session->running = start->fn(session, session->arguments);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    struct session session = {.loop = loop_new(), .arguments = argv + 2};
    struct start start = {&session, call_named(argv[1], argc - 2)};
    session.http = http_client_new(session.loop);
    struct err err;
    if (docker_new(session.loop, session.http, &session.docker, &err)) {
        on_result(&session, &(struct docker_result){.err = &err});
    } else {
        docker_ping(session.docker, on_ready, &start);
        loop_run(session.loop);
    }
    docker_free(session.docker);
    http_client_free(session.http);
    loop_free(session.loop);
    return session.has_failed ? 1 : 0;
}

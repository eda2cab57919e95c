// A command inside a container: made, started with its output attached, and asked for its exit code
// when the output has ended.

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/output.h"

struct exec {
    char *id; // the engine's, of this execution
    struct output output;
};

static void exec_free(void *state)
{
    struct exec *exec = state;
    free(exec->id);
    free(exec);
}

static bool on_exec_data(struct docker_call *call, const char *bytes, size_t length)
{
    struct exec *exec = call_state(call);
    output_push(&exec->output, call, bytes, length);
    return true;
}

static void on_exec_end(struct docker_call *call, const struct docker_result *result)
{
    struct exec *exec = call_state(call);
    struct docker_result replaced;
    result = output_end(&exec->output, result, &replaced);
    if (result->err) {
        call_finish(call, result);
        return;
    }
    AUTOFREE char *path = call_path("/exec/%s/json", exec->id);
    call_send(call, &(struct call_request){.path = path});
}

static void on_exec_created(struct docker_call *call, const struct docker_result *result)
{
    struct exec *exec = call_state(call);
    const char *id = json_string_or(result->json, "Id", NULL);
    if (result->err) {
        call_finish(call, result);
        return;
    }
    if (!id) {
        struct err err;
        err_set(&err, ERR_FAILED, "the Docker engine gives no id for a command it has made");
        call_fail(call, result->status, &err);
        return;
    }
    exec->id = mem_strdup(id);
    AUTOFREE char *path = call_path("/exec/%s/start", id);
    AUTO_JSON *body = cJSON_CreateObject();
    cJSON_AddBoolToObject(body, "Detach", false);
    cJSON_AddBoolToObject(body, "Tty", false);
    call_send(call, &(struct call_request){.method = "POST",
                                           .path = path,
                                           .body = body,
                                           .timeout_ms = CALL_NO_TIMEOUT,
                                           .on_data = on_exec_data,
                                           .then = on_exec_end});
}

struct docker_call *docker_exec(struct docker *docker, const char *id, const char *const *command,
                                docker_output_fn *output, docker_fn *fn, void *context)
{
    AUTO_JSON *body = cJSON_CreateObject();
    cJSON_AddBoolToObject(body, "AttachStdout", true);
    cJSON_AddBoolToObject(body, "AttachStderr", true);
    cJSON *words = cJSON_AddArrayToObject(body, "Cmd");
    for (; *command; command++)
        cJSON_AddItemToArray(words, cJSON_CreateString(*command));
    struct exec *exec = mem_alloc(sizeof *exec);
    *exec = (struct exec){.output.fn = output};
    struct docker_call *call = call_new(docker, fn, context);
    call_set_state(call, exec, exec_free);
    AUTOFREE char *path = call_path("/containers/%s/exec", id);
    call_send(call, &(struct call_request){
                        .method = "POST", .path = path, .body = body, .then = on_exec_created});
    return call;
}

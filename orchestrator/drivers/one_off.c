#include "orchestrator/drivers/one_off.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_file.h"

enum { OUTPUT_LINES = 20 };

struct one_off {
    struct docker *docker;
    char *name;
    cJSON *body;
    const struct container_spec *spec; // NULL: it is given no file
    one_off_fn *fn;
    void *context;
    struct docker_call *call; // the one that has not answered yet; NULL: none
    struct strbuf output;
    int exit_code;
    bool failed;
    struct err err;
};

static void finish(struct one_off *one_off)
{
    one_off->fn(one_off->context, one_off->failed ? -1 : one_off->exit_code, one_off->output.data,
                one_off->failed ? &one_off->err : NULL);
}

static void on_removed(void *context, const struct docker_result *result)
{
    struct one_off *one_off = context;
    one_off->call = NULL;
    if (result->err && result->status != 404 && !one_off->failed) {
        one_off->failed = true;
        one_off->err = *result->err;
    }
    finish(one_off);
}

static void remove_container(struct one_off *one_off)
{
    one_off->call =
        docker_container_remove(one_off->docker, one_off->name, true, on_removed, one_off);
}

// Remembers the failure and goes on to the end; true when there is one.
static bool ends_with(struct one_off *one_off, const struct docker_result *result)
{
    one_off->call = NULL;
    if (!result->err)
        return false;
    one_off->failed = true;
    one_off->err = *result->err;
    remove_container(one_off);
    return true;
}

static void on_output(void *context, int stream, const char *bytes, size_t length)
{
    (void)stream;
    strbuf_add(&((struct one_off *)context)->output, bytes, length);
}

static void on_logs(void *context, const struct docker_result *result)
{
    if (!ends_with(context, result))
        remove_container(context);
}

static void on_ended(void *context, const struct docker_result *result)
{
    struct one_off *one_off = context;
    if (ends_with(one_off, result))
        return;
    one_off->exit_code = (int)json_int_or(result->json, "StatusCode", -1);
    one_off->call = docker_container_logs(one_off->docker, one_off->name, false, NULL, OUTPUT_LINES,
                                          on_output, on_logs, one_off);
}

static void on_started(void *context, const struct docker_result *result)
{
    struct one_off *one_off = context;
    if (ends_with(one_off, result))
        return;
    one_off->call =
        docker_container_wait(one_off->docker, one_off->name, "not-running", on_ended, one_off);
}

static void on_created(void *context, const struct docker_result *result)
{
    struct one_off *one_off = context;
    AUTO_CONTAINER_FILE file = CONTAINER_FILE_INIT;
    struct err err;
    if (ends_with(one_off, result))
        return;
    if (one_off->spec && container_file_read(one_off->spec, &file, &err))
        (void)ends_with(one_off, &(struct docker_result){.err = &err});
    else
        one_off->call = docker_container_start_with_file(one_off->docker, one_off->name, &file.file,
                                                         on_started, one_off);
}

static void on_cleared(void *context, const struct docker_result *result)
{
    struct one_off *one_off = context;
    (void)result; // what is still there makes the create fail
    one_off->call =
        docker_container_create(one_off->docker, one_off->name, one_off->body, on_created, one_off);
}

struct one_off *one_off_start(struct docker *docker, const char *name, const cJSON *body,
                              const struct container_spec *spec, one_off_fn *fn, void *context)
{
    struct one_off *one_off = mem_alloc(sizeof *one_off);
    *one_off = (struct one_off){.docker = docker,
                                .name = mem_strdup(name),
                                .body = cJSON_Duplicate(body, true),
                                .spec = spec,
                                .fn = fn,
                                .context = context,
                                .output = STRBUF_INIT};
    one_off->call = docker_container_remove(docker, name, true, on_cleared, one_off);
    return one_off;
}

void one_off_free(struct one_off *one_off)
{
    if (!one_off)
        return;
    if (one_off->call)
        docker_cancel(one_off->call);
    strbuf_release(&one_off->output);
    cJSON_Delete(one_off->body);
    free(one_off->name);
    free(one_off);
}

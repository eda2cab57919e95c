#include "orchestrator/drivers/container_data.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_body.h"
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/drivers/one_off.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"
#include "provisioners/engine_data.h"

struct container_data {
    struct resource *resource;
    container_data_fn *fn;
    struct loop_timer *timer; // to answer outside of the call
    struct docker_call *call; // the one that has not answered yet; NULL: none
    struct one_off *reader;
    struct engine_version wanted; // in the planned image; nothing known: any will do
    struct engine_version maker;  // what is known so far
    bool failed;
    struct err err;
};

static bool wants_version(const struct container_data *data)
{
    return data->wanted.server || data->wanted.major > 0;
}

static void answer(void *context)
{
    struct container_data *data = context;
    data->fn(data->resource, &data->maker, data->failed ? &data->err : NULL);
}

static void on_read(void *context, int exit_code, const char *output, const struct err *err)
{
    struct container_data *data = context;
    // The image may not even be here yet: then the label's word is all there is.
    if (!err && exit_code == 0)
        data->maker = engine_version_parse(data->resource->plan->connection.engine, output);
    answer(data);
}

static const struct container_mount *data_mount(const struct plan_resource *planned)
{
    for (size_t i = 0; i < planned->spec.mount_count; i++)
        if (strcmp(planned->spec.mounts[i].source, planned->provision.data_source) == 0)
            return &planned->spec.mounts[i];
    return NULL;
}

static void read_by_container(struct container_data *data)
{
    struct resource *resource = data->resource;
    const struct plan_resource *planned = resource->plan;
    struct container_spec spec = {
        .image = planned->spec.image, .mounts = {*data_mount(planned)}, .mount_count = 1};
    spec.mounts[0].target = ENGINE_DATA_MOUNT;
    spec.mounts[0].read_only = true;
    AUTO_JSON *body = container_one_off_body(resource, &spec, "version",
                                             engine_version_command(planned->connection.engine));
    AUTOFREE char *name = container_one_off_name(planned);
    data->reader = one_off_start(container_docker(resource), name, body, NULL, on_read, data);
}

// To the letter: of a tag that named no version the label has none either.
static bool is_same(const struct engine_version *left, const struct engine_version *right)
{
    AUTO_STRBUF left_text = STRBUF_INIT;
    AUTO_STRBUF right_text = STRBUF_INIT;
    engine_version_print(left, &left_text);
    engine_version_print(right, &right_text);
    return strcmp(left_text.data, right_text.data) == 0;
}

static void on_volume(void *context, const struct docker_result *result)
{
    struct container_data *data = context;
    data->call = NULL;
    if (result->err) {
        data->failed = true;
        data->err = *result->err;
    } else if (wants_version(data)) {
        const cJSON *labels = json_get(result->json, "Labels");
        data->maker = engine_version_parse(data->resource->plan->connection.engine,
                                           json_string_or(labels, LABEL_VERSION, ""));
    }
    if (data->failed || is_same(&data->maker, &data->wanted))
        answer(data);
    else
        read_by_container(data);
}

// An existing volume keeps the labels that it was made with, and is what is answered.
static void prepare_volume(struct container_data *data)
{
    const struct resource *resource = data->resource;
    AUTO_JSON *body = cJSON_CreateObject();
    cJSON *labels = container_labels(resource);
    if (wants_version(data)) {
        AUTO_STRBUF version = STRBUF_INIT;
        engine_version_print(&data->wanted, &version);
        cJSON_AddStringToObject(labels, LABEL_VERSION, version.data);
    }
    cJSON_AddStringToObject(body, "Name", resource->plan->volume_name);
    cJSON_AddItemToObject(body, "Labels", labels);
    data->call = docker_volume_create(container_docker(resource), body, on_volume, data);
}

static void prepare_directory(struct container_data *data)
{
    const struct plan_resource *planned = data->resource->plan;
    const char *directory = planned->provision.data_source;
    if (file_make_directories(directory, 0755, &data->err))
        data->failed = true;
    else if (wants_version(data))
        data->maker = engine_data_version(planned->connection.engine, directory);
    if (data->maker.major < 0) { // there is something, and only a container may look at it
        data->maker.major = 0;
        read_by_container(data);
    } else {
        loop_timer_set(data->timer, 0);
    }
}

struct container_data *container_data_prepare(struct resource *resource, container_data_fn *fn)
{
    const struct plan_resource *planned = resource->plan;
    const struct engine *engine = planned->connection.engine;
    struct container_data *data = mem_alloc(sizeof *data);
    *data = (struct container_data){
        .resource = resource,
        .fn = fn,
        .timer = loop_timer_new(supervisor_loop(resource->supervisor), answer, data),
        .maker = {.minor = -1},
        .wanted = {.minor = -1}};
    if (engine_version_command(engine))
        data->wanted = engine_image_version(engine, planned->spec.image);
    if (planned->volume_name)
        prepare_volume(data);
    else
        prepare_directory(data);
    return data;
}

void container_data_free(struct container_data *data)
{
    if (!data)
        return;
    if (data->call)
        docker_cancel(data->call);
    one_off_free(data->reader);
    loop_timer_free(data->timer);
    free(data);
}

#include "orchestrator/drivers/container_data.h"

#include <stdio.h>
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
    int wanted; // the major of the planned image; 0: any will do
    int major;  // what is known so far
    bool failed;
    struct err err;
};

static void answer(void *context)
{
    struct container_data *data = context;
    data->fn(data->resource, data->major, data->failed ? &data->err : NULL);
}

static void on_read(void *context, int exit_code, const char *output, const struct err *err)
{
    struct container_data *data = context;
    // The image may not even be here yet: then the label's word is all there is.
    if (!err && exit_code == 0)
        data->major = (int)strtol(output, NULL, 10);
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
                                             engine_major_command(planned->connection.engine));
    AUTOFREE char *name = container_one_off_name(planned);
    data->reader = one_off_start(container_docker(resource), name, body, NULL, on_read, data);
}

static void on_volume(void *context, const struct docker_result *result)
{
    struct container_data *data = context;
    data->call = NULL;
    if (result->err) {
        data->failed = true;
        data->err = *result->err;
    } else if (data->wanted) {
        const cJSON *labels = json_get(result->json, "Labels");
        data->major = (int)strtol(json_string_or(labels, LABEL_MAJOR, "0"), NULL, 10);
    }
    if (data->failed || data->major == data->wanted)
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
    if (data->wanted) {
        char major[16];
        snprintf(major, sizeof major, "%d", data->wanted);
        cJSON_AddStringToObject(labels, LABEL_MAJOR, major);
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
    else if (data->wanted)
        data->major = engine_data_major(planned->connection.engine, directory);
    if (data->major < 0) { // there is something, and only a container may look at it
        data->major = 0;
        read_by_container(data);
    } else {
        loop_timer_set(data->timer, 0);
    }
}

struct container_data *container_data_prepare(struct resource *resource, container_data_fn *fn)
{
    const struct plan_resource *planned = resource->plan;
    const bool has_versions = engine_major_command(planned->connection.engine) != NULL;
    struct container_data *data = mem_alloc(sizeof *data);
    *data = (struct container_data){
        .resource = resource,
        .fn = fn,
        .timer = loop_timer_new(supervisor_loop(resource->supervisor), answer, data),
        .wanted = has_versions ? engine_image_major(planned->spec.image) : 0};
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

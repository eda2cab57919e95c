#include "orchestrator/drivers/container_body.h"

#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"

cJSON *container_labels(const struct resource *resource)
{
    const struct workspace *workspace = supervisor_plan(resource->supervisor)->workspace;
    const char *marker = supervisor_marker(resource->supervisor);
    cJSON *labels = cJSON_CreateObject();
    cJSON_AddStringToObject(labels, LABEL_WORKSPACE, workspace->id);
    cJSON_AddStringToObject(labels, LABEL_PATH, workspace->root);
    cJSON_AddStringToObject(labels, LABEL_RESOURCE, resource->plan->name);
    cJSON_AddStringToObject(labels, LABEL_OWNER, strchr(marker, '=') + 1);
    return labels;
}

static void add_mounts(cJSON *host, const struct container_spec *spec)
{
    cJSON *mounts = cJSON_AddArrayToObject(host, "Mounts");
    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct container_mount *mount = &spec->mounts[i];
        if (mount->is_copied)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "Type", mount->is_bind ? "bind" : "volume");
        cJSON_AddStringToObject(item, "Source", mount->source);
        cJSON_AddStringToObject(item, "Target", mount->target);
        cJSON_AddBoolToObject(item, "ReadOnly", mount->read_only);
        cJSON_AddItemToArray(mounts, item);
    }
}

static void add_ports(cJSON *body, cJSON *host, const struct container_spec *spec)
{
    cJSON *exposed = cJSON_AddObjectToObject(body, "ExposedPorts");
    cJSON *bindings = cJSON_AddObjectToObject(host, "PortBindings");
    for (size_t i = 0; i < spec->port_count; i++) {
        AUTOFREE char *inside = mem_printf("%d/tcp", spec->ports[i].container_port);
        AUTOFREE char *outside = mem_printf("%d", spec->ports[i].host_port);
        cJSON_AddItemToObject(exposed, inside, cJSON_CreateObject());
        cJSON *list = cJSON_AddArrayToObject(bindings, inside);
        cJSON *binding = cJSON_CreateObject();
        cJSON_AddStringToObject(binding, "HostIp", spec->ports[i].is_public ? "" : "127.0.0.1");
        cJSON_AddStringToObject(binding, "HostPort", outside);
        cJSON_AddItemToArray(list, binding);
    }
}

static cJSON *string_array(const char *const *words)
{
    cJSON *array = cJSON_CreateArray();
    for (; *words; words++)
        cJSON_AddItemToArray(array, cJSON_CreateString(*words));
    return array;
}

static cJSON *begin_body(const struct container_spec *spec)
{
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "Image", spec->image);
    cJSON_AddItemToObject(body, "Env", cJSON_CreateStringArray(spec->env, (int)spec->env_count));
    if (spec->arg_count)
        cJSON_AddItemToObject(body, "Cmd",
                              cJSON_CreateStringArray(spec->args, (int)spec->arg_count));
    return body;
}

static cJSON *add_host(cJSON *body, const struct container_spec *spec)
{
    cJSON *host = cJSON_AddObjectToObject(body, "HostConfig");
    add_mounts(host, spec);
    if (spec->memory_limit_mb)
        cJSON_AddNumberToObject(host, "Memory", (double)spec->memory_limit_mb * 1024 * 1024);
    return host;
}

cJSON *container_body(const struct resource *resource, const struct container_spec *spec)
{
    cJSON *body = begin_body(spec);
    cJSON_AddNumberToObject(body, "StopTimeout", spec->stop_timeout_s);
    if (spec->entrypoint)
        cJSON_AddItemToObject(body, "Entrypoint", string_array(spec->entrypoint));
    if (spec->user)
        cJSON_AddStringToObject(body, "User", spec->user);
    AUTO_STRBUF json = STRBUF_INIT;
    char hash[SHA256_HEX_SIZE];
    container_spec_json(spec, &json);
    sha256_hex(json.data, json.len, hash);
    cJSON *labels = container_labels(resource);
    cJSON_AddStringToObject(labels, LABEL_SPEC, json.data);
    cJSON_AddStringToObject(labels, LABEL_SPEC_HASH, hash);
    cJSON_AddItemToObject(body, "Labels", labels);

    cJSON *host = add_host(body, spec);
    add_ports(body, host, spec);
    return body;
}

cJSON *container_one_off_body(const struct resource *resource, const struct container_spec *spec,
                              const char *purpose, const char *const *command)
{
    cJSON *body = begin_body(spec);
    cJSON_AddItemToObject(body, "Entrypoint", string_array(command));
    cJSON_AddStringToObject(body, "User", "0");
    cJSON *labels = container_labels(resource);
    cJSON_AddStringToObject(labels, LABEL_ONE_OFF, purpose);
    cJSON_AddItemToObject(body, "Labels", labels);
    cJSON_AddStringToObject(add_host(body, spec), "NetworkMode", "none");
    return body;
}

char *container_one_off_name(const struct plan_resource *planned)
{
    return mem_printf("%s-one-off", planned->container_name);
}

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/compose/document.h"

#define SECRETS "/run/secrets/"

// A password is mounted as a file of its own; in a Compose file that is a secret.
static const struct container_mount *secret_mount(const struct plan_resource *resource)
{
    for (size_t i = 0; i < resource->spec.mount_count; i++)
        if (strncmp(resource->spec.mounts[i].target, SECRETS, strlen(SECRETS)) == 0)
            return &resource->spec.mounts[i];
    return NULL;
}

const char *compose_volume(const struct plan *plan, const struct plan_resource *resource)
{
    return arena_printf(plan->arena, "%s-data", resource->name);
}

const char *compose_secret(const struct plan *plan, const struct plan_resource *resource)
{
    return arena_printf(plan->arena, "%s-password", resource->name);
}

// The password's own file where the server reads it as it is: that is the one people know.
const char *compose_secret_file(const struct plan *plan, const struct plan_resource *resource)
{
    const struct container_mount *mount = secret_mount(resource);
    if (!mount)
        return NULL;
    AUTOFREE char *name = mem_printf("secrets/%s/password", resource->name);
    AUTOFREE char *path = workspace_path(plan->workspace, name);
    AUTO_STRBUF content = STRBUF_INIT;
    AUTO_STRBUF password = STRBUF_INIT;
    struct err ignored;
    if (file_read(path, &password, &ignored) || file_read(mount->source, &content, &ignored) ||
        strcmp(content.data, password.data) != 0)
        return mount->source;
    return arena_strdup(plan->arena, path);
}

static void write_secret(const struct compose_document *document,
                         const struct plan_resource *resource)
{
    const struct container_mount *mount = secret_mount(resource);
    if (!mount)
        return;
    yaml_writer_list_of(document->yaml, "secrets");
    yaml_writer_begin_map(document->yaml);
    compose_pair(document, "source", compose_secret(document->plan, resource));
    compose_pair(document, "target", mount->target + strlen(SECRETS));
    yaml_writer_end_map(document->yaml);
    yaml_writer_end_list(document->yaml);
}

static void write_ports(const struct compose_document *document,
                        const struct plan_resource *resource)
{
    yaml_writer_list_of(document->yaml, "ports");
    for (size_t i = 0; i < resource->spec.port_count; i++) {
        const struct container_port *port = &resource->spec.ports[i];
        AUTOFREE char *text = mem_printf("127.0.0.1:%d:%d", port->host_port, port->container_port);
        compose_scalar(document, text);
    }
    yaml_writer_end_list(document->yaml);
}

static void write_volumes(const struct compose_document *document,
                          const struct plan_resource *resource)
{
    yaml_writer_list_of(document->yaml, "volumes");
    for (size_t i = 0; i < resource->spec.mount_count; i++) {
        const struct container_mount *mount = &resource->spec.mounts[i];
        if (mount == secret_mount(resource))
            continue;
        AUTOFREE char *text = mem_printf("%s:%s%s",
                                         mount->is_bind ? compose_path(document, mount->source)
                                                        : compose_volume(document->plan, resource),
                                         mount->target, mount->read_only ? ":ro" : "");
        compose_scalar(document, text);
    }
    yaml_writer_end_list(document->yaml);
}

void compose_server(const struct compose_document *document, const struct plan_resource *resource)
{
    const struct container_spec *spec = &resource->spec;
    yaml_writer_map_of(document->yaml, resource->name);
    compose_pair(document, "image", spec->image);
    if (spec->user)
        compose_pair(document, "user", spec->user);
    size_t words = 0;
    while (spec->entrypoint && spec->entrypoint[words])
        words++;
    compose_list(document, "entrypoint", spec->entrypoint, words);
    compose_list(document, "command", spec->args, spec->arg_count);
    compose_pair(document, "restart", "unless-stopped");
    AUTOFREE char *grace = mem_printf("%ds", spec->stop_timeout_s);
    compose_pair(document, "stop_grace_period", grace);
    if (spec->memory_limit_mb) {
        AUTOFREE char *limit = mem_printf("%dm", spec->memory_limit_mb);
        compose_pair(document, "mem_limit", limit);
    }
    compose_server_environment(document, resource);
    write_secret(document, resource);
    write_ports(document, resource);
    write_volumes(document, resource);
    compose_health(document, spec->health.command, spec->health.interval_s, spec->health.retries);
    yaml_writer_end_map(document->yaml);
}

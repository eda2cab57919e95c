#include "orchestrator/drivers/container_needs.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_parts.h"
#include "provisioners/engine_needs.h"

struct container_needs {
    struct resource *resource;
    container_needs_fn *fn;
    struct docker_call *call; // NULL: it has answered
};

// What the engine says of itself: GET /info.
static int check(const struct engine *engine, const cJSON *info, struct err *err)
{
    const struct engine_needs needs = engine_needs_of(engine);
    const char *architecture = json_string_or(info, "Architecture", needs.architecture);
    const double memory_mb = json_number_or(info, "MemTotal", 0) / (1024 * 1024);
    // Podman's word for it is the Go compiler's.
    const bool is_other =
        strcmp(architecture, needs.architecture) != 0 &&
        !(strcmp(needs.architecture, "x86_64") == 0 && strcmp(architecture, "amd64") == 0);
    if (is_other) {
        err_set(err, ERR_RESOURCE, "%s runs on %s only, and the engine's machine is %s",
                engine->name, needs.architecture, architecture);
        return err_hint(err, "use an engine on such a machine: DOCKER_HOST, or a docker context");
    }
    if (memory_mb > 0 && memory_mb < needs.memory_mb) {
        err_set(err, ERR_RESOURCE, "%s needs %d MB of memory, and the engine's machine has %.0f",
                engine->name, needs.memory_mb, memory_mb);
        return err_hint(err, "give it more: the virtual machine's settings, where it is one");
    }
    return 0;
}

static void on_info(void *context, const struct docker_result *result)
{
    struct container_needs *needs = context;
    struct resource *resource = needs->resource;
    struct err err;
    needs->call = NULL;
    if (result->err)
        needs->fn(resource, result->err);
    else if (check(resource->plan->connection.engine, result->json, &err))
        needs->fn(resource, &err);
    else
        needs->fn(resource, NULL);
}

struct container_needs *container_needs_ask(struct resource *resource, container_needs_fn *fn)
{
    if (!engine_needs_of(resource->plan->connection.engine).architecture)
        return NULL;
    struct container_needs *needs = mem_alloc(sizeof *needs);
    *needs = (struct container_needs){.resource = resource, .fn = fn};
    needs->call =
        docker_request(container_docker(resource), "GET", "/info", NULL, 0, on_info, needs);
    return needs;
}

void container_needs_free(struct container_needs *needs)
{
    if (!needs)
        return;
    if (needs->call)
        docker_cancel(needs->call);
    free(needs);
}

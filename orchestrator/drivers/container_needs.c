#include "orchestrator/drivers/container_needs.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_parts.h"
#include "provisioners/engine_needs.h"

struct container_needs {
    struct resource *resource;
    container_needs_fn *fn;
    struct docker_call *call; // NULL: it has answered
};

static void on_info(void *context, const struct docker_result *result)
{
    struct container_needs *needs = context;
    struct resource *resource = needs->resource;
    struct err err;
    needs->call = NULL;
    const double memory_mb = json_number_or(result->json, "MemTotal", 0) / (1024 * 1024);
    if (result->err)
        needs->fn(resource, result->err);
    else if (engine_check_machine(resource->plan->connection.engine,
                                  json_string_or(result->json, "Architecture", ""), memory_mb,
                                  &err))
        needs->fn(resource, &err);
    else
        needs->fn(resource, NULL);
}

struct container_needs *container_needs_ask(struct resource *resource, container_needs_fn *fn)
{
    if (!engine_is_particular(resource->plan->connection.engine))
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

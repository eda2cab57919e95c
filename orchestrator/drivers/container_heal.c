#include "orchestrator/drivers/container_heal.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/docker/error.h"
#include "orchestrator/drivers/container_body.h"
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/drivers/one_off.h"
#include "provisioners/engine_data.h"

struct container_heal {
    struct resource *resource;
    container_heal_fn *fn;
    struct docker_call *stopping; // NULL: it has answered
    struct one_off *one_off;
};

static const char *const *command_of(const struct resource *resource)
{
    return engine_heal_command(resource->plan->connection.engine);
}

bool container_heal_exists(const struct resource *resource)
{
    return resource->plan->provision.password_file &&
           (command_of(resource) ||
            engine_reads_password_at_start(resource->plan->connection.engine));
}

static void on_ended(void *context, int exit_code, const char *output, const struct err *err)
{
    const struct container_heal *heal = context;
    struct err failure;
    if (err || exit_code == 0) {
        heal->fn(heal->resource, err);
        return;
    }
    AUTO_STRBUF said = STRBUF_INIT;
    error_one_line(output, &said);
    err_set(&failure, ERR_RESOURCE, "%s", said.len ? said.data : "the image said nothing");
    heal->fn(heal->resource, &failure);
}

static void on_stopped(void *context, const struct docker_result *result)
{
    struct container_heal *heal = context;
    struct resource *resource = heal->resource;
    heal->stopping = NULL;
    if (result->err || !command_of(resource)) {
        heal->fn(resource, result->err);
        return;
    }
    const struct container_spec *spec = &container_of(resource)->spec;
    AUTO_JSON *body = container_one_off_body(resource, spec, "heal", command_of(resource));
    AUTOFREE char *name = container_one_off_name(resource->plan);
    heal->one_off = one_off_start(container_docker(resource), name, body, spec, on_ended, heal);
}

struct container_heal *container_heal_start(struct resource *resource, container_heal_fn *fn)
{
    struct container_heal *heal = mem_alloc(sizeof *heal);
    *heal = (struct container_heal){.resource = resource, .fn = fn};
    heal->stopping = docker_container_stop(container_docker(resource), resource->container_id,
                                           resource->plan->spec.stop_timeout_s, on_stopped, heal);
    return heal;
}

void container_heal_free(struct container_heal *heal)
{
    if (!heal)
        return;
    if (heal->stopping)
        docker_cancel(heal->stopping);
    one_off_free(heal->one_off);
    free(heal);
}

#include "orchestrator/compose/network.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/plan/private.h"
#include "orchestrator/plan/process_environment.h"
#include "provisioners/host.h"

enum { OTLP_PORT = 4318 };

static const char *about_password(const struct plan *plan, const struct plan_resource *resource,
                                  const char *root)
{
    AUTOFREE char *name = mem_printf("secrets/%s/password", resource->name);
    AUTOFREE char *path = workspace_path(plan->workspace, name);
    if (resource->backing == BACKING_CONTAINER && file_exists(path))
        return arena_printf(plan->arena, "the password of %s: $(cat %s/.berth/%s)", resource->name,
                            root, name);
    return arena_printf(plan->arena, "the password of %s", resource->name);
}

// Parameters may hold what is none of the file's business, too (sslpassword).
static int refuse_secret_parameters(const struct plan_resource *resource, struct err *err)
{
    struct connection bare = resource->connection;
    AUTO_STRBUF plain = STRBUF_INIT;
    AUTO_STRBUF masked = STRBUF_INIT;
    bare.password = NULL;
    connection_url(&bare, &plain);
    connection_url_masked(&bare, &masked);
    if (strcmp(plain.data, masked.data) == 0)
        return 0;
    err_set(err, ERR_INVALID, "the address of \"%s\" has a parameter that is a secret",
            resource->name);
    return err_hint(err, "leave it out for the export, and set it where the processes run");
}

static int enter_server(struct plan *plan, struct plan_resource *resource, const char *root,
                        struct compose_variables *variables, struct err *err)
{
    struct connection *connection = &resource->connection;
    if (resource->backing == BACKING_FILE) {
        connection->database = arena_printf(plan->arena, COMPOSE_FILES "/%s/%s", resource->name,
                                            path_basename(connection->database));
        return 0;
    }
    if (refuse_secret_parameters(resource, err))
        return -1;
    if (resource->backing == BACKING_CONTAINER) {
        connection_own_host(connection, resource->name);
        connection->port = resource->spec.ports[0].container_port;
    } else if (host_is_loopback(connection->host)) {
        connection->host = COMPOSE_HOST;
        connection->port = connection->port ? connection->port : connection->engine->port;
    }
    if (connection->password)
        connection->password = compose_variable(
            variables,
            arena_printf(plan->arena, "%s_PASSWORD", variable_name(resource->name, plan->arena)),
            about_password(plan, resource, root));
    return 0;
}

// A collector of this machine is not the container's.
static void enter_telemetry(struct plan *plan, struct plan_resource *resource)
{
    vec_each (variable, &resource->environment) {
        struct url url;
        struct err ignored;
        if (strcmp(variable->name, "OTEL_EXPORTER_OTLP_ENDPOINT") != 0 ||
            url_parse(variable->value, &url, &ignored))
            continue;
        if (host_is_loopback(url.host))
            variable->value = arena_printf(plan->arena, "%s://" COMPOSE_HOST ":%d%s%s", url.scheme,
                                           url.port ? url.port : OTLP_PORT, url.path ? "/" : "",
                                           url.path ? url.path : "");
        url_release(&url);
    }
}

static bool has_variable(const struct plan_resource *resource, const char *name)
{
    vec_each (variable, &resource->environment)
        if (strcmp(variable->name, name) == 0)
            return true;
    return false;
}

// Nobody watches a deployment come up: a process waits for every server that it is told of, and for
// its migrations.
static void wait_for_servers(struct plan *plan, struct plan_resource *resource)
{
    vec_each (server, &plan->resources) {
        if ((server->kind != RESOURCE_DATABASE && server->kind != RESOURCE_CACHE) ||
            !has_variable(resource, arena_printf(plan->arena, "%s_URI",
                                                 variable_name(server->name, plan->arena))))
            continue;
        if (server->kind == RESOURCE_DATABASE)
            plan_depend_on_database(plan, resource, server->name);
        else
            plan_depend(resource, plan_index(plan, server));
    }
}

int compose_network_enter(struct plan *plan, const char *root, struct compose_variables *variables,
                          struct err *err)
{
    vec_each (resource, &plan->resources) {
        if ((resource->kind == RESOURCE_DATABASE || resource->kind == RESOURCE_CACHE) &&
            enter_server(plan, resource, root, variables, err))
            return -1;
        resource->host = resource->name;
    }
    vec_each (resource, &plan->resources) {
        if (resource->backing != BACKING_PROCESS)
            continue;
        vec_release(&resource->environment);
        process_environment(plan, resource);
        enter_telemetry(plan, resource);
        wait_for_servers(plan, resource);
    }
    return 0;
}

// Databases and caches in containers: adopt what fits, else create; ready by a real login.
#include "orchestrator/driver_container.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/container_body.h"
#include "orchestrator/engine_link.h"
#include "orchestrator/login_probe.h"
#include "orchestrator/ports.h"
#include "orchestrator/supervisor.h"

enum {
    LOGIN_TIMEOUT_MS = 5000,
    SETTLE_MS = 250,
    DENIALS_THAT_COUNT = 3,
    ENDING_MARGIN_MS = 5000,
    LATE_ENDS_THAT_COUNT = 2
};

struct container {
    struct login_probe *login;
    struct docker_call *logs;
    struct loop_timer *settle_timer;
    char *address;       // of the container, as the engine says; NULL: not known
    char *instance;      // the server instance of the login before, where it may be a temporary one
    int denials;         // in a row
    bool pulled;         // this launch: an image that is missing now is not pulled again
    bool ran_before;     // it was already running when it was first looked for
    bool looked_again;   // this launch: its own container was found late
    int64_t launched_ms; // monotonic
    int late_ends;       // of this launch: see was_ending
    bool is_expected_to_end;
};

static struct docker *docker_of(const struct resource *resource)
{
    return engine_link_docker(supervisor_engine(resource->supervisor));
}

static struct container *container_of(const struct resource *resource)
{
    return resource->driver_state;
}

// The launch goes on only while the resource still wants to start (or is being started again).
static bool is_launching(const struct resource *resource)
{
    return resource->machine.state == STATE_STARTING || resource->machine.state == STATE_BUILDING ||
           resource->machine.state == STATE_RUNTIME_UNHEALTHY;
}

// What a killed supervisor had asked the engine for may happen after its successor looked: a
// container that ends shortly after such a start is the engine finishing that, and is started
// again.
static bool was_ending(struct resource *resource)
{
    struct container *container = container_of(resource);
    const int64_t margin_ms = ENDING_MARGIN_MS + resource->plan->spec.stop_timeout_s * 1000;
    return supervisor_plan(resource->supervisor)->workspace->was_unclean &&
           clock_monotonic_ms() - container->launched_ms < margin_ms &&
           ++container->late_ends <= LATE_ENDS_THAT_COUNT;
}

static void start(struct resource *resource);

static void set_id(struct resource *resource, const char *id)
{
    free(resource->container_id);
    resource->container_id = id ? mem_strdup(id) : NULL;
}

static void on_log(void *context, int stream, const char *bytes, size_t length)
{
    struct resource *resource = context;
    log_append(resource->log, stream == 2 ? LOG_STDERR : LOG_STDOUT, bytes, length);
}

static void on_log_end(void *context, const struct docker_result *result)
{
    (void)result;
    container_of(context)->logs = NULL;
}

static void follow_logs(struct resource *resource)
{
    struct container *container = container_of(resource);
    if (container->logs)
        return;
    const int64_t now = clock_wall_ms();
    char since[32];
    snprintf(since, sizeof since, "%lld.%03d", (long long)(now / 1000), (int)(now % 1000));
    container->logs = docker_container_logs(docker_of(resource), resource->container_id, true,
                                            since, -1, on_log, on_log_end, resource);
}

static void on_inspected(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!is_launching(resource))
        return;
    if (result->err) {
        resource_fail(resource, result->err);
        return;
    }
    const cJSON *state = json_get(result->json, "State");
    if (!json_bool_or(state, "Running", false)) {
        if (was_ending(resource)) {
            start(resource);
            return;
        }
        const int code = (int)json_int_or(state, "ExitCode", -1);
        resource_exited(resource, code, "the container ended at once, exit code %d", code);
        return;
    }
    struct container *container = container_of(resource);
    const cJSON *network = json_path(result->json, "NetworkSettings", "Networks", NULL);
    free(TAKE(container->address));
    const char *address = json_string_or(network ? network->child : NULL, "IPAddress", "");
    container->address = address[0] ? mem_strdup(address) : NULL;
    resource_raise(resource, EVENT_LAUNCHED, NULL);
}

static void on_started(void *context, const struct docker_result *result);

static bool has_name(const cJSON *listed, const char *name)
{
    const cJSON *item;
    json_each (item, json_get(listed, "Names"))
        if (strcmp(item->valuestring + (item->valuestring[0] == '/'), name) == 0)
            return true;
    return false;
}

static bool publishes(const cJSON *listed, int port)
{
    const cJSON *published;
    json_each (published, json_get(listed, "Ports"))
        if (json_int_or(published, "PublicPort", 0) == port)
            return true;
    return false;
}

static void fail_for_port(struct resource *resource, const cJSON *holder)
{
    const int port = resource->plan->connection.port;
    const cJSON *name = cJSON_GetArrayItem(json_get(holder, "Names"), 0);
    AUTO_STRBUF text = STRBUF_INIT;
    if (cJSON_IsString(name))
        strbuf_addf(&text, "the container %s", name->valuestring + (name->valuestring[0] == '/'));
    else
        port_holder(port, &text);
    struct err err;
    err_set(&err, ERR_RESOURCE, "port %d is taken by %s; nothing there was touched", port,
            text.data);
    err_hint(&err, "end it, or set another Port for \"%s\"", resource->plan->name);
    resource_fail(resource, &err);
}

// The port or the name is taken. By the resource's own container, when a killed supervisor's last
// request reached the engine after the containers were listed: then that one is taken over. Else
// the holder is named.
static void on_looked_again(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    const cJSON *listed, *own = NULL, *holder = NULL;
    if (!is_launching(resource))
        return;
    json_each (listed, result->json) {
        if (has_name(listed, resource->plan->container_name))
            own = listed;
        else if (publishes(listed, resource->plan->connection.port))
            holder = listed;
    }
    const char *workspace = json_string_or(json_get(own, "Labels"), LABEL_WORKSPACE, "");
    if (own && strcmp(workspace, supervisor_plan(resource->supervisor)->workspace->id) == 0 &&
        !container->looked_again) {
        container->looked_again = true;
        set_id(resource, json_string_or(own, "Id", ""));
        start(resource);
        return;
    }
    if (!own || holder) {
        fail_for_port(resource, holder);
        return;
    }
    struct err err;
    err_set(&err, ERR_RESOURCE,
            "there is a container %s that berth did not make for this workspace",
            resource->plan->container_name);
    err_hint(&err, "rename or remove it; nothing of it was touched");
    resource_fail(resource, &err);
}

static void look_again(struct resource *resource)
{
    docker_request(docker_of(resource), "GET", "/containers/json?all=1", NULL, 0, on_looked_again,
                   resource);
}

static void start(struct resource *resource)
{
    docker_container_start(docker_of(resource), resource->container_id, on_started, resource);
}

static void on_started(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!is_launching(resource))
        return;
    if (result->err && (strstr(result->err->message, "already allocated") ||
                        strstr(result->err->message, "already in use"))) {
        look_again(resource);
        return;
    }
    if (result->err) {
        resource_fail(resource, result->err);
        return;
    }
    follow_logs(resource);
    docker_container_inspect(docker_of(resource), resource->container_id, on_inspected, resource);
}

static void create(struct resource *resource);

static void on_pull_progress(void *context, const struct docker_progress *progress)
{
    resource_set_progress(context, progress->done_bytes, progress->total_bytes, "bytes");
}

static void on_pulled(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    resource->progress = (struct resource_progress){0};
    if (!is_launching(resource))
        return;
    if (result->err) {
        resource_fail(resource, result->err);
        return;
    }
    resource_raise(resource, EVENT_PULLED, "pulled %s", resource->plan->spec.image);
    create(resource);
}

static void on_created(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    if (!is_launching(resource))
        return;
    if (result->status == 404 && !container->pulled) {
        container->pulled = true;
        resource_raise(resource, EVENT_PULLING, "pulling %s", resource->plan->spec.image);
        docker_image_pull(docker_of(resource), resource->plan->spec.image, on_pull_progress,
                          on_pulled, resource);
        return;
    }
    if (result->status == 409) { // Podman: 500, and then its words are shown
        look_again(resource);
        return;
    }
    if (result->err) {
        resource_fail(resource, result->err);
        return;
    }
    set_id(resource, json_string_or(result->json, "Id", ""));
    start(resource);
}

static void create(struct resource *resource)
{
    const struct plan *plan = supervisor_plan(resource->supervisor);
    AUTO_JSON *body = container_body(plan, resource->plan, supervisor_marker(resource->supervisor));
    docker_container_create(docker_of(resource), resource->plan->container_name, body, on_created,
                            resource);
}

static void on_volume(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!is_launching(resource))
        return;
    if (result->err) {
        resource_fail(resource, result->err);
        return;
    }
    create(resource);
}

// Where the data goes: a labelled volume, or a directory that has to be there before it is mounted.
static void prepare_data(struct resource *resource)
{
    const struct plan *plan = supervisor_plan(resource->supervisor);
    const struct plan_resource *planned = resource->plan;
    if (!port_is_free(planned->connection.port)) {
        look_again(resource);
        return;
    }
    if (planned->volume_name) {
        AUTO_JSON *body = cJSON_CreateObject();
        cJSON_AddStringToObject(body, "Name", planned->volume_name);
        cJSON_AddItemToObject(
            body, "Labels",
            container_labels(plan, planned, supervisor_marker(resource->supervisor)));
        docker_request(docker_of(resource), "POST", "/volumes/create", body, 0, on_volume,
                       resource);
        return;
    }
    struct err err;
    for (size_t i = 0; i < planned->spec.mount_count; i++) {
        const struct container_mount *mount = &planned->spec.mounts[i];
        if (mount->is_bind && !file_exists(mount->source) &&
            file_make_directories(mount->source, 0755, &err)) {
            resource_fail(resource, &err);
            return;
        }
    }
    create(resource);
}

static void on_replaced(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!is_launching(resource))
        return;
    if (result->err && result->status != 404) {
        resource_fail(resource, result->err);
        return;
    }
    prepare_data(resource);
}

static void on_stopped_for_replacement(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    (void)result; // removing says what is wrong
    docker_container_remove(docker_of(resource), resource->plan->container_name, true, on_replaced,
                            resource);
}

// A container of this workspace and resource is there: reused when its spec is the one wanted, else
// replaced. Its data is in a volume or a directory, and stays.
static void adopt_or_replace(struct resource *resource, const cJSON *listed)
{
    const char *old_spec = json_string_or(json_get(listed, "Labels"), LABEL_SPEC, "");
    AUTO_STRBUF wanted = STRBUF_INIT;
    container_spec_json(&resource->plan->spec, &wanted);
    const bool runs = strcmp(json_string_or(listed, "State", ""), "running") == 0;
    if (strcmp(old_spec, wanted.data) == 0) {
        set_id(resource, json_string_or(listed, "Id", ""));
        if (runs) {
            container_of(resource)->ran_before = true;
            follow_logs(resource);
            docker_container_inspect(docker_of(resource), resource->container_id, on_inspected,
                                     resource);
        } else if (!port_is_free(resource->plan->connection.port)) {
            look_again(resource);
        } else {
            start(resource);
        }
        return;
    }
    AUTO_STRBUF difference = STRBUF_INIT;
    container_spec_difference(old_spec, wanted.data, &difference);
    resource_say(resource, "replacing its container, as its settings changed: %s", difference.data);
    docker_container_stop(docker_of(resource), resource->plan->container_name,
                          resource->plan->spec.stop_timeout_s, on_stopped_for_replacement,
                          resource);
}

static void on_engine_ready(void *context)
{
    struct resource *resource = context;
    struct engine_link *engine = supervisor_engine(resource->supervisor);
    const struct err *err = engine_link_error(engine);
    if (!is_launching(resource))
        return;
    if (err) {
        resource_fail(resource, err);
        return;
    }
    const cJSON *listed = engine_link_listed(engine, resource->plan->container_name);
    if (listed)
        adopt_or_replace(resource, listed);
    else
        prepare_data(resource);
}

static void on_settled(void *context);

static void launch(struct resource *resource)
{
    if (!resource->driver_state) {
        struct container *fresh = mem_alloc(sizeof *fresh);
        fresh->settle_timer =
            loop_timer_new(supervisor_loop(resource->supervisor), on_settled, resource);
        resource->driver_state = fresh;
    }
    struct container *container = container_of(resource);
    container->pulled = container->is_expected_to_end = container->looked_again = false;
    container->denials = container->late_ends = 0;
    container->launched_ms = clock_monotonic_ms();
    engine_link_when_ready(supervisor_engine(resource->supervisor), on_engine_ready, resource);
}

// The login worked, and no other server can be meant: the address is the container's own.
static void accept_login(struct resource *resource, const struct login_facts *facts)
{
    struct container *container = container_of(resource);
    if (container->address && facts->server_address[0] &&
        strcmp(container->address, facts->server_address) != 0) {
        resource_raise(resource, EVENT_FAILED,
                       "another server answers on port %d (it says it is %s, the container is %s)",
                       resource->plan->connection.port, facts->server_address, container->address);
        return;
    }
    if (resource->machine.state == STATE_STARTING && !facts->is_final_instance &&
        (!container->instance || strcmp(container->instance, facts->instance) != 0)) {
        // It may be the image's temporary server: it counts once it is still there a moment later.
        free(container->instance);
        container->instance = mem_strdup(facts->instance);
        loop_timer_set(container->settle_timer, SETTLE_MS);
        return;
    }
    free(TAKE(container->instance));
    resource_probed(resource, true, "%s %s", resource->plan->connection.engine->name,
                    facts->server_version);
}

static void refuse_login(struct resource *resource, const struct err *err)
{
    struct container *container = container_of(resource);
    container->denials++;
    if (container->denials < DENIALS_THAT_COUNT || resource->machine.state != STATE_STARTING) {
        resource_probed(resource, false, "%s", err->message);
        return;
    }
    resource_raise(
        resource, EVENT_FAILED,
        "%s: its data was made with another password than .berth/secrets/%s/password has (put that "
        "password there, or move the data away; nothing was changed)",
        err->message, resource->plan->name);
}

static void on_login(void *context, enum login_result result, const struct login_facts *facts,
                     const struct err *err)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    struct login_probe *login = TAKE(container->login);
    if (result == LOGIN_READY)
        accept_login(resource, facts);
    else if (result == LOGIN_DENIED)
        refuse_login(resource, err);
    else if (result == LOGIN_FAILED && resource->machine.state == STATE_STARTING)
        resource_fail(resource, err);
    else
        resource_probed(resource, false, "%s", err->message);
    login_probe_free(login);
}

static void probe(struct resource *resource)
{
    struct container *container = container_of(resource);
    if (container->login)
        return;
    const struct login_request request = {.connection = &resource->plan->connection,
                                          .create_database =
                                              resource->plan->kind == RESOURCE_DATABASE};
    container->login = login_probe_start(supervisor_loop(resource->supervisor), &request,
                                         LOGIN_TIMEOUT_MS, on_login, resource);
}

static void on_settled(void *context)
{
    struct resource *resource = context;
    if (resource->machine.state == STATE_STARTING)
        probe(resource);
}

static void on_removed(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (result->err && result->status != 404)
        resource_raise(resource, EVENT_STOPPED, "its container could not be removed: %s",
                       result->err->message);
    else
        resource_raise(resource, EVENT_STOPPED, NULL);
    set_id(resource, NULL);
}

static void on_stopped(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (result->err && result->status != 404) {
        resource_raise(resource, EVENT_STOPPED, "its container could not be stopped: %s",
                       result->err->message);
        return;
    }
    if (resource->plan->persistent)
        resource_raise(resource, EVENT_STOPPED, NULL);
    else
        docker_container_remove(docker_of(resource), resource->plan->container_name, true,
                                on_removed, resource);
}

static void stop(struct resource *resource)
{
    struct container *container = container_of(resource);
    login_probe_free(container ? TAKE(container->login) : NULL);
    if (container && container->is_expected_to_end)
        return;
    if (container)
        container->is_expected_to_end = true;
    const bool stays =
        supervisor_keeps(resource->supervisor, resource->plan, container && container->ran_before);
    if (!resource->container_id || stays) {
        resource_raise(resource, EVENT_STOPPED, resource->container_id ? "left running" : NULL);
        return;
    }
    docker_container_stop(docker_of(resource), resource->plan->container_name,
                          resource->plan->spec.stop_timeout_s, on_stopped, resource);
}

static void release(struct resource *resource)
{
    struct container *container = container_of(resource);
    login_probe_free(container->login);
    loop_timer_free(container->settle_timer);
    if (container->logs)
        docker_cancel(container->logs);
    free(container->address);
    free(container->instance);
    free(container);
}

static void on_died(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    const cJSON *state = json_get(result->json, "State");
    if (result->err && result->status != 404)
        return;
    if (json_bool_or(state, "Running", false))
        return; // started again by somebody: the next probe tells
    if (!result->err && was_ending(resource)) {
        resource_probed(resource, false, "its container was still ending: it is started again");
        start(resource);
        return;
    }
    const int code = (int)json_int_or(state, "ExitCode", -1);
    const char *reason = json_string_or(state, "Error", "");
    if (result->status == 404)
        resource_exited(resource, code, "its container was removed");
    else if (json_bool_or(state, "OOMKilled", false))
        resource_exited(resource, code, "its container ended: exit code %d, out of memory", code);
    else
        resource_exited(resource, code, "its container ended: exit code %d%s%s", code,
                        reason[0] ? ", " : "", reason);
}

void driver_container_event(struct resource *resource, const cJSON *event)
{
    const struct container *container = container_of(resource);
    const char *action = json_string_or(event, "Action", "");
    const char *id = json_string_or(json_get(event, "Actor"), "ID", "");
    if (!container || container->is_expected_to_end || strcmp(id, resource->container_id) != 0)
        return;
    if (strcmp(action, "die") == 0 || strcmp(action, "destroy") == 0)
        docker_container_inspect(docker_of(resource), resource->container_id, on_died, resource);
}

const struct resource_driver driver_container = {launch, probe, stop, release};

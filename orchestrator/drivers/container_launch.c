// From a planned container to one that runs: adopt what fits, else make it, and start it.
#include "orchestrator/drivers/container_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_body.h"
#include "orchestrator/drivers/container_data.h"
#include "orchestrator/drivers/container_end.h"
#include "orchestrator/drivers/container_file.h"
#include "orchestrator/drivers/container_needs.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/state/ports.h"

// Some engines say nothing while they fetch a layer, however big.
enum { PULL_SILENCE_MS = 600000 };

// Where it once ran, an engine that does not answer is waited for: it is tried again later.
static void fail(struct resource *resource, const struct err *err)
{
    if (err->kind == ERR_NO_ENGINE && resource->machine.restarts > 0)
        resource_exited(resource, -1, "%s", err->message);
    else
        resource_fail(resource, err);
}

static void set_id(struct resource *resource, const char *id)
{
    free(resource->container_id);
    resource->container_id = mem_strdup(id);
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
    container_end_of_output(context);
}

static void follow_logs(struct resource *resource)
{
    struct container *container = container_of(resource);
    if (container->logs) // of the container that was there before
        docker_cancel(container->logs);
    const int64_t now = clock_wall_ms();
    char since[32];
    snprintf(since, sizeof since, "%lld.%03d", (long long)(now / 1000), (int)(now % 1000));
    container->logs = docker_container_logs(container_docker(resource), resource->container_id,
                                            true, since, -1, on_log, on_log_end, resource);
}

static void keep(char **kept, const char *text)
{
    free(*kept);
    *kept = text[0] ? mem_strdup(text) : NULL;
}

// By what its server, asked over the wire, can be known.
static void take_identity(struct resource *resource, const cJSON *inspected)
{
    struct container *container = container_of(resource);
    const cJSON *network = json_path(inspected, "NetworkSettings", "Networks", NULL);
    keep(&container->address, json_string_or(network ? network->child : NULL, "IPAddress", ""));
    keep(&container->hostname, json_string_or(json_get(inspected, "Config"), "Hostname", ""));
}

static void on_inspected(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!container_goes_on(resource))
        return;
    if (result->err) {
        fail(resource, result->err);
        return;
    }
    const cJSON *state = json_get(result->json, "State");
    if (!json_bool_or(state, "Running", false)) {
        if (container_was_ending(resource)) {
            container_start(resource);
            return;
        }
        container_end(resource, state);
        return;
    }
    take_identity(resource, result->json);
    container_note(resource, result->json);
    resource_raise(resource, EVENT_LAUNCHED, NULL);
}

void container_attach(struct resource *resource, const cJSON *inspected)
{
    take_identity(resource, inspected);
    container_note(resource, inspected);
    if (!container_of(resource)->logs)
        follow_logs(resource);
}

void container_note(struct resource *resource, const cJSON *inspected)
{
    const cJSON *state = json_get(inspected, "State");
    const bool runs = json_bool_or(state, "Running", false);
    const bool is_paused = json_bool_or(state, "Paused", false);
    resource_note(resource, FACT_CONTAINER, runs && !is_paused, "%s",
                  json_string_or(state, "Status", "unknown"));
    const char *check = json_string_or(json_get(state, "Health"), "Status", "none");
    if (strcmp(check, "none") != 0)
        resource_note(resource, FACT_IMAGE_CHECK, strcmp(check, "healthy") == 0, "%s", check);
}

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
    else if (resource->plan->provision.is_remote)
        strbuf_addf(&text, "another program on %s", resource->plan->connection.host);
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
    if (!container_goes_on(resource))
        return;
    json_each (listed, result->json) {
        if (has_name(listed, resource->plan->container_name))
            own = listed;
        else if (publishes(listed, resource->plan->connection.port))
            holder = listed;
    }
    const char *workspace = json_string_or(json_get(own, "Labels"), LABEL_WORKSPACE, "");
    const bool is_ours =
        own && strcmp(workspace, supervisor_plan(resource->supervisor)->workspace->id) == 0;
    if (is_ours && !container->looked_again) {
        container->looked_again = true;
        set_id(resource, json_string_or(own, "Id", ""));
        container_start(resource);
        return;
    }
    if (!own || is_ours || holder) {
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
    container_of(resource)->call =
        docker_request(container_docker(resource), "GET", "/containers/json?all=1", NULL, 0,
                       on_looked_again, resource);
}

static void on_started(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!container_goes_on(resource))
        return;
    if (result->err && (strstr(result->err->message, "already allocated") ||
                        strstr(result->err->message, "already in use"))) {
        look_again(resource);
        return;
    }
    if (result->err) {
        fail(resource, result->err);
        return;
    }
    follow_logs(resource);
    container_of(resource)->call = docker_container_inspect(
        container_docker(resource), resource->container_id, on_inspected, resource);
}

static void start_now(struct resource *resource)
{
    AUTO_CONTAINER_FILE file = CONTAINER_FILE_INIT;
    struct err err;
    if (container_file_read(&container_of(resource)->spec, &file, &err))
        resource_fail(resource, &err);
    else
        container_of(resource)->call = docker_container_start_with_file(
            container_docker(resource), resource->container_id, &file.file, on_started, resource);
}

// The host directory that holds the data; NULL: a volume, which no other workspace knows.
static const char *data_directory(const struct resource *resource)
{
    const struct container_spec *spec = &container_of(resource)->spec;
    for (size_t i = 0; i < spec->mount_count; i++)
        if (spec->mounts[i].is_bind && !spec->mounts[i].read_only)
            return spec->mounts[i].source;
    return NULL;
}

// Also by two names: a directory that is mounted a second time elsewhere is still one.
static bool is_same_directory(const char *left, const char *right)
{
    struct stat left_info, right_info;
    if (strcmp(left, right) == 0)
        return true;
    return stat(left, &left_info) == 0 && stat(right, &right_info) == 0 &&
           left_info.st_dev == right_info.st_dev && left_info.st_ino == right_info.st_ino;
}

static bool mounts(const cJSON *listed, const char *directory)
{
    const cJSON *mount;
    json_each (mount, json_get(listed, "Mounts"))
        if (is_same_directory(json_string_or(mount, "Source", ""), directory))
            return true;
    return false;
}

// Two servers on one directory destroy it: in its own container each is process 1, so that the
// server's own lock file, which names a process, keeps nobody out.
static void on_running_listed(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    const char *directory = data_directory(resource);
    const cJSON *listed;
    if (!container_goes_on(resource))
        return;
    json_each (listed, result->json) {
        if (!mounts(listed, directory) || has_name(listed, resource->plan->container_name))
            continue;
        const cJSON *name = cJSON_GetArrayItem(json_get(listed, "Names"), 0);
        struct err err;
        err_set(&err, ERR_RESOURCE, "its data in %s is in use by the container %s", directory,
                cJSON_IsString(name) ? name->valuestring + (name->valuestring[0] == '/') : "?");
        err_hint(&err, "stop that one, or set another DataPath for \"%s\"", resource->plan->name);
        resource_fail(resource, &err);
        return;
    }
    start_now(resource);
}

void container_start(struct resource *resource)
{
    resource_enter(resource, PHASE_STARTING);
    if (data_directory(resource))
        container_of(resource)->call =
            docker_request(container_docker(resource), "GET", "/containers/json", NULL, 0,
                           on_running_listed, resource);
    else
        start_now(resource);
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
    container_of(resource)->pulling = false;
    if (!container_goes_on(resource))
        return;
    if (result->err) {
        fail(resource, result->err);
        return;
    }
    resource_raise(resource, EVENT_PULLED, "pulled %s", container_of(resource)->spec.image);
    create(resource);
}

static void on_created(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    if (!result->err)
        set_id(resource, json_string_or(result->json, "Id", ""));
    if (!container_goes_on(resource))
        return;
    if (result->status == 404 && !container->pulled) {
        container->pulled = container->pulling = true;
        resource_raise(resource, EVENT_PULLING, "pulling %s", container->spec.image);
        container->call = docker_image_pull(container_docker(resource), container->spec.image,
                                            PULL_SILENCE_MS, on_pull_progress, on_pulled, resource);
        return;
    }
    // Podman answers 500.
    if (result->status == 409 ||
        (result->err && strstr(result->err->message, "name is already in use"))) {
        look_again(resource);
        return;
    }
    if (result->err) {
        fail(resource, result->err);
        return;
    }
    container_start(resource);
}

static void create(struct resource *resource)
{
    struct err err;
    if (container_owe(resource, &err)) {
        resource_fail(resource, &err);
        return;
    }
    resource_enter(resource, PHASE_CREATING);
    AUTO_JSON *body = container_body(resource, &container_of(resource)->spec);
    container_of(resource)->call = docker_container_create(
        container_docker(resource), resource->plan->container_name, body, on_created, resource);
}

// Of another machine only the engine knows, when the container starts.
static bool may_publish(const struct resource *resource)
{
    return resource->plan->provision.is_remote || port_is_free(resource->plan->connection.port);
}

static void create_if_port_is_free(struct resource *resource)
{
    if (may_publish(resource))
        create(resource);
    else
        look_again(resource);
}

static void on_replaced(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!container_goes_on(resource))
        return;
    if (result->err && result->status != 404) {
        fail(resource, result->err);
        return;
    }
    create_if_port_is_free(resource);
}

static void on_stopped_for_replacement(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    (void)result; // removing says what is wrong
    container_of(resource)->call = docker_container_remove(
        container_docker(resource), resource->plan->container_name, true, on_replaced, resource);
}

// Its data is in a volume or a directory, and stays.
static void replace(struct resource *resource, const char *old_spec, const char *wanted)
{
    AUTO_STRBUF difference = STRBUF_INIT;
    container_spec_difference(old_spec, wanted, &difference);
    resource_say(resource, "replacing its container, as its settings changed: %s", difference.data);
    container_of(resource)->call = docker_container_stop(
        container_docker(resource), resource->plan->container_name,
        resource->plan->spec.stop_timeout_s, on_stopped_for_replacement, resource);
}

static void adopt(struct resource *resource, const cJSON *listed)
{
    const bool runs = strcmp(json_string_or(listed, "State", ""), "running") == 0;
    struct err err;
    set_id(resource, json_string_or(listed, "Id", ""));
    // One that a killed command was to stop again did not run before.
    container_of(resource)->ran_before = runs && !container_is_owed(resource);
    if (container_owe(resource, &err)) {
        resource_fail(resource, &err);
    } else if (runs) {
        follow_logs(resource);
        container_of(resource)->call = docker_container_inspect(
            container_docker(resource), resource->container_id, on_inspected, resource);
    } else if (may_publish(resource)) {
        container_start(resource);
    } else {
        look_again(resource);
    }
}

// The engine's picture of the resource's own container; NULL: there was none.
static const cJSON *find_own(const struct resource *resource)
{
    return engine_link_listed(supervisor_engine(resource->supervisor),
                              resource->plan->container_name);
}

static const char *spec_of_listed(const cJSON *listed)
{
    return json_string_or(json_get(listed, "Labels"), LABEL_SPEC, "");
}

static int refuse_other_server(const struct resource *resource, const struct engine_version *maker,
                               const struct engine_version *planned, struct err *err)
{
    AUTO_STRBUF made_by = STRBUF_INIT;
    engine_version_print(maker, &made_by);
    err_set(err, ERR_RESOURCE, "its data was made by %s, and %s is %s: neither reads the other's",
            made_by.data, resource->plan->spec.image, planned->server);
    return err_hint(err,
                    "nothing was changed: set Image and ImageTag of \"%s\" to those of %s, or "
                    "another DataPath, and load a dump there",
                    resource->plan->name, made_by.data);
}

// What the planned image could not read is run by the image that made it.
static int choose_spec(struct resource *resource, const struct engine_version *maker,
                       struct err *err)
{
    const struct plan_resource *planned = resource->plan;
    struct container *container = container_of(resource);
    const struct engine_version asked =
        engine_image_version(planned->connection.engine, planned->spec.image);
    container->spec = planned->spec;
    resource->image = NULL;
    if (!engine_version_is_same_server(maker, &asked))
        return refuse_other_server(resource, maker, &asked, err);
    if (engine_version_agrees(maker, &asked))
        return 0;
    AUTO_STRBUF made_by = STRBUF_INIT;
    engine_version_print(maker, &made_by);
    struct provision fitting = planned->provision;
    fitting.image = engine_image_of_version(planned->spec.image, maker, container->arena);
    if (engine_container_spec(&fitting, container->arena, &container->spec, err))
        return -1;
    resource->image = container->spec.image;
    resource_notice(resource, "its data was made by %s: running %s instead of %s", made_by.data,
                    container->spec.image, planned->spec.image);
    return 0;
}

static void on_data(struct resource *resource, const struct engine_version *maker,
                    const struct err *err)
{
    struct container *container = container_of(resource);
    const bool has_place = err == NULL;
    const struct engine_version made_by = *maker;
    struct err failure = has_place ? (struct err){0} : *err; // both live in what is freed now
    container_data_free(TAKE(container->data));
    if (!container_goes_on(resource))
        return;
    if (!has_place || choose_spec(resource, &made_by, &failure)) {
        resource_fail(resource, &failure);
        return;
    }
    const cJSON *listed = find_own(resource);
    AUTO_STRBUF wanted = STRBUF_INIT;
    container_spec_json(&container->spec, &wanted);
    if (!listed)
        create_if_port_is_free(resource);
    else if (strcmp(spec_of_listed(listed), wanted.data) == 0)
        adopt(resource, listed);
    else
        replace(resource, spec_of_listed(listed), wanted.data);
}

static void on_needs(struct resource *resource, const struct err *err)
{
    struct container *container = container_of(resource);
    const struct err missing = err ? *err : (struct err){0};
    container_needs_free(TAKE(container->needs));
    if (!container_goes_on(resource))
        return;
    if (err)
        resource_fail(resource, &missing);
    else
        container->data = container_data_prepare(resource, on_data);
}

// A container that was made as planned has its data, and runs here; any other wants a look at both
// first.
static void find(struct resource *resource)
{
    struct container *container = container_of(resource);
    const cJSON *listed = find_own(resource);
    AUTO_STRBUF planned = STRBUF_INIT;
    container_spec_json(&resource->plan->spec, &planned);
    if (listed && strcmp(spec_of_listed(listed), planned.data) == 0)
        adopt(resource, listed);
    else if (!(container->needs = container_needs_ask(resource, on_needs)))
        container->data = container_data_prepare(resource, on_data);
}

static void on_leftover_gone(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    if (!container_goes_on(resource))
        return;
    if (result->err && result->status != 404)
        fail(resource, result->err);
    else
        find(resource);
}

static void on_leftover_removed(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    AUTOFREE char *name = container_one_off_name(resource->plan);
    if (result->status == 409) // its own supervisor's last request is at it
        container_of(resource)->call = docker_container_wait(container_docker(resource), name,
                                                             "removed", on_leftover_gone, resource);
    else
        on_leftover_gone(resource, result);
}

static void on_engine_ready(void *context)
{
    struct resource *resource = context;
    const struct engine_link *engine = supervisor_engine(resource->supervisor);
    const struct err *err = engine_link_error(engine);
    container_of(resource)->awaits_engine = false;
    if (!container_is_launching(resource))
        return;
    if (err) {
        resource_fail(resource, err);
        return;
    }
    // A killed supervisor's: it may have the data open.
    AUTOFREE char *leftover = container_one_off_name(resource->plan);
    if (engine_link_listed(engine, leftover))
        container_of(resource)->call = docker_container_remove(container_docker(resource), leftover,
                                                               true, on_leftover_removed, resource);
    else
        find(resource);
}

void container_launch(struct resource *resource)
{
    struct container *container = container_of(resource);
    struct engine_link *engine = supervisor_engine(resource->supervisor);
    container->spec = resource->plan->spec;
    if (container->awaits_engine) // since a launch that was stopped
        return;
    container->awaits_engine = true;
    if (container->listed_before)
        engine_link_look_again(engine, on_engine_ready, resource);
    else
        engine_link_when_ready(engine, on_engine_ready, resource);
    container->listed_before = true;
}

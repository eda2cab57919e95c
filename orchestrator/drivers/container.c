// Databases and caches in containers: ready by a real login, healed where that is refused.
#include "orchestrator/drivers/container.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_data.h"
#include "orchestrator/drivers/container_end.h"
#include "orchestrator/drivers/container_heal.h"
#include "orchestrator/drivers/container_needs.h"
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"
#include "provisioners/engine_data.h"
#include "provisioners/engine_needs.h"

enum {
    LOGIN_TIMEOUT_MS = 5000,
    // Of one that makes the database in the same step, which is not to be cut short.
    BLOCKING_LOGIN_TIMEOUT_MS = 60000,
    SETTLE_MS = 250,
    TEMPORARY_MS = 20000,
    STOP_AGAIN_MS = 500,
    DENIALS_THAT_COUNT = 3,
    ENDING_MARGIN_MS = 5000,
    LATE_ENDS_THAT_COUNT = 2
};

struct docker *container_docker(const struct resource *resource)
{
    return engine_link_docker(supervisor_engine(resource->supervisor));
}

struct container *container_of(const struct resource *resource)
{
    return resource->driver_state;
}

bool container_is_launching(const struct resource *resource)
{
    return resource->machine.state == STATE_STARTING || resource->machine.state == STATE_BUILDING ||
           resource->machine.state == STATE_RUNTIME_UNHEALTHY;
}

static void end(struct resource *resource);

bool container_goes_on(struct resource *resource)
{
    struct container *container = container_of(resource);
    container->call = NULL;
    if (container->stopping)
        end(resource);
    return !container->stopping && container_is_launching(resource);
}

bool container_was_ending(struct resource *resource)
{
    struct container *container = container_of(resource);
    const int64_t margin_ms = ENDING_MARGIN_MS + resource->plan->spec.stop_timeout_s * 1000;
    return supervisor_plan(resource->supervisor)->workspace->was_unclean &&
           clock_monotonic_ms() - container->launched_ms < margin_ms &&
           ++container->late_ends <= LATE_ENDS_THAT_COUNT;
}

static void on_settled(void *context);
static void on_not_stopped(void *context);

static void launch(struct resource *resource)
{
    if (!resource->driver_state) {
        struct container *fresh = mem_alloc(sizeof *fresh);
        fresh->arena = arena_new();
        fresh->settle_timer =
            loop_timer_new(supervisor_loop(resource->supervisor), on_settled, resource);
        fresh->stop_timer =
            loop_timer_new(supervisor_loop(resource->supervisor), on_not_stopped, resource);
        resource->driver_state = fresh;
    }
    struct container *container = container_of(resource);
    container->pulled = container->looked_again = container->healed = false;
    container->is_expected_to_end = container->ending.is_due = false;
    container->denials = container->late_ends = 0;
    container->launched_ms = clock_monotonic_ms();
    facts_clear(&resource->facts);
    container_launch(resource);
}

// Nothing tells it from the server that the image's entrypoint runs while it makes the data: it
// counts once it has outlasted that.
static bool may_be_temporary(struct container *container, const struct login_facts *facts)
{
    const int64_t now = clock_monotonic_ms();
    if (!container->instance || strcmp(container->instance, facts->instance) != 0) {
        free(container->instance);
        container->instance = mem_strdup(facts->instance);
        container->instance_ms = now;
    }
    return now - container->instance_ms < TEMPORARY_MS;
}

// The server says of itself what the engine says of the container, as far as both say something.
static bool is_own_server(struct resource *resource, const char *said, const char *own)
{
    if (!own || !said[0] || strcasecmp(own, said) == 0)
        return true;
    resource_raise(resource, EVENT_FAILED,
                   "another server answers on port %d (it says it is %s, the container is %s)",
                   resource->plan->connection.port, said, own);
    return false;
}

// The login worked; it counts when no other server can be meant.
static void accept_login(struct resource *resource, const struct login_facts *facts)
{
    struct container *container = container_of(resource);
    if (!is_own_server(resource, facts->server_address, container->address) ||
        !is_own_server(resource, facts->server_name, container->hostname))
        return;
    if (resource->machine.state == STATE_STARTING && !facts->is_final_instance &&
        may_be_temporary(container, facts)) {
        resource_note(resource, FACT_LOGIN, false, "%s", "it may be the image's temporary server");
        resource_probed(resource, false, "a server answers that may be the image's temporary one");
        loop_timer_set(container->settle_timer, SETTLE_MS);
        return;
    }
    free(TAKE(container->instance));
    resource_note(resource, FACT_LOGIN, true, "%s %s", resource->plan->connection.engine->name,
                  facts->server_version);
    resource_probed(resource, true, "%s %s", resource->plan->connection.engine->name,
                    facts->server_version);
}

// The password does not fit the data, and could not be set either (why; NULL: there is no way).
static void fail_for_password(struct resource *resource, const char *said, const char *why)
{
    resource_raise(
        resource, EVENT_FAILED,
        "%s: its data was made with another password than .berth/secrets/%s/password has%s%s (put "
        "that password there, or move the data away; nothing was changed)",
        said, resource->plan->name, why ? ", and was not given that one: " : "", why ? why : "");
}

static void on_healed(struct resource *resource, const struct err *err)
{
    struct container *container = container_of(resource);
    container_heal_free(TAKE(container->heal));
    if (!container_goes_on(resource))
        return;
    if (err) {
        fail_for_password(resource, "the login is refused", err->message);
        return;
    }
    if (engine_reads_password_at_start(resource->plan->connection.engine))
        resource_notice(resource, "it ran with another password: it is started again with the "
                                  "present one, and its data is as it was");
    else
        resource_notice(resource,
                        "its data was made with another password: it was given the one in "
                        ".berth/secrets/%s/password, and is otherwise as it was",
                        resource->plan->name);
    container_start(resource);
}

static void refuse_login(struct resource *resource, const struct err *err)
{
    struct container *container = container_of(resource);
    const int64_t now = clock_monotonic_ms();
    if (container->denials++ == 0)
        container->denied_ms = now;
    const bool is_early =
        now - container->denied_ms < engine_refusal_patience_ms(resource->plan->connection.engine);
    if (container->denials < DENIALS_THAT_COUNT || is_early ||
        resource->machine.state != STATE_STARTING) {
        resource_probed(resource, false, "login refused: %s", err->message);
    } else if (container->healed || !container_heal_exists(resource)) {
        AUTOFREE char *said = mem_printf("login refused: %s", err->message);
        fail_for_password(resource, said, NULL);
    } else {
        container->healed = true;
        container->denials = 0;
        resource_say(resource, "it has another password: stopping it to set that");
        resource_enter(resource, PHASE_HEALING);
        container->heal = container_heal_start(resource, on_healed);
    }
}

static void on_login(void *context, enum login_result result, const struct login_facts *facts,
                     const struct err *err)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    struct login_probe *login = TAKE(container->login);
    if (result != LOGIN_READY)
        resource_note(resource, FACT_LOGIN, false, "%s%s",
                      result == LOGIN_DENIED ? "refused: " : "", err->message);
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
    if (container->login || container->heal)
        return;
    const struct login_probe_options options = {
        .request = {.connection = &resource->plan->connection,
                    .create_database = resource->plan->kind == RESOURCE_DATABASE},
        .timeout_ms = login_blocks(resource->plan->connection.engine) ? BLOCKING_LOGIN_TIMEOUT_MS
                                                                      : LOGIN_TIMEOUT_MS,
        .marker = supervisor_marker(resource->supervisor)};
    container->login =
        login_probe_start(supervisor_loop(resource->supervisor), &options, on_login, resource);
}

static void on_settled(void *context)
{
    struct resource *resource = context;
    if (resource->machine.state == STATE_STARTING)
        probe(resource);
}

// Its end has been reached; or could not be, as the engine said.
static void ended(struct resource *resource, const char *failed_to,
                  const struct docker_result *result)
{
    if (container_of(resource))
        container_of(resource)->stopping = false;
    if (result && result->err && result->status != 404) {
        resource_raise(resource, EVENT_STOPPED, "its container could not be %s: %s", failed_to,
                       result->err->message);
        return;
    }
    resource_raise(resource, EVENT_STOPPED, NULL);
}

static void on_removed(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    container_of(resource)->call = NULL;
    free(TAKE(resource->container_id));
    const bool is_there = result->err && result->status != 404;
    resource_over(resource, FACT_CONTAINER, is_there ? "stopped" : "removed");
    if (!is_there)
        container_forget(resource);
    ended(resource, "removed", result);
}

static void on_stopped(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    struct container *container = container_of(resource);
    container->call = NULL;
    loop_timer_clear(container->stop_timer);
    if (result->err && result->status != 404)
        ended(resource, "stopped", result);
    else if (!resource->plan->persistent || resource->removed)
        container->call = docker_container_remove(
            container_docker(resource), resource->container_id, true, on_removed, resource);
    else {
        container_forget(resource);
        resource_over(resource, FACT_CONTAINER, "stopped");
        ended(resource, NULL, NULL);
    }
}

static void ignore_answer(void *context, const struct docker_result *result)
{
    (void)context;
    (void)result;
}

// A server that has only just begun takes no notice of its signal, being the first process of its
// container; so it is told again, or the engine would wait for the whole time and kill it then.
static void on_not_stopped(void *context)
{
    struct resource *resource = context;
    docker_container_stop(container_docker(resource), resource->container_id,
                          resource->plan->spec.stop_timeout_s, ignore_answer, NULL);
    loop_timer_set(container_of(resource)->stop_timer, STOP_AGAIN_MS);
}

// It was asked for, and no answer came: is there one after all?
static void on_looked_for(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    container_of(resource)->call = NULL;
    if (result->err && result->status != 404) {
        ended(resource, "found", result);
        return;
    }
    const char *id = json_string_or(result->json, "Id", NULL);
    const char *workspace =
        json_string_or(json_path(result->json, "Config", "Labels", NULL), LABEL_WORKSPACE, "");
    if (!id || strcmp(workspace, supervisor_plan(resource->supervisor)->workspace->id) != 0) {
        container_forget(resource);
        ended(resource, NULL, NULL);
        return;
    }
    resource->container_id = mem_strdup(id);
    end(resource);
}

static void end(struct resource *resource)
{
    struct container *container = container_of(resource);
    const bool stays = supervisor_keeps(resource, container && container->ran_before);
    if (!resource->container_id && !stays && container_is_owed(resource)) {
        container->call = docker_container_inspect(
            container_docker(resource), resource->plan->container_name, on_looked_for, resource);
        return;
    }
    if (resource->container_id && stays)
        resource_say(resource, "left running");
    if (!resource->container_id || stays) {
        ended(resource, NULL, NULL);
        return;
    }
    container->call =
        docker_container_stop(container_docker(resource), resource->container_id,
                              resource->plan->spec.stop_timeout_s, on_stopped, resource);
    loop_timer_set(container->stop_timer, STOP_AGAIN_MS);
}

// What is under way in the engine is waited for: its answer may be a container that has to go.
static void stop(struct resource *resource)
{
    struct container *container = container_of(resource);
    if (!container) {
        ended(resource, NULL, NULL);
        return;
    }
    login_probe_free(TAKE(container->login));
    loop_timer_clear(container->settle_timer);
    if (container->stopping)
        return;
    container->stopping = container->is_expected_to_end = true;
    container->ending.is_due = false;
    if (container->ending.timer)
        loop_timer_clear(container->ending.timer);
    if (container->pulling) {
        docker_cancel(TAKE(container->call));
        container->pulling = false;
    }
    if (!container->heal && !container->needs && !container->data && !container->call)
        end(resource);
}

static void release(struct resource *resource)
{
    struct container *container = container_of(resource);
    login_probe_free(container->login);
    container_needs_free(container->needs);
    container_data_free(container->data);
    container_heal_free(container->heal);
    loop_timer_free(container->settle_timer);
    loop_timer_free(container->ending.timer);
    free(container->ending.error);
    loop_timer_free(container->stop_timer);
    if (container->logs)
        docker_cancel(container->logs);
    if (container->call)
        docker_cancel(container->call);
    if (container->looking)
        docker_cancel(container->looking);
    free(container->address);
    free(container->hostname);
    free(container->instance);
    arena_free(container->arena);
    free(container);
}

static bool is_paused(const cJSON *inspected)
{
    return json_bool_or(json_get(inspected, "State"), "Paused", false);
}

// One that somebody started again, or that went on while the engine did not answer, is asked at
// once; one that is paused can't answer, and would be asked in vain until the login's time is over.
static void look_at_running(struct resource *resource, const cJSON *inspected)
{
    container_attach(resource, inspected);
    if (is_paused(inspected))
        resource_probed(resource, false, "its container is paused");
    else
        probe(resource);
}

// Its end is told once: what else the engine says of a container that has ended is no news.
static bool has_begun(const struct resource *resource)
{
    const enum machine_state state = resource->machine.state;
    return state == STATE_STARTING || state == STATE_RUNNING || state == STATE_RUNTIME_UNHEALTHY;
}

static void on_looked(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    const cJSON *state = json_get(result->json, "State");
    container_of(resource)->looking = NULL;
    if (container_of(resource)->is_expected_to_end || !has_begun(resource) ||
        (result->err && result->status != 404))
        return;
    if (json_bool_or(state, "Running", false)) {
        look_at_running(resource, result->json);
    } else if (!result->err && container_was_ending(resource)) {
        resource_probed(resource, false, "its container was still ending: it is started again");
        container_start(resource);
    } else {
        container_end(resource, result->err ? NULL : state);
    }
}

static void on_changed(void *context, const struct docker_result *result)
{
    if (!result->err)
        container_note(context, result->json);
}

// Anew, where a look is under way: its answer may be older than what has happened.
static void look(struct resource *resource)
{
    struct container *container = container_of(resource);
    if (container->looking)
        docker_cancel(container->looking);
    container->looking = docker_container_inspect(container_docker(resource),
                                                  resource->container_id, on_looked, resource);
}

void driver_container_event(struct resource *resource, const cJSON *event)
{
    const struct container *container = container_of(resource);
    const char *action = json_string_or(event, "Action", "");
    const char *id = json_string_or(json_get(event, "Actor"), "ID", "");
    if (!container || container->is_expected_to_end || container->heal || !has_begun(resource) ||
        strcmp(id, resource->container_id) != 0)
        return;
    // Podman's word for "destroy" is "remove".
    static const char *const telling[] = {"die", "destroy", "remove", "pause", "unpause"};
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (strcmp(action, telling[i]) == 0)
            look(resource);
    if (strncmp(action, "health_status", 13) == 0)
        docker_container_inspect(container_docker(resource), resource->container_id, on_changed,
                                 resource);
}

void driver_container_engine(struct resource *resource, bool answers, const char *why)
{
    const struct container *container = container_of(resource);
    const enum machine_state state = resource->machine.state;
    if (!container || container->is_expected_to_end || container->heal ||
        (state != STATE_RUNNING && state != STATE_RUNTIME_UNHEALTHY))
        return;
    if (answers) {
        resource_say(resource, "the container engine answers again");
        look(resource);
    } else {
        resource_note(resource, FACT_CONTAINER, false, "unknown: the engine does not answer");
        resource_say(resource, "the container engine does not answer: %s", why);
    }
}

const struct resource_driver driver_container = {launch, probe, stop, release};

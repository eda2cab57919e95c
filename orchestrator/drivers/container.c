// Databases and caches in containers: ready by a real login, healed where that is refused.
#include "orchestrator/drivers/container.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_data.h"
#include "orchestrator/drivers/container_end.h"
#include "orchestrator/drivers/container_heal.h"
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/supervisor.h"

enum {
    LOGIN_TIMEOUT_MS = 5000,
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
    resource_notice(resource,
                    "its data was made with another password: it was given the one in "
                    ".berth/secrets/%s/password, and is otherwise as it was",
                    resource->plan->name);
    container_start(resource);
}

static void refuse_login(struct resource *resource, const struct err *err)
{
    struct container *container = container_of(resource);
    container->denials++;
    if (container->denials < DENIALS_THAT_COUNT || resource->machine.state != STATE_STARTING) {
        resource_probed(resource, false, "login refused: %s", err->message);
    } else if (container->healed || !container_heal_exists(resource)) {
        AUTOFREE char *said = mem_printf("login refused: %s", err->message);
        fail_for_password(resource, said, NULL);
    } else {
        container->healed = true;
        container->denials = 0;
        resource_say(resource, "its data was made with another password: stopping it to set that");
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

// Its end has been reached; or could not be, as the engine said.
static void ended(struct resource *resource, const char *failed_to,
                  const struct docker_result *result)
{
    if (container_of(resource))
        container_of(resource)->stopping = false;
    if (result && result->err && result->status != 404)
        resource_raise(resource, EVENT_STOPPED, "its container could not be %s: %s", failed_to,
                       result->err->message);
    else
        resource_raise(resource, EVENT_STOPPED, NULL);
}

static void on_removed(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    container_of(resource)->call = NULL;
    free(TAKE(resource->container_id));
    const bool is_there = result->err && result->status != 404;
    resource_over(resource, FACT_CONTAINER, is_there ? "stopped" : "removed");
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
    else if (resource->plan->persistent && !resource->removed) {
        resource_over(resource, FACT_CONTAINER, "stopped");
        ended(resource, NULL, NULL);
    } else
        container->call = docker_container_remove(
            container_docker(resource), resource->container_id, true, on_removed, resource);
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

static void end(struct resource *resource)
{
    struct container *container = container_of(resource);
    const bool stays = supervisor_keeps(resource, container && container->ran_before);
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
    if (!container->heal && !container->data && !container->call)
        end(resource);
}

static void release(struct resource *resource)
{
    struct container *container = container_of(resource);
    login_probe_free(container->login);
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
    free(container->instance);
    arena_free(container->arena);
    free(container);
}

static void on_died(void *context, const struct docker_result *result)
{
    struct resource *resource = context;
    const cJSON *state = json_get(result->json, "State");
    container_of(resource)->looking = NULL;
    if (container_of(resource)->is_expected_to_end || (result->err && result->status != 404))
        return;
    if (json_bool_or(state, "Running", false))
        return; // started again by somebody: the next probe tells
    if (!result->err && container_was_ending(resource)) {
        resource_probed(resource, false, "its container was still ending: it is started again");
        container_start(resource);
        return;
    }
    container_end(resource, result->err ? NULL : state);
}

static void on_changed(void *context, const struct docker_result *result)
{
    if (!result->err)
        container_note(context, result->json);
}

void driver_container_event(struct resource *resource, const cJSON *event)
{
    struct container *container = container_of(resource);
    const char *action = json_string_or(event, "Action", "");
    const char *id = json_string_or(json_get(event, "Actor"), "ID", "");
    // Podman's word for "destroy" is "remove". Either may come while the end is being looked at.
    const bool is_gone = strcmp(action, "destroy") == 0 || strcmp(action, "remove") == 0;
    if (!container || container->is_expected_to_end || container->heal ||
        (container->looking && !is_gone) || strcmp(id, resource->container_id) != 0)
        return;
    if (container->looking)
        docker_cancel(TAKE(container->looking));
    if (is_gone || strcmp(action, "die") == 0)
        container->looking = docker_container_inspect(container_docker(resource),
                                                      resource->container_id, on_died, resource);
    else if (strcmp(action, "pause") == 0 || strcmp(action, "unpause") == 0 ||
             strncmp(action, "health_status", 13) == 0)
        docker_container_inspect(container_docker(resource), resource->container_id, on_changed,
                                 resource);
}

const struct resource_driver driver_container = {launch, probe, stop, release};

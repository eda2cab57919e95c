#include "orchestrator/run/supervisor.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/worker/guard.h"

enum { DEFAULT_START_TIMEOUT_MS = 120000, LEFTOVER_GRACE_MS = 1000, HASTENED_PROBE_MS = 5 };

struct supervisor {
    struct loop *loop;
    struct http_client *http;
    const struct plan *plan;
    struct supervisor_options options;
    const struct supervisor_observer *observer;
    struct engine_link *engine; // NULL: no container in this run
    char marker[OWNER_MARKER_SIZE];
    int guard_fd;
    struct resource *resources;
    size_t count;
    bool stopping, stop_all, stopped, settled;
    bool check_queued; // a look at the whole is due at the end of this turn
};

static void queue_check(struct supervisor *supervisor);

static struct resource *dependency(const struct resource *resource, size_t index)
{
    return &resource->supervisor->resources[index];
}

static const char waiting_for[] = "waiting for ";

// "waiting for postgres, redis"
static void say_waiting(struct resource *resource)
{
    AUTO_STRBUF text = STRBUF_INIT;
    vec_each (index, &resource->plan->dependencies) {
        const struct resource *other = dependency(resource, *index);
        if (!machine_is_ready(&other->machine))
            strbuf_addf(&text, "%s%s", text.len ? ", " : waiting_for, other->plan->name);
    }
    free(resource->message);
    resource->message = strbuf_detach(&text);
}

static void look_at_dependencies(struct resource *resource)
{
    if (resource->machine.state != STATE_WAITING || loop_timer_pending(resource->restart_timer))
        return;
    bool ready = true;
    vec_each (index, &resource->plan->dependencies) {
        const struct resource *other = dependency(resource, *index);
        if (machine_is_ready(&other->machine))
            continue;
        ready = false;
        if (machine_is_at_rest(&other->machine) && other->machine.state != STATE_NOT_STARTED) {
            resource_raise(
                resource, EVENT_DEPENDENCY_FAILED, "%s, which it waits for, %s", other->plan->name,
                other->machine.state == STATE_FAILED_TO_START ? "failed to start" : "has ended");
            return;
        }
    }
    if (!ready) {
        say_waiting(resource);
        return;
    }
    if (resource->message && strncmp(resource->message, waiting_for, sizeof waiting_for - 1) == 0)
        free(TAKE(resource->message)); // nobody else may have anything to say
    resource_raise(resource, EVENT_DEPENDENCIES_READY, NULL);
}

// A resource may end once nothing that depends on it runs.
static bool may_stop(const struct resource *resource)
{
    const struct supervisor *supervisor = resource->supervisor;
    const size_t self = (size_t)(resource - supervisor->resources);
    for (size_t i = 0; i < supervisor->count; i++) {
        const struct resource *other = &supervisor->resources[i];
        if (machine_is_at_rest(&other->machine))
            continue;
        vec_each (index, &other->plan->dependencies)
            if (*index == self)
                return false;
    }
    return true;
}

static void stop_step(struct supervisor *supervisor)
{
    bool running = false;
    for (size_t i = 0; i < supervisor->count; i++) {
        struct resource *resource = &supervisor->resources[i];
        if (!machine_is_at_rest(&resource->machine) && resource->machine.state != STATE_STOPPING &&
            may_stop(resource))
            resource_raise(resource, EVENT_STOP, NULL);
    }
    for (size_t i = 0; i < supervisor->count; i++)
        running = running || supervisor->resources[i].ending ||
                  !machine_is_at_rest(&supervisor->resources[i].machine);
    if (running || supervisor->stopped)
        return;
    supervisor->stopped = true;
    if (supervisor->observer->on_stopped)
        supervisor->observer->on_stopped(supervisor->observer->context);
}

static void check(void *context)
{
    struct supervisor *supervisor = context;
    supervisor->check_queued = false;
    if (supervisor->stopping) {
        stop_step(supervisor);
        return;
    }
    bool settled = true;
    for (size_t i = 0; i < supervisor->count; i++) {
        struct resource *resource = &supervisor->resources[i];
        if (!resource->wanted)
            continue;
        look_at_dependencies(resource);
        settled = settled &&
                  (machine_is_ready(&resource->machine) || machine_is_at_rest(&resource->machine));
    }
    const bool newly = settled && !supervisor->settled;
    supervisor->settled = settled;
    if (newly && supervisor->observer->on_settled)
        supervisor->observer->on_settled(supervisor->observer->context);
}

static void queue_check(struct supervisor *supervisor)
{
    if (supervisor->check_queued)
        return;
    supervisor->check_queued = true;
    loop_defer(supervisor->loop, check, supervisor);
}

static void note_times(struct resource *resource, enum machine_event event,
                       enum machine_state before)
{
    const int64_t now = clock_monotonic_ms();
    const bool became_ready =
        machine_is_ready(&resource->machine) && before != STATE_RUNTIME_UNHEALTHY;
    if (event == EVENT_START)
        resource->asked_ms = now;
    else if (event == EVENT_DEPENDENCIES_READY || event == EVENT_RESTART_DUE)
        resource->unblocked_ms = now;
    else if (event == EVENT_LAUNCHED) {
        resource->launched_ms = now;
        resource->started_wall_ms = clock_wall_ms();
    } else if (became_ready && resource->machine.since_ms == now)
        resource->ready_ms = now;
}

static void act(struct resource *resource, const struct machine_result *result)
{
    struct supervisor *supervisor = resource->supervisor;
    const unsigned actions = result->actions;
    if (actions & ACTION_LAUNCH) {
        resource->probe_attempts = 0;
        resource->driver->launch(resource);
    }
    if (actions & ACTION_PROBE) {
        loop_timer_set(resource->deadline_timer, supervisor->options.start_timeout_ms);
        if (resource->driver->probe)
            resource->driver->probe(resource);
        else
            resource_raise(resource, EVENT_HEALTHY, NULL);
    }
    if (actions & ACTION_STOP) {
        resource->ending = true;
        resource->driver->stop(resource);
    }
    if (actions & ACTION_RESTART)
        loop_timer_set(resource->restart_timer, result->restart_delay_ms);
}

// Remembers what it said last; NULL: nothing. `log`: a line of its log, too.
static void remember(struct resource *resource, const char *text, bool log)
{
    AUTO_STRBUF clean = STRBUF_INIT;
    if (text)
        redactor_apply(resource->supervisor->plan->redactor, text, strlen(text), &clean);
    free(resource->message);
    resource->message = clean.len ? strbuf_detach(&clean) : NULL;
    if (!log || !resource->log || !resource->message)
        return;
    log_append(resource->log, LOG_SYSTEM, resource->message, strlen(resource->message));
    log_append(resource->log, LOG_SYSTEM, "\n", 1);
}

static void set_message(struct resource *resource, const char *format, va_list args)
{
    if (!format)
        return;
    AUTOFREE char *text = mem_vprintf(format, args);
    remember(resource, text, true);
}

static void tell_change(struct resource *resource)
{
    const struct supervisor_observer *observer = resource->supervisor->observer;
    if (observer->on_change)
        observer->on_change(observer->context, resource);
}

static void raise(struct resource *resource, enum machine_event event, bool success)
{
    const enum machine_state before = resource->machine.state;
    const enum machine_health health_before = resource->machine.health;
    struct machine_result result =
        machine_step(resource->machine, event, success, clock_monotonic_ms());
    resource->machine = result.machine;
    note_times(resource, event, before);
    if (event == EVENT_START || event == EVENT_STOP) {
        free(TAKE(resource->message));
        free(TAKE(resource->hint));
        free(TAKE(resource->excerpt));
    }
    const bool moved = before != result.machine.state;
    if (moved && result.machine.state != STATE_STARTING && result.machine.state != STATE_BUILDING)
        loop_timer_clear(resource->deadline_timer);
    if (moved &&
        !(result.machine.state == STATE_RUNNING || result.machine.state == STATE_RUNTIME_UNHEALTHY))
        loop_timer_clear(resource->probe_timer);
    if (moved || health_before != result.machine.health) {
        tell_change(resource);
        queue_check(resource->supervisor);
    }
    act(resource, &result);
}

void resource_raise(struct resource *resource, enum machine_event event, const char *format, ...)
{
    const bool is_after_failure =
        event == EVENT_STOPPED && resource->machine.state == STATE_FAILED_TO_START;
    if (event == EVENT_STOPPED) {
        resource->ending = false;
        queue_check(resource->supervisor);
    }
    if (!is_after_failure) { // why it failed is what counts
        va_list args;
        va_start(args, format);
        set_message(resource, format, args);
        va_end(args);
    }
    raise(resource, event, false);
}

void resource_fail(struct resource *resource, const struct err *err)
{
    free(resource->hint);
    resource->hint = err->hint[0] ? mem_strdup(err->hint) : NULL;
    resource_raise(resource, EVENT_FAILED, "%s", err->message);
}

void resource_exited(struct resource *resource, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(resource, format, args);
    va_end(args);
    resource->exit_code = exit_code;
    raise(resource, EVENT_EXITED, exit_code == 0);
}

void resource_say(struct resource *resource, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(resource, format, args);
    va_end(args);
    tell_change(resource);
}

void resource_notice(struct resource *resource, const char *format, ...)
{
    const struct supervisor_observer *observer = resource->supervisor->observer;
    va_list args;
    va_start(args, format);
    set_message(resource, format, args);
    va_end(args);
    tell_change(resource);
    if (observer->on_notice)
        observer->on_notice(observer->context, resource, resource->message);
}

void resource_set_progress(struct resource *resource, int64_t done, int64_t total, const char *unit)
{
    resource->progress = (struct resource_progress){done, total, unit};
    tell_change(resource);
}

void resource_probed(struct resource *resource, bool healthy, const char *format, ...)
{
    const enum machine_state state = resource->machine.state;
    if (state != STATE_STARTING && state != STATE_RUNNING && state != STATE_RUNTIME_UNHEALTHY)
        return;
    va_list args;
    va_start(args, format);
    AUTOFREE char *text = format ? mem_vprintf(format, args) : NULL;
    va_end(args);
    // While it starts, "not yet" is no news for the log; afterwards every change is.
    const bool is_new = text && (!resource->message || strcmp(text, resource->message) != 0);
    remember(resource, text, is_new && (healthy || state != STATE_STARTING));
    resource->probe_attempts++;
    raise(resource, healthy ? EVENT_HEALTHY : EVENT_UNHEALTHY, false);
    loop_timer_set(resource->probe_timer,
                   machine_probe_delay_ms(&resource->machine, resource->probe_attempts));
}

static void on_probe_due(void *context)
{
    struct resource *resource = context;
    resource->probe_hastened = false;
    if (resource->driver->probe)
        resource->driver->probe(resource);
}

static void on_deadline(void *context)
{
    struct resource *resource = context;
    char limit[CLOCK_DURATION_SIZE];
    clock_format_duration(resource->supervisor->options.start_timeout_ms, limit);
    AUTOFREE char *last = mem_strdup(resource->message ? resource->message : "it said nothing");
    resource_raise(resource, EVENT_DEADLINE, "not healthy within %s: %s", limit, last);
}

static void on_restart_due(void *context)
{
    resource_raise(context, EVENT_RESTART_DUE, NULL);
}

// Who says something while it starts may just have become ready: the next look does not wait for
// its time. Once a look, or one that talks without end would put it off for ever.
static void hasten_probe(struct resource *resource)
{
    if (resource->machine.state != STATE_STARTING || resource->probe_hastened ||
        !loop_timer_pending(resource->probe_timer))
        return;
    resource->probe_hastened = true;
    loop_timer_set(resource->probe_timer, HASTENED_PROBE_MS);
}

static bool on_log_line(void *context, const struct log_line *line)
{
    struct resource *resource = context;
    const struct supervisor_observer *observer = resource->supervisor->observer;
    hasten_probe(resource);
    if (observer->on_line)
        observer->on_line(observer->context, resource, line);
    return true;
}

static const struct resource_driver *driver_of(enum resource_backing backing)
{
    static const struct resource_driver *const drivers[] = {
        [BACKING_CONTAINER] = &driver_container, [BACKING_FILE] = &driver_file,
        [BACKING_EXTERNAL] = &driver_external,   [BACKING_JOB] = &driver_job,
        [BACKING_PROCESS] = &driver_process,
    };
    return drivers[backing];
}

static enum machine_kind machine_kind_of(enum resource_backing backing)
{
    return backing == BACKING_JOB       ? MACHINE_JOB
           : backing == BACKING_PROCESS ? MACHINE_PROCESS
                                        : MACHINE_CONTAINER;
}

static int resource_init(struct resource *resource, struct supervisor *supervisor,
                         const struct plan_resource *plan, bool wanted, struct err *err)
{
    *resource = (struct resource){
        .supervisor = supervisor,
        .plan = plan,
        .driver = driver_of(plan->backing),
        .machine = {.kind = machine_kind_of(plan->backing), .restart = plan->restart},
        .wanted = wanted,
        .exit_code = -1,
        .probe_timer = loop_timer_new(supervisor->loop, on_probe_due, resource),
        .deadline_timer = loop_timer_new(supervisor->loop, on_deadline, resource),
        .restart_timer = loop_timer_new(supervisor->loop, on_restart_due, resource),
    };
    if (!wanted)
        return 0;
    AUTOFREE char *logs = workspace_path(supervisor->plan->workspace, "logs");
    return log_open(logs, plan->name, supervisor->plan->redactor, on_log_line, resource,
                    &resource->log, err);
}

static bool wants_engine(const struct plan *plan, const bool *wanted)
{
    for (size_t i = 0; i < plan->resources.len; i++)
        if (wanted[i] && plan->resources.items[i].backing == BACKING_CONTAINER)
            return true;
    return false;
}

static bool wants_guard(const struct plan *plan, const bool *wanted)
{
    for (size_t i = 0; i < plan->resources.len; i++)
        if (wanted[i] && (plan->resources.items[i].backing == BACKING_PROCESS ||
                          plan->resources.items[i].backing == BACKING_JOB))
            return true;
    return false;
}

int supervisor_new(struct loop *loop, const struct plan *plan, const bool *wanted,
                   const struct supervisor_options *options,
                   const struct supervisor_observer *observer, struct supervisor **out,
                   struct err *err)
{
    struct supervisor *supervisor = mem_alloc(sizeof *supervisor);
    *supervisor = (struct supervisor){.loop = loop,
                                      .http = http_client_new(loop),
                                      .plan = plan,
                                      .options = *options,
                                      .observer = observer,
                                      .guard_fd = -1,
                                      .count = plan->resources.len};
    if (supervisor->options.start_timeout_ms <= 0)
        supervisor->options.start_timeout_ms = DEFAULT_START_TIMEOUT_MS;
    owner_marker(plan->workspace->id, process_identity_self(), supervisor->marker);
    supervisor->resources = mem_alloc(supervisor->count * sizeof *supervisor->resources);
    int status = 0;
    for (size_t i = 0; i < supervisor->count && status == 0; i++)
        status = resource_init(&supervisor->resources[i], supervisor, &plan->resources.items[i],
                               wanted[i], err);
    if (status == 0 && wants_guard(plan, wanted))
        status = guard_start(supervisor->marker, &supervisor->guard_fd, err);
    if (status) {
        supervisor_free(supervisor);
        return -1;
    }
    if (wants_engine(plan, wanted))
        supervisor->engine = engine_link_new(supervisor);
    *out = supervisor;
    return 0;
}

void supervisor_free(struct supervisor *supervisor)
{
    if (!supervisor)
        return;
    // What left its process group, and what its resource's end did not reach.
    if (supervisor->guard_fd >= 0)
        owned_processes_end(supervisor->marker, LEFTOVER_GRACE_MS, 0);
    for (size_t i = 0; i < supervisor->count; i++) {
        struct resource *resource = &supervisor->resources[i];
        if (resource->driver_state)
            resource->driver->release(resource);
        loop_timer_free(resource->probe_timer);
        loop_timer_free(resource->deadline_timer);
        loop_timer_free(resource->restart_timer);
        log_close(resource->log);
        free(resource->message);
        free(resource->hint);
        free(resource->excerpt);
        free(resource->container_id);
        cJSON_Delete(resource->migrations);
    }
    engine_link_free(supervisor->engine);
    http_client_free(supervisor->http);
    guard_release(supervisor->guard_fd);
    free(supervisor->resources);
    free(supervisor);
}

void supervisor_start(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->count; i++)
        if (supervisor->resources[i].wanted)
            resource_raise(&supervisor->resources[i], EVENT_START, NULL);
}

void supervisor_stop(struct supervisor *supervisor, bool all)
{
    supervisor->stop_all = supervisor->stop_all || all;
    if (supervisor->stopping)
        for (size_t i = 0; i < supervisor->count; i++)
            if (supervisor->resources[i].machine.state == STATE_STOPPING)
                supervisor->resources[i].driver->stop(&supervisor->resources[i]);
    supervisor->stopping = true;
    queue_check(supervisor);
}

size_t supervisor_count(const struct supervisor *supervisor)
{
    return supervisor->count;
}

struct resource *supervisor_resource(const struct supervisor *supervisor, size_t index)
{
    return &supervisor->resources[index];
}

struct resource *supervisor_find(const struct supervisor *supervisor, const char *name)
{
    for (size_t i = 0; i < supervisor->count; i++)
        if (strcmp(supervisor->resources[i].plan->name, name) == 0)
            return &supervisor->resources[i];
    return NULL;
}

bool supervisor_settled(const struct supervisor *supervisor)
{
    return supervisor->settled;
}

const struct resource *supervisor_first_failure(const struct supervisor *supervisor)
{
    const struct resource *blocked = NULL;
    for (size_t i = 0; i < supervisor->count; i++) {
        const struct resource *resource = &supervisor->resources[i];
        if (!resource->wanted || !resource->machine.failed ||
            !machine_is_at_rest(&resource->machine))
            continue;
        if (resource->asked_ms && resource->unblocked_ms)
            return resource; // the cause, not what only waited for it
        if (!blocked)
            blocked = resource;
    }
    return blocked;
}

const struct err *supervisor_engine_error(const struct supervisor *supervisor)
{
    return supervisor->engine ? engine_link_error(supervisor->engine) : NULL;
}

struct loop *supervisor_loop(const struct supervisor *supervisor)
{
    return supervisor->loop;
}

struct http_client *supervisor_http(const struct supervisor *supervisor)
{
    return supervisor->http;
}

const struct plan *supervisor_plan(const struct supervisor *supervisor)
{
    return supervisor->plan;
}

bool supervisor_keeps(const struct supervisor *supervisor, const struct plan_resource *resource,
                      bool ran_before)
{
    if (supervisor->options.leave_as_found)
        return ran_before;
    return resource->persistent && !supervisor->stop_all;
}

struct engine_link *supervisor_engine(const struct supervisor *supervisor)
{
    return supervisor->engine;
}

const char *supervisor_marker(const struct supervisor *supervisor)
{
    return supervisor->marker;
}

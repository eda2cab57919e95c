// One resource: its events and what follows from them, what it says, when it is asked for its
// health.
#include "orchestrator/run/resource.h"

#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/run/crash_loop.h"
#include "orchestrator/run/supervisor_parts.h"
#include "orchestrator/run/timeline.h"
#include "provisioners/engine_needs.h"

enum { HASTENED_PROBE_MS = 5 };

// The supervisor's, but for a server of berth's own whose first start is known to take longer.
static int64_t start_timeout_ms(const struct resource *resource)
{
    const int64_t usual_ms = resource->supervisor->options.start_timeout_ms;
    const int64_t own_ms = resource->plan->backing == BACKING_CONTAINER
                               ? engine_start_timeout_ms(resource->plan->connection.engine)
                               : 0;
    return own_ms > usual_ms ? own_ms : usual_ms;
}

static void act(struct resource *resource, const struct machine_result *result)
{
    const unsigned actions = result->actions;
    if (actions & ACTION_LAUNCH) {
        resource->probe_attempts = 0;
        resource->driver->launch(resource);
    }
    if (actions & ACTION_PROBE) {
        loop_timer_set(resource->deadline_timer, start_timeout_ms(resource));
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
    if (actions & ACTION_SETTLE)
        loop_timer_set(resource->stable_timer, MACHINE_STABLE_MS);
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
    timeline_note(resource, event, before);
    if (event == EVENT_STOP)
        loop_timer_clear(resource->restart_timer);
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
    if (!machine_is_ready(&result.machine))
        loop_timer_clear(resource->stable_timer);
    if (moved || health_before != result.machine.health) {
        tell_change(resource);
        supervisor_queue_check(resource->supervisor);
    }
    act(resource, &result);
}

void resource_raise(struct resource *resource, enum machine_event event, const char *format, ...)
{
    const bool is_after_failure =
        event == EVENT_STOPPED && resource->machine.state == STATE_FAILED_TO_START;
    if (event == EVENT_STOPPED) {
        resource->ending = false;
        tell_change(resource);
        supervisor_queue_check(resource->supervisor);
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

void resource_hint(struct resource *resource, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    free(resource->hint);
    resource->hint = mem_vprintf(format, args);
    va_end(args);
}

void resource_exited(struct resource *resource, int exit_code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_message(resource, format, args);
    va_end(args);
    resource->exit_code = exit_code;
    raise(resource, EVENT_EXITED, exit_code == 0);
    crash_loop_note(resource);
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

void resource_note(struct resource *resource, enum fact_name name, bool is_good, const char *format,
                   ...)
{
    AUTO_STRBUF clean = STRBUF_INIT;
    va_list args;
    va_start(args, format);
    AUTOFREE char *text = mem_vprintf(format, args);
    va_end(args);
    redactor_apply(resource->supervisor->plan->redactor, text, strlen(text), &clean);
    if (facts_note(&resource->facts, name, is_good, clean.data, clock_wall_ms()))
        tell_change(resource);
}

void resource_over(struct resource *resource, enum fact_name name, const char *text)
{
    facts_clear(&resource->facts);
    resource_note(resource, name, false, "%s", text);
}

void resource_enter(struct resource *resource, enum phase phase)
{
    phases_enter(&resource->phases, phase, clock_monotonic_ms());
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
    clock_format_duration(start_timeout_ms(resource), limit);
    AUTOFREE char *last = mem_strdup(resource->message ? resource->message : "it said nothing");
    resource_raise(resource, EVENT_DEADLINE, "not healthy within %s: %s", limit, last);
}

static void on_stable(void *context)
{
    resource_raise(context, EVENT_STABLE, NULL);
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

bool resource_is_down(const struct resource *resource)
{
    return machine_is_at_rest(&resource->machine) && !resource->ending && !resource->start_again;
}

struct resource *resource_new(struct supervisor *supervisor, const struct plan_resource *plan)
{
    struct resource *resource = mem_alloc(sizeof *resource);
    *resource = (struct resource){
        .supervisor = supervisor,
        .plan = plan,
        .driver = driver_of(plan->backing),
        .machine = {.kind = machine_kind_of(plan->backing), .restart = plan->restart},
        .exit_code = -1,
        .probe_timer = loop_timer_new(supervisor->loop, on_probe_due, resource),
        .deadline_timer = loop_timer_new(supervisor->loop, on_deadline, resource),
        .restart_timer = loop_timer_new(supervisor->loop, on_restart_due, resource),
        .stable_timer = loop_timer_new(supervisor->loop, on_stable, resource),
    };
    return resource;
}

int resource_open_log(struct resource *resource, struct err *err)
{
    const struct plan *plan = resource->supervisor->plan;
    AUTOFREE char *logs = workspace_path(plan->workspace, "logs");
    return log_open(logs, resource->plan->name, plan->redactor, on_log_line, resource,
                    &resource->log, err);
}

void resource_free(struct resource *resource)
{
    if (!resource)
        return;
    if (resource->driver_state)
        resource->driver->release(resource);
    loop_timer_free(resource->probe_timer);
    loop_timer_free(resource->deadline_timer);
    loop_timer_free(resource->restart_timer);
    loop_timer_free(resource->stable_timer);
    log_close(resource->log);
    free(resource->message);
    free(resource->hint);
    free(resource->excerpt);
    free(resource->container_id);
    cJSON_Delete(resource->migrations);
    facts_clear(&resource->facts);
    vec_release(&resource->dependencies);
    free(resource);
}

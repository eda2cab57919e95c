#include "orchestrator/run/reason.h"

#include "base/clock.h"
#include "base/size.h"
#include "orchestrator/run/crash_loop.h"
#include "orchestrator/run/supervisor.h"

bool reason_is_needed(const struct resource *resource)
{
    return !machine_is_ready(&resource->machine) || resource->machine.health == HEALTH_UNHEALTHY ||
           resource->machine.health == HEALTH_DEGRADED;
}

static void say_duration(int64_t since_ms, struct strbuf *out)
{
    char text[CLOCK_DURATION_SIZE];
    clock_format_duration(clock_monotonic_ms() - since_ms, text);
    strbuf_adds(out, text);
}

static const char *message_of(const struct resource *resource)
{
    return resource->message ? resource->message : "it said nothing";
}

static void say_build(const struct resource *resource, struct strbuf *out)
{
    const struct resource_progress *progress = &resource->progress;
    if (resource->plan->backing != BACKING_CONTAINER || progress->total <= 0) {
        strbuf_addf(out, "%s, for ", message_of(resource));
        say_duration(resource->machine.since_ms, out);
        return;
    }
    char done[SIZE_FORMAT_SIZE], total[SIZE_FORMAT_SIZE];
    size_format(progress->done, done);
    size_format(progress->total, total);
    strbuf_addf(out, "image pull %d %%, %s of %s", (int)(progress->done * 100 / progress->total),
                done, total);
}

static void say_start(const struct resource *resource, struct strbuf *out)
{
    strbuf_addf(out, "%s for ", phase_name(resource->phases.now));
    say_duration(resource->phases.since_ms, out);
    if (resource->message)
        strbuf_addf(out, ": %s", resource->message);
}

// The first of what it depends on that is not ready; NULL: none.
static const struct resource *obstacle(const struct resource *resource)
{
    vec_each (other, &resource->dependencies)
        if (!machine_is_ready(&(*other)->machine))
            return *other;
    return NULL;
}

static void say_own(const struct resource *resource, struct strbuf *out)
{
    if (resource->halted && machine_is_at_rest(&resource->machine)) {
        strbuf_addf(out, "it was stopped; `berth start %s` starts it again", resource->plan->name);
        return;
    }
    switch (resource->machine.state) {
    case STATE_NOT_STARTED: strbuf_adds(out, "it was not started"); break;
    case STATE_WAITING: strbuf_addf(out, "started again soon: %s", message_of(resource)); break;
    case STATE_BUILDING: say_build(resource, out); break;
    case STATE_STARTING: say_start(resource, out); break;
    case STATE_STOPPING:
        strbuf_adds(out, "stopping for ");
        say_duration(resource->machine.since_ms, out);
        break;
    default:
        if (resource->machine.health == HEALTH_DEGRADED)
            crash_loop_describe(resource, out);
        else
            strbuf_adds(out, message_of(resource));
    }
}

void reason_of(const struct resource *resource, struct strbuf *out)
{
    if (!reason_is_needed(resource))
        return;
    const bool is_blocked =
        resource->machine.state == STATE_FAILED_TO_START && !resource->unblocked_ms;
    const bool pauses = loop_timer_pending(resource->restart_timer);
    if (!is_blocked && (resource->machine.state != STATE_WAITING || pauses)) {
        say_own(resource, out);
        return;
    }
    const char *verb = is_blocked ? "waited for " : "waiting for ";
    const struct resource *last = resource, *next;
    while ((next = obstacle(last))) { // the plan has no cycle
        strbuf_addf(out, "%s%s", verb, next->plan->name);
        verb = is_blocked ? ", which waited for " : ", which waits for ";
        last = next;
    }
    if (last == resource) {
        say_own(resource, out);
        return;
    }
    strbuf_addf(out, ", which is %s: ", machine_state_name(last->machine.state));
    say_own(last, out);
}

#include "orchestrator/cli/start_output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "orchestrator/run/report.h"
#include "orchestrator/terminal/output.h"
#include "orchestrator/terminal/text.h"

struct start_output {
    bool colour;
    struct map *shown; // the name of the state last printed, by resource
    const struct supervisor *supervisor;
    struct output *stdout_lines;
    struct start_live *live; // NULL: plain
};

struct start_output *start_output_new(const struct supervisor *supervisor, bool colour)
{
    struct start_output *output = mem_alloc(sizeof *output);
    *output = (struct start_output){
        .colour = colour,
        .supervisor = supervisor,
        .shown = map_new(),
        .stdout_lines = output_new(supervisor_loop(supervisor), STDOUT_FILENO, NULL, NULL)};
    return output;
}

void start_output_free(struct start_output *output)
{
    if (!output)
        return;
    start_live_free(output->live);
    output_free(output->stdout_lines);
    map_free(output->shown);
    free(output);
}

void start_output_go_live(struct start_output *output, const struct start_live_actions *actions)
{
    output->live = start_live_new(output->supervisor, actions);
}

void start_output_say(struct start_output *output, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    AUTOFREE char *text = mem_vprintf(format, args);
    va_end(args);
    if (output->live) {
        start_live_say(output->live, text);
        return;
    }
    output_flush(output->stdout_lines); // what came before comes first
    fputs(text, stderr);
}

static const char *state_colour(const struct resource *resource)
{
    switch (resource->machine.state) {
    case STATE_RUNNING: return "\033[32m";
    case STATE_FINISHED:
    case STATE_EXITED:
        if (resource->machine.failed)
            return "\033[31m";
        return resource->plan->backing == BACKING_JOB ? "\033[32m" : "\033[2m";
    case STATE_FAILED_TO_START: return "\033[31m";
    case STATE_RUNTIME_UNHEALTHY: return "\033[33m";
    default: return "\033[2m";
    }
}

// Beginnings are not worth a line: what becomes of them is. A job is told when it is done.
static bool is_news(const struct resource *resource)
{
    switch (resource->machine.state) {
    case STATE_NOT_STARTED:
    case STATE_WAITING:
    case STATE_STARTING:
    case STATE_STOPPING: return false;
    case STATE_RUNNING: return resource->plan->backing != BACKING_JOB;
    default: return true;
    }
}

// A failure of its own, not only for want of what it waits for: message, place in a file, next
// step.
static void say_failure(struct start_output *output, const struct resource *resource)
{
    AUTO_STRBUF message = STRBUF_INIT;
    terminal_safe(resource->message ? resource->message : "it said nothing", &message);
    start_output_say(output, "%serror%s: %s: %s\n", output->colour ? "\033[1;31m" : "",
                     output->colour ? "\033[0m" : "", resource->plan->name, message.data);
    if (resource->excerpt)
        start_output_say(output, "%s", resource->excerpt);
    if (resource->hint)
        start_output_say(output, "  hint: %s\n", resource->hint);
}

void start_output_note(struct start_output *output, const struct resource *resource,
                       const char *text)
{
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(text, &safe);
    start_output_say(output, "note: %s: %s\n", resource->plan->name, safe.data);
}

void start_output_notice(void *context, const struct resource *resource, const char *text)
{
    (void)context;
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(text, &safe);
    fprintf(stderr, "note: %s: %s\n", resource->plan->name, safe.data);
}

static int name_width(const struct start_output *output)
{
    size_t width = 0;
    for (size_t i = 0; i < supervisor_count(output->supervisor); i++) {
        const struct resource *resource = supervisor_resource(output->supervisor, i);
        const size_t length = strlen(resource->plan->name);
        if (resource->wanted && length > width)
            width = length;
    }
    return (int)width;
}

static void say_state(struct start_output *output, const struct resource *resource)
{
    const enum machine_state state = resource->machine.state;
    AUTO_STRBUF detail = STRBUF_INIT;
    if (state == STATE_RUNNING) {
        char took[CLOCK_DURATION_SIZE];
        report_endpoint(resource->plan, &detail);
        clock_format_duration(resource->ready_ms - resource->unblocked_ms, took);
        if (resource->ready_ms)
            strbuf_addf(&detail, "%s%s", detail.len ? "  " : "", took);
    } else if (resource->message) {
        terminal_safe(resource->message, &detail);
    }
    start_output_say(output, "  %-*s  %s%-17s%s %s\n", name_width(output), resource->plan->name,
                     output->colour ? state_colour(resource) : "", machine_state_name(state),
                     output->colour ? "\033[0m" : "", detail.data);
}

void start_output_change(struct start_output *output, const struct resource *resource)
{
    const char *state = machine_state_name(resource->machine.state);
    if (output->live)
        start_live_change(output->live);
    if (map_put(output->shown, resource->plan->name, (void *)state) == state || !is_news(resource))
        return;
    if (resource->machine.state == STATE_FAILED_TO_START && resource->unblocked_ms)
        say_failure(output, resource);
    else if (!output->live) // the block shows it
        say_state(output, resource);
}

void start_output_line(struct start_output *output, const struct resource *resource,
                       const struct log_line *line)
{
    if (output->live) {
        start_live_line(output->live, resource, line);
        return;
    }
    // A container's chatter is for `berth logs`; berth's own words show with the state.
    if (resource->plan->backing != BACKING_PROCESS || line->stream == LOG_SYSTEM)
        return;
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_addf(&text, "%s%-*s |%s ", output->colour ? "\033[36m" : "", name_width(output),
                resource->plan->name, output->colour ? "\033[0m" : "");
    terminal_safe(line->text, &text);
    strbuf_addch(&text, '\n');
    output_write_line(output->stdout_lines, text.data);
}

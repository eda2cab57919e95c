#include "orchestrator/cli/start_output.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "orchestrator/run/report.h"

struct start_output {
    bool colour;
    int name_width;
    size_t count;
    enum machine_state *shown; // the state last printed, by index in the plan
    const struct supervisor *supervisor;
};

struct start_output *start_output_new(const struct supervisor *supervisor, bool colour)
{
    struct start_output *output = mem_alloc(sizeof *output);
    output->colour = colour;
    output->supervisor = supervisor;
    output->count = supervisor_count(supervisor);
    output->shown = mem_alloc(output->count * sizeof *output->shown);
    for (size_t i = 0; i < output->count; i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        const int width = (int)strlen(resource->plan->name);
        if (resource->wanted && width > output->name_width)
            output->name_width = width;
    }
    return output;
}

void start_output_free(struct start_output *output)
{
    if (!output)
        return;
    free(output->shown);
    free(output);
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
static void print_failure(const struct start_output *output, const struct resource *resource)
{
    AUTO_STRBUF message = STRBUF_INIT;
    terminal_safe(resource->message ? resource->message : "it said nothing", &message);
    fprintf(stderr, "%serror%s: %s: %s\n", output->colour ? "\033[1;31m" : "",
            output->colour ? "\033[0m" : "", resource->plan->name, message.data);
    if (resource->excerpt)
        fputs(resource->excerpt, stderr);
    if (resource->hint)
        fprintf(stderr, "  hint: %s\n", resource->hint);
}

void start_output_notice(void *context, const struct resource *resource, const char *text)
{
    (void)context;
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(text, &safe);
    fprintf(stderr, "note: %s: %s\n", resource->plan->name, safe.data);
}

void start_output_change(struct start_output *output, const struct resource *resource)
{
    size_t index = 0;
    while (supervisor_resource(output->supervisor, index) != resource)
        index++;
    const enum machine_state state = resource->machine.state;
    if (output->shown[index] == state)
        return;
    output->shown[index] = state;
    if (!is_news(resource))
        return;
    if (state == STATE_FAILED_TO_START && resource->unblocked_ms) {
        print_failure(output, resource);
        return;
    }
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
    fprintf(stderr, "  %-*s  %s%-17s%s %s\n", output->name_width, resource->plan->name,
            output->colour ? state_colour(resource) : "", machine_state_name(state),
            output->colour ? "\033[0m" : "", detail.data);
}

// The end of "CSI parameters m" at `text`; NULL when it is another sequence.
static const char *colour_sequence_end(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return NULL;
    const char *end = text + 2 + strspn(text + 2, "0123456789;");
    return *end == 'm' ? end + 1 : NULL;
}

void terminal_safe(const char *text, struct strbuf *out)
{
    const char *text_end = text + strlen(text);
    bool coloured = false;
    while (text < text_end) {
        const char *end = colour_sequence_end(text);
        if (end) {
            strbuf_add(out, text, (size_t)(end - text));
            coloured = true;
            text = end;
            continue;
        }
        const size_t size = utf8_sequence(text, (size_t)(text_end - text));
        if (size == 0)
            utf8_add(out, 0xFFFD);
        else if (*text == '\t')
            strbuf_addch(out, ' ');
        else if (!utf8_is_control(text))
            strbuf_add(out, text, size);
        text += size ? size : 1;
    }
    if (coloured)
        strbuf_adds(out, "\033[0m");
}

void start_output_line(struct start_output *output, const struct resource *resource,
                       const struct log_line *line)
{
    // A container's chatter is for `berth logs`; berth's own words show with the state.
    if (resource->plan->backing != BACKING_PROCESS || line->stream == LOG_SYSTEM)
        return;
    AUTO_STRBUF text = STRBUF_INIT;
    terminal_safe(line->text, &text);
    printf("%s%-*s |%s %s\n", output->colour ? "\033[36m" : "", output->name_width,
           resource->plan->name, output->colour ? "\033[0m" : "", text.data);
    fflush(stdout);
}

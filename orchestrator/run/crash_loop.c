#include "orchestrator/run/crash_loop.h"

#include "base/mem.h"
#include "orchestrator/run/supervisor_parts.h"

enum { LAST_LINES = 5, LOOKED_AT = 50 };

struct last_lines {
    char *texts[LAST_LINES]; // a ring
    size_t count;
};

static bool keep(void *context, const struct log_line *line)
{
    struct last_lines *lines = context;
    if (line->stream == LOG_SYSTEM)
        return true;
    char **place = &lines->texts[lines->count++ % LAST_LINES];
    free(*place);
    *place = mem_strdup(line->text);
    return true;
}

static void notice(const struct resource *resource, const char *text)
{
    const struct supervisor_observer *observer = resource->supervisor->observer;
    if (observer->on_notice)
        observer->on_notice(observer->context, resource, text);
}

void crash_loop_describe(const struct resource *resource, struct strbuf *out)
{
    strbuf_addf(out, "crash loop: it ended %d times in a row, last with exit code %d",
                resource->machine.restarts, resource->exit_code);
}

static void tell(const struct resource *resource)
{
    struct last_lines lines = {0};
    int64_t next;
    AUTOFREE char *directory = workspace_path(resource->supervisor->plan->workspace, "logs");
    AUTO_STRBUF text = STRBUF_INIT;
    crash_loop_describe(resource, &text);
    strbuf_adds(&text, "; each pause before it is started again is longer, up to 30 s");
    notice(resource, text.data);
    log_read(directory, resource->plan->name, 0, LOOKED_AT, keep, &lines, &next);
    const size_t first = lines.count > LAST_LINES ? lines.count - LAST_LINES : 0;
    for (size_t i = first; i < lines.count; i++) {
        AUTOFREE char *line = mem_printf("it said: %s", lines.texts[i % LAST_LINES]);
        notice(resource, line);
    }
    for (size_t i = 0; i < LAST_LINES; i++)
        free(lines.texts[i]);
}

void crash_loop_note(struct resource *resource)
{
    const struct machine *machine = &resource->machine;
    if (!machine_crash_loops(machine) || machine->state != STATE_WAITING)
        return;
    AUTO_STRBUF text = STRBUF_INIT;
    crash_loop_describe(resource, &text);
    if (resource->message)
        strbuf_addf(&text, " (%s)", resource->message);
    free(resource->message);
    resource->message = strbuf_detach(&text);
    if (machine->restarts == MACHINE_CRASH_LOOP)
        tell(resource);
}

#include "orchestrator/run/last_words.h"

#include <ctype.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "orchestrator/run/supervisor.h"

enum { LINES = 60, LONGEST = 300 };

struct search {
    const char *since; // RFC 3339: what was said before is of another run
    struct strbuf error, any;
};

static bool speaks_of_an_error(const char *text)
{
    static const char *const words[] = {"error",     "fatal",  "panic",  "exception",
                                        "not found", "denied", "cannot", "failed"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(text, words[i]))
            return true;
    return false;
}

// "LINE 1: …" and the caret below it point at a place in what the line before them said.
static bool has_words(const char *text)
{
    for (; *text; text++)
        if (isalpha((unsigned char)*text))
            return true;
    return false;
}

static bool on_line(void *context, const struct log_line *line)
{
    struct search *search = context;
    if (line->stream == LOG_SYSTEM || strcmp(line->time, search->since) < 0 ||
        !has_words(line->text))
        return true;
    struct strbuf *found = speaks_of_an_error(line->text) ? &search->error : &search->any;
    strbuf_clear(found);
    strbuf_add(found, line->text, strnlen(line->text, LONGEST));
    return true;
}

void last_words(const struct resource *resource, struct strbuf *out)
{
    char since[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(resource->begun_wall_ms, since);
    struct search search = {.since = since, .error = STRBUF_INIT, .any = STRBUF_INIT};
    AUTOFREE char *directory =
        workspace_path(supervisor_plan(resource->supervisor)->workspace, "logs");
    int64_t next = 0;
    log_flush(resource->log);
    log_read(directory, resource->plan->name, 0, LINES, on_line, &search, &next);
    strbuf_adds(out, search.error.len ? search.error.data : search.any.data);
    strbuf_release(&search.error);
    strbuf_release(&search.any);
}

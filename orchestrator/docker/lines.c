#include "orchestrator/docker/lines.h"

#include <string.h>

#include "base/json.h"
#include "orchestrator/docker/error.h"

void lines_release(struct lines *lines)
{
    strbuf_release(&lines->partial);
}

// *goes_on: whether the receiver wants more. Blank lines are keep-alives.
static int one_line(const char *text, size_t length, lines_fn *fn, void *context, bool *goes_on,
                    struct err *err)
{
    while (length > 0 && strchr(" \t\r", *text) && *text)
        text++, length--;
    if (length == 0)
        return 0;
    AUTO_JSON *value = NULL;
    if (json_parse(text, length, &value, err)) {
        error_tidy(err);
        return err_wrap(err, "a line of the engine's stream");
    }
    *goes_on = fn(context, value);
    return 0;
}

int lines_push(struct lines *lines, const char *bytes, size_t length, lines_fn *fn, void *context,
               struct err *err)
{
    bool goes_on = true;
    const char *end;
    while (goes_on && (end = memchr(bytes, '\n', length))) {
        size_t line_length = (size_t)(end - bytes);
        int failed;
        if (lines->partial.len > 0) {
            AUTO_STRBUF line = lines->partial;
            lines->partial = (struct strbuf)STRBUF_INIT;
            strbuf_add(&line, bytes, line_length);
            failed = one_line(line.data, line.len, fn, context, &goes_on, err);
        } else {
            failed = one_line(bytes, line_length, fn, context, &goes_on, err);
        }
        if (failed)
            return -1;
        bytes = end + 1;
        length -= line_length + 1;
    }
    if (!goes_on)
        return 0;
    if (lines->partial.len + length > LINES_MAX_BYTES)
        return err_set(err, ERR_FAILED, "a line of the engine's stream is longer than %d bytes",
                       LINES_MAX_BYTES);
    strbuf_add(&lines->partial, bytes, length);
    return 0;
}

int lines_finish(struct lines *lines, lines_fn *fn, void *context, struct err *err)
{
    bool goes_on = true;
    AUTO_STRBUF line = lines->partial;
    lines->partial = (struct strbuf)STRBUF_INIT;
    return one_line(line.data, line.len, fn, context, &goes_on, err);
}

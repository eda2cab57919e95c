#include "orchestrator/docker/lines.h"

#include <string.h>

#include "base/json.h"
#include "orchestrator/docker/error.h"

void lines_release(struct lines *lines)
{
    strbuf_release(&lines->partial);
}

// Takes the line that has been gathered. *goes_on: whether the receiver wants more.
static int take_line(struct lines *lines, lines_fn *fn, void *context, bool *goes_on,
                     struct err *err)
{
    AUTO_STRBUF line = lines->partial;
    lines->partial = (struct strbuf)STRBUF_INIT;
    // Blank lines are keep-alives.
    if (strspn(line.data, " \t\r") == line.len)
        return 0;
    AUTO_JSON *value = NULL;
    if (json_parse(line.data, line.len, &value, err)) {
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
    while (goes_on && length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t piece = end ? (size_t)(end - bytes) : length;
        if (lines->partial.len + piece > LINES_MAX_BYTES)
            return err_set(err, ERR_FAILED, "a line of the engine's stream is longer than %d bytes",
                           LINES_MAX_BYTES);
        strbuf_add(&lines->partial, bytes, piece);
        if (end && take_line(lines, fn, context, &goes_on, err))
            return -1;
        piece += end != NULL;
        bytes += piece;
        length -= piece;
    }
    return 0;
}

int lines_finish(struct lines *lines, lines_fn *fn, void *context, struct err *err)
{
    bool goes_on = true;
    return take_line(lines, fn, context, &goes_on, err);
}

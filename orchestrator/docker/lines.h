#pragma once
// A stream of JSON values, one a line, as the engine sends pull progress and events; split
// anywhere.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/strbuf.h"

// Return false to stop.
typedef bool lines_fn(void *context, const cJSON *value);

struct lines {
    struct strbuf partial; // of the last line; LINES_INIT
};
#define LINES_INIT             \
    {                          \
        .partial = STRBUF_INIT \
    }
enum { LINES_MAX_BYTES = 1024 * 1024 };

void lines_release(struct lines *lines);
// -1 on a line that is not JSON, or longer than LINES_MAX_BYTES; those before it have been handed
// on.
int lines_push(struct lines *lines, const char *bytes, size_t length, lines_fn *fn, void *context,
               struct err *err) MUST_CHECK;
// At the stream's end: a last line without its end is handed on, half a value is an error.
int lines_finish(struct lines *lines, lines_fn *fn, void *context, struct err *err) MUST_CHECK;

// The progress stream of a pull: lines of JSON, split anywhere, added up. Bytes never go back and
// never exceed their total; what is said of a fault is one line of text.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrator/docker/error.h"
#include "orchestrator/docker/lines.h"
#include "orchestrator/docker/progress.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct pull {
    struct progress *progress;
    int64_t done_bytes;
    size_t values;
};

static void check_text(const char *text)
{
    AUTO_STRBUF line = STRBUF_INIT;
    error_one_line(text, &line);
    for (const char *c = line.data; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            abort();
}

static bool on_value(void *context, const cJSON *value)
{
    struct pull *pull = context;
    const char *error = progress_error(value);
    if (error)
        check_text(error);
    progress_add(pull->progress, value);
    struct docker_progress sum = progress_sum(pull->progress);
    if (sum.done_bytes < pull->done_bytes || sum.done_bytes > sum.total_bytes || !sum.text)
        abort();
    pull->done_bytes = sum.done_bytes;
    pull->values++;
    return true;
}

static size_t run(const char *bytes, size_t length, size_t step)
{
    struct pull pull = {.progress = progress_new()};
    struct lines lines = LINES_INIT;
    struct err err;
    int failed = 0;
    for (size_t at = 0; at < length && !failed; at += step)
        failed = lines_push(&lines, bytes + at, length - at < step ? length - at : step, on_value,
                            &pull, &err);
    if (!failed)
        failed = lines_finish(&lines, on_value, &pull, &err);
    if (failed)
        check_text(err.message);
    lines_release(&lines);
    progress_free(pull.progress);
    return pull.values;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t values = run((const char *)bytes, length, length + 1);
    if (run((const char *)bytes, length, 1) != values ||
        run((const char *)bytes, length, 7) != values)
        abort();
    return 0;
}

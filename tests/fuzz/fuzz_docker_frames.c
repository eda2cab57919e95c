// The stream demultiplexer: however the bytes are split, the same comes out, and no byte of it was
// not in the input.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "orchestrator/docker/frames.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct received {
    struct strbuf out[3];
};

static bool receive(void *context, const struct frame_piece *piece)
{
    struct received *received = context;
    if (piece->length == 0 || piece->stream < 1 || piece->stream > 2)
        abort();
    strbuf_add(&received->out[piece->stream], piece->bytes, piece->length);
    return true;
}

// Returns the total, negative where the input was refused.
static long push(const char *bytes, size_t length, size_t step, struct received *received)
{
    struct frames frames = {0};
    struct err err;
    bool has_failed = false;
    for (size_t at = 0; at < length && !has_failed; at += step) {
        size_t piece = length - at < step ? length - at : step;
        has_failed = frames_push(&frames, bytes + at, piece, receive, received, &err);
    }
    long total = (long)(received->out[1].len + received->out[2].len);
    if ((size_t)total > length)
        abort();
    return has_failed ? -total - 1 : total;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const size_t steps[] = {1, 3, 8, 11};
    struct received whole = {{STRBUF_INIT, STRBUF_INIT, STRBUF_INIT}};
    long total = push((const char *)bytes, length, length + 1, &whole);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct received split = {{STRBUF_INIT, STRBUF_INIT, STRBUF_INIT}};
        if (push((const char *)bytes, length, steps[i], &split) != total)
            abort();
        for (int stream = 1; stream <= 2; stream++) {
            if (split.out[stream].len != whole.out[stream].len ||
                memcmp(split.out[stream].data, whole.out[stream].data, split.out[stream].len) != 0)
                abort();
            strbuf_release(&split.out[stream]);
        }
    }
    strbuf_release(&whole.out[1]);
    strbuf_release(&whole.out[2]);
    return 0;
}

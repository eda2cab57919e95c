#include "orchestrator/docker/frames.h"

// The engine also knows 0, its echo of stdin, and 3, an error of its own; to a reader of logs they
// are output and errors.
static int stream_of(unsigned char id)
{
    return id >= 2 ? 2 : 1;
}

static int header_end(struct frames *frames, struct err *err)
{
    const unsigned char *header = frames->header;
    if (header[0] > 3 || header[1] || header[2] || header[3])
        return err_set(err, ERR_FAILED, "the container's output is not framed as it should be");
    frames->stream = stream_of(header[0]);
    frames->length = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 |
                     (uint32_t)header[6] << 8 | (uint32_t)header[7];
    frames->left = frames->length;
    frames->header_length = 0;
    return 0;
}

int frames_push(struct frames *frames, const char *bytes, size_t length, frames_fn *fn,
                void *context, struct err *err)
{
    if (frames->is_raw) {
        if (length > 0)
            fn(context, &(struct frame_piece){.stream = 1, .bytes = bytes, .length = length});
        return 0;
    }
    while (length > 0) {
        if (frames->left == 0) {
            frames->header[frames->header_length++] = (unsigned char)*bytes++;
            length--;
            if (frames->header_length == sizeof frames->header && header_end(frames, err))
                return -1;
            continue;
        }
        struct frame_piece piece = {
            .stream = frames->stream,
            .begins = frames->left == frames->length,
            .bytes = bytes,
            .length = length < frames->left ? length : frames->left,
        };
        frames->left -= (uint32_t)piece.length;
        if (!fn(context, &piece))
            return 0;
        bytes += piece.length;
        length -= piece.length;
    }
    return 0;
}

bool frames_at_end(const struct frames *frames)
{
    return frames->left == 0 && frames->header_length == 0;
}

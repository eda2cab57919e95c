#pragma once
// The engine's multiplexed stream of container output, taken apart. A frame is a header of eight
// bytes (stream, three zeros, the length in big-endian) and its bytes.
// Source: Docker Engine API, ContainerAttach, "Stream format".
//
// Bytes are handed on as they come, split anywhere: a frame is never held back, however long.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct frame_piece {
    int stream;  // 1 stdout, 2 stderr
    bool begins; // the first piece of its frame
    const char *bytes;
    size_t length; // not 0
};
// Return false to stop.
typedef bool frames_fn(void *context, const struct frame_piece *piece);

// Zero-initialised is the start of a stream.
struct frames {
    bool is_raw; // a TTY's output: no frames, all of it is stream 1
    unsigned char header[8];
    size_t header_length;
    int stream;
    uint32_t length, left; // of the current frame; bytes of it still to come
};

// -1 when the bytes are no such stream; what came before the fault has been handed on.
int frames_push(struct frames *frames, const char *bytes, size_t length, frames_fn *fn,
                void *context, struct err *err) MUST_CHECK;
// Whether the stream may end here.
bool frames_at_end(const struct frames *frames);

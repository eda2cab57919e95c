#pragma once
// Container output on its way to a caller: the demultiplexer as a call's data callback. Shared by
// logs and exec.

#include "orchestrator/docker/call.h"
#include "orchestrator/docker/frames.h"
#include "orchestrator/docker/log_cursor.h"

struct output {
    struct frames frames;
    struct log_cursor *cursor; // takes timestamps off; NULL: there are none
    docker_output_fn *fn;      // NULL: nobody wants it
    bool has_failed;
    struct err err;
};

// A piece of the stream; a malformed one is told by output_end.
void output_push(struct output *output, struct docker_call *call, const char *bytes, size_t length);
// The stream's end. Returns the result to finish with, in *replaced where the output itself was at
// fault.
const struct docker_result *output_end(struct output *output, const struct docker_result *result,
                                       struct docker_result *replaced);

#include "orchestrator/docker/output.h"

struct receiver {
    struct docker_call *call;
    struct output *output;
};

static bool on_frame(void *context, const struct frame_piece *piece)
{
    struct receiver *receiver = context;
    struct output *output = receiver->output;
    size_t taken = output->cursor
                       ? log_cursor_take(output->cursor, piece->begins, piece->bytes, piece->length)
                       : 0;
    if (output->fn && taken < piece->length)
        output->fn(call_context(receiver->call), piece->stream, piece->bytes + taken,
                   piece->length - taken);
    // The caller may have cancelled from within.
    return !call_is_over(receiver->call);
}

void output_push(struct output *output, struct docker_call *call, const char *bytes, size_t length)
{
    struct receiver receiver = {call, output};
    if (!output->has_failed &&
        frames_push(&output->frames, bytes, length, on_frame, &receiver, &output->err))
        output->has_failed = true;
}

const struct docker_result *output_end(struct output *output, const struct docker_result *result,
                                       struct docker_result *replaced)
{
    if (!result->err && !output->has_failed && !frames_at_end(&output->frames)) {
        err_set(&output->err, ERR_FAILED, "the Docker engine broke off the container's output");
        output->has_failed = true;
    }
    if (!output->has_failed)
        return result;
    *replaced = (struct docker_result){.status = result->status, .err = &output->err};
    return replaced;
}

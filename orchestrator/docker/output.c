#include "orchestrator/docker/output.h"

struct receiver {
    struct docker_call *call;
    docker_output_fn *fn;
};

static bool on_frame(void *context, int stream, const char *bytes, size_t length)
{
    struct receiver *receiver = context;
    if (receiver->fn)
        receiver->fn(call_context(receiver->call), stream, bytes, length);
    // The caller may have cancelled from within.
    return !call_is_over(receiver->call);
}

void output_push(struct output *output, struct docker_call *call, const char *bytes, size_t length)
{
    struct receiver receiver = {call, output->fn};
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

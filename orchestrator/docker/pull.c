// Pulling an image: the progress stream, then, if it failed, a look at what is there instead.

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/docker/call.h"
#include "orchestrator/docker/error.h"
#include "orchestrator/docker/lines.h"
#include "orchestrator/docker/progress.h"
#include "orchestrator/docker/reference.h"

struct pull {
    char *image;
    struct reference reference;
    struct lines lines;
    struct progress *progress;
    docker_progress_fn *on_progress;
    bool has_failed;
    int status;
    struct err err;
};

static void pull_free(void *state)
{
    struct pull *pull = state;
    free(pull->image);
    reference_release(&pull->reference);
    lines_release(&pull->lines);
    progress_free(pull->progress);
    free(pull);
}

// The words of a network that does not work, in the engine's errors; they are Go's.
static bool is_unreachable(const char *message)
{
    static const char *const needles[] = {
        "dial tcp",
        "no such host",
        "connection refused",
        "i/o timeout",
        "network is unreachable",
        "TLS handshake timeout",
        "no route to host",
        "context deadline exceeded",
        "Client.Timeout exceeded",
        ": EOF",
    };
    for (size_t i = 0; i < sizeof needles / sizeof *needles; i++)
        if (strstr(message, needles[i]))
            return true;
    return false;
}

// "7, 7-alpine": the tags of the repository that the engine has. Appended.
static void list_tags(const cJSON *images, const char *repository, struct strbuf *out)
{
    const cJSON *image, *tag;
    json_each (image, images) {
        json_each (tag, json_get(image, "RepoTags")) {
            if (!cJSON_IsString(tag))
                continue;
            struct reference local;
            reference_parse(tag->valuestring, &local);
            if (reference_same_repository(local.repository, repository) &&
                strcmp(local.tag, "<none>"))
                strbuf_addf(out, "%s%s", out->len ? ", " : "", local.tag);
            reference_release(&local);
        }
    }
}

static void on_local_images(struct docker_call *call, const struct docker_result *result)
{
    struct pull *pull = call_state(call);
    AUTO_STRBUF tags = STRBUF_INIT, hint = STRBUF_INIT;
    list_tags(result->json, pull->reference.repository, &tags);
    if (is_unreachable(pull->err.message)) {
        strbuf_adds(&hint, "the engine does not reach the registry ");
        reference_registry(pull->reference.repository, &hint);
        strbuf_adds(&hint, ": check the network and the engine's proxy");
    } else {
        strbuf_adds(&hint, pull->err.hint);
    }
    if (tags.len > 0)
        strbuf_addf(&hint, "%s%s is here with the tags: %s", hint.len ? "; " : "",
                    pull->reference.repository, tags.data);
    err_hint(&pull->err, "%s", hint.data);
    call_fail(call, pull->status, &pull->err);
}

static void pull_failed(struct docker_call *call, int status)
{
    struct pull *pull = call_state(call);
    if (status == 0) {
        call_fail(call, status, &pull->err);
        return;
    }
    pull->status = status;
    err_wrap(&pull->err, "cannot pull %s", pull->image);
    static const struct call_request list = {.path = "/images/json", .then = on_local_images};
    call_send(call, &list);
}

static bool on_pull_value(void *context, const cJSON *value)
{
    struct pull *pull = context;
    const char *error = progress_error(value);
    if (!error) {
        progress_add(pull->progress, value);
        return true;
    }
    AUTO_STRBUF text = STRBUF_INIT;
    error_one_line(error, &text);
    err_set(&pull->err, ERR_FAILED, "%s", text.data);
    error_add_hint(&pull->err);
    pull->has_failed = true;
    return false;
}

static bool on_pull_data(struct docker_call *call, const char *bytes, size_t length)
{
    struct pull *pull = call_state(call);
    // The first failure is the one told; what may still come is let go by.
    if (pull->has_failed)
        return true;
    if (lines_push(&pull->lines, bytes, length, on_pull_value, pull, &pull->err))
        pull->has_failed = true;
    if (!pull->has_failed && pull->on_progress) {
        struct docker_progress sum = progress_sum(pull->progress);
        pull->on_progress(call_context(call), &sum);
    }
    return true;
}

static void on_pull_end(struct docker_call *call, const struct docker_result *result)
{
    struct pull *pull = call_state(call);
    if (!pull->has_failed && result->err) {
        pull->err = *result->err;
        pull->has_failed = true;
    }
    if (!pull->has_failed && lines_finish(&pull->lines, on_pull_value, pull, &pull->err))
        pull->has_failed = true;
    if (pull->has_failed)
        pull_failed(call, result->status);
    else
        call_finish(call, result);
}

struct docker_call *docker_image_pull(struct docker *docker, const char *image, int64_t silence_ms,
                                      docker_progress_fn *progress, docker_fn *fn, void *context)
{
    struct pull *pull = mem_alloc(sizeof *pull);
    *pull = (struct pull){.image = mem_strdup(image),
                          .lines = LINES_INIT,
                          .progress = progress_new(),
                          .on_progress = progress};
    reference_parse(image, &pull->reference);
    // Without a tag the engine would pull them all.
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, "/images/create?fromImage=");
    url_encode(pull->reference.repository, &path);
    strbuf_adds(&path, "&tag=");
    url_encode(pull->reference.tag, &path);
    struct docker_call *call = call_new(docker, fn, context);
    call_set_state(call, pull, pull_free);
    call_send(call, &(struct call_request){.method = "POST",
                                           .path = path.data,
                                           .timeout_ms = CALL_NO_TIMEOUT,
                                           .silence_ms = silence_ms,
                                           .on_data = on_pull_data,
                                           .then = on_pull_end});
    return call;
}

#pragma once
// A client of the Docker Engine API (1.41 and later) on the loop. Every call answers once through
// its callback, never from inside the call itself; callbacks may start and cancel calls. Errors are
// one readable line with the engine's words, and a hint where a remedy is known: ERR_NO_ENGINE when
// it does not answer, ERR_TIMEOUT, else ERR_FAILED. `status` is the HTTP status (0: no answer), for
// callers that branch on it.
//
// Source of paths, bodies and statuses: https://docs.docker.com/reference/api/engine/

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "orchestrator/loop/http.h"
#include "orchestrator/loop/loop.h"

struct docker;
struct docker_call;

struct docker_result {
    int status;            // HTTP; 0 when the engine did not answer
    const cJSON *json;     // the answer, borrowed; NULL when it has none
    const struct err *err; // NULL when it worked
};
typedef void docker_fn(void *context, const struct docker_result *result);

// Where the engine is: DOCKER_HOST, the current Docker context, then the default and rootless
// sockets. Only finds; connects to nothing. ERR_NO_ENGINE with a remedy when there is none.
int docker_new(struct loop *loop, struct http_client *http, struct docker **out,
               struct err *err) MUST_CHECK;
// Cancels what runs. To be called before the http client is freed; NULL is fine.
void docker_free(struct docker *docker);
const char *docker_endpoint(const struct docker *docker); // "unix:///var/run/docker.sock"

// GET /_ping and version negotiation; needed once, before anything else. Result json: NULL. An
// engine before API 1.41 is ERR_NO_ENGINE.
struct docker_call *docker_ping(struct docker *docker, docker_fn *fn, void *context);
// A call that has not answered yet will not. The pointer is valid until then.
void docker_cancel(struct docker_call *call);

// Any request below the negotiated version: docker_request(d, "POST", "/volumes/create", body, …).
// Names in the path are the caller's to encode (url_encode). `body` is borrowed for the call's
// start only; NULL: none. timeout_ms 0: 60 s.
struct docker_call *docker_request(struct docker *docker, const char *method, const char *path,
                                   const cJSON *body, int64_t timeout_ms, docker_fn *fn,
                                   void *context);

// --- Containers, by name or id

struct docker_call *docker_container_create(struct docker *docker, const char *name,
                                            const cJSON *body, docker_fn *fn, void *context);
// Start of a running and stop of a stopped one work: status 304 instead of 204.
struct docker_call *docker_container_start(struct docker *docker, const char *id, docker_fn *fn,
                                           void *context);
struct docker_call *docker_container_inspect(struct docker *docker, const char *id, docker_fn *fn,
                                             void *context);
// Answers when it has ended, by SIGKILL after timeout_s.
struct docker_call *docker_container_stop(struct docker *docker, const char *id, int timeout_s,
                                          docker_fn *fn, void *context);
// Answers when the container is "not-running" or "removed", with {"StatusCode": its exit code}.
// Gives up after two minutes.
struct docker_call *docker_container_wait(struct docker *docker, const char *id,
                                          const char *condition, docker_fn *fn, void *context);
// With its anonymous volumes; named ones stay. force: also a running one.
struct docker_call *docker_container_remove(struct docker *docker, const char *id, bool force,
                                            docker_fn *fn, void *context);
// All containers, running or not, with the label ("name=value").
struct docker_call *docker_container_list(struct docker *docker, const char *label, docker_fn *fn,
                                          void *context);

// A file of root's for a container, which inspecting it does not show. The directories above it are
// made. `path`: absolute, of 100 bytes at most; NULL: there is no file.
struct docker_file {
    const char *path, *content;
    size_t length;
    unsigned mode;
};
// Puts the file (borrowed for the call's start) into the container, then starts it.
struct docker_call *docker_container_start_with_file(struct docker *docker, const char *id,
                                                     const struct docker_file *file, docker_fn *fn,
                                                     void *context);

// --- Networks and volumes. The body of a create has the Name.

struct docker_call *docker_network_create(struct docker *docker, const cJSON *body, docker_fn *fn,
                                          void *context);
struct docker_call *docker_network_inspect(struct docker *docker, const char *name, docker_fn *fn,
                                           void *context);
struct docker_call *docker_network_remove(struct docker *docker, const char *name, docker_fn *fn,
                                          void *context);
// An existing volume of the name is what create answers with.
struct docker_call *docker_volume_create(struct docker *docker, const cJSON *body, docker_fn *fn,
                                         void *context);
struct docker_call *docker_volume_inspect(struct docker *docker, const char *name, docker_fn *fn,
                                          void *context);
struct docker_call *docker_volume_remove(struct docker *docker, const char *name, docker_fn *fn,
                                         void *context);

// --- Images

struct docker_call *docker_image_inspect(struct docker *docker, const char *image, docker_fn *fn,
                                         void *context);
struct docker_call *docker_image_list(struct docker *docker, docker_fn *fn, void *context);
struct docker_progress {
    int64_t done_bytes, total_bytes; // over all layers known so far
    const char *text;                // "Waiting", "Downloading", "Extracting", "Complete"; static
};
typedef void docker_progress_fn(void *context, const struct docker_progress *progress);
// Registry credentials from Docker's config.json are not read. An error in the stream ends as one,
// and the hint lists the local tags of the same repository. It may take any time, but fails when
// the engine tells of no progress for silence_ms. progress may be NULL.
struct docker_call *docker_image_pull(struct docker *docker, const char *image, int64_t silence_ms,
                                      docker_progress_fn *progress, docker_fn *fn, void *context);

// --- Streams: the callback for data, then fn once when the stream ends

// A piece of output, demultiplexed but not cut at lines: stream 1 stdout, 2 stderr. A TTY
// container's raw output is stream 1.
typedef void docker_output_fn(void *context, int stream, const char *bytes, size_t length);
// since: unix seconds with fraction as text, or NULL for everything kept; tail: lines, -1 all.
// A followed log ends, without an error, when the container stops, with its last lines: what some
// engines leave out at the end is asked for again.
struct docker_call *docker_container_logs(struct docker *docker, const char *id, bool follow,
                                          const char *since, int tail, docker_output_fn *output,
                                          docker_fn *fn, void *context);
typedef void docker_event_fn(void *context, const cJSON *event);
// Container events of what carries the label ("name=value"), without the exec_* noise, from the
// moment of this call on. The stream ends when the engine does.
struct docker_call *docker_events(struct docker *docker, const char *label, docker_event_fn *event,
                                  docker_fn *fn, void *context);
// Runs a command inside a container; fn's json has {"ExitCode": n}. output may be NULL.
struct docker_call *docker_exec(struct docker *docker, const char *id, const char *const *command,
                                docker_output_fn *output, docker_fn *fn, void *context);

#pragma once
// One call of the client, as its parts see it: a chain of requests that ends in one answer. Each
// request names the step that takes its result; a step sends the next request or finishes.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestrator/docker/docker.h"

// result->err is set where the engine failed; a step that has no better idea passes it on.
typedef void call_step_fn(struct docker_call *call, const struct docker_result *result);
// Return false after cancelling or finishing.
typedef bool call_data_fn(struct docker_call *call, const char *bytes, size_t length);

enum { CALL_DEFAULT_TIMEOUT_MS = 60000, CALL_NO_TIMEOUT = -1 };

struct call_request {
    const char *method; // NULL: GET
    const char *path;   // below the version
    const cJSON *body;  // borrowed for the call's start; NULL: none
    const char *bytes;  // a body of another type instead, likewise
    size_t byte_count;
    const char *content_type; // of bytes
    int64_t timeout_ms;       // 0: the default; CALL_NO_TIMEOUT
    int64_t silence_ms;       // of a stream, between two pieces; 0: any
    call_data_fn *on_data;    // the body is a stream; NULL: it is JSON
    call_step_fn *then;       // NULL: the call is finished with the result
    bool is_text;             // the body is not JSON, and of no interest
    bool is_unversioned;      // the path is below the root
};

struct docker_call *call_new(struct docker *docker, docker_fn *fn, void *context);
void call_send(struct docker_call *call, const struct call_request *request);
// call_new and call_send for calls of one request.
struct docker_call *call_single(struct docker *docker, const struct call_request *request,
                                docker_fn *fn, void *context);
// The same for a path with one name or id in it, which is percent-encoded: "/volumes/%s".
struct docker_call *call_named(struct docker *docker, const char *method, const char *format,
                               const char *name, const cJSON *body, docker_fn *fn, void *context);
// Tells the caller and ends the call.
void call_finish(struct docker_call *call, const struct docker_result *result);
void call_fail(struct docker_call *call, int status, const struct err *err);
// Answered or cancelled: nothing more may be handed to the caller.
bool call_is_over(const struct docker_call *call);

// What the steps share; freed with the call.
void call_set_state(struct docker_call *call, void *state, void (*state_free)(void *state));
void *call_state(const struct docker_call *call);
void *call_context(const struct docker_call *call); // the caller's
struct docker *call_docker(const struct docker_call *call);
// A header of the answer; only within a step. NULL when absent.
const char *call_header(const struct docker_call *call, const char *name);

// Chooses the API's version for all later requests: "1.41".
void docker_set_version(struct docker *docker, int major, int minor);

// A path with the name, percent-encoded, in the place of its "%s". Owned by the caller.
char *call_path(const char *format, const char *name);

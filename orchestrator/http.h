#pragma once
// HTTP on the loop: curl's multi interface, driven by multi_socket. Used for the Docker Engine API
// and for health probes. curl is never called from a curl callback: completions are delivered after
// the drain.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "orchestrator/loop.h"

struct http_client;
struct http_call;

struct http_client *http_client_new(struct loop *loop);
// Cancels what is still running; no callback comes any more.
void http_client_free(struct http_client *client);

struct http_reply {
    long status;      // 0 when no answer came: see err
    const char *body; // borrowed, NUL-terminated; empty for streamed calls
    size_t body_length;
    const char *server;    // the Server header; NULL when absent
    const struct err *err; // NULL, or why there was no (whole) answer: ERR_TIMEOUT or ERR_FAILED
    bool connect_failed;   // nothing listens there, or the socket is not to be opened
    int os_errno;          // with connect_failed: ECONNREFUSED, ENOENT, EACCES …
};
typedef void http_done_fn(void *context, const struct http_reply *reply);
// A piece of a streamed body; return false to end the call (its http_done_fn is then not called).
typedef bool http_data_fn(void *context, const char *bytes, size_t length);

struct http_request {
    const char *method;      // NULL: GET
    const char *unix_socket; // NULL: TCP
    const char *url;         // "http://docker/v1.41/…" over a unix socket
    const char *body;        // copied; NULL: none
    size_t body_length;
    const char *content_type;   // of the body; NULL: application/json
    const char *const *headers; // "Name: value", NULL-terminated; NULL: none
    int64_t timeout_ms;         // whole call; 0: none (followed streams)
    http_data_fn *on_data;      // NULL: the body is collected
    http_done_fn *on_done;
    void *context;
    size_t max_body_bytes; // collected bodies longer than this fail; 0: 16 MiB
};

// The call is owned by the client; the pointer is valid until on_done returns.
struct http_call *http_start(struct http_client *client, const struct http_request *request);
// No callback comes any more.
void http_cancel(struct http_call *call);

#pragma once
// HTTP/1.1 on the loop: curl's multi interface, driven by multi_socket. Used for the Docker Engine
// API and for health probes. Connections are kept and used again. No redirect is followed and no
// proxy is asked, whatever the environment says.
//
// Callbacks come from the loop, never from inside http_start or from within curl: they may start
// and cancel calls, and free the client.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "orchestrator/loop/loop.h"

struct http_client;
struct http_call;

// Costs nothing until the first call.
struct http_client *http_client_new(struct loop *loop);
// Cancels what is still running; no callback comes any more. NULL is fine.
void http_client_free(struct http_client *client);

struct http_reply {
    long status;      // 0 when no answer came: see err
    const char *body; // borrowed, NUL-terminated; empty where on_data got it
    size_t body_length;
    const char *server;    // the Server header; NULL when absent
    const struct err *err; // NULL, or why there was no (whole) answer: ERR_TIMEOUT or ERR_FAILED
    bool connect_failed;   // nothing listens there, or the socket is not to be opened
    int os_errno;          // with connect_failed: ECONNREFUSED, ENOENT, EACCES …; 0 when unknown
    const struct http_call *call; // for http_header
};
typedef void http_done_fn(void *context, const struct http_reply *reply);
// A piece of a streamed body; return false to end the call (its http_done_fn is then not called).
typedef bool http_data_fn(void *context, const char *bytes, size_t length);

// Files in PEM; NULL where there is none. Borrowed for the call's start only.
struct http_tls {
    const char *ca_file; // NULL: the system's
    const char *certificate_file, *key_file;
    bool insecure; // the server's certificate is not verified
};

struct http_request {
    const char *method;      // NULL: GET
    const char *unix_socket; // NULL: TCP
    const char *url;         // "http://docker/v1.41/…" over a unix socket
    const char *body;        // copied; NULL: none
    size_t body_length;
    const char *content_type;   // of the body; NULL: application/json
    const char *const *headers; // "Name: value", NULL-terminated; NULL: none
    int64_t timeout_ms;         // whole call; 0: none (followed streams), 10 s to connect
    // The call fails when nothing came for so long, rounded up to seconds; 0: never. For streams
    // that may take any time as long as they go on.
    int64_t silence_ms;
    // NULL: the body is collected. Else it gets the body of a 2xx answer; that of any other answer
    // is collected all the same, as it tells what went wrong.
    http_data_fn *on_data;
    http_done_fn *on_done;
    void *context;
    size_t max_body_bytes;      // collected bodies longer than this fail; 0: 16 MiB
    const struct http_tls *tls; // for https; NULL: the defaults
    // The connection is made for this call and closed after it. For health probes: one kept open
    // delays the graceful stop of some servers.
    bool one_shot;
};

// The call is owned by the client; the pointer is valid until on_done returns.
struct http_call *http_start(struct http_client *client, const struct http_request *request);
// No callback comes any more.
void http_cancel(struct http_call *call);
// A header of the answer, in any letter case; NULL when absent. Borrowed until the next call of it.
// From within on_data and on_done.
const char *http_header(const struct http_call *call, const char *name);

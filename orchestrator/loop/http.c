#include "orchestrator/loop/http.h"

#include <string.h>
#include <sys/queue.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/loop/libcurl.h"

enum {
    CONNECT_TIMEOUT_MS = 10000,
    DEFAULT_MAX_BODY_BYTES = 16 * 1024 * 1024,
    // What stays connected between calls: a parallel start needs about one a resource.
    KEPT_CONNECTIONS = 8,
};

struct http_call {
    struct http_client *client;
    CURL *easy;          // NULL once the call is over
    struct err *refusal; // why it never began; NULL: it did
    struct curl_slist *headers;
    http_data_fn *on_data;
    http_done_fn *on_done;
    void *context;
    struct strbuf body; // collected, or the part of the stream not yet handed over
    size_t max_body_bytes;
    int64_t timeout_ms, silence_ms;
    bool is_streamed; // the body goes to on_data: an answer with success
    bool is_too_long;
    bool is_finished; // curl is done with it: result counts
    bool is_ready;    // in the client's queue of those with something to hand over
    CURLcode result;
    char curl_error[CURL_ERROR_SIZE];
    TAILQ_ENTRY(http_call) link, ready_link;
};

TAILQ_HEAD(http_call_queue, http_call);

struct http_client {
    struct loop *loop;
    CURLM *multi; // NULL before the first call
    struct loop_timer *timer;
    struct http_call_queue calls, ready;
};

// --- From curl to the loop. Curl's callbacks only take notes: nothing of ours runs inside curl.

static void deliver(struct http_client *client);

static void socket_action(struct http_client *client, curl_socket_t fd, int flags)
{
    int running = 0;
    curl_multi_socket_action(client->multi, fd, flags, &running);
    deliver(client);
}

struct socket {
    struct http_client *client;
    curl_socket_t fd;
    struct loop_watch *watch;
};

static void on_socket(void *context, bool readable, bool writable)
{
    struct socket *socket = context;
    int flags = (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0);
    socket_action(socket->client, socket->fd, flags);
}

static int want_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context)
{
    (void)easy;
    struct http_client *client = context;
    struct socket *socket = socket_context;
    if (what == CURL_POLL_REMOVE) {
        if (socket)
            loop_watch_free(socket->watch);
        free(socket);
        return 0;
    }
    bool read = what & CURL_POLL_IN, write = what & CURL_POLL_OUT;
    if (socket) {
        loop_watch_change(socket->watch, read, write);
        return 0;
    }
    socket = mem_alloc(sizeof *socket);
    *socket = (struct socket){.client = client, .fd = fd};
    socket->watch = loop_watch_new(client->loop, fd, read, write, on_socket, socket);
    curl_multi_assign(client->multi, fd, socket);
    return 0;
}

static void on_timer(void *context)
{
    socket_action(context, CURL_SOCKET_TIMEOUT, 0);
}

static int want_timer(CURLM *multi, long delay_ms, void *context)
{
    (void)multi;
    struct http_client *client = context;
    if (delay_ms < 0)
        loop_timer_clear(client->timer);
    else
        loop_timer_set(client->timer, delay_ms);
    return 0;
}

static void make_ready(struct http_call *call)
{
    if (call->is_ready)
        return;
    call->is_ready = true;
    TAILQ_INSERT_TAIL(&call->client->ready, call, ready_link);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_call *call = context;
    size_t length = size * count;
    long status = 0;
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    call->is_streamed = call->on_data && status >= 200 && status < 300;
    if (!call->is_streamed && call->body.len + length > call->max_body_bytes) {
        call->is_too_long = true;
        return CURL_WRITEFUNC_ERROR;
    }
    strbuf_add(&call->body, bytes, length);
    if (call->is_streamed)
        make_ready(call);
    return length;
}

// --- The client

static void multi_open(struct http_client *client)
{
    // Counted by curl: every client's own init and cleanup are one pair of many.
    curl_global_init(CURL_GLOBAL_DEFAULT);
    client->multi = curl_multi_init();
    client->timer = loop_timer_new(client->loop, on_timer, client);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, want_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
}

struct http_client *http_client_new(struct loop *loop)
{
    struct http_client *client = mem_alloc(sizeof *client);
    client->loop = loop;
    TAILQ_INIT(&client->calls);
    TAILQ_INIT(&client->ready);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    while (!TAILQ_EMPTY(&client->calls))
        http_cancel(TAILQ_FIRST(&client->calls));
    if (client->multi) {
        curl_multi_cleanup(client->multi);
        loop_timer_free(client->timer);
        curl_global_cleanup();
    }
    loop_defer(client->loop, free, client);
}

// --- A call

static void add_header(struct http_call *call, const char *line)
{
    call->headers = curl_slist_append(call->headers, line);
}

static void set_body(struct http_call *call, const struct http_request *request)
{
    CURL *easy = call->easy;
    const char *method = request->method ? request->method : "GET";
    bool has_body = request->body || !strcmp(method, "POST") || !strcmp(method, "PUT");
    if (!strcmp(method, "HEAD"))
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    if (has_body) {
        // The size comes first: COPYPOSTFIELDS copies as much as it says.
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)(request->body ? request->body_length : 0));
        curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body ? request->body : "");
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);

    const char *type = request->content_type ? request->content_type : "application/json";
    // "Name:" takes a header of curl's own away.
    AUTOFREE char *type_line =
        mem_printf("Content-Type:%s%s", request->body ? " " : "", request->body ? type : "");
    add_header(call, type_line);
    add_header(call, "Expect:");
    for (const char *const *line = request->headers; line && *line; line++)
        add_header(call, *line);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
}

static void set_connection(CURL *easy, const struct http_request *request)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    if (request->silence_ms) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((request->silence_ms + 999) / 1000));
    }
    if (request->unix_socket)
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->one_shot) {
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
}

static void set_tls(CURL *easy, const struct http_tls *tls)
{
    if (tls->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_file);
    if (tls->certificate_file)
        curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->certificate_file);
    if (tls->key_file)
        curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_file);
    if (tls->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void refusal_cancel(struct http_call *call)
{
    if (call->on_done)
        TAILQ_REMOVE(&call->client->calls, call, link);
    call->on_done = NULL;
}

static void deliver_refusal(void *context)
{
    struct http_call *call = context;
    http_done_fn *on_done = call->on_done;
    refusal_cancel(call);
    if (on_done)
        on_done(call->context,
                &(struct http_reply){.body = "", .err = call->refusal, .call = call});
    free(call->refusal);
    free(call);
}

// Without curl the call fails like any other: from the loop.
static struct http_call *refuse(struct http_client *client, const struct http_request *request,
                                const struct err *err)
{
    struct http_call *call = mem_alloc(sizeof *call);
    *call = (struct http_call){.client = client,
                               .refusal = mem_alloc(sizeof *err),
                               .on_done = request->on_done,
                               .context = request->context};
    *call->refusal = *err;
    TAILQ_INSERT_TAIL(&client->calls, call, link);
    loop_defer(client->loop, deliver_refusal, call);
    return call;
}

struct http_call *http_start(struct http_client *client, const struct http_request *request)
{
    struct err err;
    if (libcurl_load(&err))
        return refuse(client, request, &err);
    if (!client->multi)
        multi_open(client);
    struct http_call *call = mem_alloc(sizeof *call);
    *call = (struct http_call){
        .client = client,
        .easy = curl_easy_init(),
        .on_data = request->on_data,
        .on_done = request->on_done,
        .context = request->context,
        .body = STRBUF_INIT,
        .max_body_bytes =
            request->max_body_bytes ? request->max_body_bytes : DEFAULT_MAX_BODY_BYTES,
        .timeout_ms = request->timeout_ms,
        .silence_ms = request->silence_ms,
    };
    curl_easy_setopt(call->easy, CURLOPT_URL, request->url);
    curl_easy_setopt(call->easy, CURLOPT_USERAGENT, "berth");
    curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
    curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
    curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->curl_error);
    set_connection(call->easy, request);
    set_body(call, request);
    if (request->tls)
        set_tls(call->easy, request->tls);
    TAILQ_INSERT_TAIL(&client->calls, call, link);
    curl_multi_add_handle(client->multi, call->easy);
    return call;
}

static void call_free(void *context)
{
    struct http_call *call = context;
    strbuf_release(&call->body);
    free(call);
}

void http_cancel(struct http_call *call)
{
    if (call->refusal) {
        refusal_cancel(call);
        return;
    }
    if (!call->easy)
        return;
    curl_multi_remove_handle(call->client->multi, call->easy);
    curl_easy_cleanup(TAKE(call->easy));
    curl_slist_free_all(TAKE(call->headers));
    TAILQ_REMOVE(&call->client->calls, call, link);
    if (call->is_ready)
        TAILQ_REMOVE(&call->client->ready, call, ready_link);
    // A callback of the call may be what cancels it.
    loop_defer(call->client->loop, call_free, call);
}

const char *http_header(const struct http_call *call, const char *name)
{
    struct curl_header *header = NULL;
    if (!call->easy || curl_easy_header(call->easy, name, 0, CURLH_HEADER, -1, &header))
        return NULL;
    return header->value;
}

// --- Handing over, outside of curl

static bool is_connect_failure(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

static int set_error(const struct http_call *call, int os_errno, struct err *err)
{
    switch (call->result) {
    case CURLE_OPERATION_TIMEDOUT:
        if (call->timeout_ms > 0)
            return err_set(err, ERR_TIMEOUT, "no answer within %g s",
                           (double)call->timeout_ms / 1000);
        if (call->silence_ms > 0)
            return err_set(err, ERR_TIMEOUT, "no more of an answer for %g s",
                           (double)call->silence_ms / 1000);
        return err_set(err, ERR_TIMEOUT, "no connection within %d s", CONNECT_TIMEOUT_MS / 1000);
    case CURLE_COULDNT_CONNECT:
        if (os_errno)
            return err_set(err, ERR_FAILED, "cannot connect: %s", strerror(os_errno));
        break;
    case CURLE_WRITE_ERROR:
        if (call->is_too_long)
            return err_set(err, ERR_FAILED, "the answer is longer than %zu bytes",
                           call->max_body_bytes);
        break;
    case CURLE_GOT_NOTHING:
        return err_set(err, ERR_FAILED, "the connection was closed without an answer");
    case CURLE_PARTIAL_FILE: return err_set(err, ERR_FAILED, "the answer broke off");
    default: break;
    }
    return err_set(err, ERR_FAILED, "%s",
                   *call->curl_error ? call->curl_error : curl_easy_strerror(call->result));
}

static void deliver_done(struct http_call *call)
{
    struct err err;
    struct http_reply reply = {
        .body = call->is_streamed ? "" : call->body.data,
        .body_length = call->is_streamed ? 0 : call->body.len,
        .connect_failed = is_connect_failure(call->result),
        .call = call,
    };
    curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &reply.status);
    if (reply.connect_failed) {
        long os_errno = 0;
        curl_easy_getinfo(call->easy, CURLINFO_OS_ERRNO, &os_errno);
        reply.os_errno = (int)os_errno;
    }
    if (call->result) {
        set_error(call, reply.os_errno, &err);
        reply.err = &err;
    }
    AUTOFREE char *server = NULL;
    const char *server_header = http_header(call, "Server");
    if (server_header)
        reply.server = server = mem_strdup(server_header);
    call->on_done(call->context, &reply);
    http_cancel(call);
}

static void deliver_one(struct http_call *call)
{
    if (call->is_streamed && call->body.len > 0) {
        // Moved out of the call: a callback that cancels it frees it before long.
        AUTO_STRBUF piece = call->body;
        call->body = (struct strbuf)STRBUF_INIT;
        bool goes_on = call->on_data(call->context, piece.data, piece.len);
        if (!call->easy)
            return;
        if (!goes_on) {
            http_cancel(call);
            return;
        }
    }
    if (call->is_finished)
        deliver_done(call);
}

static void deliver(struct http_client *client)
{
    CURLMsg *message;
    int left = 0;
    while ((message = curl_multi_info_read(client->multi, &left))) {
        struct http_call *call = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
        call->is_finished = true;
        call->result = message->data.result;
        make_ready(call);
    }
    // A callback may free the client, and then the queue is empty; the client's memory lives on to
    // the turn's end.
    struct http_call *call;
    while ((call = TAILQ_FIRST(&client->ready))) {
        TAILQ_REMOVE(&client->ready, call, ready_link);
        call->is_ready = false;
        deliver_one(call);
    }
}

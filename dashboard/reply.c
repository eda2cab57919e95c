#include "dashboard/reply.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

static const struct {
    const char *name, *value;
} security_headers[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
     "img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

bool reply_is_head(struct evhttp_request *request)
{
    return evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
}

const char *reply_path(struct evhttp_request *request)
{
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    return path ? path : "";
}

const char *reply_request_header(struct evhttp_request *request, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(request), name);
}

void reply_add_header(struct evhttp_request *request, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), name, value);
}

void reply_add_security_headers(struct evhttp_request *request)
{
    for (size_t i = 0; i < sizeof security_headers / sizeof *security_headers; i++)
        reply_add_header(request, security_headers[i].name, security_headers[i].value);
    // Assets, which browsers may keep and ask about by ETag, have set theirs.
    if (!evhttp_find_header(evhttp_request_get_output_headers(request), "Cache-Control"))
        reply_add_header(request, "Cache-Control", "no-store");
}

static const char *reason_of(int status)
{
    switch (status) {
    case 200: return "OK";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Error";
    }
}

// Takes the buffer's bytes, and frees it.
static void send_and_free(struct evhttp_request *request, int status, const char *type,
                          struct evbuffer *body)
{
    char length[24];
    snprintf(length, sizeof length, "%zu", evbuffer_get_length(body));
    reply_add_security_headers(request);
    if (type)
        reply_add_header(request, "Content-Type", type);
    if (status != 304)
        reply_add_header(request, "Content-Length", length);
    // libevent would send the body of a HEAD along.
    if (reply_is_head(request))
        evbuffer_drain(body, evbuffer_get_length(body));
    evhttp_send_reply(request, status, reason_of(status), body);
    evbuffer_free(body);
}

static void free_reference(const void *bytes, size_t length, void *owned)
{
    (void)bytes;
    (void)length;
    free(owned);
}

void reply_json(struct evhttp_request *request, struct strbuf *json)
{
    struct evbuffer *body = evbuffer_new();
    const size_t length = json->len;
    char *text = strbuf_detach(json);
    evbuffer_add_reference(body, text, length, free_reference, text);
    send_and_free(request, 200, "application/json", body);
}

static void send_text(struct evhttp_request *request, int status, const char *type,
                      const char *text)
{
    struct evbuffer *body = evbuffer_new();
    evbuffer_add(body, text, strlen(text));
    send_and_free(request, status, type, body);
}

void reply_html(struct evhttp_request *request, int status, const char *html)
{
    send_text(request, status, "text/html; charset=utf-8", html);
}

void reply_constant(struct evhttp_request *request, const char *type, const void *bytes,
                    size_t length)
{
    struct evbuffer *body = evbuffer_new();
    evbuffer_add_reference(body, bytes, length, NULL, NULL);
    send_and_free(request, 200, type, body);
}

void reply_empty(struct evhttp_request *request, int status)
{
    send_and_free(request, status, NULL, evbuffer_new());
}

void reply_error(struct evhttp_request *request, int status, const char *message)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (strncmp(reply_path(request), "/api/", 5) == 0) {
        strbuf_adds(&text, "{\"error\":");
        json_quote(message, &text);
        strbuf_adds(&text, "}\n");
        send_text(request, status, "application/json", text.data);
    } else {
        strbuf_addf(&text, "%s\n", message);
        send_text(request, status, "text/plain; charset=utf-8", text.data);
    }
}

#pragma once
// Server-sent events (WHATWG HTML, section 9.2): what changed, to every connected page.
//
// The hub keeps topics, not a history of events. A topic is something whose newest value is all
// that a page wants: the resource table, the migrations, "there are new lines of api". Touching a
// topic gives it the next number and moves it to the end; a page is sent the topics numbered above
// the last one it has seen. So a page that was away resumes by Last-Event-ID and gets each changed
// topic once, however long it was away, and memory is bounded by the topics.
//
// Nothing runs while no page is connected; while one is, an idle stream gets a comment every 30 s.

#include <stdint.h>

#include "base/strbuf.h"

struct event_base;
struct evhttp_request;
struct sse_hub;

enum {
    SSE_CLIENTS_MAX = 64,
    SSE_QUEUE_MAX_BYTES = 1024 * 1024, // a page this far behind is dropped, and resumes
    SSE_COALESCE_MS = 50,
    SSE_HEARTBEAT_S = 30,
};

// Appends the topic's current value, one JSON document.
typedef void sse_render_fn(void *context, const char *event, const char *key, struct strbuf *out);

struct sse_hub *sse_hub_new(struct event_base *base, sse_render_fn *render, void *context);
// Every client must be gone: free the HTTP server first. NULL is fine.
void sse_hub_free(struct sse_hub *hub);

// Marks a topic as changed; its value is rendered later, on the loop, at most once in
// SSE_COALESCE_MS. `key` tells topics of one event name apart; NULL where there is one only.
void sse_hub_touch(struct sse_hub *hub, const char *event, const char *key);

// Answers the request with the stream, or with an error where it can't have one. The request is the
// hub's from here on.
void sse_hub_attach(struct sse_hub *hub, struct evhttp_request *request);
size_t sse_hub_client_count(const struct sse_hub *hub);

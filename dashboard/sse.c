#include "dashboard/sse.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "dashboard/reply.h"

enum { STALLED_AFTER_S = 60, INPUT_MAX_BYTES = 4096, EPOCH_LENGTH = 8 };

struct topic {
    char *event;
    char *key; // NULL: none
    uint64_t number;
    struct strbuf frame; // rendered for the delivery under way, else empty
};

struct client {
    struct sse_hub *hub;
    struct evhttp_request *request;
    uint64_t seen; // every topic up to this number has been queued
};

struct sse_hub {
    sse_render_fn *render;
    void *context;
    char *epoch; // tells this hub's numbers from those of one before it
    uint64_t last_number;
    int64_t last_flush_ms;
    struct map *topics; // of struct topic, by number
    VEC_OF(struct client *) clients;
    struct event *flush_timer, *heartbeat_timer;
};

// {"event": value} lines of one event, the value's line ends included.
static void topic_render(const struct sse_hub *hub, struct topic *topic)
{
    AUTO_STRBUF value = STRBUF_INIT;
    hub->render(hub->context, topic->event, topic->key, &value);
    strbuf_addf(&topic->frame, "id: %s-%llu\nevent: %s\n", hub->epoch,
                (unsigned long long)topic->number, topic->event);
    for (const char *line = value.data; line;) {
        const size_t length = strcspn(line, "\r\n");
        strbuf_adds(&topic->frame, "data: ");
        strbuf_add(&topic->frame, line, length);
        strbuf_addch(&topic->frame, '\n');
        line += length;
        line = *line ? line + 1 : NULL;
    }
    strbuf_addch(&topic->frame, '\n');
}

static struct bufferevent *client_bufferevent(const struct client *client)
{
    return evhttp_connection_get_bufferevent(evhttp_request_get_connection(client->request));
}

static void client_send(const struct client *client, const char *bytes, size_t length)
{
    struct evbuffer *chunk = evbuffer_new();
    evbuffer_add(chunk, bytes, length);
    evhttp_send_reply_chunk(client->request, chunk);
    evbuffer_free(chunk);
}

static bool client_is_behind(const struct client *client)
{
    struct evbuffer *queue = bufferevent_get_output(client_bufferevent(client));
    return evbuffer_get_length(queue) > SSE_QUEUE_MAX_BYTES;
}

// Queues what the client has not seen. Topics go out by number, so that having seen one means
// having seen all before it.
static void client_catch_up(struct client *client)
{
    struct sse_hub *hub = client->hub;
    map_each (at, hub->topics) {
        struct topic *topic = at.value;
        if (topic->number <= client->seen)
            continue;
        if (topic->frame.len == 0)
            topic_render(hub, topic);
        client_send(client, topic->frame.data, topic->frame.len);
        client->seen = topic->number;
    }
}

static void hub_release_frames(struct sse_hub *hub)
{
    map_each (at, hub->topics) {
        struct topic *topic = at.value;
        strbuf_release(&topic->frame);
    }
}

static void hub_flush(evutil_socket_t fd, short what, void *context)
{
    struct sse_hub *hub = context;
    (void)fd;
    (void)what;
    hub->last_flush_ms = clock_monotonic_ms();
    // From the end: dropping a client takes its place out of the array.
    for (size_t i = hub->clients.len; i-- > 0;) {
        struct client *client = hub->clients.items[i];
        if (client_is_behind(client))
            evhttp_connection_free(evhttp_request_get_connection(client->request));
        else
            client_catch_up(client);
    }
    hub_release_frames(hub);
}

static void hub_heartbeat(evutil_socket_t fd, short what, void *context)
{
    static const char comment[] = ":\n\n";
    struct sse_hub *hub = context;
    (void)fd;
    (void)what;
    vec_each (client, &hub->clients)
        client_send(*client, comment, strlen(comment));
}

static void hub_schedule_flush(struct sse_hub *hub)
{
    if (hub->clients.len == 0 || event_pending(hub->flush_timer, EV_TIMEOUT, NULL))
        return;
    int64_t delay_ms = hub->last_flush_ms + SSE_COALESCE_MS - clock_monotonic_ms();
    if (delay_ms < 0)
        delay_ms = 0;
    const struct timeval delay = {.tv_usec = (suseconds_t)delay_ms * 1000};
    event_add(hub->flush_timer, &delay);
}

// The connection is going down: because the page went away, because we dropped it, or because the
// server is freed. Where the page went away, libevent has already let go of the request.
static void client_closed(struct evhttp_connection *connection, void *context)
{
    struct client *client = context;
    struct sse_hub *hub = client->hub;
    (void)connection;
    if (!evhttp_request_get_connection(client->request))
        evhttp_request_free(client->request);
    size_t place = 0;
    while (hub->clients.items[place] != client)
        place++;
    hub->clients.items[place] = hub->clients.items[--hub->clients.len];
    free(client);
    if (hub->clients.len == 0) {
        event_del(hub->flush_timer);
        event_del(hub->heartbeat_timer);
    }
}

struct sse_hub *sse_hub_new(struct event_base *base, sse_render_fn *render, void *context)
{
    struct sse_hub *hub = mem_alloc(sizeof *hub);
    hub->render = render;
    hub->context = context;
    hub->epoch = random_token(EPOCH_LENGTH);
    hub->last_flush_ms = -SSE_COALESCE_MS;
    hub->topics = map_new();
    hub->flush_timer = event_new(base, -1, 0, hub_flush, hub);
    hub->heartbeat_timer = event_new(base, -1, EV_PERSIST, hub_heartbeat, hub);
    return hub;
}

void sse_hub_free(struct sse_hub *hub)
{
    if (!hub)
        return;
    map_each (at, hub->topics) {
        struct topic *topic = at.value;
        strbuf_release(&topic->frame);
        free(topic->event);
        free(topic->key);
        free(topic);
    }
    map_free(hub->topics);
    vec_release(&hub->clients);
    event_free(hub->flush_timer);
    event_free(hub->heartbeat_timer);
    free(hub->epoch);
    free(hub);
}

void sse_hub_touch(struct sse_hub *hub, const char *event, const char *key)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s %s", event, key ? key : "");
    struct topic *topic = map_remove(hub->topics, name.data);
    if (!topic) {
        topic = mem_alloc(sizeof *topic);
        topic->event = mem_strdup(event);
        topic->key = key ? mem_strdup(key) : NULL;
        topic->frame = (struct strbuf)STRBUF_INIT;
    }
    topic->number = ++hub->last_number;
    map_put(hub->topics, name.data, topic);
    hub_schedule_flush(hub);
}

// The number in a Last-Event-ID of this hub; 0, before everything, for any other text.
static uint64_t number_seen(const struct sse_hub *hub, const char *id)
{
    if (!id || strncmp(id, hub->epoch, EPOCH_LENGTH) != 0 || id[EPOCH_LENGTH] != '-')
        return 0;
    const char *digits = id + EPOCH_LENGTH + 1;
    char *end;
    errno = 0;
    const unsigned long long number = strtoull(digits, &end, 10);
    const bool valid = *digits >= '0' && *digits <= '9' && *end == '\0' && errno == 0;
    return valid && number <= hub->last_number ? number : 0;
}

void sse_hub_attach(struct sse_hub *hub, struct evhttp_request *request)
{
    static const char retry[] = "retry: 1000\n\n";
    // Without chunks the stream's end could not be told from its loss.
    if (request->major != 1 || request->minor < 1) {
        reply_error(request, 505, "the event stream needs HTTP/1.1");
        return;
    }
    if (hub->clients.len >= SSE_CLIENTS_MAX) {
        reply_error(request, 503, "too many pages are connected: close some");
        return;
    }
    struct client *client = mem_alloc(sizeof *client);
    client->hub = hub;
    client->request = request;
    client->seen = number_seen(hub, reply_request_header(request, "Last-Event-ID"));
    vec_push(&hub->clients, client);
    if (hub->clients.len == 1)
        event_add(hub->heartbeat_timer, &(const struct timeval){.tv_sec = SSE_HEARTBEAT_S});
    evhttp_connection_set_closecb(evhttp_request_get_connection(request), client_closed, client);

    // Pages never send another byte: no time limit on reading, and no room for what they might.
    struct bufferevent *stream = client_bufferevent(client);
    bufferevent_set_timeouts(stream, NULL, &(const struct timeval){.tv_sec = STALLED_AFTER_S});
    bufferevent_setwatermark(stream, EV_READ, 0, INPUT_MAX_BYTES);
    reply_add_security_headers(request);
    reply_add_header(request, "Content-Type", "text/event-stream");
    evhttp_send_reply_start(request, 200, "OK");
    client_send(client, retry, strlen(retry));
    client_catch_up(client);
    hub_release_frames(hub);
}

size_t sse_hub_client_count(const struct sse_hub *hub)
{
    return hub->clients.len;
}

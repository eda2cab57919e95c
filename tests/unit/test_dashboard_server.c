// The dashboard over a scripted backend, spoken to in bytes over a socket, on one thread: the
// client turns the server's loop while it waits.
#include "tests/unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dashboard/server.h"

enum { PATIENCE_MS = 5000 };

static const char token[] = "0123456789abcdefghijABCDEFGHIJ";

struct fixture {
    struct event_base *base;
    struct dashboard *dashboard;
    size_t padding; // bytes added to the resources
    int renders;
};

static void fake_resources(void *context, struct strbuf *json)
{
    struct fixture *fixture = context;
    fixture->renders++;
    strbuf_adds(json, "{\"workspace\":\"demo\",\n\"resources\":[],\"padding\":\"");
    for (size_t i = 0; i < fixture->padding; i++)
        strbuf_addch(json, 'x');
    strbuf_adds(json, "\"}");
}

static void fake_migrations(void *context, struct strbuf *json)
{
    (void)context;
    strbuf_adds(json, "[]");
}

static bool fake_logs(void *context, const char *resource, int64_t after, size_t limit,
                      struct strbuf *json)
{
    (void)context;
    if (strcmp(resource, "api") != 0)
        return false;
    strbuf_addf(json, "{\"lines\":[],\"next\":%lld,\"limit\":%zu}", (long long)after, limit);
    return true;
}

static struct dashboard *start(struct fixture *fixture, int port, struct err *err)
{
    const struct dashboard_options options = {.port = port, .token = token};
    const struct dashboard_backend backend = {
        .context = fixture,
        .resources = fake_resources,
        .migrations = fake_migrations,
        .logs = fake_logs,
    };
    struct dashboard *dashboard = NULL;
    return dashboard_start(fixture->base, &options, &backend, &dashboard, err) ? NULL : dashboard;
}

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof *fixture);
    struct err err;
    fixture->base = event_base_new();
    fixture->dashboard = start(fixture, 0, &err);
    *state = fixture;
    return fixture->dashboard ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    dashboard_free(fixture->dashboard);
    event_base_free(fixture->base);
    free(fixture);
    return 0;
}

static void turn(struct fixture *fixture)
{
    event_base_loop(fixture->base, EVLOOP_NONBLOCK);
}

static void turn_for(struct fixture *fixture, int64_t duration_ms)
{
    const int64_t end = clock_monotonic_ms() + duration_ms;
    while (clock_monotonic_ms() < end) {
        turn(fixture);
        usleep(500);
    }
}

static int dial(const struct fixture *fixture)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((in_port_t)dashboard_port(fixture->dashboard)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

// Appends what has arrived; false at the end of the stream.
static bool receive(int fd, struct strbuf *out)
{
    char bytes[65536];
    const ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got > 0)
        strbuf_add(out, bytes, (size_t)got);
    return got > 0 || (got < 0 && errno == EAGAIN);
}

// Turns the loop until `text` has arrived; fails the test when the stream ends or time is up.
static void await(struct fixture *fixture, int fd, struct strbuf *out, const char *text)
{
    const int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    while (!strstr(out->data, text)) {
        turn(fixture);
        if (!receive(fd, out) || clock_monotonic_ms() > deadline)
            fail_msg("no \"%s\" in: %s", text, out->data);
    }
}

static void await_end(struct fixture *fixture, int fd, struct strbuf *out)
{
    const int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    while (receive(fd, out)) {
        turn(fixture);
        if (clock_monotonic_ms() > deadline)
            fail_msg("the connection stays open after: %.300s", out->data);
    }
}

// Sends bytes as they are and returns everything that comes until the server closes.
static void exchange_raw(struct fixture *fixture, const char *bytes, struct strbuf *answer)
{
    AUTOCLOSE int fd = dial(fixture);
    strbuf_clear(answer);
    assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
    await_end(fixture, fd, answer);
}

// One request with the right Host, and with the session where asked; `headers` are whole lines.
static void compose(const struct fixture *fixture, const char *line, bool session,
                    const char *headers, struct strbuf *out)
{
    const struct auth *auth = &fixture->dashboard->auth;
    strbuf_addf(out, "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s", line, auth->port, headers);
    if (session)
        strbuf_addf(out, "Cookie: %s=%s\r\n", auth->cookie_name, auth->session);
}

static void exchange(struct fixture *fixture, const char *line, bool session, const char *headers,
                     struct strbuf *answer)
{
    AUTO_STRBUF bytes = STRBUF_INIT;
    compose(fixture, line, session, headers, &bytes);
    strbuf_adds(&bytes, "Connection: close\r\n\r\n");
    exchange_raw(fixture, bytes.data, answer);
}

static int status_of(const struct strbuf *answer)
{
    assert_true(strncmp(answer->data, "HTTP/1.1 ", 9) == 0);
    return (int)strtol(answer->data + 9, NULL, 10);
}

#define assert_has(answer, text)                                 \
    do {                                                         \
        if (!strstr((answer)->data, text))                       \
            fail_msg("no \"%s\" in:\n%s", text, (answer)->data); \
    } while (0)

static void login_exchanges_the_token_for_a_cookie(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT, url = STRBUF_INIT, expected = STRBUF_INIT;
    dashboard_login_url(fixture->dashboard, &url);
    strbuf_addf(&expected, "http://127.0.0.1:%d/login?t=%s", dashboard_port(fixture->dashboard),
                token);
    assert_string_equal(url.data, expected.data);

    exchange(fixture, "GET /login?t=0123456789abcdefghijABCDEFGHIJ", false, "", &answer);
    assert_int_equal(status_of(&answer), 303);
    assert_has(&answer, "\r\nLocation: /\r\n");
    assert_has(&answer, "; HttpOnly; SameSite=Strict\r\n");
    assert_has(&answer, "\r\nReferrer-Policy: no-referrer\r\n");
    assert_has(&answer, "\r\nCache-Control: no-store\r\n");

    static const char *const wrong[] = {"GET /login", "GET /login?t=", "GET /login?t=wrong",
                                        "GET /login?x", "GET /login?t=%00%ff"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        exchange(fixture, wrong[i], false, "", &answer);
        assert_int_equal(status_of(&answer), 401);
        assert_null(strstr(answer.data, "Set-Cookie"));
        assert_has(&answer, "open the URL that `berth start` printed");
    }
}

static void every_route_wants_the_session(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    static const char *const targets[] = {
        "GET /",        "GET /app.js",     "GET /api/resources",        "GET /api/migrations",
        "GET /nowhere", "GET /api/events", "GET /api/logs?resource=api"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        exchange(fixture, targets[i], false, "", &answer);
        assert_int_equal(status_of(&answer), 401);
        assert_has(&answer, "open the URL that `berth start` printed");
        assert_has(&answer, "Content-Security-Policy: default-src 'none'; script-src 'self'");
    }
    exchange(fixture, "GET /", true, "", &answer);
    assert_int_equal(status_of(&answer), 200);
    assert_has(&answer, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    assert_has(&answer, "\r\nX-Content-Type-Options: nosniff\r\n");
    exchange(fixture, "GET /nowhere", true, "", &answer);
    assert_int_equal(status_of(&answer), 404);
}

static void a_link_from_another_site_comes_back_from_our_own_page(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    static const char foreign[] = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    exchange(fixture, "GET /", false, foreign, &answer);
    assert_int_equal(status_of(&answer), 401);
    assert_has(&answer, "http-equiv=refresh");
    // Once: what follows is same-origin, and a missing session stays missing.
    exchange(fixture, "GET /", false, "Sec-Fetch-Site: same-origin\r\n", &answer);
    assert_int_equal(status_of(&answer), 401);
    assert_null(strstr(answer.data, "refresh"));
}

static void other_hosts_and_origins_are_refused(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    const struct auth *auth = &fixture->dashboard->auth;
    static const char *const hosts[] = {"evil.example", "127.0.0.1:1", ""};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        AUTO_STRBUF bytes = STRBUF_INIT;
        strbuf_addf(&bytes,
                    "GET /login?t=%s HTTP/1.1\r\nHost: %s\r\nCookie: %s=%s\r\n"
                    "Connection: close\r\n\r\n",
                    token, hosts[i], auth->cookie_name, auth->session);
        exchange_raw(fixture, bytes.data, &answer);
        assert_int_equal(status_of(&answer), 403);
        assert_null(strstr(answer.data, "Set-Cookie"));
    }
    exchange_raw(fixture, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", &answer);
    assert_int_equal(status_of(&answer), 403);

    static const char *const foreign[] = {
        "Origin: http://evil.example\r\n", "Origin: null\r\n", "Origin: http://127.0.0.1:3000\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
        "Sec-Fetch-Site: same-site\r\nSec-Fetch-Mode: cors\r\n"};
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        exchange(fixture, "GET /api/resources", true, foreign[i], &answer);
        assert_int_equal(status_of(&answer), 403);
        exchange(fixture, "GET /", true, foreign[i], &answer);
        assert_int_equal(status_of(&answer), 403);
    }
}

static void absolute_targets_cannot_overrule_the_host(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    exchange(fixture, "GET http://evil.example/", true, "", &answer);
    assert_int_equal(status_of(&answer), 400);
    exchange(fixture, "GET //evil.example/api/resources", true, "", &answer);
    assert_int_equal(status_of(&answer), 400);
}

static void broken_requests_get_an_answer_and_harm_nothing(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT, huge = STRBUF_INIT;
    static const char *const broken[] = {
        "\r\n\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9.9\r\n\r\n",
        "GET /\r\n\r\n",
        "BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a\r\n\r\nzzz\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        AUTOCLOSE int fd = dial(fixture);
        strbuf_clear(&answer);
        send(fd, broken[i], strlen(broken[i]), MSG_NOSIGNAL);
        for (int turns = 0; turns < 20 && receive(fd, &answer); turns++)
            turn(fixture);
        assert_null(strstr(answer.data, "HTTP/1.1 200"));
        assert_null(strstr(answer.data, "workspace"));
    }
    strbuf_adds(&huge, "GET / HTTP/1.1\r\nX: ");
    for (int i = 0; i < 64 * 1024; i++)
        strbuf_addch(&huge, 'x');
    AUTOCLOSE int fd = dial(fixture);
    send(fd, huge.data, huge.len, MSG_NOSIGNAL);
    strbuf_clear(&answer);
    await(fixture, fd, &answer, "HTTP/1.1 400");
    // Still alive.
    exchange(fixture, "GET /api/migrations", true, "", &answer);
    assert_int_equal(status_of(&answer), 200);
}

static void only_reading_methods_are_served(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    static const char *const methods[] = {"POST /api/resources", "PUT /", "DELETE /", "PATCH /",
                                          "OPTIONS /"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        exchange(fixture, methods[i], true, "", &answer);
        assert_int_equal(status_of(&answer), 405);
        assert_has(&answer, "\r\nAllow: GET, HEAD\r\n");
    }
    exchange(fixture, "POST /", true, "Content-Length: 100000\r\n", &answer);
    assert_null(strstr(answer.data, "200 OK"));
    exchange(fixture, "HEAD /api/resources", true, "", &answer);
    assert_int_equal(status_of(&answer), 200);
    assert_has(&answer, "\r\nContent-Length: 49\r\n");
    assert_true(strcmp(answer.data + answer.len - 4, "\r\n\r\n") == 0);
    exchange(fixture, "HEAD /api/events", true, "", &answer);
    assert_int_equal(status_of(&answer), 200);
}

static void assets_are_revalidated_by_etag(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT, condition = STRBUF_INIT;
    exchange(fixture, "GET /app.js", true, "", &answer);
    assert_int_equal(status_of(&answer), 200);
    assert_has(&answer, "\r\nContent-Type: text/javascript; charset=utf-8\r\n");
    assert_has(&answer, "\r\nCache-Control: no-cache\r\n");
    const char *etag = strstr(answer.data, "\r\nETag: \"");
    assert_non_null(etag);
    strbuf_addf(&condition, "If-None-Match: %.18s\r\n", etag + strlen("\r\nETag: "));
    exchange(fixture, "GET /app.js", true, condition.data, &answer);
    assert_int_equal(status_of(&answer), 304);
    exchange(fixture, "GET /app.js", true, "If-None-Match: \"other\"\r\n", &answer);
    assert_int_equal(status_of(&answer), 200);
}

static void the_api_answers_and_explains(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    exchange(fixture, "GET /api/resources", true, "", &answer);
    assert_has(&answer, "\r\nContent-Type: application/json\r\n");
    assert_has(&answer, "\r\nCache-Control: no-store\r\n");
    assert_has(&answer, "{\"workspace\":\"demo\"");
    exchange(fixture, "GET /api/logs?resource=api&after=7&limit=20", true, "", &answer);
    assert_has(&answer, "\"next\":7,\"limit\":20");
    exchange(fixture, "GET /api/logs?resource=api", true, "", &answer);
    assert_has(&answer, "\"next\":0,\"limit\":500");
    exchange(fixture, "GET /api/logs?resource=other", true, "", &answer);
    assert_int_equal(status_of(&answer), 404);
    assert_has(&answer, "{\"error\":\"");
    static const char *const bad[] = {"GET /api/logs",
                                      "GET /api/logs?resource=",
                                      "GET /api/logs?resource",
                                      "GET /api/logs?resource=api&after=-1",
                                      "GET /api/logs?resource=api&after=1x",
                                      "GET /api/logs?resource=api&after=99999999999999999999",
                                      "GET /api/logs?resource=api&limit=0",
                                      "GET /api/logs?resource=api&limit=5001",
                                      "GET /api/logs?resource=api&limit="};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        exchange(fixture, bad[i], true, "", &answer);
        assert_int_equal(status_of(&answer), 400);
        assert_has(&answer, "{\"error\":\"");
    }
}

static int open_stream(struct fixture *fixture, const char *headers)
{
    AUTO_STRBUF bytes = STRBUF_INIT;
    AUTOCLOSE int fd = dial(fixture);
    compose(fixture, "GET /api/events", true, headers, &bytes);
    strbuf_adds(&bytes, "\r\n");
    assert_int_equal(send(fd, bytes.data, bytes.len, MSG_NOSIGNAL), bytes.len);
    return TAKE_FD(fd);
}

static void await_clients(struct fixture *fixture, size_t count)
{
    const int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    while (sse_hub_client_count(fixture->dashboard->hub) != count) {
        turn(fixture);
        assert_true(clock_monotonic_ms() < deadline);
    }
}

static int count_of(const struct strbuf *text, const char *word)
{
    int count = 0;
    for (const char *at = text->data; (at = strstr(at, word)); at += strlen(word))
        count++;
    return count;
}

static void a_new_page_gets_everything_then_changes(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF stream = STRBUF_INIT;
    AUTOCLOSE int fd = open_stream(fixture, "");
    await(fixture, fd, &stream, "event: migrations\ndata: []\n\n");
    assert_has(&stream, "\r\nContent-Type: text/event-stream\r\n");
    assert_has(&stream, "\r\nCache-Control: no-store\r\n");
    // A value of several lines is several data lines.
    assert_has(&stream, "event: resources\ndata: {\"workspace\":\"demo\",\ndata: \"resources\":[]");
    strbuf_clear(&stream);
    dashboard_logs_appended(fixture->dashboard, "ap\"i");
    await(fixture, fd, &stream, "event: logs\ndata: {\"resource\":\"ap\\\"i\"}\n\n");
    assert_null(strstr(stream.data, "event: resources"));
}

static void changes_are_coalesced(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF stream = STRBUF_INIT;
    AUTOCLOSE int fd = open_stream(fixture, "");
    await(fixture, fd, &stream, "event: migrations\ndata: []\n\n");
    strbuf_clear(&stream);
    fixture->renders = 0;
    const int64_t start_ms = clock_monotonic_ms();
    for (int i = 0; i < 200; i++) {
        dashboard_resources_changed(fixture->dashboard);
        dashboard_logs_appended(fixture->dashboard, "api");
        turn(fixture);
        usleep(1000);
    }
    turn_for(fixture, 2 * SSE_COALESCE_MS);
    const int64_t windows = (clock_monotonic_ms() - start_ms) / SSE_COALESCE_MS + 1;
    receive(fd, &stream);
    const int events = count_of(&stream, "event: resources");
    assert_in_range(events, 2, windows);
    assert_int_equal(fixture->renders, events);
    assert_in_range(count_of(&stream, "event: logs"), 2, windows);
}

// The id of the last event received.
static void last_id(const struct strbuf *stream, char *out, size_t size)
{
    const char *last = NULL;
    for (const char *at = stream->data; (at = strstr(at, "id: ")); at++)
        last = at + strlen("id: ");
    assert_non_null(last);
    snprintf(out, size, "%.*s", (int)strcspn(last, "\r\n"), last);
}

static void a_page_resumes_after_its_last_event(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF stream = STRBUF_INIT;
    char id[64], header[128];
    int fd = open_stream(fixture, "");
    await(fixture, fd, &stream, "event: migrations\ndata: []\n\n");
    last_id(&stream, id, sizeof id);
    close(fd);
    await_clients(fixture, 0);

    for (int i = 0; i < 3; i++)
        dashboard_logs_appended(fixture->dashboard, "api");
    dashboard_migrations_changed(fixture->dashboard);
    snprintf(header, sizeof header, "Last-Event-ID: %s\r\n", id);
    strbuf_clear(&stream);
    fd = open_stream(fixture, header);
    await(fixture, fd, &stream, "event: migrations\ndata: []\n\n");
    assert_null(strstr(stream.data, "event: resources"));
    assert_int_equal(count_of(&stream, "event: logs"), 1);
    close(fd);

    static const char *const unknown[] = {"Last-Event-ID: zzzzzzzz-3\r\n", "Last-Event-ID: \r\n",
                                          "Last-Event-ID: 3\r\n", "Last-Event-ID: -\r\n"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        strbuf_clear(&stream);
        fd = open_stream(fixture, unknown[i]);
        await(fixture, fd, &stream, "event: migrations\ndata: []\n\n");
        assert_has(&stream, "event: resources");
        close(fd);
    }
    // A number of this hub that was never given out.
    snprintf(header, sizeof header, "Last-Event-ID: %.8s-99\r\n", id);
    strbuf_clear(&stream);
    fd = open_stream(fixture, header);
    await(fixture, fd, &stream, "event: resources");
    close(fd);
    await_clients(fixture, 0);
}

static void a_page_that_does_not_read_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF stream = STRBUF_INIT, reading = STRBUF_INIT;
    AUTOCLOSE int slow = open_stream(fixture, "");
    AUTOCLOSE int quick = open_stream(fixture, "");
    await_clients(fixture, 2);
    fixture->padding = SSE_QUEUE_MAX_BYTES;
    const int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
    while (sse_hub_client_count(fixture->dashboard->hub) == 2) {
        dashboard_resources_changed(fixture->dashboard);
        turn(fixture);
        do {
            strbuf_clear(&reading);
            assert_true(receive(quick, &reading));
        } while (reading.len > 0);
        assert_true(clock_monotonic_ms() < deadline);
    }
    // Only the one that did not read; the other still gets what changes.
    fixture->padding = 0;
    dashboard_logs_appended(fixture->dashboard, "api");
    await(fixture, quick, &reading, "event: logs");
    await_end(fixture, slow, &stream);
    assert_int_equal(sse_hub_client_count(fixture->dashboard->hub), 1);
}

static void the_number_of_pages_is_limited(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF answer = STRBUF_INIT;
    int fds[SSE_CLIENTS_MAX];
    for (size_t i = 0; i < SSE_CLIENTS_MAX; i++)
        fds[i] = open_stream(fixture, "");
    await_clients(fixture, SSE_CLIENTS_MAX);
    exchange(fixture, "GET /api/events", true, "", &answer);
    assert_int_equal(status_of(&answer), 503);
    close(fds[0]);
    await_clients(fixture, SSE_CLIENTS_MAX - 1);
    fds[0] = open_stream(fixture, "");
    await_clients(fixture, SSE_CLIENTS_MAX);
    for (size_t i = 0; i < SSE_CLIENTS_MAX; i++)
        close(fds[i]);
    await_clients(fixture, 0);
}

static void the_stream_needs_chunks(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF bytes = STRBUF_INIT, answer = STRBUF_INIT;
    const struct auth *auth = &fixture->dashboard->auth;
    strbuf_addf(&bytes, "GET /api/events HTTP/1.0\r\nHost: localhost:%d\r\nCookie: %s=%s\r\n\r\n",
                auth->port, auth->cookie_name, auth->session);
    exchange_raw(fixture, bytes.data, &answer);
    assert_has(&answer, " 505 ");
}

static void nothing_runs_without_pages(void **state)
{
    struct fixture *fixture = *state;
    turn(fixture);
    const int idle = event_base_get_num_events(fixture->base, EVENT_BASE_COUNT_ADDED);
    assert_int_equal(idle, 1); // the listener
    int fd = open_stream(fixture, "");
    await_clients(fixture, 1);
    dashboard_resources_changed(fixture->dashboard);
    assert_true(event_base_get_num_events(fixture->base, EVENT_BASE_COUNT_ADDED) > idle);
    close(fd);
    await_clients(fixture, 0);
    dashboard_resources_changed(fixture->dashboard);
    dashboard_logs_appended(fixture->dashboard, "api");
    assert_int_equal(event_base_get_num_events(fixture->base, EVENT_BASE_COUNT_ADDED), idle);
}

static void a_thousand_pages_come_and_go(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 1000; i++) {
        int fd = open_stream(fixture, "");
        if (i % 4 == 0) // gone before it is answered
            close(fd);
        turn(fixture);
        if (i % 3 == 0)
            dashboard_resources_changed(fixture->dashboard);
        if (i % 4 == 1) { // half a request, and gone with a reset
            const struct linger reset = {.l_onoff = 1};
            send(fd, "GET / HT", 8, MSG_NOSIGNAL);
            setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        }
        turn(fixture);
        if (i % 4 != 0)
            close(fd);
    }
    await_clients(fixture, 0);
    turn_for(fixture, 20);
    assert_int_equal(event_base_get_num_events(fixture->base, EVENT_BASE_COUNT_ADDED), 1);
}

static void stopping_ends_the_streams(void **state)
{
    struct fixture *fixture = *state;
    AUTO_STRBUF stream = STRBUF_INIT;
    AUTOCLOSE int fd = open_stream(fixture, "");
    await_clients(fixture, 1);
    dashboard_resources_changed(fixture->dashboard);
    dashboard_free(fixture->dashboard);
    fixture->dashboard = NULL;
    await_end(fixture, fd, &stream);
}

static void a_taken_port_means_the_next(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    const int taken = dashboard_port(fixture->dashboard);
    struct dashboard *next = start(fixture, taken, &err);
    assert_non_null(next);
    assert_in_range(dashboard_port(next), taken + 1, taken + 100);
    assert_string_not_equal(next->auth.cookie_name, fixture->dashboard->auth.cookie_name);
    dashboard_free(next);
}

static void no_free_port_is_an_error_with_a_way_out(void **state)
{
    struct fixture *fixture = *state;
    struct err err;
    const int first = dashboard_port(fixture->dashboard);
    int fds[101];
    for (int i = 0; i <= 100; i++) {
        const struct sockaddr_in address = {
            .sin_family = AF_INET,
            .sin_port = htons((in_port_t)(first + i)),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        };
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        setsockopt(fds[i], SOL_SOCKET, SO_REUSEADDR, &(const int){1}, sizeof(int));
        // Fails where somebody else has it, which is as good.
        if (bind(fds[i], (const struct sockaddr *)&address, sizeof address) == 0)
            listen(fds[i], 1);
    }
    struct dashboard *none = start(fixture, first, &err);
    for (int i = 0; i <= 100; i++)
        close(fds[i]);
    // Near the top of the range the 100 ports end early; the message says so.
    assert_null(none);
    assert_non_null(strstr(err.message, "no free port"));
    assert_non_null(strstr(err.hint, "--dashboard-port"));
    assert_null(start(fixture, 70000, &err));
    assert_int_equal(err.kind, ERR_USAGE);
    assert_null(start(fixture, -1, &err));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(login_exchanges_the_token_for_a_cookie),
        TEST(every_route_wants_the_session),
        TEST(a_link_from_another_site_comes_back_from_our_own_page),
        TEST(other_hosts_and_origins_are_refused),
        TEST(absolute_targets_cannot_overrule_the_host),
        TEST(broken_requests_get_an_answer_and_harm_nothing),
        TEST(only_reading_methods_are_served),
        TEST(assets_are_revalidated_by_etag),
        TEST(the_api_answers_and_explains),
        TEST(a_new_page_gets_everything_then_changes),
        TEST(changes_are_coalesced),
        TEST(a_page_resumes_after_its_last_event),
        TEST(a_page_that_does_not_read_is_dropped),
        TEST(the_number_of_pages_is_limited),
        TEST(the_stream_needs_chunks),
        TEST(nothing_runs_without_pages),
        TEST(a_thousand_pages_come_and_go),
        TEST(stopping_ends_the_streams),
        TEST(a_taken_port_means_the_next),
        TEST(no_free_port_is_an_error_with_a_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "orchestrator/loop/http.h"

// A server on the same loop. It takes a request's head (and body) for read when both are there,
// keeps what came, and answers with the text laid down for it.
struct server {
    struct evconnlistener *listener;
    const char *reply; // NULL: stay silent
    size_t reply_length;
    bool closes, has_answered;
    int port, connections, requests;
    struct strbuf last; // the last request
    VEC_OF(struct bufferevent *) open;
};

struct fixture {
    struct loop *loop;
    struct http_client *client;
    struct server server;
    char url[64], directory[64], socket_path[80];
};

static void set_reply(struct server *server, const char *reply)
{
    server->reply = reply;
    server->reply_length = reply ? strlen(reply) : 0;
}

static size_t request_length(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");
    if (!end)
        return SIZE_MAX;
    size_t body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    return (size_t)(end - text) + 4 + body;
}

static void on_request(struct bufferevent *connection, void *context)
{
    struct server *server = context;
    struct evbuffer *input = bufferevent_get_input(connection);
    size_t length = evbuffer_get_length(input);
    AUTOFREE char *text = mem_strndup((const char *)evbuffer_pullup(input, -1), length);
    if (length < request_length(text))
        return;
    evbuffer_drain(input, length);
    strbuf_clear(&server->last);
    strbuf_add(&server->last, text, length);
    server->requests++;
    if (server->reply)
        bufferevent_write(connection, server->reply, server->reply_length);
    server->has_answered = server->reply != NULL;
}

static void on_written(struct bufferevent *connection, void *context)
{
    struct server *server = context;
    if (server->closes && server->has_answered)
        shutdown(bufferevent_getfd(connection), SHUT_RDWR);
    server->has_answered = false;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *context)
{
    (void)address, (void)length;
    struct server *server = context;
    server->connections++;
    struct bufferevent *connection =
        bufferevent_socket_new(evconnlistener_get_base(listener), fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(connection, on_request, on_written, NULL, server);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
    vec_push(&server->open, connection);
}

static void listen_on(struct fixture *test, const struct sockaddr *address, socklen_t length)
{
    test->server.listener = evconnlistener_new_bind(
        loop_event_base(test->loop), on_accept, &test->server,
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 64, address, (int)length);
    assert_non_null(test->server.listener);
}

static int setup(void **state)
{
    struct fixture *test = mem_alloc(sizeof *test);
    test->loop = loop_new();
    test->client = http_client_new(test->loop);
    test->server.last = (struct strbuf)STRBUF_INIT;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    listen_on(test, (struct sockaddr *)&address, length);
    getsockname(evconnlistener_get_fd(test->server.listener), (struct sockaddr *)&address, &length);
    test->server.port = ntohs(address.sin_port);
    snprintf(test->url, sizeof test->url, "http://127.0.0.1:%d/path?q=1", test->server.port);
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *test = *state;
    http_client_free(test->client);
    if (test->server.listener)
        evconnlistener_free(test->server.listener);
    vec_each (connection, &test->server.open)
        bufferevent_free(*connection);
    vec_release(&test->server.open);
    strbuf_release(&test->server.last);
    loop_free(test->loop);
    free(test);
    return 0;
}

// --- A call and what came of it

struct outcome {
    struct fixture *test;
    struct strbuf body, streamed;
    long status;
    int done, pieces, pieces_wanted; // 0: all
    bool has_err, connect_failed;
    int os_errno;
    struct err err;
    char server[32], header[32];
    struct http_call *call, *victim;
    bool keeps_running;
};

static void on_done(void *context, const struct http_reply *reply)
{
    struct outcome *got = context;
    got->done++;
    got->status = reply->status;
    got->connect_failed = reply->connect_failed;
    got->os_errno = reply->os_errno;
    strbuf_add(&got->body, reply->body, reply->body_length);
    assert_int_equal(reply->body[reply->body_length], 0);
    got->has_err = reply->err != NULL;
    if (reply->err)
        got->err = *reply->err;
    if (reply->server)
        snprintf(got->server, sizeof got->server, "%s", reply->server);
    const char *header = http_header(reply->call, "x-test");
    if (header)
        snprintf(got->header, sizeof got->header, "%s", header);
    if (!got->keeps_running)
        loop_stop(got->test->loop);
}

static bool on_data(void *context, const char *bytes, size_t length)
{
    struct outcome *got = context;
    assert_int_equal(got->done, 0);
    strbuf_add(&got->streamed, bytes, length);
    return ++got->pieces != got->pieces_wanted;
}

static void outcome_release(struct outcome *got)
{
    strbuf_release(&got->body);
    strbuf_release(&got->streamed);
}
#define OUTCOME CLEANUP(outcome_release) struct outcome
#define OUTCOME_INIT(fixture)                                            \
    {                                                                    \
        .test = (fixture), .body = STRBUF_INIT, .streamed = STRBUF_INIT, \
    }

static void begin(struct outcome *got, struct http_request request)
{
    if (!request.url)
        request.url = got->test->url;
    if (!request.on_done)
        request.on_done = on_done;
    request.context = got;
    got->call = http_start(got->test->client, &request);
    assert_int_equal(got->done, 0);
}

static void run(struct outcome *got, struct http_request request)
{
    begin(got, request);
    loop_run(got->test->loop);
    assert_int_equal(got->done, 1);
}

static void stop(void *loop)
{
    loop_stop(loop);
}

static void run_for(struct loop *loop, int64_t delay_ms)
{
    struct loop_timer *timer = loop_timer_new(loop, stop, loop);
    loop_timer_set(timer, delay_ms);
    loop_run(loop);
    loop_timer_free(timer);
}

#define OK_HEAD "HTTP/1.1 200 OK\r\nServer: test/1\r\nX-Test: yes\r\n"
#define OK_TWO OK_HEAD "Content-Length: 2\r\n\r\nhi"
#define OK_CHUNKED OK_HEAD "Transfer-Encoding: chunked\r\n\r\n"

// --- Tests

static void a_get_brings_status_headers_and_body(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, OK_TWO);
    run(&got, (struct http_request){0});
    assert_int_equal(got.status, 200);
    assert_string_equal(got.body.data, "hi");
    assert_string_equal(got.server, "test/1");
    assert_string_equal(got.header, "yes");
    assert_false(got.has_err);
    assert_ptr_equal(strstr(test->server.last.data, "GET /path?q=1 HTTP/1.1\r\n"),
                     test->server.last.data);
    assert_null(strstr(test->server.last.data, "Content-"));
}

static void a_post_sends_its_body_and_headers(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, "HTTP/1.1 204 No Content\r\n\r\n");
    static const char *const headers[] = {"X-One: 1", "X-Two: 2", NULL};
    run(&got,
        (struct http_request){
            .method = "POST", .body = "{\"a\":1} and more", .body_length = 7, .headers = headers});
    assert_int_equal(got.status, 204);
    assert_string_equal(got.body.data, "");
    assert_string_equal(got.server, "");
    const char *sent = test->server.last.data;
    assert_non_null(strstr(sent, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(sent, "Content-Length: 7\r\n"));
    assert_non_null(strstr(sent, "X-One: 1\r\nX-Two: 2\r\n"));
    assert_non_null(strstr(sent, "\r\n\r\n{\"a\":1}"));
    assert_null(strstr(sent, "and more"));
}

static void methods_without_a_body_send_none(void **state)
{
    struct fixture *test = *state;
    static const char *const methods[] = {"POST", "PUT", "DELETE", "HEAD"};
    for (size_t i = 0; i < 4; i++) {
        OUTCOME got = OUTCOME_INIT(test);
        set_reply(&test->server, i < 3 ? OK_TWO : OK_HEAD "Content-Length: 2\r\n\r\n");
        run(&got, (struct http_request){.method = methods[i]});
        assert_int_equal(got.status, 200);
        assert_false(got.has_err);
        assert_memory_equal(test->server.last.data, methods[i], strlen(methods[i]));
        assert_null(strstr(test->server.last.data, "Content-Type"));
        assert_int_equal(strstr(test->server.last.data, "Content-Length: 0") != NULL, i < 2);
    }
    assert_int_equal(test->server.connections, 1);
}

static void one_shot_connections_are_not_used_again(void **state)
{
    struct fixture *test = *state;
    set_reply(&test->server, OK_TWO);
    for (int i = 1; i <= 3; i++) {
        OUTCOME got = OUTCOME_INIT(test);
        run(&got, (struct http_request){.one_shot = true});
        assert_int_equal(test->server.connections, i);
    }
}

static void a_redirect_is_an_answer(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server,
              "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
    run(&got, (struct http_request){0});
    assert_int_equal(got.status, 302);
    assert_false(got.has_err);
}

static void a_stream_is_handed_over_in_pieces(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, OK_CHUNKED "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    run(&got, (struct http_request){.on_data = on_data});
    assert_string_equal(got.streamed.data, "onetwo");
    assert_string_equal(got.body.data, "");
    assert_int_equal(got.status, 200);
}

static void a_streams_refusal_is_collected(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nlost");
    run(&got, (struct http_request){.on_data = on_data});
    assert_int_equal(got.pieces, 0);
    assert_string_equal(got.body.data, "lost");
    assert_int_equal(got.status, 404);
}

static void a_stream_can_be_ended_by_who_reads_it(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    got.pieces_wanted = 1;
    set_reply(&test->server, OK_CHUNKED "3\r\none\r\n");
    begin(&got, (struct http_request){.on_data = on_data});
    run_for(test->loop, 20);
    assert_string_equal(got.streamed.data, "one");
    assert_int_equal(got.done, 0);
}

static void a_stream_that_breaks_off_is_an_error_after_its_data(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    test->server.closes = true;
    set_reply(&test->server, OK_CHUNKED "3\r\none\r\n");
    run(&got, (struct http_request){.on_data = on_data});
    assert_string_equal(got.streamed.data, "one");
    assert_int_equal(got.status, 200);
    assert_true(got.has_err);
    assert_int_equal(got.err.kind, ERR_FAILED);
    assert_false(got.connect_failed);
}

static void answers_that_are_none_are_errors(void **state)
{
    struct fixture *test = *state;
    static const char *const bad[] = {
        "",
        "HTTP/1.1 200 OK\r\n",
        OK_HEAD "Content-Length: 5\r\n\r\nhi",
        OK_CHUNKED "zz\r\n",
        OK_CHUNKED "ffffffffffffffffff\r\nx",
        "not http at all\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    };
    test->server.closes = true;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        OUTCOME got = OUTCOME_INIT(test);
        set_reply(&test->server, bad[i]);
        // An empty reply is never written, so nothing would close after it.
        run(&got, (struct http_request){.timeout_ms = *bad[i] ? 5000 : 30});
        assert_true(got.has_err);
        assert_true(*got.err.message);
        assert_false(got.connect_failed);
    }
}

static void silence_ends_at_the_timeout(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    int64_t before_ms = clock_monotonic_ms();
    run(&got, (struct http_request){.timeout_ms = 30});
    assert_true(clock_monotonic_ms() - before_ms >= 29);
    assert_int_equal(got.status, 0);
    assert_int_equal(got.err.kind, ERR_TIMEOUT);
    assert_string_equal(got.err.message, "no answer within 0.03 s");
}

static void a_body_has_a_longest_length(void **state)
{
    struct fixture *test = *state;
    OUTCOME fits = OUTCOME_INIT(test);
    set_reply(&test->server, OK_TWO);
    run(&fits, (struct http_request){.max_body_bytes = 2});
    assert_false(fits.has_err);
    OUTCOME got = OUTCOME_INIT(test);
    run(&got, (struct http_request){.max_body_bytes = 1});
    assert_int_equal(got.err.kind, ERR_FAILED);
    assert_string_equal(got.err.message, "the answer is longer than 1 bytes");
    // A stream may be of any length.
    OUTCOME streamed = OUTCOME_INIT(test);
    run(&streamed, (struct http_request){.max_body_bytes = 1, .on_data = on_data});
    assert_string_equal(streamed.streamed.data, "hi");
}

static void a_closed_port_is_told_from_a_bad_answer(void **state)
{
    struct fixture *test = *state;
    evconnlistener_free(TAKE(test->server.listener));
    OUTCOME got = OUTCOME_INIT(test);
    run(&got, (struct http_request){0});
    assert_true(got.connect_failed);
    assert_int_equal(got.os_errno, ECONNREFUSED);
    assert_int_equal(got.status, 0);
    assert_string_equal(got.err.message, "cannot connect: Connection refused");
}

static void urls_that_are_none_are_errors(void **state)
{
    struct fixture *test = *state;
    static const char *const bad[] = {"",
                                      "http://",
                                      "file:///etc/passwd",
                                      "ftp://127.0.0.1/",
                                      "http://127.0.0.1:99999/",
                                      "http://a b/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        OUTCOME got = OUTCOME_INIT(test);
        run(&got, (struct http_request){.url = bad[i], .timeout_ms = 5000});
        assert_true(got.has_err);
        assert_int_equal(got.status, 0);
    }
}

static void unix_sockets_carry_it_too(void **state)
{
    struct fixture *test = *state;
    snprintf(test->directory, sizeof test->directory, "/tmp/berth-http-XXXXXX");
    assert_non_null(mkdtemp(test->directory));
    snprintf(test->socket_path, sizeof test->socket_path, "%s/s", test->directory);
    struct http_request request = {.unix_socket = test->socket_path, .url = "http://docker/v1/x"};

    OUTCOME missing = OUTCOME_INIT(test);
    run(&missing, request);
    assert_true(missing.connect_failed);
    assert_int_equal(missing.os_errno, ENOENT);

    evconnlistener_free(test->server.listener);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, test->socket_path, strlen(test->socket_path) + 1);
    listen_on(test, (struct sockaddr *)&address, sizeof address);
    set_reply(&test->server, OK_TWO);
    for (int i = 0; i < 3; i++) {
        OUTCOME got = OUTCOME_INIT(test);
        run(&got, request);
        assert_string_equal(got.body.data, "hi");
    }
    assert_int_equal(test->server.connections, 1);
    assert_non_null(strstr(test->server.last.data, "GET /v1/x HTTP/1.1\r\nHost: docker\r\n"));

    evconnlistener_free(TAKE(test->server.listener));
    // With the server's end closed, the kept connection is found dead and a new one refused.
    vec_each (connection, &test->server.open)
        bufferevent_free(*connection);
    vec_release(&test->server.open);
    OUTCOME refused = OUTCOME_INIT(test);
    run(&refused, request);
    assert_int_equal(refused.os_errno, ECONNREFUSED);
    unlink(test->socket_path);
    rmdir(test->directory);
}

static void calls_run_side_by_side(void **state)
{
    struct fixture *test = *state;
    struct outcome got[20];
    set_reply(&test->server, OK_TWO);
    for (int i = 0; i < 20; i++) {
        got[i] = (struct outcome)OUTCOME_INIT(test);
        got[i].keeps_running = true;
        begin(&got[i], (struct http_request){0});
    }
    for (int i = 0; i < 500 && got[19].done == 0; i++)
        run_for(test->loop, 10);
    run_for(test->loop, 100);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(got[i].done, 1);
        assert_string_equal(got[i].body.data, "hi");
        outcome_release(&got[i]);
    }
}

// --- Cancelling, from outside and from within callbacks

static void a_cancelled_call_says_nothing(void **state)
{
    struct fixture *test = *state;
    OUTCOME early = OUTCOME_INIT(test);
    OUTCOME late = OUTCOME_INIT(test);
    set_reply(&test->server, NULL);
    begin(&early, (struct http_request){0});
    http_cancel(early.call);
    begin(&late, (struct http_request){0});
    for (int i = 0; i < 500 && test->server.requests == 0; i++)
        run_for(test->loop, 10);
    assert_int_equal(test->server.requests, 1);
    http_cancel(late.call);
    run_for(test->loop, 10);
    assert_int_equal(early.done + late.done, 0);
}

static void on_done_cancel_victim(void *context, const struct http_reply *reply)
{
    struct outcome *got = context;
    on_done(got, reply);
    // Itself, which is over, and another whose answer may be waiting in the same turn.
    http_cancel(got->call);
    http_cancel(got->victim);
}

static void a_callback_may_cancel_itself_and_another(void **state)
{
    struct fixture *test = *state;
    OUTCOME one = OUTCOME_INIT(test);
    OUTCOME two = OUTCOME_INIT(test);
    set_reply(&test->server, OK_TWO);
    one.keeps_running = two.keeps_running = true;
    begin(&one, (struct http_request){.on_done = on_done_cancel_victim});
    begin(&two, (struct http_request){.on_done = on_done_cancel_victim});
    one.victim = two.call;
    two.victim = one.call;
    run_for(test->loop, 20);
    assert_int_equal(one.done + two.done, 1);
}

static bool on_data_cancel(void *context, const char *bytes, size_t length)
{
    struct outcome *got = context;
    on_data(got, bytes, length);
    http_cancel(got->call);
    return true;
}

static void a_data_callback_may_cancel_its_call(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, OK_CHUNKED "3\r\none\r\n0\r\n\r\n");
    begin(&got, (struct http_request){.on_data = on_data_cancel});
    run_for(test->loop, 20);
    assert_string_equal(got.streamed.data, "one");
    assert_int_equal(got.done, 0);
}

static bool on_data_start(void *context, const char *bytes, size_t length)
{
    struct outcome *got = context;
    on_data(got, bytes, length);
    struct http_request again = {.url = got->test->url, .on_done = on_done, .context = got};
    if (got->pieces == 1)
        http_start(got->test->client, &again);
    return false;
}

static void a_data_callback_may_start_a_call(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, OK_TWO);
    begin(&got, (struct http_request){.on_data = on_data_start});
    loop_run(test->loop);
    assert_string_equal(got.body.data, "hi");
    assert_int_equal(test->server.requests, 2);
}

static void on_done_free_client(void *context, const struct http_reply *reply)
{
    struct outcome *got = context;
    on_done(got, reply);
    http_client_free(TAKE(got->test->client));
}

static void a_callback_may_free_the_client(void **state)
{
    struct fixture *test = *state;
    OUTCOME killer = OUTCOME_INIT(test);
    OUTCOME other = OUTCOME_INIT(test);
    set_reply(&test->server, OK_TWO);
    begin(&killer, (struct http_request){.on_done = on_done_free_client});
    begin(&other, (struct http_request){.on_done = on_done_free_client, .timeout_ms = 5000});
    run_for(test->loop, 50);
    assert_int_equal(killer.done + other.done, 1);
}

static void a_client_may_be_freed_with_calls_running(void **state)
{
    struct fixture *test = *state;
    OUTCOME got = OUTCOME_INIT(test);
    set_reply(&test->server, NULL);
    begin(&got, (struct http_request){0});
    run_for(test->loop, 5);
    http_client_free(TAKE(test->client));
    run_for(test->loop, 5);
    assert_int_equal(got.done, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_get_brings_status_headers_and_body),
        TEST(a_post_sends_its_body_and_headers),
        TEST(methods_without_a_body_send_none),
        TEST(one_shot_connections_are_not_used_again),
        TEST(a_redirect_is_an_answer),
        TEST(a_stream_is_handed_over_in_pieces),
        TEST(a_streams_refusal_is_collected),
        TEST(a_stream_can_be_ended_by_who_reads_it),
        TEST(a_stream_that_breaks_off_is_an_error_after_its_data),
        TEST(answers_that_are_none_are_errors),
        TEST(silence_ends_at_the_timeout),
        TEST(a_body_has_a_longest_length),
        TEST(a_closed_port_is_told_from_a_bad_answer),
        TEST(urls_that_are_none_are_errors),
        TEST(unix_sockets_carry_it_too),
        TEST(calls_run_side_by_side),
        TEST(a_cancelled_call_says_nothing),
        TEST(a_callback_may_cancel_itself_and_another),
        TEST(a_data_callback_may_cancel_its_call),
        TEST(a_data_callback_may_start_a_call),
        TEST(a_callback_may_free_the_client),
        TEST(a_client_may_be_freed_with_calls_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

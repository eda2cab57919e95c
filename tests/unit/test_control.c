#include "tests/unit/workspace_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "orchestrator/control/control.h"

enum { LOST_MS = 30000, REQUEST_BYTES = 64 * 1024 };

struct control {
    struct workspace_fixture *files;
    struct loop *loop;
    struct control_server *server;
    struct control_client *client; // the last that asked
    struct loop_timer *timer;      // of "later" and "flood"
    struct strbuf asked;           // requests as they came, a line each
    int closed;
    size_t flooded_bytes;
};

static void on_close(void *context)
{
    struct control *control = context;
    control->closed++;
    control->client = NULL;
}

static void answer_later(void *context)
{
    struct control *control = context;
    if (control->client)
        control_answer(control->client, cJSON_CreateString("late"));
}

static void flood(void *context)
{
    struct control *control = context;
    AUTOFREE char *text = mem_alloc(10001);
    memset(text, 'x', 10000);
    for (int i = 0; control->client && i < 50; i++) {
        control->flooded_bytes += 10003;
        control_send(control->client, cJSON_CreateString(text));
    }
    if (control->client)
        loop_timer_set(control->timer, 1);
}

static void answer_lines(struct control_client *client, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        cJSON *line = cJSON_CreateObject();
        cJSON_AddNumberToObject(line, "line", (double)i);
        control_send(client, line);
    }
    control_answer(client, cJSON_CreateString("end"));
    control_send(client, cJSON_CreateString("after the end"));
}

static void answer_big(struct control_client *client, size_t size_bytes)
{
    AUTOFREE char *text = mem_alloc(size_bytes + 1);
    memset(text, 'x', size_bytes);
    control_answer(client, cJSON_CreateString(text));
}

static void on_request(void *context, struct control_client *client, const cJSON *request)
{
    struct control *control = context;
    const char *command = json_string_or(request, "command", "");
    json_print(request, false, &control->asked);
    strbuf_addch(&control->asked, '\n');
    control->client = client;
    control_on_close(client, on_close, control);
    struct err err;
    if (strcmp(command, "fail") == 0) {
        err_set(&err, ERR_RESOURCE, "it \"broke\"");
        if (json_bool_or(request, "hint", false))
            err_hint(&err, "mend it");
        control_answer_error(client, &err);
    } else if (strcmp(command, "later") == 0 || strcmp(command, "flood") == 0) {
        loop_timer_set(control->timer, 20);
    } else if (strcmp(command, "lines") == 0) {
        answer_lines(client, json_int_or(request, "count", 0));
    } else if (strcmp(command, "big") == 0) {
        answer_big(client, (size_t)json_int_or(request, "size", 0));
    } else if (strcmp(command, "never") != 0) {
        control_answer(client, cJSON_Duplicate(request, true));
    }
}

static void on_timer(void *context)
{
    struct control *control = context;
    if (strstr(control->asked.data, "flood"))
        flood(context);
    else
        answer_later(context);
}

static void serve(struct control *control)
{
    struct err err;
    if (control_serve(control->loop, &control->files->workspace, on_request, control,
                      &control->server, &err))
        fail_msg("%s", err.message);
}

static int setup(void **state)
{
    struct control *control = mem_alloc(sizeof *control);
    void *files = NULL;
    struct err err;
    if (workspace_fixture_setup(&files))
        return -1;
    control->files = files;
    if (workspace_make_directory(&control->files->workspace, &err))
        return -1;
    control->loop = loop_new();
    control->timer = loop_timer_new(control->loop, on_timer, control);
    control->asked = (struct strbuf)STRBUF_INIT;
    serve(control);
    *state = control;
    return 0;
}

static int teardown(void **state)
{
    struct control *control = *state;
    void *files = control->files;
    control_free(control->server);
    loop_timer_free(control->timer);
    loop_free(control->loop);
    strbuf_release(&control->asked);
    free(control);
    return workspace_fixture_teardown(&files);
}

// A client that asks from a thread of its own, as other commands do from processes of theirs.
struct asking {
    const struct workspace *workspace;
    cJSON *request;
    size_t stop_after; // lines; 0: one answer is asked for, not a followed one
    int status;
    struct err err;
    cJSON *answer;
    struct strbuf lines;
    size_t line_count;
    int done_fd; // written to at the end
};

static bool take_line(void *context, const cJSON *line)
{
    struct asking *asking = context;
    json_print(line, false, &asking->lines);
    strbuf_addch(&asking->lines, '\n');
    return ++asking->line_count != asking->stop_after;
}

static void *ask_in_thread(void *context)
{
    struct asking *asking = context;
    if (asking->stop_after)
        asking->status =
            control_follow(asking->workspace, asking->request, take_line, asking, &asking->err);
    else
        asking->status =
            control_request(asking->workspace, asking->request, &asking->answer, &asking->err);
    (void)!write(asking->done_fd, ".", 1);
    return NULL;
}

static void stop_loop(void *context, bool readable, bool writable)
{
    (void)readable;
    (void)writable;
    loop_stop(context);
}

static void on_lost(void *context)
{
    (void)context;
    fail_msg("no answer came");
}

static void run_until_readable(struct loop *loop, int fd)
{
    struct loop_watch *watch = loop_watch_new(loop, fd, true, false, stop_loop, loop);
    struct loop_timer *lost = loop_timer_new(loop, on_lost, NULL);
    loop_timer_set(lost, LOST_MS);
    loop_run(loop);
    loop_timer_free(lost);
    loop_watch_free(watch);
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

// ctest ends what waits in vain.
static void wait_for_request(const struct control *control)
{
    while (!control->client)
        run_for(control->loop, 1);
}

static struct asking ask_on(struct control *control, const struct workspace *workspace,
                            const char *request, size_t stop_after)
{
    int ends[2];
    pthread_t thread;
    struct asking asking = {.workspace = workspace,
                            .request = cJSON_Parse(request),
                            .stop_after = stop_after,
                            .lines = STRBUF_INIT};
    assert_non_null(asking.request);
    assert_int_equal(pipe(ends), 0);
    asking.done_fd = ends[1];
    assert_int_equal(pthread_create(&thread, NULL, ask_in_thread, &asking), 0);
    run_until_readable(control->loop, ends[0]);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
    return asking;
}

static struct asking ask(struct control *control, const char *request, size_t stop_after)
{
    return ask_on(control, &control->files->workspace, request, stop_after);
}

static void asking_release(struct asking *asking)
{
    cJSON_Delete(asking->request);
    cJSON_Delete(asking->answer);
    strbuf_release(&asking->lines);
}

// A bare connection.
static int connect_raw(struct control *control)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    AUTOFREE char *path = workspace_path(&control->files->workspace, "control.sock");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

// Reads to the end while the server runs.
static void read_all(struct control *control, int fd, struct strbuf *out)
{
    char bytes[65536];
    ssize_t got;
    do {
        run_until_readable(control->loop, fd);
        got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got > 0)
            strbuf_add(out, bytes, (size_t)got);
    } while (got > 0);
}

// What comes back for these bytes, on a connection of their own, until the server closes it.
static void expect_reply(struct control *control, const char *bytes, size_t length,
                         const char *expected)
{
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    assert_int_equal(send(fd, bytes, length, MSG_NOSIGNAL), length);
    read_all(control, fd, &reply);
    assert_string_equal(reply.data, expected);
}

static void a_request_is_answered(void **state)
{
    struct control *control = *state;
    struct asking asking =
        ask(control, "{\"command\": \"echo\", \"name\": \"\u00FCber\", \"n\": [1, null]}", 0);
    assert_int_equal(asking.status, 0);
    assert_true(cJSON_Compare(asking.answer, asking.request, true));
    asking_release(&asking);
    asking = ask(control, "{\"command\": \"later\"}", 0);
    assert_int_equal(asking.status, 0);
    assert_string_equal(asking.answer->valuestring, "late");
    asking_release(&asking);
    assert_int_equal(control->closed, 2);
}

static void the_socket_is_its_users_own(void **state)
{
    struct control *control = *state;
    AUTOFREE char *path = workspace_path(&control->files->workspace, "control.sock");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 07777, 0600);
    const mode_t mask = umask(0);
    umask(mask);
    assert_int_not_equal(mask, 0177); // it was given back
    control_free(TAKE(control->server));
    assert_int_not_equal(stat(path, &st), 0);
    control_free(NULL);
}

static void an_error_keeps_kind_message_and_hint(void **state)
{
    struct control *control = *state;
    struct asking asking = ask(control, "{\"command\": \"fail\", \"hint\": true}", 0);
    assert_int_equal(asking.status, -1);
    assert_null(asking.answer);
    assert_int_equal(asking.err.kind, ERR_RESOURCE);
    assert_string_equal(asking.err.message, "it \"broke\"");
    assert_string_equal(asking.err.hint, "mend it");
    asking_release(&asking);
    asking = ask(control, "{\"command\": \"fail\"}", 5);
    assert_int_equal(asking.status, -1);
    assert_string_equal(asking.err.hint, "");
    asking_release(&asking);
}

static void lines_are_followed_to_the_end(void **state)
{
    struct control *control = *state;
    struct asking asking = ask(control, "{\"command\": \"lines\", \"count\": 4}", 100);
    assert_int_equal(asking.status, 0);
    assert_string_equal(asking.lines.data, "{\"line\":1}\n{\"line\":2}\n{\"line\":3}\n\"end\"\n");
    asking_release(&asking);
    // Who has heard enough goes.
    asking = ask(control, "{\"command\": \"lines\", \"count\": 4}", 2);
    assert_int_equal(asking.status, 0);
    assert_string_equal(asking.lines.data, "{\"line\":1}\n{\"line\":2}\n");
    asking_release(&asking);
}

static void expect_not_running(const struct workspace *workspace)
{
    AUTO_JSON *request = cJSON_Parse("{\"command\": \"echo\"}");
    cJSON *answer = NULL;
    struct err err;
    assert_int_equal(control_request(workspace, request, &answer, &err), -1);
    assert_int_equal(err.kind, ERR_NOT_RUNNING);
    assert_string_equal(err.hint, "start it with `berth start`");
    assert_non_null(strstr(err.message, workspace->root));
    assert_null(answer);
}

static void without_a_supervisor_there_is_none(void **state)
{
    struct control *control = *state;
    AUTOFREE char *path = workspace_path(&control->files->workspace, "control.sock");
    AUTOFREE char *kept = mem_printf("%s.kept", path);
    assert_int_equal(link(path, kept), 0);
    control_free(TAKE(control->server));
    expect_not_running(&control->files->workspace);

    // What a killed one left behind is in nobody's way.
    assert_int_equal(rename(kept, path), 0);
    expect_not_running(&control->files->workspace);
    serve(control);
    struct asking asking = ask(control, "{\"command\": \"echo\"}", 0);
    assert_int_equal(asking.status, 0);
    asking_release(&asking);

    struct workspace nowhere = {.root = (char *)"/nowhere", .directory = (char *)"/nowhere/.berth"};
    expect_not_running(&nowhere);
}

static void a_deep_workspace_has_a_socket_too(void **state)
{
    struct control *control = *state;
    AUTO_STRBUF path = STRBUF_INIT;
    struct err err;
    strbuf_adds(&path, control->files->root);
    for (int i = 0; i < 4; i++)
        strbuf_adds(&path, "/a-directory-with-a-name-of-more-than-forty-characters");
    assert_int_equal(file_make_directories(path.data, 0700, &err), 0);
    struct workspace deep;
    assert_int_equal(workspace_open(path.data, &deep, &err), 0);
    assert_int_equal(workspace_make_directory(&deep, &err), 0);
    struct control_server *server = NULL;
    assert_int_equal(control_serve(control->loop, &deep, on_request, control, &server, &err), 0);
    struct asking asking = ask_on(control, &deep, "{\"command\": \"echo\"}", 0);
    assert_int_equal(asking.status, 0);
    asking_release(&asking);
    control_free(server);
    AUTOFREE char *socket_path = workspace_path(&deep, "control.sock");
    assert_false(file_exists(socket_path));
    workspace_release(&deep);
}

static void garbage_is_answered_with_an_error(void **state)
{
    struct control *control = *state;
    static const struct {
        const char *bytes;
        size_t length;
        const char *message;
    } cases[] = {
        {"not json\n", 9, "not valid JSON at byte 0"},
        {"\n", 1, "not valid JSON at byte 0"},
        {"{\"command\":\"echo\"\n", 18, "not valid JSON at byte 17"},
        {"{} {}\n", 6, "not valid JSON at byte 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF expected = STRBUF_INIT;
        strbuf_addf(&expected, "{\"error\":{\"kind\":%d,\"message\":\"%s\",\"hint\":\"\"}}\n",
                    ERR_FAILED, cases[i].message);
        expect_reply(control, cases[i].bytes, cases[i].length, expected.data);
    }
    assert_string_equal(control->asked.data, "");
    // JSON, but not what anybody asks: the handler's to refuse.
    expect_reply(control, "[1]\n", 4, "[1]\n");
    expect_reply(control, "5\n", 2, "5\n");
    expect_reply(control, "{\"command\":7}\n", 14, "{\"command\":7}\n");

    AUTO_STRBUF deep = STRBUF_INIT;
    for (int i = 0; i < 30000; i++)
        strbuf_addch(&deep, '[');
    strbuf_addch(&deep, '\n');
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    assert_int_equal(send(fd, deep.data, deep.len, MSG_NOSIGNAL), deep.len);
    read_all(control, fd, &reply);
    assert_non_null(strstr(reply.data, "not valid JSON"));
}

static void a_request_may_come_in_pieces(void **state)
{
    struct control *control = *state;
    static const char request[] = "{\"command\": \"echo\"}\n";
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    for (size_t i = 0; i < sizeof request - 1; i++) {
        assert_int_equal(send(fd, request + i, 1, 0), 1);
        run_for(control->loop, 1);
    }
    read_all(control, fd, &reply);
    assert_string_equal(reply.data, "{\"command\":\"echo\"}\n");
}

static void a_connection_is_one_request(void **state)
{
    struct control *control = *state;
    static const char first[] = "{\"command\":\"never\"}\n", second[] = "{\"command\":\"echo\"}\n";
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    assert_int_equal(send(fd, first, sizeof first - 1, 0), sizeof first - 1);
    wait_for_request(control);
    assert_int_equal(send(fd, second, sizeof second - 1, 0), sizeof second - 1);
    run_for(control->loop, 20);
    assert_string_equal(control->asked.data, first);
    control_answer(control->client, cJSON_CreateString("one"));
    read_all(control, fd, &reply);
    assert_string_equal(reply.data, "\"one\"\n");
    assert_int_equal(control->closed, 1);
}

static void who_ends_its_side_still_gets_the_answer(void **state)
{
    struct control *control = *state;
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    static const char request[] = "{\"command\":\"big\",\"size\":500000}\n";
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    assert_int_equal(shutdown(fd, SHUT_WR), 0);
    read_all(control, fd, &reply);
    assert_int_equal(reply.len, 500003);
    assert_int_equal(control->closed, 1);
}

static void a_request_without_end_is_cut_off(void **state)
{
    struct control *control = *state;
    AUTOFREE char *text = mem_alloc(REQUEST_BYTES + 8192);
    memset(text, ' ', REQUEST_BYTES + 8192);
    AUTOCLOSE int fd = connect_raw(control);
    for (size_t sent = 0; sent < REQUEST_BYTES + 8192;) {
        ssize_t put =
            send(fd, text + sent, REQUEST_BYTES + 8192 - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (put < 0)
            break;
        sent += (size_t)put;
    }
    AUTO_STRBUF reply = STRBUF_INIT;
    read_all(control, fd, &reply);
    assert_string_equal(reply.data, "");
    assert_string_equal(control->asked.data, "");
    // The largest that is taken.
    AUTOCLOSE int other = connect_raw(control);
    memcpy(text, "{\"command\":\"big\",\"size\":1}", 26);
    text[REQUEST_BYTES - 1] = '\n';
    assert_int_equal(send(other, text, REQUEST_BYTES, MSG_NOSIGNAL), REQUEST_BYTES);
    read_all(control, other, &reply);
    assert_string_equal(reply.data, "\"x\"\n");
}

static void who_does_not_read_is_closed(void **state)
{
    struct control *control = *state;
    AUTOCLOSE int flooded = connect_raw(control);
    assert_int_equal(send(flooded, "{\"command\":\"flood\"}\n", 20, 0), 20);
    struct pollfd poll_fd = {.fd = flooded, .events = POLLRDHUP};
    for (int turns = 0; !(poll(&poll_fd, 1, 0) && (poll_fd.revents & POLLHUP)); turns++) {
        assert_true(turns < LOST_MS / 5);
        run_for(control->loop, 5);
    }
    for (int turns = 0; control->closed == 0 && turns < LOST_MS / 5; turns++)
        run_for(control->loop, 5);
    assert_int_equal(control->closed, 1);
    // A socket's buffer and the queue, and no more than a burst above it.
    assert_true(control->flooded_bytes < 3 * 1024 * 1024);
}

static void a_big_answer_waits_for_a_slow_reader(void **state)
{
    struct control *control = *state;
    AUTOCLOSE int fd = connect_raw(control);
    AUTO_STRBUF reply = STRBUF_INIT;
    static const char request[] = "{\"command\":\"big\",\"size\":5000000}\n";
    assert_int_equal(send(fd, request, sizeof request - 1, 0), sizeof request - 1);
    read_all(control, fd, &reply);
    assert_int_equal(reply.len, 5000003);
}

static void its_end_is_told_to_who_waits(void **state)
{
    struct control *control = *state;
    AUTOCLOSE int silent = connect_raw(control);
    AUTOCLOSE int waiting = connect_raw(control);
    assert_int_equal(send(waiting, "{\"command\":\"never\"}\n", 20, 0), 20);
    wait_for_request(control);
    control_free(TAKE(control->server));
    assert_int_equal(control->closed, 1); // only who asked is known
    char byte;
    assert_int_equal(recv(waiting, &byte, 1, 0), 0);
    assert_int_equal(recv(silent, &byte, 1, 0), 0);
}

static void a_client_that_goes_is_told_of(void **state)
{
    struct control *control = *state;
    int fd = connect_raw(control);
    assert_int_equal(send(fd, "{\"command\":\"never\"}\n", 20, 0), 20);
    wait_for_request(control);
    assert_int_equal(control->closed, 0);
    close(fd);
    while (control->closed == 0)
        run_for(control->loop, 1);
}

static void a_socket_that_cannot_be_made_is_an_error(void **state)
{
    struct control *control = *state;
    struct workspace nowhere = {.root = (char *)"/nowhere", .directory = (char *)"/nowhere/.berth"};
    struct control_server *server = NULL;
    struct err err;
    assert_int_equal(control_serve(control->loop, &nowhere, on_request, NULL, &server, &err), -1);
    assert_null(server);
    assert_string_equal(err.message, "cannot open /nowhere/.berth: No such file or directory");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered),
        TEST(the_socket_is_its_users_own),
        TEST(an_error_keeps_kind_message_and_hint),
        TEST(lines_are_followed_to_the_end),
        TEST(without_a_supervisor_there_is_none),
        TEST(a_deep_workspace_has_a_socket_too),
        TEST(garbage_is_answered_with_an_error),
        TEST(a_request_may_come_in_pieces),
        TEST(a_connection_is_one_request),
        TEST(who_ends_its_side_still_gets_the_answer),
        TEST(a_request_without_end_is_cut_off),
        TEST(who_does_not_read_is_closed),
        TEST(a_big_answer_waits_for_a_slow_reader),
        TEST(its_end_is_told_to_who_waits),
        TEST(a_client_that_goes_is_told_of),
        TEST(a_socket_that_cannot_be_made_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

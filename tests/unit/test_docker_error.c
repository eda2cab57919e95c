#include "tests/unit/test.h"

#include <errno.h>
#include <stdio.h>

#include "orchestrator/docker/error.h"

static const struct error_request request = {"unix:///run/x.sock", "GET", "/info?secret=1"};

static void assert_line(const char *text, const char *expected)
{
    AUTO_STRBUF out = STRBUF_INIT;
    strbuf_adds(&out, "> ");
    error_one_line(text, &out);
    assert_string_equal(out.data + 2, expected);
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_text_becomes_one_readable_line(void **state)
{
    (void)state;
    assert_line("", "");
    assert_line(" \n a\r\n\tb  c \n", "a b c");
    assert_line("a\x01\x1b[31mb\x7f", "a[31mb");
    assert_line("grün ✓ 🐳", "grün ✓ 🐳");
    assert_line("a\xff\xc3(\xe2\x82", "a\uFFFD\uFFFD(\uFFFD\uFFFD");
    assert_line("a\xc2\x9b"
                "31m",
                "a\uFFFD31m");
    assert_line("container " ID ": " ID "0", "container 0123456789ab: " ID "0");
    assert_line("(" ID ") face", "(0123456789ab) face");
}

static void bodies_tell_their_message(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } cases[] = {
        {"{\"message\":\"No such image\"}\n", "No such image"},
        {"{\"cause\":\"c\",\"message\":\"m\",\"response\":500}", "m"},
        {"{\"cause\":\"c\",\"message\":\"\",\"response\":500}", "c"},
        {"page not found\n", "page not found"},
        {"{\"message\":7}", "{\"message\":7}"},
        {"[]", "[]"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF out = STRBUF_INIT;
        error_body_text(cases[i].body, strlen(cases[i].body), &out);
        assert_string_equal(out.data, cases[i].text);
    }
}

static void hints_hang_on_what_the_engine_says(void **state)
{
    (void)state;
    static const struct {
        const char *message, *hint;
    } cases[] = {
        {"Bind for 0.0.0.0:5432 failed: port is already allocated", "publish=5432`"},
        {"listen tcp4 127.0.0.1:80: bind: address already in use", "on port 80: `sudo ss"},
        {"failed to bind host port [::1]:81/tcp: address already in use", "on port 81: `sudo ss"},
        {"failed to bind host port for 127.0.0.1:82:172.17.0.2:80/tcp: address already in use",
         "on port 82: "},
        {"Bind for :::83 failed: port is already allocated", "publish=83`"},
        {"write /x: no space left on device", "docker system prune"},
        {"client version 1.51 is too old. Minimum supported API version is 1.60",
         "another version"},
        {"toomanyrequests: You have reached your pull rate limit", "docker login"},
        {"pull access denied for x, repository does not exist", "check the image's name"},
        {"Get \"https://h/v2/\": x509: certificate signed by unknown authority", "certificate"},
        {"Conflict. The container name \"/x\" is already in use by container \"1\"",
         "docker ps -a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err;
        err_set(&err, ERR_FAILED, "%s", cases[i].message);
        error_add_hint(&err);
        assert_string_equal(err.message, cases[i].message);
        if (!strstr(err.hint, cases[i].hint))
            assert_string_equal(err.hint, cases[i].hint);
    }
    static const char *const without[] = {
        "No such container: x",
        "port is already allocated",
        "a:b: address already in use",
        "h:99999999999999999999: address already in use",
    };
    for (size_t i = 0; i < sizeof without / sizeof *without; i++) {
        struct err err;
        err_set(&err, ERR_FAILED, "%s", without[i]);
        error_add_hint(&err);
        assert_string_equal(err.hint, "");
    }
}

static void assert_reply(const struct http_reply *reply, enum err_kind kind, const char *message,
                         const char *hint)
{
    struct err err;
    assert_int_equal(error_from_reply(reply, &request, &err), -1);
    assert_string_equal(err.message, message);
    assert_int_equal(err.kind, kind);
    if (!strstr(err.hint, hint))
        assert_string_equal(err.hint, hint);
}

static void connections_that_fail_are_told_by_cause(void **state)
{
    (void)state;
    const struct err cause = {.kind = ERR_FAILED, .message = "cannot connect"};
    struct http_reply reply = {.body = "", .err = &cause, .connect_failed = true};
    reply.os_errno = ENOENT;
    assert_reply(&reply, ERR_NO_ENGINE,
                 "the Docker engine does not answer at unix:///run/x.sock: No such file or "
                 "directory",
                 "systemctl start docker");
    reply.os_errno = EACCES;
    assert_reply(&reply, ERR_NO_ENGINE,
                 "no permission to use the Docker engine at unix:///run/x.sock",
                 "usermod -aG docker");
    reply.os_errno = 0;
    reply.connect_failed = false;
    assert_reply(&reply, ERR_NO_ENGINE,
                 "the Docker engine does not answer at unix:///run/x.sock: cannot connect", "");
}

static void answers_that_fail_are_told_by_cause(void **state)
{
    (void)state;
    const struct err late = {.kind = ERR_TIMEOUT, .message = "no answer within 3 s"};
    const struct err cut = {.kind = ERR_FAILED, .message = "the answer broke off"};
    struct http_reply reply = {.body = "", .err = &late};
    assert_reply(&reply, ERR_TIMEOUT,
                 "the Docker engine at unix:///run/x.sock gave no answer within 3 s to GET /info",
                 "");
    reply.status = 200;
    reply.err = &cut;
    assert_reply(&reply, ERR_FAILED,
                 "the Docker engine broke off its answer to GET /info: the answer broke off", "");
    reply.err = NULL;
    struct err err;
    assert_int_equal(error_from_reply(&reply, &request, &err), 0);
    reply.status = 304;
    assert_int_equal(error_from_reply(&reply, &request, &err), 0);
    reply.status = 404;
    reply.body = "{\"message\":\"No such container: x\"}";
    reply.body_length = strlen(reply.body);
    assert_reply(&reply, ERR_FAILED, "No such container: x", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_becomes_one_readable_line),
        cmocka_unit_test(bodies_tell_their_message),
        cmocka_unit_test(hints_hang_on_what_the_engine_says),
        cmocka_unit_test(connections_that_fail_are_told_by_cause),
        cmocka_unit_test(answers_that_fail_are_told_by_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/docker/endpoint.h"

struct fixture {
    char home[64], runtime[80], system_socket[80];
    struct endpoint_environment environment;
};

static int setup(void **state)
{
    struct fixture *test = mem_alloc(sizeof *test);
    snprintf(test->home, sizeof test->home, "/tmp/berth-endpoint-XXXXXX");
    assert_non_null(mkdtemp(test->home));
    snprintf(test->runtime, sizeof test->runtime, "%s/run", test->home);
    snprintf(test->system_socket, sizeof test->system_socket, "%s/system.sock", test->home);
    test->environment = (struct endpoint_environment){
        .home = test->home,
        .runtime_directory = test->runtime,
        .system_socket = test->system_socket,
    };
    *state = test;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *test = *state;
    struct err err;
    assert_int_equal(file_remove_tree(test->home, &err), 0);
    free(test);
    return 0;
}

// A file below the home, with its folders.
static char *put_file(const struct fixture *test, const char *name, const char *text)
{
    char *path = path_join(test->home, name);
    AUTOFREE char *directory = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    struct err err;
    assert_int_equal(file_make_directories(directory, 0700, &err), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
    return path;
}

static void put(const struct fixture *test, const char *name, const char *text)
{
    free(put_file(test, name, text));
}

static void put_context(const struct fixture *test, const char *name, const char *meta)
{
    char id[SHA256_HEX_SIZE];
    sha256_hex(name, strlen(name), id);
    AUTOFREE char *file = mem_printf(".docker/contexts/meta/%s/meta.json", id);
    put(test, file, meta);
}

static void assert_found(const struct fixture *test, const char *name, const char *base_url)
{
    struct endpoint endpoint;
    struct err err = {0};
    int failed = endpoint_find(&test->environment, &endpoint, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(failed, 0);
    assert_string_equal(endpoint.name, name);
    assert_string_equal(endpoint.base_url, base_url);
    const char *socket = strncmp(name, "unix://", 7) ? NULL : name + 7;
    if (socket)
        assert_string_equal(endpoint.unix_socket, socket);
    else
        assert_null(endpoint.unix_socket);
    endpoint_release(&endpoint);
}

static void assert_error(const struct fixture *test, const char *message)
{
    struct endpoint endpoint;
    struct err err = {0};
    assert_int_equal(endpoint_find(&test->environment, &endpoint, &err), -1);
    assert_int_equal(err.kind, ERR_NO_ENGINE);
    if (!strstr(err.message, message))
        assert_string_equal(err.message, message);
}

static void docker_host_comes_first(void **state)
{
    struct fixture *test = *state;
    put(test, "system.sock", "");
    put(test, ".docker/config.json", "{\"currentContext\":\"other\"}");
    test->environment.docker_context = "other";
    static const struct {
        const char *host, *base_url;
    } cases[] = {
        {"unix:///tmp/x.sock", "http://docker"},
        {"tcp://10.0.0.1:4000", "http://10.0.0.1:4000"},
        {"tcp://10.0.0.1", "http://10.0.0.1:2375"},
        {"tcp://[::1]", "http://[::1]:2375"},
        {"tcp://[::1]:7", "http://[::1]:7"},
        {"http://h:1/docker/", "http://h:1/docker"},
        {"https://h", "https://h:2376"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test->environment.docker_host = cases[i].host;
        assert_found(test, cases[i].host, cases[i].base_url);
    }
}

static void docker_hosts_that_cannot_be_are_named(void **state)
{
    struct fixture *test = *state;
    static const struct {
        const char *host, *message;
    } cases[] = {
        {"ssh://me@host", "DOCKER_HOST: berth does not reach engines over ssh (ssh://me@host)"},
        {"unix://relative.sock", "DOCKER_HOST: unix://relative.sock is not an absolute path"},
        {"unix://", "is not an absolute path"},
        {"tcp://", "DOCKER_HOST: tcp:// is no address of an engine"},
        {"tcp:///x", "is no address"},
        {"npipe:////./pipe/docker", "is no address"},
        {"/var/run/docker.sock", "is no address"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test->environment.docker_host = cases[i].host;
        assert_error(test, cases[i].message);
    }
}

static void tls_takes_its_files_from_the_certificate_folder(void **state)
{
    struct fixture *test = *state;
    struct endpoint endpoint;
    struct err err;
    test->environment.docker_host = "tcp://h";
    test->environment.docker_tls_verify = "1";
    put(test, ".docker/ca.pem", "");
    AUTOFREE char *ca = put_file(test, "certificates/ca.pem", "");
    AUTOFREE char *key = put_file(test, "certificates/key.pem", "");
    AUTOFREE char *directory = path_join(test->home, "certificates");
    test->environment.docker_cert_path = directory;
    assert_int_equal(endpoint_find(&test->environment, &endpoint, &err), 0);
    assert_true(endpoint.use_tls);
    assert_string_equal(endpoint.base_url, "https://h:2376");
    assert_string_equal(endpoint.ca_file, ca);
    assert_string_equal(endpoint.key_file, key);
    assert_null(endpoint.certificate_file);
    endpoint_release(&endpoint);

    test->environment.docker_cert_path = NULL;
    assert_int_equal(endpoint_find(&test->environment, &endpoint, &err), 0);
    AUTOFREE char *home_ca = path_join(test->home, ".docker/ca.pem");
    assert_string_equal(endpoint.ca_file, home_ca);
    endpoint_release(&endpoint);
}

#define CONTEXT(host) "{\"Name\":\"x\",\"Endpoints\":{\"docker\":{\"Host\":\"" host "\"}}}"

static void the_current_context_is_followed(void **state)
{
    struct fixture *test = *state;
    put(test, "system.sock", "");
    put(test, ".docker/config.json", "{\"currentContext\":\"one\",\"auths\":{}}");
    put_context(test, "one", CONTEXT("unix:///one.sock"));
    put_context(test, "two", CONTEXT("tcp://two:1"));
    assert_found(test, "unix:///one.sock", "http://docker");
    test->environment.docker_context = "two";
    assert_found(test, "tcp://two:1", "http://two:1");
    AUTOFREE char *system = mem_printf("unix://%s", test->system_socket);
    test->environment.docker_context = "default";
    assert_found(test, system, "http://docker");
    // An empty variable is one that is not set.
    test->environment.docker_context = test->environment.docker_host = "";
    assert_found(test, "unix:///one.sock", "http://docker");
}

static void docker_config_moves_the_contexts(void **state)
{
    struct fixture *test = *state;
    put(test, "system.sock", "");
    put(test, ".docker/config.json", "{\"currentContext\":\"missing\"}");
    put(test, "elsewhere/config.json", "{}");
    AUTOFREE char *directory = path_join(test->home, "elsewhere");
    AUTOFREE char *system = mem_printf("unix://%s", test->system_socket);
    test->environment.docker_config = directory;
    assert_found(test, system, "http://docker");
}

static void contexts_that_cannot_be_followed_are_named(void **state)
{
    struct fixture *test = *state;
    put(test, "system.sock", "");
    test->environment.docker_context = "gone";
    assert_error(test, "the Docker context \"gone\" does not exist");
    put_context(test, "gone", "{\"Endpoints\":{}}");
    assert_error(test, "the Docker context \"gone\" names no engine");
    put_context(test, "gone", "{");
    assert_error(test, "meta.json: not valid JSON");
    put_context(test, "gone", CONTEXT("ssh://h"));
    assert_error(test, "the Docker context \"gone\": berth does not reach engines over ssh");
    test->environment.docker_context = NULL;
    put(test, ".docker/config.json", "{\"currentContext\":");
    assert_error(test, "config.json: not valid JSON");
}

static void a_context_may_have_tls(void **state)
{
    struct fixture *test = *state;
    struct endpoint endpoint;
    struct err err;
    char id[SHA256_HEX_SIZE];
    sha256_hex("t", 1, id);
    put_context(test, "t",
                "{\"Endpoints\":{\"docker\":{\"Host\":\"tcp://h:1\",\"SkipTLSVerify\":true}}}");
    test->environment.docker_context = "t";
    AUTOFREE char *file = mem_printf(".docker/contexts/tls/%s/docker/cert.pem", id);
    AUTOFREE char *certificate = put_file(test, file, "");
    assert_int_equal(endpoint_find(&test->environment, &endpoint, &err), 0);
    assert_string_equal(endpoint.base_url, "https://h:1");
    assert_string_equal(endpoint.certificate_file, certificate);
    assert_true(endpoint.skip_verify);
    endpoint_release(&endpoint);
}

static void sockets_are_tried_in_order(void **state)
{
    struct fixture *test = *state;
    assert_error(test, "no Docker engine was found (looked for ");
    static const char *const from_last[] = {
        "run/podman/podman.sock",
        ".docker/desktop/docker.sock",
        ".docker/run/docker.sock",
        "run/docker.sock",
        "system.sock",
    };
    for (size_t i = 0; i < sizeof from_last / sizeof *from_last; i++) {
        AUTOFREE char *path = put_file(test, from_last[i], "");
        AUTOFREE char *name = mem_printf("unix://%s", path);
        assert_found(test, name, "http://docker");
    }
}

static void without_a_home_there_is_the_system_socket(void **state)
{
    struct fixture *test = *state;
    AUTOFREE char *path = put_file(test, "system.sock", "");
    AUTOFREE char *name = mem_printf("unix://%s", path);
    test->environment.home = test->environment.runtime_directory = NULL;
    assert_found(test, name, "http://docker");
}

static void expect_remote_host(const struct fixture *test, const char *expected)
{
    struct endpoint endpoint;
    struct err err;
    assert_int_equal(endpoint_find(&test->environment, &endpoint, &err), 0);
    if (expected)
        assert_string_equal(endpoint.remote_host, expected);
    else
        assert_null(endpoint.remote_host);
    endpoint_release(&endpoint);
}

static void an_engine_may_be_elsewhere(void **state)
{
    struct fixture *test = *state;
    static const struct {
        const char *host, *remote_host;
    } cases[] = {
        {"unix:///tmp/x.sock", NULL},
        {"tcp://127.0.0.1:2375", NULL},
        {"tcp://localhost", NULL},
        {"tcp://[::1]:2376", NULL},
        {"tcp://10.0.0.1:2376", "10.0.0.1"},
        {"tcp://build.example.com/docker/", "build.example.com"},
        {"https://[2001:db8::1]:2376", "2001:db8::1"},
        {"tcp://[2001:db8::1]", "2001:db8::1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        test->environment.docker_host = cases[i].host;
        expect_remote_host(test, cases[i].remote_host);
    }
    put_context(test, "far", CONTEXT("tcp://far.example.com:2376"));
    test->environment.docker_host = NULL;
    test->environment.docker_context = "far";
    expect_remote_host(test, "far.example.com");
    // The user knows better: a tunnel's near end is here.
    test->environment.docker_host = "unix:///tmp/tunnel.sock";
    test->environment.engine_host = "far.example.com";
    expect_remote_host(test, "far.example.com");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(docker_host_comes_first),
        TEST(docker_hosts_that_cannot_be_are_named),
        TEST(tls_takes_its_files_from_the_certificate_folder),
        TEST(the_current_context_is_followed),
        TEST(docker_config_moves_the_contexts),
        TEST(contexts_that_cannot_be_followed_are_named),
        TEST(a_context_may_have_tls),
        TEST(sockets_are_tried_in_order),
        TEST(without_a_home_there_is_the_system_socket),
        TEST(an_engine_may_be_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

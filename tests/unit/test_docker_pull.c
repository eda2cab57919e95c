// The pure parts of a pull: lines of JSON, progress added up, image names taken apart.
#include "tests/unit/test.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/docker/lines.h"
#include "orchestrator/docker/progress.h"
#include "orchestrator/docker/reference.h"

static bool add_value(void *context, const cJSON *value)
{
    struct strbuf *out = context;
    json_print(value, false, out);
    strbuf_addch(out, '|');
    return true;
}

static bool add_one(void *context, const cJSON *value)
{
    add_value(context, value);
    return false;
}

static void lines_come_apart_wherever_they_are_split(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1}\r\n\n \r\n[2]\n{\"b\":\"\\n\"}";
    for (size_t split = 0; split <= sizeof text - 1; split++) {
        struct lines lines = LINES_INIT;
        struct err err;
        AUTO_STRBUF got = STRBUF_INIT;
        size_t rest = sizeof text - 1 - split;
        assert_int_equal(lines_push(&lines, text, split, add_value, &got, &err), 0);
        assert_int_equal(lines_push(&lines, text + split, rest, add_value, &got, &err), 0);
        assert_string_equal(got.data, "{\"a\":1}|[2]|");
        assert_int_equal(lines_finish(&lines, add_value, &got, &err), 0);
        assert_string_equal(got.data, "{\"a\":1}|[2]|{\"b\":\"\\n\"}|");
        lines_release(&lines);
    }
}

static void lines_that_are_no_json_are_errors(void **state)
{
    (void)state;
    static const char *const bad[] = {"oops\n", "{\"a\":1\n", "{} {}\n", "\"\xff\n", "{}x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lines lines = LINES_INIT;
        struct err err;
        AUTO_STRBUF got = STRBUF_INIT;
        int failed = lines_push(&lines, bad[i], strlen(bad[i]), add_value, &got, &err);
        if (!failed)
            failed = lines_finish(&lines, add_value, &got, &err);
        assert_int_equal(failed, -1);
        assert_string_equal(got.data, "");
        assert_null(strchr(err.message, '\xff'));
        lines_release(&lines);
    }
}

static void a_line_has_a_longest_length(void **state)
{
    (void)state;
    struct lines lines = LINES_INIT;
    struct err err;
    AUTO_STRBUF got = STRBUF_INIT;
    AUTOFREE char *piece = mem_alloc(LINES_MAX_BYTES);
    memset(piece, ' ', LINES_MAX_BYTES);
    assert_int_equal(lines_push(&lines, piece, LINES_MAX_BYTES, add_value, &got, &err), 0);
    assert_int_equal(lines_push(&lines, piece, 1, add_value, &got, &err), -1);
    lines_release(&lines);
}

static void a_receiver_of_lines_may_stop(void **state)
{
    (void)state;
    struct lines lines = LINES_INIT;
    struct err err;
    AUTO_STRBUF got = STRBUF_INIT;
    assert_int_equal(lines_push(&lines, "1\n2\n", 4, add_one, &got, &err), 0);
    assert_string_equal(got.data, "1|");
    lines_release(&lines);
}

static void feed(struct progress *progress, const char *text)
{
    AUTO_JSON *value = NULL;
    struct err err;
    assert_int_equal(json_parse(text, strlen(text), &value, &err), 0);
    progress_add(progress, value);
}

static void assert_sum(const struct progress *progress, int64_t done_bytes, int64_t total_bytes,
                       const char *text)
{
    struct docker_progress sum = progress_sum(progress);
    assert_int_equal(sum.done_bytes, done_bytes);
    assert_int_equal(sum.total_bytes, total_bytes);
    assert_string_equal(sum.text, text);
}

#define LAYER(id, status, current, total)                                                   \
    "{\"id\":\"" id "\",\"status\":\"" status "\",\"progressDetail\":{\"current\":" current \
    ",\"total\":" total "}}"

static void progress_is_the_sum_over_the_layers(void **state)
{
    (void)state;
    struct progress *progress = progress_new();
    assert_sum(progress, 0, 0, "Waiting");
    feed(progress, "{\"status\":\"Pulling from library/redis\",\"id\":\"7\"}");
    feed(progress, "{\"status\":\"Already exists\",\"progressDetail\":{},\"id\":\"z\"}");
    assert_sum(progress, 0, 0, "Complete");
    feed(progress, "{\"status\":\"Pulling fs layer\",\"progressDetail\":{},\"id\":\"a\"}");
    assert_sum(progress, 0, 0, "Waiting");
    feed(progress, LAYER("a", "Downloading", "40", "100"));
    feed(progress, LAYER("b", "Downloading", "1", "50"));
    assert_sum(progress, 41, 150, "Downloading");
    feed(progress, "{\"status\":\"Verifying Checksum\",\"progressDetail\":{},\"id\":\"a\"}");
    assert_sum(progress, 101, 150, "Downloading");
    feed(progress, "{\"status\":\"Download complete\",\"progressDetail\":{},\"id\":\"b\"}");
    assert_sum(progress, 150, 150, "Extracting");
    // Extraction counts unpacked bytes of its own; those of the download stay.
    feed(progress, LAYER("a", "Extracting", "7", "100"));
    assert_sum(progress, 150, 150, "Extracting");
    feed(progress, "{\"status\":\"Pull complete\",\"id\":\"a\"}");
    feed(progress, "{\"status\":\"Pull complete\",\"id\":\"b\"}");
    feed(progress, "{\"status\":\"Digest: sha256:1\"}");
    assert_sum(progress, 150, 150, "Complete");
    progress_free(progress);
}

static void progress_never_goes_back_and_takes_any_value(void **state)
{
    (void)state;
    struct progress *progress = progress_new();
    feed(progress, LAYER("a", "Downloading", "40", "100"));
    feed(progress, LAYER("a", "Downloading", "3", "100"));
    assert_sum(progress, 40, 100, "Downloading");
    feed(progress, LAYER("a", "Downloading", "120", "0"));
    assert_sum(progress, 120, 120, "Downloading");
    static const char *const odd[] = {
        "null",
        "[]",
        "7",
        "{}",
        "{\"status\":7}",
        "{\"status\":\"Downloading\"}",
        "{\"id\":\"a\",\"status\":\"Downloading\",\"progressDetail\":[]}",
        LAYER("a", "Downloading", "\"x\"", "1e300"),
        LAYER("a", "Downloading", "-5", "-9e18")};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        feed(progress, odd[i]);
    assert_sum(progress, 120, 120, "Downloading");
    progress_free(progress);
    progress_free(NULL);
}

static void errors_in_the_stream_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"{\"errorDetail\":{\"code\":1,\"message\":\"new\"},\"error\":\"old\"}", "new"},
        {"{\"error\":\"old\"}", "old"},
        {"{\"errorDetail\":{}}", NULL},
        {"{\"status\":\"error\"}", NULL},
        {"[]", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_JSON *value = cJSON_Parse(cases[i].text);
        const char *error = progress_error(value);
        if (cases[i].error)
            assert_string_equal(error, cases[i].error);
        else
            assert_null(error);
    }
}

static void image_names_come_apart(void **state)
{
    (void)state;
    static const struct {
        const char *image, *repository, *tag, *registry;
    } cases[] = {
        {"redis", "redis", "latest", "registry-1.docker.io"},
        {"redis:7", "redis", "7", "registry-1.docker.io"},
        {"bitnami/redis:7", "bitnami/redis", "7", "registry-1.docker.io"},
        {"docker.io/library/redis:7", "docker.io/library/redis", "7", "registry-1.docker.io"},
        {"127.0.0.1:5000/x/y:1", "127.0.0.1:5000/x/y", "1", "127.0.0.1:5000"},
        {"127.0.0.1:5000/x/y", "127.0.0.1:5000/x/y", "latest", "127.0.0.1:5000"},
        {"localhost/x", "localhost/x", "latest", "localhost"},
        {"ghcr.io/a/b:2@sha256:ab", "ghcr.io/a/b", "sha256:ab", "ghcr.io"},
        {"redis@sha256:ab", "redis", "sha256:ab", "registry-1.docker.io"},
        {"", "", "latest", "registry-1.docker.io"},
        {":", "", "", "registry-1.docker.io"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reference reference;
        AUTO_STRBUF registry = STRBUF_INIT;
        reference_parse(cases[i].image, &reference);
        reference_registry(reference.repository, &registry);
        assert_string_equal(reference.repository, cases[i].repository);
        assert_string_equal(reference.tag, cases[i].tag);
        assert_string_equal(registry.data, cases[i].registry);
        reference_release(&reference);
    }
    assert_true(reference_same_repository("redis", "docker.io/library/redis"));
    assert_true(reference_same_repository("index.docker.io/a/b", "a/b"));
    assert_false(reference_same_repository("redis", "bitnami/redis"));
    assert_false(reference_same_repository("ghcr.io/library/redis", "redis"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_apart_wherever_they_are_split),
        cmocka_unit_test(lines_that_are_no_json_are_errors),
        cmocka_unit_test(a_line_has_a_longest_length),
        cmocka_unit_test(a_receiver_of_lines_may_stop),
        cmocka_unit_test(progress_is_the_sum_over_the_layers),
        cmocka_unit_test(progress_never_goes_back_and_takes_any_value),
        cmocka_unit_test(errors_in_the_stream_are_found),
        cmocka_unit_test(image_names_come_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

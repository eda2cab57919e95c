#include "tests/unit/test.h"

#include "provisioners/engine_version.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void assert_prints(const struct engine_version *version, const char *expected)
{
    AUTO_STRBUF text = STRBUF_INIT;
    engine_version_print(version, &text);
    assert_string_equal(text.data, expected);
}

static void images_tell_server_and_version(void **state)
{
    (void)state;
    static const struct {
        enum engine_id engine;
        const char *image, *version;
    } cases[] = {
        {ENGINE_POSTGRES, "postgres:18.1-alpine", "Postgres 18"},
        {ENGINE_POSTGRES, "postgres:99999999999999999999", "Postgres 99999"},
        {ENGINE_MYSQL, "mysql:9", "MySQL 9"},
        {ENGINE_MYSQL, "mysql:9.7.4-oraclelinux9", "MySQL 9"},
        {ENGINE_MYSQL, "mysql:8.4", "MySQL 8.4"},
        {ENGINE_MYSQL, "mysql:8", "MySQL 8"},
        {ENGINE_MYSQL, "mysql:latest", "MySQL"},
        {ENGINE_MYSQL, "mysql:10", "MySQL 10"},
        {ENGINE_MYSQL, "mirror.local:5000/library/mariadb:10.11.6@sha256:01", "MariaDB 10.11"},
        {ENGINE_MYSQL, "bitnami/mariadb-galera:11", "MariaDB 11"},
        {ENGINE_MYSQL, "percona/percona-server:8.0", "MySQL 8.0"},
        {ENGINE_MYSQL, "mysql.local/shop/db:8.0", ""},
        {ENGINE_REDIS, "redis:7", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_version version =
            engine_image_version(engine_of(cases[i].engine), cases[i].image);
        assert_prints(&version, cases[i].version);
    }
    assert_int_equal(engine_image_version(engine_of(ENGINE_MYSQL), "shop/db:8.0").major, 8);
    assert_int_equal(engine_image_version(engine_of(ENGINE_REDIS), "redis").major, 0);
}

static void images_of_another_version_are_named(void **state)
{
    static const struct {
        const char *image;
        int major;
        const char *other; // NULL: none
    } cases[] = {
        {"postgres:18", 18, "postgres:15"},
        {"postgres:18.1-alpine", 18, "postgres:15-alpine"},
        {"postgres:18beta1-bookworm", 18, "postgres:15-bookworm"},
        {"mirror.local:5000/library/postgres:9.6", 9, "mirror.local:5000/library/postgres:15"},
        {"postgis/postgis:16-3.4", 16, "postgis/postgis:15-3.4"},
        {"pgvector/pgvector:pg17", 17, "pgvector/pgvector:pg15"},
        {"pgvector/pgvector:0.8.0-pg17-trixie", 17, "pgvector/pgvector:0.8.0-pg15-trixie"},
        {"postgres:18@sha256:16ab", 18, "postgres:15"},
        {"postgres@sha256:16ab", 0, NULL},
        {"mirror.local:5000/postgres", 0, NULL},
        {"postgres:latest", 0, NULL},
    };
    const struct engine *postgres = engine_of(ENGINE_POSTGRES);
    const struct engine_version version = engine_version_parse(postgres, "15");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(engine_image_version(postgres, cases[i].image).major, cases[i].major);
        const char *other = engine_image_of_version(cases[i].image, &version, *state);
        assert_true(cases[i].other ? other && !strcmp(other, cases[i].other) : !other);
    }
    const struct engine_version mariadb =
        engine_version_parse(engine_of(ENGINE_MYSQL), "10.6.18-MariaDB");
    assert_string_equal(engine_image_of_version("mariadb:11.4-noble", &mariadb, *state),
                        "mariadb:10.6-noble");
}

static void what_servers_say_is_read(void **state)
{
    (void)state;
    static const struct {
        enum engine_id engine;
        const char *text, *version;
    } cases[] = {
        {ENGINE_POSTGRES, "15\n", "Postgres 15"},
        {ENGINE_POSTGRES, "Postgres 15", "Postgres 15"},
        {ENGINE_POSTGRES, "0\n", "Postgres"},
        {ENGINE_POSTGRES, "", ""},
        {ENGINE_MYSQL, "9.7.4-2\",\"maturity\"", "MySQL 9"},
        {ENGINE_MYSQL, "8.0.36", "MySQL 8.0"},
        {ENGINE_MYSQL, "MySQL 5.7.44", "MySQL 5.7"},
        {ENGINE_MYSQL, "10.11.18-MariaDB", "MariaDB 10.11"},
        {ENGINE_MYSQL, "MariaDB 10.11.18", "MariaDB 10.11"},
        {ENGINE_MYSQL, "MariaDB", "MariaDB"},
        {ENGINE_MYSQL, "\n", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_version version =
            engine_version_parse(engine_of(cases[i].engine), cases[i].text);
        assert_prints(&version, cases[i].version);
    }
}

static void what_is_not_known_agrees(void **state)
{
    (void)state;
    static const struct {
        const char *left, *right;
        bool agrees, is_same_server;
    } cases[] = {
        {"MySQL 8.0", "MySQL 8.0", true, true},   {"MySQL 8.0", "MySQL 8.4", false, true},
        {"MySQL 8", "MySQL 8.4", true, true},     {"MySQL", "MySQL 9", true, true},
        {"", "MariaDB 10.11", true, true},        {"MariaDB 10.6", "MariaDB 10.11", false, true},
        {"MariaDB 11", "MySQL 11", false, false}, {"MariaDB", "MySQL", false, false},
    };
    const struct engine *engine = engine_of(ENGINE_MYSQL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_version left = engine_version_parse(engine, cases[i].left);
        const struct engine_version right = engine_version_parse(engine, cases[i].right);
        assert_int_equal(engine_version_agrees(&left, &right), cases[i].agrees);
        assert_int_equal(engine_version_is_same_server(&left, &right), cases[i].is_same_server);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(images_tell_server_and_version),
        TEST(images_of_another_version_are_named),
        TEST(what_servers_say_is_read),
        TEST(what_is_not_known_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

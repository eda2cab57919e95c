#include "tests/unit/test.h"

#include "provisioners/engine.h"
#include "tests/unit/arena_fixture.h"

static struct container_spec spec_of(struct fixture *fixture, const struct provision *provision)
{
    struct container_spec spec = {0};
    if (engine_container_spec(provision, fixture->arena, &spec, &fixture->err))
        fail_msg("%s", fixture->err.message);
    return spec;
}

static char *joined(const char *const *items, size_t count)
{
    AUTO_STRBUF out = STRBUF_INIT;
    for (size_t i = 0; i < count; i++)
        strbuf_addf(&out, "%s%s", i ? " | " : "", items[i]);
    return strbuf_detach(&out);
}

static void engines_are_found_in_any_case(void **state)
{
    (void)state;
    assert_ptr_equal(engine_find("postgres"), engine_of(ENGINE_POSTGRES));
    assert_ptr_equal(engine_find("DENOKV"), engine_of(ENGINE_DENO_KV));
    assert_null(engine_find("Oracle"));
    size_t count = 0;
    const struct engine *table = engine_table(&count);
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(table[i].id, i);
        assert_ptr_equal(engine_find(table[i].name), &table[i]);
    }
}

static void postgres_takes_its_password_from_a_file(void **state)
{
    const struct container_spec spec =
        spec_of(*state, &(struct provision){.engine = engine_of(ENGINE_POSTGRES),
                                            .tag = "15",
                                            .data_source = "app-data",
                                            .password_file = "/w/.berth/secrets/postgres",
                                            .host_port = 5433});
    assert_string_equal(spec.image, "postgres:15");
    AUTOFREE char *env = joined(spec.env, spec.env_count);
    assert_string_equal(
        env, "POSTGRES_HOST_AUTH_METHOD=scram-sha-256 | POSTGRES_INITDB_ARGS="
             "--auth-host=scram-sha-256 --auth-local=scram-sha-256 | "
             "POSTGRES_PASSWORD_FILE=/run/secrets/berth-password | POSTGRES_USER=postgres");
    assert_int_equal(spec.mount_count, 2);
    assert_string_equal(spec.mounts[0].source, "/w/.berth/secrets/postgres");
    assert_string_equal(spec.mounts[0].target, "/run/secrets/berth-password");
    assert_true(spec.mounts[0].is_bind && spec.mounts[0].read_only);
    assert_string_equal(spec.mounts[1].target, "/var/lib/postgresql/data");
    assert_false(spec.mounts[1].is_bind || spec.mounts[1].read_only);
    assert_int_equal(spec.port_count, 1);
    assert_int_equal(spec.ports[0].container_port, 5432);
    assert_int_equal(spec.ports[0].host_port, 5433);
    assert_int_equal(spec.arg_count, 0);
    assert_int_equal(spec.stop_timeout_s, 30);
    assert_string_equal(spec.health.command[1], "pg_isready");
}

static void postgres_keeps_its_data_where_the_version_wants_it(void **state)
{
    static const char *const cases[][3] = {
        // image, tag, target
        {NULL, NULL, "/var/lib/postgresql"},
        {NULL, "18", "/var/lib/postgresql"},
        {NULL, "18beta1-alpine", "/var/lib/postgresql"},
        {NULL, "latest", "/var/lib/postgresql"},
        {NULL, "bookworm", "/var/lib/postgresql"},
        {NULL, "17.5-bookworm", "/var/lib/postgresql/data"},
        {NULL, "9.6", "/var/lib/postgresql/data"},
        {"postgis/postgis", "16-3.4", "/var/lib/postgresql/data"},
        {"pgvector/pgvector", "pg17", "/var/lib/postgresql/data"},
        {"timescale/timescaledb", "2.14.2-pg16", "/var/lib/postgresql/data"},
        {"mirror.local:5000/postgres", "15", "/var/lib/postgresql/data"},
        {"mirror.local:5000/postgres:14", "18", "/var/lib/postgresql/data"},
        {"postgres@sha256:0123", "15", "/var/lib/postgresql"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct container_spec spec =
            spec_of(*state, &(struct provision){.engine = engine_of(ENGINE_POSTGRES),
                                                .image = cases[i][0],
                                                .tag = cases[i][1],
                                                .data_source = "/w/.data/postgres",
                                                .data_is_bind = true,
                                                .password_file = "/p",
                                                .host_port = 1});
        assert_string_equal(spec.mounts[1].target, cases[i][2]);
        assert_true(spec.mounts[1].is_bind);
    }
}

static void images_are_named_by_what_was_asked(void **state)
{
    struct fixture *fixture = *state;
    static const char *const cases[][3] = {
        {NULL, NULL, "postgres:18"},
        {NULL, "16", "postgres:16"},
        {"mirror.local:5000/library/postgres", NULL, "mirror.local:5000/library/postgres:18"},
        {"mirror.local:5000/postgres:15", "16", "mirror.local:5000/postgres:15"},
        {"postgres@sha256:abc", "16", "postgres@sha256:abc"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct provision provision = {
            .engine = engine_of(ENGINE_POSTGRES), .image = cases[i][0], .tag = cases[i][1]};
        assert_string_equal(engine_image(&provision, fixture->arena), cases[i][2]);
    }
    assert_null(engine_image(&(struct provision){.engine = engine_of(ENGINE_SQLITE)}, NULL));
}

static void mysql_and_mariadb_differ_in_their_image(void **state)
{
    static const char *const args[] = {"--max-connections=20"};
    struct provision provision = {.engine = engine_of(ENGINE_MYSQL),
                                  .data_source = "/w/.data/mysql",
                                  .data_is_bind = true,
                                  .password_file = "/w/.berth/secrets/mysql/for-container",
                                  .host_port = 3307,
                                  .args = args,
                                  .arg_count = 1};
    const struct container_spec spec = spec_of(*state, &provision);
    assert_string_equal(spec.image, "mysql:9");
    AUTOFREE char *env = joined(spec.env, spec.env_count);
    assert_string_equal(env, "MYSQL_ROOT_HOST=% | "
                             "MYSQL_ROOT_PASSWORD_FILE=/run/secrets/berth-password");
    assert_int_equal(spec.mount_count, 2);
    assert_string_equal(spec.mounts[0].source, "/w/.berth/secrets/mysql/for-container");
    assert_true(spec.mounts[0].is_bind && spec.mounts[0].read_only);
    assert_string_equal(spec.mounts[1].target, "/var/lib/mysql");
    assert_true(spec.mounts[1].is_bind && !spec.mounts[1].read_only);
    assert_int_equal(spec.ports[0].container_port, 3306);
    assert_string_equal(spec.args[0], "--max-connections=20");
    assert_int_equal(spec.stop_timeout_s, 30);
    provision.image = "mariadb";
    assert_string_equal(spec_of(*state, &provision).image, "mariadb:11");
    provision.image = "mirror.local:5000/library/mariadb";
    provision.tag = "10.11";
    assert_string_equal(spec_of(*state, &provision).image,
                        "mirror.local:5000/library/mariadb:10.11");
    provision.password_file = NULL;
    AUTOFREE char *open = joined(spec_of(*state, &provision).env, 2);
    assert_string_equal(open, "MYSQL_ALLOW_EMPTY_PASSWORD=1 | MYSQL_ROOT_HOST=%");
}

static void what_the_user_gave_is_merged(void **state)
{
    const char *const env[] = {"TZ=UTC", "A=1", "POSTGRES_INITDB_ARGS=--data-checksums", "TZ=CET",
                               "POSTGRES=x"};
    const char *const args[] = {"-c", "max_connections=20"};
    const struct container_spec spec =
        spec_of(*state, &(struct provision){.engine = engine_of(ENGINE_POSTGRES),
                                            .password_file = "/p",
                                            .host_port = 5432,
                                            .env = env,
                                            .env_count = 5,
                                            .args = args,
                                            .arg_count = 2,
                                            .memory_limit_mb = 256});
    AUTOFREE char *got = joined(spec.env, spec.env_count);
    assert_string_equal(got, "A=1 | POSTGRES=x | POSTGRES_HOST_AUTH_METHOD=scram-sha-256 | "
                             "POSTGRES_INITDB_ARGS=--data-checksums | "
                             "POSTGRES_PASSWORD_FILE=/run/secrets/berth-password | "
                             "POSTGRES_USER=postgres | TZ=CET");
    AUTOFREE char *got_args = joined(spec.args, spec.arg_count);
    assert_string_equal(got_args, "-c | max_connections=20");
    assert_null(spec.args[2]);
    assert_int_equal(spec.memory_limit_mb, 256);
    assert_int_equal(spec.mount_count, 1);
}

static void refused(struct fixture *fixture, const struct provision *provision, const char *message)
{
    struct container_spec spec = {.image = "untouched"};
    assert_int_equal(engine_container_spec(provision, fixture->arena, &spec, &fixture->err), -1);
    assert_int_equal(fixture->err.kind, ERR_INVALID);
    assert_string_equal(fixture->err.message, message);
    assert_string_equal(spec.image, "untouched");
}

static void what_berth_decides_is_not_overridden(void **state)
{
    static const struct {
        enum engine_id engine;
        const char *name;
    } cases[] = {
        {ENGINE_POSTGRES, "POSTGRES_USER"},
        {ENGINE_POSTGRES, "POSTGRES_PASSWORD"},
        {ENGINE_POSTGRES, "POSTGRES_PASSWORD_FILE"},
        {ENGINE_POSTGRES, "PGDATA"},
        {ENGINE_POSTGRES, "PGPORT"},
        {ENGINE_MYSQL, "MYSQL_ROOT_PASSWORD"},
        {ENGINE_MYSQL, "MARIADB_ROOT_PASSWORD"},
        {ENGINE_MYSQL, "MYSQL_ROOT_HOST"},
        {ENGINE_MYSQL, "MYSQL_TCP_PORT"},
        {ENGINE_MSSQL, "MSSQL_SA_PASSWORD"},
        {ENGINE_MSSQL, "SA_PASSWORD"},
        {ENGINE_MSSQL, "MSSQL_TCP_PORT"},
    };
    struct provision provision = {.password_file = "/p", .host_port = 1, .env_count = 1};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *variable = arena_printf(fixture->arena, "%s=hunter2-secret", cases[i].name);
        provision.engine = engine_of(cases[i].engine);
        provision.env = &variable;
        refused(fixture, &provision,
                arena_printf(fixture->arena, "%s: Env may not set %s, berth decides it",
                             provision.engine->name, cases[i].name));
    }
    const char *nameless = "hunter2-secret";
    provision.env = &nameless;
    refused(fixture, &provision, "Mssql: an entry of Env is not NAME=value");
}

static void engines_without_a_container_say_so(void **state)
{
    refused(*state, &(struct provision){.engine = engine_of(ENGINE_SQLITE), .host_port = 1},
            "Sqlite has no container");
    refused(*state, &(struct provision){.engine = engine_of(ENGINE_GARNET), .host_port = 1},
            "Garnet is not yet provisioned by this version");
    struct fixture *fixture = *state;
    assert_non_null(strstr(fixture->err.hint, "External"));
}

static void redis_is_bare_without_a_password(void **state)
{
    const char *const args[] = {"--maxmemory", "64mb"};
    const struct container_spec spec =
        spec_of(*state, &(struct provision){.engine = engine_of(ENGINE_REDIS),
                                            .data_source = "/w/.data/redis",
                                            .data_is_bind = true,
                                            .host_port = 6380,
                                            .args = args,
                                            .arg_count = 2});
    assert_string_equal(spec.image, "redis:7");
    assert_int_equal(spec.env_count, 0);
    assert_int_equal(spec.mount_count, 1);
    assert_string_equal(spec.mounts[0].target, "/data");
    AUTOFREE char *got = joined(spec.args, spec.arg_count);
    assert_string_equal(got, "--maxmemory | 64mb");
}

static void redis_reads_its_password_from_a_file(void **state)
{
    const char *args[] = {"redis-server", "--appendonly", "yes"};
    struct provision provision = {.engine = engine_of(ENGINE_REDIS),
                                  .password_file = "/w/.berth/secrets/redis.conf",
                                  .host_port = 6380,
                                  .args = args,
                                  .arg_count = 3};
    const struct container_spec spec = spec_of(*state, &provision);
    AUTOFREE char *got = joined(spec.args, spec.arg_count);
    assert_string_equal(got, "/run/secrets/berth-redis.conf | --appendonly | yes");
    assert_string_equal(spec.mounts[0].target, "/run/secrets/berth-redis.conf");
    assert_true(spec.mounts[0].read_only);
    args[1] = "/etc/redis.conf";
    refused(*state, &provision, "Redis: with a password, Args must be options (--name value)");
}

static void password_files_are_what_the_image_reads(void **state)
{
    (void)state;
    AUTO_STRBUF content = STRBUF_INIT;
    mode_t mode = 0;
    engine_password_file(engine_of(ENGINE_POSTGRES), "a\"b c", &content, &mode);
    assert_string_equal(content.data, "a\"b c");
    assert_int_equal(mode, 0600);
    strbuf_clear(&content);
    engine_password_file(engine_of(ENGINE_REDIS), "a\"b c", &content, &mode);
    assert_string_equal(content.data, "requirepass \"a\\x22b\\x20c\"\n");
    assert_int_equal(mode, 0644);
}

static void assert_difference(struct fixture *fixture, const struct provision *old_provision,
                              const struct provision *new_provision, const char *expected)
{
    const struct container_spec old_spec = spec_of(fixture, old_provision);
    const struct container_spec new_spec = spec_of(fixture, new_provision);
    AUTO_STRBUF old_json = STRBUF_INIT;
    AUTO_STRBUF new_json = STRBUF_INIT;
    AUTO_STRBUF out = STRBUF_INIT;
    container_spec_json(&old_spec, &old_json);
    container_spec_json(&new_spec, &new_json);
    strbuf_adds(&out, "> ");
    container_spec_difference(old_json.data, new_json.data, &out);
    assert_string_equal(out.data + 2, expected);
    assert_null(strstr(old_json.data, "hunter2"));
    assert_null(strstr(new_json.data, "hunter2"));
}

static void differences_name_the_key_that_changed(void **state)
{
    const char *const env[] = {"API_KEY=hunter2-old", "KEPT=1"};
    const char *const other_env[] = {"API_KEY=hunter2-new", "KEPT=1"};
    const char *const args[] = {"--requirepass", "hunter2"};
    const char *const split_args[] = {"--requirepasshunter2"};
    const struct provision base = {.engine = engine_of(ENGINE_REDIS),
                                   .data_source = "data",
                                   .host_port = 6380,
                                   .env = env,
                                   .env_count = 2};
    struct provision other = base;
    assert_difference(*state, &base, &other, "");
    other.tag = "7.2";
    assert_difference(*state, &base, &other, "image: redis:7 -> redis:7.2");
    other.host_port = 6381;
    assert_difference(*state, &base, &other,
                      "image: redis:7 -> redis:7.2; port 6379: 6380 -> 6381");
    other = base;
    other.env = other_env;
    assert_difference(*state, &base, &other, "env API_KEY changed");
    other.env_count = 0;
    assert_difference(*state, &base, &other, "env API_KEY removed; env KEPT removed");
    assert_difference(*state, &other, &base, "env API_KEY added; env KEPT added");
    other = base;
    other.data_source = "/w/.data/redis";
    other.data_is_bind = true;
    other.memory_limit_mb = 64;
    assert_difference(*state, &base, &other,
                      "mount /data: volume data -> directory /w/.data/redis; "
                      "memoryLimitMb: none -> 64");
    other = base;
    other.args = args;
    other.arg_count = 2;
    assert_difference(*state, &base, &other, "args changed");
    struct provision split = other;
    split.args = split_args;
    split.arg_count = 1;
    assert_difference(*state, &other, &split, "args changed");
}

static void a_foreign_description_is_just_different(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{", "[1]", "null", "{\"image\":7}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AUTO_STRBUF out = STRBUF_INIT;
        container_spec_difference(texts[i], "{\"image\":\"redis:7\"}", &out);
        assert_true(out.len > 0);
        strbuf_clear(&out);
        container_spec_difference(texts[i], texts[i], &out);
        assert_int_equal(out.len, 0);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(engines_are_found_in_any_case),
        TEST(postgres_takes_its_password_from_a_file),
        TEST(postgres_keeps_its_data_where_the_version_wants_it),
        TEST(images_are_named_by_what_was_asked),
        TEST(mysql_and_mariadb_differ_in_their_image),
        TEST(what_the_user_gave_is_merged),
        TEST(what_berth_decides_is_not_overridden),
        TEST(engines_without_a_container_say_so),
        TEST(redis_is_bare_without_a_password),
        TEST(redis_reads_its_password_from_a_file),
        TEST(password_files_are_what_the_image_reads),
        TEST(differences_name_the_key_that_changed),
        TEST(a_foreign_description_is_just_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

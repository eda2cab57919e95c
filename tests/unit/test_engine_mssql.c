#include "tests/unit/test.h"

#include "provisioners/engine_needs.h"
#include "tests/unit/arena_fixture.h"

static struct provision provision_with(const char *const *env, size_t env_count)
{
    return (struct provision){.engine = engine_of(ENGINE_MSSQL),
                              .password_file = "/w/.berth/secrets/db/for-container",
                              .data_source = "/w/.data/mssql",
                              .data_is_bind = true,
                              .host_port = 14330,
                              .env = env,
                              .env_count = env_count};
}

static void the_password_comes_by_file(void **state)
{
    struct fixture *fixture = *state;
    const struct provision provision = provision_with(NULL, 0);
    struct container_spec spec;
    assert_int_equal(engine_container_spec(&provision, fixture->arena, &spec, &fixture->err), 0);
    assert_string_equal(spec.image, "mcr.microsoft.com/mssql/server:2022-latest");
    assert_int_equal(spec.env_count, 1);
    assert_string_equal(spec.env[0], "ACCEPT_EULA=Y");
    assert_string_equal(spec.user, "0");
    assert_string_equal(spec.entrypoint[0], "/bin/bash");
    assert_non_null(strstr(spec.entrypoint[2], "$(cat /run/secrets/berth-password)"));
    assert_non_null(strstr(spec.entrypoint[2], "setpriv --reuid=mssql"));
    assert_int_equal(spec.mount_count, 2);
    assert_string_equal(spec.mounts[0].target, "/run/secrets/berth-password");
    assert_true(spec.mounts[0].read_only);
    assert_string_equal(spec.mounts[1].target, "/var/opt/mssql");
    AUTO_STRBUF content = STRBUF_INIT;
    mode_t mode = 0;
    engine_password_file(provision.engine, "Secret-1", &content, &mode);
    assert_string_equal(content.data, "Secret-1");
    assert_int_equal(mode, 0600);
}

static void another_entrypoint_is_another_container(void **state)
{
    struct fixture *fixture = *state;
    const struct provision provision = provision_with(NULL, 0);
    struct container_spec spec;
    AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT, difference = STRBUF_INIT;
    assert_int_equal(engine_container_spec(&provision, fixture->arena, &spec, &fixture->err), 0);
    container_spec_json(&spec, &before);
    static const char *const other[] = {"/bin/true", NULL};
    spec.entrypoint = other;
    container_spec_json(&spec, &after);
    container_spec_difference(before.data, after.data, &difference);
    assert_non_null(strstr(difference.data, "entrypoint"));
}

static void refused(struct fixture *fixture, const struct provision *provision, const char *message,
                    const char *hint)
{
    struct container_spec spec;
    assert_int_equal(engine_container_spec(provision, fixture->arena, &spec, &fixture->err), -1);
    assert_int_equal(fixture->err.kind, ERR_INVALID);
    assert_non_null(strstr(fixture->err.message, message));
    assert_non_null(strstr(fixture->err.hint, hint));
}

static void the_licence_is_accepted_or_nothing_is_made(void **state)
{
    static const char *const no[] = {"N", "no", "", "true"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        const char *variable = arena_printf(fixture->arena, "ACCEPT_EULA=%s", no[i]);
        const struct provision provision = provision_with(&variable, 1);
        refused(fixture, &provision, "unless its licence is accepted", "ACCEPT_EULA");
    }
    const char *const yes = "ACCEPT_EULA=y";
    const struct provision provision = provision_with(&yes, 1);
    struct container_spec spec;
    assert_int_equal(engine_container_spec(&provision, fixture->arena, &spec, &fixture->err), 0);
    assert_int_equal(spec.env_count, 1);
}

static void memory_below_its_own_limit_is_refused(void **state)
{
    struct provision provision = provision_with(NULL, 0);
    struct container_spec spec;
    struct fixture *fixture = *state;
    provision.memory_limit_mb = 1999;
    refused(fixture, &provision, "needs 2000 MB", "MemoryLimitMb");
    provision.memory_limit_mb = 2000;
    assert_int_equal(engine_container_spec(&provision, fixture->arena, &spec, &fixture->err), 0);
}

static void weak_passwords_are_told_apart(void **state)
{
    static const struct {
        const char *password, *message;
    } cases[] = {
        {"", "0 characters"},
        {"Aa1-567", "7 characters"},
        {"abcdefgh", "three of capitals"},
        {"abcdefgh1", "three of capitals"},
        {"ABCDEFG-", "three of capitals"},
        {"12345678-", "three of capitals"},
        {"Abcdefg1", NULL},
        {"abcdefg1-", NULL},
        {"ABCDEFG1\xC3\xA4", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const int status =
            engine_check_password(engine_of(ENGINE_MSSQL), cases[i].password, &fixture->err);
        assert_int_equal(status, cases[i].message ? -1 : 0);
        if (cases[i].message)
            assert_non_null(strstr(fixture->err.message, cases[i].message));
    }
    char longest[130];
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "A1", 2);
    longest[128] = '\0';
    assert_int_equal(engine_check_password(engine_of(ENGINE_MSSQL), longest, &fixture->err), 0);
    longest[128] = 'a';
    longest[129] = '\0';
    assert_int_equal(engine_check_password(engine_of(ENGINE_MSSQL), longest, &fixture->err), -1);
    assert_int_equal(engine_check_password(engine_of(ENGINE_POSTGRES), "a", &fixture->err), 0);
}

static void only_it_insists_on_a_machine(void **state)
{
    struct fixture *fixture = *state;
    const struct engine *mssql = engine_of(ENGINE_MSSQL), *postgres = engine_of(ENGINE_POSTGRES);
    assert_true(engine_is_particular(mssql));
    assert_false(engine_is_particular(postgres));
    assert_int_equal(engine_check_machine(mssql, "x86_64", 2000, &fixture->err), 0);
    assert_int_equal(engine_check_machine(mssql, "amd64", 0, &fixture->err), 0);
    assert_int_equal(engine_check_machine(mssql, "", 0, &fixture->err), 0);
    assert_int_equal(engine_check_machine(mssql, "aarch64", 8000, &fixture->err), -1);
    assert_int_equal(engine_check_machine(mssql, "x86_64", 1999, &fixture->err), -1);
    assert_int_equal(engine_check_machine(postgres, "aarch64", 100, &fixture->err), 0);
    assert_int_equal(engine_start_timeout_ms(engine_of(ENGINE_MSSQL)), 300000);
    assert_int_equal(engine_start_timeout_ms(engine_of(ENGINE_MYSQL)), 0);
    assert_int_equal(engine_refusal_patience_ms(mssql), 20000);
    assert_int_equal(engine_refusal_patience_ms(postgres), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_password_comes_by_file, setup, teardown),
        cmocka_unit_test_setup_teardown(another_entrypoint_is_another_container, setup, teardown),
        cmocka_unit_test_setup_teardown(the_licence_is_accepted_or_nothing_is_made, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(memory_below_its_own_limit_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(weak_passwords_are_told_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(only_it_insists_on_a_machine, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// Databases and caches of the plan: containers, files, and addresses that somebody else answers
// for.
#include "tests/unit/plan_fixture.h"

#include <sys/stat.h>

#include "base/strbuf.h"

#define ENVIRON(...) ((char *const[]){__VA_ARGS__, NULL})
#define EXTERNAL                                                                     \
    "\"Databases\": {\"main\": {\"Engine\": \"Postgres\", \"Mode\": \"External\",\n" \
    "\"DatabaseName\": \"app-db\"}}"

static void expect_said(struct plan_fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->shown.data, expected);
}

static void expect_url(struct plan_fixture *fixture, const char *name, const char *expected)
{
    AUTO_STRBUF url = STRBUF_INIT, shown = STRBUF_INIT;
    connection_url(&planned(fixture, name)->connection, &url);
    plan_fixture_show(fixture, url.data, &shown);
    assert_string_equal(shown.data, expected);
}

static mode_t mode_of(struct plan_fixture *fixture, const char *name)
{
    AUTOFREE char *path = workspace_path(&fixture->files->workspace, name);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void a_database_has_a_container_of_its_own(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"postgres\": {\"Engine\": \"Postgres\", \"Port\": 5433,\n"
                      "\"ImageTag\": \"15\", \"DatabaseName\": \"my-app-db\",\n"
                      "\"Env\": {\"TZ\": \"UTC\"}, \"Args\": [\"-c\", \"fsync=off\"],\n"
                      "\"MemoryLimitMb\": 256}}",
                      NULL);
    expect_said(fixture, "");
    assert_true(fixture->plan->uses_docker);
    const struct plan_resource *postgres = planned(fixture, "postgres");
    assert_int_equal(postgres->backing, BACKING_CONTAINER);
    assert_false(postgres->persistent);
    expect_url(fixture, "postgres", "postgresql://postgres:****@127.0.0.1:5433/my-app-db");
    AUTO_STRBUF names = STRBUF_INIT;
    strbuf_addf(&names, "%s %s", postgres->container_name, postgres->volume_name);
    AUTO_STRBUF shown = STRBUF_INIT;
    plan_fixture_show(fixture, names.data, &shown);
    assert_string_equal(shown.data, "postgres-<id> postgres-<id>-data");
    assert_string_equal(postgres->spec.image, "postgres:15");
    assert_int_equal(postgres->spec.memory_limit_mb, 256);
    assert_int_equal(postgres->spec.ports[0].host_port, 5433);
    assert_int_equal(postgres->spec.ports[0].container_port, 5432);

    // Nothing that an inspection of the container shows holds the password.
    AUTO_STRBUF json = STRBUF_INIT;
    container_spec_json(&postgres->spec, &json);
    assert_null(strstr(json.data, postgres->connection.password));
    for (size_t i = 0; i < postgres->spec.env_count; i++)
        assert_null(strstr(postgres->spec.env[i], postgres->connection.password));
    assert_int_equal(mode_of(fixture, "secrets/postgres"), 0700);
    assert_int_equal(mode_of(fixture, "secrets/postgres/password"), 0600);
    assert_int_equal(mode_of(fixture, "secrets/postgres/for-container"), 0600);
}

static void what_was_chosen_stays(void **state)
{
    struct plan_fixture *fixture = *state;
    static const char settings[] = "\"Databases\": {\"postgres\": {\"Engine\": \"Postgres\"}},\n"
                                   "\"Cache\": {\"redis\": {}}";
    plan_fixture_plan(fixture, settings, NULL);
    AUTOFREE char *password = mem_strdup(planned(fixture, "postgres")->connection.password);
    const int port = planned(fixture, "postgres")->connection.port;
    const int cache_port = planned(fixture, "redis")->connection.port;
    assert_int_not_equal(port, cache_port);
    AUTO_STRBUF before = STRBUF_INIT, after = STRBUF_INIT;
    container_spec_json(&planned(fixture, "postgres")->spec, &before);
    plan_fixture_plan(fixture, settings, NULL);
    assert_string_equal(planned(fixture, "postgres")->connection.password, password);
    assert_int_equal(planned(fixture, "postgres")->connection.port, port);
    assert_int_equal(planned(fixture, "redis")->connection.port, cache_port);
    container_spec_json(&planned(fixture, "postgres")->spec, &after);
    assert_string_equal(after.data, before.data);
}

static void data_lies_where_the_settings_say(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"pg\": {\"Engine\": \"Postgres\", \"Persistent\": true,\n"
                      "\"DataPath\": \"./.data/pg/\"}},\n"
                      "\"Cache\": {\"redis\": {\"DataPath\": \"/srv/redis\"}}",
                      NULL);
    const struct plan_resource *pg = planned(fixture, "pg");
    assert_true(pg->persistent);
    assert_null(pg->volume_name);
    AUTO_STRBUF source = STRBUF_INIT;
    bool found = false;
    for (size_t i = 0; i < pg->spec.mount_count; i++)
        if (pg->spec.mounts[i].is_bind && !pg->spec.mounts[i].read_only) {
            plan_fixture_show(fixture, pg->spec.mounts[i].source, &source);
            found = true;
        }
    assert_true(found);
    assert_string_equal(source.data, "<root>/.data/pg");
    assert_string_equal(planned(fixture, "redis")->spec.mounts[0].source, "/srv/redis");
}

static void a_cache_has_a_password_where_one_is_given(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture, "\"Cache\": {\"redis\": {\"Port\": 6380}}", NULL);
    expect_url(fixture, "redis", "redis://127.0.0.1:6380");
    workspace_fixture_write(fixture->files, "appsettings.Development.json",
                            "{\"Parameters\": {\"redis-password\": \"open sesame\"}}");
    plan_fixture_plan(fixture, "\"Cache\": {\"redis\": {\"Port\": 6380}}", NULL);
    expect_said(fixture, "");
    expect_url(fixture, "redis", "redis://:****@127.0.0.1:6380");
    AUTO_STRBUF shown = STRBUF_INIT;
    plan_fixture_show(fixture, "it is open sesame, or open%20sesame", &shown);
    assert_string_equal(shown.data, "it is ****, or ****");
    assert_int_equal(mode_of(fixture, "secrets/redis"), 0700);
}

static void sqlite_is_a_file(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(
        fixture, "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\", \"DatabaseName\": \"a.db\"}}",
        &(struct plan_options){.environ = ENVIRON((char *)"DATABASE_URL=postgresql://h/other")});
    expect_said(fixture, "");
    assert_false(fixture->plan->uses_docker);
    assert_int_equal(planned(fixture, "db")->backing, BACKING_FILE);
    expect_url(fixture, "db", "file:<root>/database/db/a.db");
}

// Each source is there together with all later ones, and wins over them.
static void an_address_is_looked_for_in_order(void **state)
{
    struct plan_fixture *fixture = *state;
    static const char settings[] =
        EXTERNAL "},\n\"ConnectionStrings\": {\"main\": \"Host=h6;Database=d\"";
    static char *const variables[] = {
        (char *)"MAIN_URI=postgresql://h1/d", (char *)"ConnectionStrings__main=Host=h2;Database=d",
        (char *)"POSTGRES_URI=postgresql://h3/d", (char *)"DATABASE_URL=postgresql://h4/d", NULL};
    workspace_fixture_write(fixture->files, ".env", "MAIN_URI=postgresql://h5/d\n");
    static const char *const expected[] = {"h1", "h2", "h3", "h4", "h5"};
    for (size_t i = 0; i < 5; i++) {
        plan_fixture_plan(fixture, settings,
                          &(struct plan_options){.environ = (char **)variables + i});
        expect_said(fixture, "");
        assert_string_equal(planned(fixture, "main")->connection.host, expected[i]);
    }
    workspace_fixture_write(fixture->files, ".env", "DATABASE_URL=postgresql://h5b/d\n");
    plan_fixture_plan(fixture, settings, NULL);
    assert_string_equal(planned(fixture, "main")->connection.host, "h5b");
    // Set to nothing is not set, and hides what .env says.
    plan_fixture_plan(fixture, settings,
                      &(struct plan_options){.environ = ENVIRON((char *)"DATABASE_URL=")});
    assert_string_equal(planned(fixture, "main")->connection.host, "h6");
    // Under the database's name, as ADO.NET users write it.
    workspace_fixture_write(fixture->files, ".env", "");
    plan_fixture_plan(
        fixture, EXTERNAL "},\n\"ConnectionStrings\": {\"app-db\": \"Host=h7;Database=d\"", NULL);
    expect_said(fixture, "");
    assert_string_equal(planned(fixture, "main")->connection.host, "h7");
}

static void only_the_primary_database_is_database_url(void **state)
{
    struct plan_fixture *fixture = *state;
    static const char settings[] = "\"PrimaryDatabase\": \"one\", \"Databases\": {\n"
                                   "\"one\": {\"Engine\": \"Postgres\", \"Mode\": \"External\"},\n"
                                   "\"two\": {\"Engine\": \"Postgres\", \"Mode\": \"External\"}}";
    plan_fixture_plan(
        fixture, settings,
        &(struct plan_options){.environ = ENVIRON((char *)"DATABASE_URL=postgresql://h1/d",
                                                  (char *)"TWO_URI=postgresql://h2/d")});
    expect_said(fixture, "");
    assert_string_equal(planned(fixture, "one")->connection.host, "h1");
    assert_string_equal(planned(fixture, "two")->connection.host, "h2");
    plan_fixture_plan(
        fixture, settings,
        &(struct plan_options){.environ = ENVIRON((char *)"DATABASE_URL=postgresql://h1/d")});
    expect_said(fixture, "error: no address is known for the database \"two\" "
                         "(set TWO_URI, or ConnectionStrings.two in appsettings.json)\n");
}

static void a_missing_or_broken_address_is_told_without_its_secrets(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture, EXTERNAL, NULL);
    expect_said(fixture,
                "error: no address is known for the database \"main\" "
                "(set MAIN_URI or DATABASE_URL, or ConnectionStrings.main in appsettings.json)\n");
    plan_fixture_plan(
        fixture, EXTERNAL,
        &(struct plan_options){.environ = ENVIRON((char *)"MAIN_URI=mysql://u:hunter22@h/d")});
    assert_non_null(strstr(fixture->shown.data, "the connection of \"main\" (from MAIN_URI): "));
    assert_null(strstr(fixture->shown.data, "hunter22"));
    // A good one's password is known to the redactor.
    plan_fixture_plan(
        fixture, EXTERNAL,
        &(struct plan_options){.environ = ENVIRON((char *)"MAIN_URI=postgresql://u:hunter22@h/d")});
    expect_url(fixture, "main", "postgresql://u:****@h:5432/d");
    assert_int_equal(planned(fixture, "main")->backing, BACKING_EXTERNAL);
    assert_false(fixture->plan->uses_docker);
}

static void no_aspire_uses_no_docker(void **state)
{
    struct plan_fixture *fixture = *state;
    static const char settings[] = "\"Databases\": {\"pg\": {\"Engine\": \"Postgres\"},\n"
                                   "\"lite\": {\"Engine\": \"Sqlite\"}},\n"
                                   "\"PrimaryDatabase\": \"pg\", \"Cache\": {\"kv\": {}}";
    plan_fixture_plan(fixture, settings, NULL);
    assert_true(fixture->plan->uses_docker);
    plan_fixture_plan(fixture, settings,
                      &(struct plan_options){
                          .no_aspire = true,
                          .environ = ENVIRON((char *)"DATABASE_URL=postgresql://u@localhost/app",
                                             (char *)"REDIS_URI=redis://localhost:7000")});
    expect_said(fixture, "");
    assert_false(fixture->plan->uses_docker);
    expect_url(fixture, "pg", "postgresql://u@localhost:5432/app");
    expect_url(fixture, "kv", "redis://localhost:7000");
    assert_int_equal(planned(fixture, "lite")->backing, BACKING_FILE);
    plan_fixture_plan(fixture, settings, &(struct plan_options){.no_aspire = true});
    expect_said(fixture,
                "error: no address is known for the database \"pg\" (set PG_URI or DATABASE_URL, "
                "or ConnectionStrings.pg in appsettings.json)\n"
                "error: no address is known for the cache \"kv\" (set KV_URI, "
                "or ConnectionStrings.kv in appsettings.json)\n");
}

static void a_cache_is_never_the_database(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(
        fixture,
        "\"Cache\": {\"kv\": {\"Mode\": \"External\"}}},\n"
        "\"ConnectionStrings\": {\"kv\": \"cache.internal:6379,password=opensesame\"",
        &(struct plan_options){.environ = ENVIRON((char *)"DATABASE_URL=postgresql://h/d")});
    expect_said(fixture, "");
    expect_url(fixture, "kv", "redis://:****@cache.internal:6379");
}

static void an_address_alone_is_a_database(void **state)
{
    struct plan_fixture *fixture = *state;
    static const struct {
        const char *variable, *name, *url;
    } cases[] = {
        {"DATABASE_URL=postgresql://u@localhost:5433/app", "postgres",
         "postgresql://u@localhost:5433/app"},
        {"POSTGRES_URI=Host=localhost;Database=app", "postgres", "postgresql://localhost:5432/app"},
        {"DATABASE_URL=file:./data/app.db", "sqlite", "file:<root>/data/app.db"},
    };
    plan_fixture_mkdir(fixture, "database/postgres/migrations");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct plan_options options = {.no_aspire = true,
                                             .environ = ENVIRON((char *)cases[i].variable)};
        plan_fixture_plan(fixture, NULL, &options);
        expect_said(fixture, "");
        expect_url(fixture, cases[i].name, cases[i].url);
        assert_string_equal(fixture->plan->primary_database, cases[i].name);
        assert_false(fixture->plan->uses_docker);
    }
    assert_null(plan_find(fixture->plan, "postgres-migrations"));
    plan_fixture_plan(
        fixture, NULL,
        &(struct plan_options){.no_aspire = true, .environ = ENVIRON((char *)cases[0].variable)});
    assert_non_null(plan_find(fixture->plan, "postgres-migrations"));
    // Of the two POSTGRES_URI goes first.
    plan_fixture_plan(
        fixture, NULL,
        &(struct plan_options){.no_aspire = true,
                               .environ = ENVIRON((char *)"DATABASE_URL=postgresql://second/d",
                                                  (char *)"POSTGRES_URI=postgresql://first/d")});
    assert_string_equal(planned(fixture, "postgres")->connection.host, "first");
    plan_fixture_plan(fixture, NULL, &(struct plan_options){.no_aspire = true});
    expect_said(fixture, "");
    assert_int_equal(fixture->plan->resources.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(a_database_has_a_container_of_its_own),
        PLAN_TEST(what_was_chosen_stays),
        PLAN_TEST(data_lies_where_the_settings_say),
        PLAN_TEST(a_cache_has_a_password_where_one_is_given),
        PLAN_TEST(sqlite_is_a_file),
        PLAN_TEST(an_address_is_looked_for_in_order),
        PLAN_TEST(only_the_primary_database_is_database_url),
        PLAN_TEST(a_missing_or_broken_address_is_told_without_its_secrets),
        PLAN_TEST(no_aspire_uses_no_docker),
        PLAN_TEST(a_cache_is_never_the_database),
        PLAN_TEST(an_address_alone_is_a_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

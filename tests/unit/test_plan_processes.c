// What a process is: its command line, its port, and every variable of the workspace contract's
// section 4.
#include "tests/unit/plan_fixture.h"

#include "base/json.h"
#include "base/strbuf.h"
#include "orchestrator/plan/environment_report.h"

#define HERE "\"Workdir\": \".\""

static void expect_command(struct plan_fixture *fixture, const char *name, const char *expected)
{
    AUTO_STRBUF line = STRBUF_INIT;
    for (const char *const *word = planned(fixture, name)->argv; *word; word++)
        strbuf_addf(&line, "%s%s", line.len ? " " : "", *word);
    assert_string_equal(line.data, expected);
}

// "NAME=value", a line each, in the order in which they are given; later ones win.
static void expect_environment(struct plan_fixture *fixture, const char *name, const char *expected)
{
    AUTO_STRBUF text = STRBUF_INIT, shown = STRBUF_INIT;
    const variable_list *environment = &planned(fixture, name)->environment;
    vec_each (variable, environment)
        strbuf_addf(&text, "%s=%s\n", variable->name, variable->value);
    plan_fixture_show(fixture, text.data, &shown);
    assert_string_equal(shown.data, expected);
}

static void expect_said(struct plan_fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->shown.data, expected);
}

// The value that counts, of the last one of the name; NULL: not set.
static const char *value_of(struct plan_fixture *fixture, const char *name, const char *variable)
{
    const char *value = NULL;
    const variable_list *environment = &planned(fixture, name)->environment;
    vec_each (candidate, environment)
        value = strcmp(candidate->name, variable) == 0 ? candidate->value : value;
    return value;
}

static void command_lines_are_those_of_deno(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Services\": {\"plain\": {" HERE "},\n"
                      "\"full\": {" HERE
                      ", \"Permissions\": [\"--allow-net\", \"--allow-env=A,B\"],\n"
                      "  \"WatchMode\": true, \"Entrypoint\": \"server.ts\"}},\n"
                      "\"Plugins\": {\"auth\": {" HERE ", \"Permissions\": [\"-A\"]}},\n"
                      "\"BackgroundProcessors\": {\"jobs\": {" HERE "},\n"
                      "  \"watched\": {" HERE ", \"WatchMode\": true, \"Permissions\": [\"-A\"],\n"
                      "  \"Entrypoint\": \"bin/w.ts\"}},\n"
                      "\"Apps\": {\"web\": {" HERE "}, \"desk\": {" HERE
                      ", \"Type\": \"desktop\", \"TaskName\": \"start\"}},\n"
                      "\"Tools\": {\"gen\": {" HERE ", \"TaskName\": \"generate\"}}",
                      NULL);
    expect_said(fixture, "");
    expect_command(fixture, "plain", "deno run --node-modules-dir=none src/main.ts");
    expect_command(fixture, "full",
                   "deno run --node-modules-dir=none --allow-net --allow-env=A,B --watch-hmr "
                   "server.ts");
    expect_command(fixture, "auth", "deno run --node-modules-dir=none -A src/main.ts");
    expect_command(fixture, "jobs",
                   "deno run --node-modules-dir=none --unstable-worker-options bin/combined.ts");
    expect_command(
        fixture, "watched",
        "deno run --node-modules-dir=none -A --unstable-worker-options --watch bin/w.ts");
    expect_command(fixture, "web", "deno task dev");
    expect_command(fixture, "desk", "deno task start");
    expect_command(fixture, "gen", "deno task generate");
}

static void defaults_of_deno_hold_where_nothing_is_said(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(
        fixture,
        "\"Defaults\": {\"Deno\": {\"Permissions\": [\"--allow-all\"], \"WatchMode\": true}},\n"
        "\"Services\": {\"api\": {" HERE "}, \"own\": {" HERE
        ", \"Permissions\": [\"--allow-net\"], \"WatchMode\": false},\n"
        "\"none\": {" HERE ", \"Permissions\": []}},\n"
        "\"BackgroundProcessors\": {\"jobs\": {" HERE "}}",
        NULL);
    expect_said(fixture, "");
    expect_command(fixture, "api",
                   "deno run --node-modules-dir=none --allow-all --watch-hmr src/main.ts");
    expect_command(fixture, "own", "deno run --node-modules-dir=none --allow-net src/main.ts");
    expect_command(fixture, "none", "deno run --node-modules-dir=none --watch-hmr src/main.ts");
    expect_command(fixture, "jobs",
                   "deno run --node-modules-dir=none --allow-all --unstable-worker-options "
                   "--watch bin/combined.ts");
}

static void node_and_command_replace_deno(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Defaults\": {\"Deno\": {\"Permissions\": [\"-A\"]}},\n"
                      "\"Services\": {\"n\": {" HERE
                      ", \"Runtime\": \"node\", \"Entrypoint\": \"dist/main.js\"},\n"
                      "\"py\": {" HERE ", \"Runtime\": \"node\",\n"
                      "  \"Command\": [\"python3\", \"-u\", \"a b.py\"]}},\n"
                      "\"Apps\": {\"vite\": {" HERE ", \"Command\": [\"npx\", \"vite\"]}}",
                      NULL);
    expect_said(fixture, "");
    expect_command(fixture, "n", "node dist/main.js");
    expect_command(fixture, "py", "python3 -u a b.py");
    assert_string_equal(planned(fixture, "py")->argv[2], "a b.py");
    expect_command(fixture, "vite", "npx vite");
}

#define SERVERS                                                                  \
    "\"PrimaryDatabase\": \"postgres\", \"PrimaryCache\": \"redis\",\n"          \
    "\"Databases\": {\"postgres\": {\"Engine\": \"Postgres\", \"Port\": 5433,\n" \
    "  \"DatabaseName\": \"my-app-db\"},\n"                                      \
    "  \"files\": {\"Engine\": \"Sqlite\", \"DatabaseName\": \"notes.db\"}},\n"  \
    "\"Cache\": {\"redis\": {\"Port\": 6380}},\n"                                \
    "\"Otel\": {\"HttpEndpoint\": \"http://127.0.0.1:4318\"},\n"

#define POSTGRES_URL "postgresql://postgres:****@127.0.0.1:5433/my-app-db"
#define POSTGRES_ADO "Host=127.0.0.1;Port=5433;Username=postgres;Password=****;Database=my-app-db"
#define POSTGRES_VARIABLES                            \
    "DATABASE_URL=" POSTGRES_URL "\n"                 \
    "DB_PROVIDER=postgres\n"                          \
    "DATABASE_PROVIDER=postgres\n"                    \
    "POSTGRES_URI=" POSTGRES_URL "\n"                 \
    "ConnectionStrings__my-app-db=" POSTGRES_ADO "\n" \
    "MY_APP_DB_HOST=127.0.0.1\n"                      \
    "MY_APP_DB_PORT=5433\n"                           \
    "MY_APP_DB_USERNAME=postgres\n"                   \
    "MY_APP_DB_PASSWORD=****\n"                       \
    "MY_APP_DB_DATABASENAME=my-app-db\n"              \
    "MY_APP_DB_URI=" POSTGRES_URL "\n"                \
    "MY_APP_DB_JDBCCONNECTIONSTRING=jdbc:postgresql://127.0.0.1:5433/my-app-db\n"
#define FILES_PATH "<root>/database/files/notes.db"
#define FILES_VARIABLES                                        \
    "FILES_URI=file:" FILES_PATH "\n"                          \
    "ConnectionStrings__notes.db=Data Source=" FILES_PATH "\n" \
    "NOTES_DB_DATABASENAME=notes.db\n"                         \
    "NOTES_DB_URI=file:" FILES_PATH "\n"                       \
    "NOTES_DB_JDBCCONNECTIONSTRING=jdbc:sqlite:" FILES_PATH "\n"
#define REDIS_VARIABLES                              \
    "REDIS_URI=redis://127.0.0.1:6380\n"             \
    "ConnectionStrings__redis=127.0.0.1:6380\n"      \
    "REDIS_TCP=tcp://127.0.0.1:6380\n"               \
    "services__redis__tcp__0=tcp://127.0.0.1:6380\n" \
    "CACHE_PROVIDER=redis\n"
#define OTEL(name)                                                                        \
    "OTEL_SERVICE_NAME=" name "\n"                                                        \
    "OTEL_RESOURCE_ATTRIBUTES=service.namespace=shop,service.instance.id=" name "-<id>\n" \
    "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n"                                 \
    "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n"                                         \
    "OTEL_DENO=true\n"                                                                    \
    "OTEL_TRACES_SAMPLER=always_on\n"                                                     \
    "OTEL_BSP_SCHEDULE_DELAY=1000\n"                                                      \
    "OTEL_BLRP_SCHEDULE_DELAY=1000\n"                                                     \
    "OTEL_METRIC_EXPORT_INTERVAL=1000\n"

static void a_service_is_given_all_of_section_4(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"PrimaryDatabase\": \"postgres\", \"PrimaryCache\": \"redis\",\n"
                      "\"Databases\": {\"postgres\": {\"Engine\": \"Postgres\", \"Port\": 5433,\n"
                      "  \"DatabaseName\": \"my-app-db\"}},\n"
                      "\"Cache\": {\"redis\": {\"Port\": 6380}},\n"
                      "\"Otel\": {\"HttpEndpoint\": \"http://127.0.0.1:4318\"},\n"
                      "\"Services\": {\"orders\": {" HERE ", \"HostPort\": 3000,\n"
                      "  \"ServiceReferences\": [\"users\"],\n"
                      "  \"PluginReferences\": [\"workers-api\"]},\n"
                      "  \"users\": {" HERE ", \"HostPort\": 3001}},\n"
                      "\"Plugins\": {\"workers-api\": {" HERE ", \"HostPort\": 8091}}",
                      NULL);
    expect_said(fixture, "");
    expect_environment(fixture, "orders",
                       POSTGRES_VARIABLES REDIS_VARIABLES
                       "services__users__http__0=http://127.0.0.1:3001\n"
                       "services__workers-api__http__0=http://127.0.0.1:8091\n"
                       "PORT=3000\n" OTEL("orders"));
}

static void a_plugin_is_given_what_it_requires(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      SERVERS "\"Plugins\": {\"bare\": {" HERE ", \"HostPort\": 8094},\n"
                              "\"sagas\": {" HERE ", \"HostPort\": 8092, \"RequiresKv\": true,\n"
                              "  \"Sagas\": {\"Store\": {\"Backend\": \"prisma\"}}},\n"
                              "\"kv\": {" HERE ", \"HostPort\": 8093,\n"
                              "  \"Sagas\": {\"Store\": {\"Backend\": \"kv\"}}}}",
                      NULL);
    expect_environment(fixture, "bare", "PORT=8094\n" OTEL("bare"));
    expect_environment(fixture, "sagas",
                       REDIS_VARIABLES "PORT=8092\nNETSCRIPT_SAGA_STORE=prisma\n" OTEL("sagas"));
    assert_string_equal(value_of(fixture, "kv", "NETSCRIPT_SAGA_STORE"), "kv");
}

static void a_processor_is_given_its_concurrency(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      SERVERS "\"BackgroundProcessors\": {\"mail-out\": {" HERE
                              ", \"Concurrency\": 4},\n"
                              "\"named\": {" HERE ", \"Concurrency\": 2,\n"
                              "  \"ConcurrencyEnvVar\": \"WORKERS\", \"RequiresDb\": true},\n"
                              "\"silent\": {" HERE ", \"Telemetry\": false, \"HostPort\": 7000}}",
                      NULL);
    expect_environment(fixture, "mail-out", "MAIL_OUT_CONCURRENCY=4\n" OTEL("mail-out"));
    // Of two databases the primary one is DATABASE_URL.
    expect_environment(fixture, "named",
                       POSTGRES_VARIABLES FILES_VARIABLES "WORKERS=2\n" OTEL("named"));
    expect_environment(
        fixture, "silent",
        "PORT=7000\nOTEL_SERVICE_NAME=silent\n"
        "OTEL_RESOURCE_ATTRIBUTES=service.namespace=shop,service.instance.id=silent-<id>\n");
}

static void an_app_is_given_urls_for_its_bundler(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      SERVERS "\"Services\": {\"my-api\": {" HERE ", \"HostPort\": 3000}},\n"
                              "\"Plugins\": {\"auth\": {" HERE ", \"HostPort\": 8094}},\n"
                              "\"BackgroundProcessors\": {\"jobs\": {" HERE "}},\n"
                              "\"Apps\": {\"web\": {" HERE ", \"HostPort\": 8010,\n"
                              "  \"ServiceReferences\": [\"my-api\"],\n"
                              "  \"PluginReferences\": [\"auth\"]}}",
                      NULL);
    expect_environment(fixture, "web",
                       "services__my-api__http__0=http://127.0.0.1:3000\n"
                       "VITE_services__my-api__http__0=http://127.0.0.1:3000\n"
                       "VITE_MY_API_URL=http://127.0.0.1:3000\n"
                       "services__auth__http__0=http://127.0.0.1:8094\n"
                       "VITE_services__auth__http__0=http://127.0.0.1:8094\n"
                       "VITE_AUTH_URL=http://127.0.0.1:8094\n"
                       "PORT=8010\n" OTEL("web"));
}

static void a_tool_is_given_its_database_as_the_primary_one(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      SERVERS "\"Tools\": {\"report\": {" HERE ", \"TaskName\": \"report\",\n"
                              "\"Database\": \"files\"}}",
                      NULL);
    AUTO_STRBUF url = STRBUF_INIT;
    plan_fixture_show(fixture, value_of(fixture, "report", "DATABASE_URL"), &url);
    assert_string_equal(url.data, "file:" FILES_PATH);
    assert_string_equal(value_of(fixture, "report", "DB_PROVIDER"), "files");
    assert_null(value_of(fixture, "report", "PORT"));
}

static void what_is_generated_wins_over_what_is_configured(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      SERVERS "\"Services\": {\"api\": {" HERE ", \"HostPort\": 3000,\n"
                              "\"Environment\": {\"DATABASE_URL\": \"mine\", \"LOG\": \"debug\",\n"
                              "\"REDIS_URI\": \"mine\", \"OTEL_SERVICE_NAME\": \"mine\",\n"
                              "\"API_TOKEN\": \"hidden\"}}}",
                      NULL);
    expect_said(fixture, "");
    static const char *const generated[] = {"DATABASE_URL", "REDIS_URI", "OTEL_SERVICE_NAME"};
    for (size_t i = 0; i < 3; i++)
        assert_string_not_equal(value_of(fixture, "api", generated[i]), "mine");
    assert_string_equal(value_of(fixture, "api", "LOG"), "debug");

    // `berth env` says the same: each name once, the value that counts.
    AUTO_JSON *report = NULL;
    struct err err;
    assert_int_equal(environment_report(fixture->plan, "api", &report, &err), 0);
    const char *last = "";
    const cJSON *variable;
    size_t count = 0;
    json_each (variable, report) {
        const char *name = json_string_or(variable, "name", "");
        assert_true(strcmp(name, last) > 0);
        assert_string_equal(json_string_or(variable, "value", ""), value_of(fixture, "api", name));
        const bool is_secret = json_bool_or(variable, "secret", false);
        if (strcmp(name, "API_TOKEN") == 0 || strcmp(name, "DATABASE_URL") == 0 ||
            strcmp(name, "MY_APP_DB_PASSWORD") == 0)
            assert_true(is_secret);
        if (strcmp(name, "LOG") == 0 || strcmp(name, "PORT") == 0 || strcmp(name, "REDIS_URI") == 0)
            assert_false(is_secret);
        last = name;
        count++;
    }
    assert_int_equal(count, 34);
}

static void without_a_collector_nothing_is_exported(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture, "\"Services\": {\"api\": {" HERE ", \"HostPort\": 3000}}", NULL);
    expect_environment(
        fixture, "api",
        "PORT=3000\nOTEL_SERVICE_NAME=api\n"
        "OTEL_RESOURCE_ATTRIBUTES=service.namespace=shop,service.instance.id=api-<id>\n");
    plan_fixture_plan(fixture,
                      "\"Otel\": {\"HttpEndpoint\": \"http://c:4318\", \"Protocol\": \"grpc\"},\n"
                      "\"Services\": {\"api\": {" HERE "}}",
                      NULL);
    assert_string_equal(value_of(fixture, "api", "OTEL_EXPORTER_OTLP_PROTOCOL"), "grpc");
}

static void ports_and_health_are_where_there_is_http(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(
        fixture,
        "\"Services\": {\"plain\": {" HERE "}, \"deaf\": {" HERE ", \"HealthCheckPath\": false},\n"
        "\"own\": {" HERE ", \"HostPort\": 3000, \"HealthCheckPath\": \"/up?deep=1\"}},\n"
        "\"BackgroundProcessors\": {\"jobs\": {" HERE "}, \"listening\": {" HERE
        ", \"HostPort\": 7000}},\n"
        "\"Apps\": {\"web\": {" HERE "}, \"desk\": {" HERE
        ", \"Type\": \"desktop\", \"TaskName\": \"d\"}, \"checked\": {" HERE
        ", \"HostPort\": 8010, \"HealthCheckPath\": \"/\"}}",
        NULL);
    expect_said(fixture, "");
    const int port = planned(fixture, "plain")->port;
    assert_in_range(port, 20000, 31999);
    AUTOFREE char *health = mem_printf("http://127.0.0.1:%d/health", port);
    assert_string_equal(planned(fixture, "plain")->health_url, health);
    assert_null(planned(fixture, "deaf")->health_url);
    assert_true(planned(fixture, "deaf")->port > 0);
    assert_string_equal(planned(fixture, "own")->health_url, "http://127.0.0.1:3000/up?deep=1");
    assert_int_equal(planned(fixture, "jobs")->port, 0);
    assert_int_equal(planned(fixture, "listening")->port, 7000);
    assert_true(planned(fixture, "web")->port > 0);
    assert_null(planned(fixture, "web")->health_url);
    assert_int_equal(planned(fixture, "desk")->port, 0);
    assert_string_equal(planned(fixture, "checked")->health_url, "http://127.0.0.1:8010/");

    // The next plan finds the same port.
    plan_fixture_plan(fixture, "\"Services\": {\"plain\": {" HERE "}}", NULL);
    assert_int_equal(planned(fixture, "plain")->port, port);
}

static void restarting_is_asked_for(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Services\": {\"no\": {" HERE "}, \"failing\": {" HERE
                      ", \"Restart\": \"OnFailure\"}, \"always\": {" HERE
                      ", \"Restart\": \"always\"}}",
                      NULL);
    assert_int_equal(planned(fixture, "no")->restart, RESTART_NO);
    assert_int_equal(planned(fixture, "failing")->restart, RESTART_ON_FAILURE);
    assert_int_equal(planned(fixture, "always")->restart, RESTART_ALWAYS);
}

static void expect_watched(struct plan_fixture *fixture, const char *name, const char *expected)
{
    AUTO_STRBUF text = STRBUF_INIT, shown = STRBUF_INIT;
    for (const char *const *path = planned(fixture, name)->watch_dirs; path && *path; path++)
        strbuf_addf(&text, "%s\n", *path);
    plan_fixture_show(fixture, text.data, &shown);
    assert_string_equal(shown.data, expected);
}

static void watch_mode_names_directories(void **state)
{
    struct plan_fixture *fixture = *state;
    workspace_fixture_write(fixture->files, "shared/a.ts", "");
    plan_fixture_plan(
        fixture,
        "\"Services\": {\"own\": {" HERE ", \"Command\": [\"x\"], \"WatchMode\": true},\n"
        "  \"deno\": {" HERE ", \"WatchMode\": true}, \"off\": {" HERE ", \"Command\": [\"x\"]}},\n"
        "\"BackgroundProcessors\": {\"more\": {" HERE ", \"Runtime\": \"node\",\n"
        "    \"WatchMode\": true, \"WatchDirs\": [\"shared\", \"nowhere\"]},\n"
        "  \"denos\": {" HERE ", \"WatchMode\": true, \"WatchDirs\": [\"shared\"]},\n"
        "  \"forgot\": {" HERE ", \"WatchDirs\": [\"shared\"]}}",
        NULL);
    expect_said(
        fixture,
        "warning: WatchDirs of \"more\" names what is no directory: nowhere (paths begin at "
        "the directory of appsettings.json)\n"
        "warning: \"forgot\" has WatchDirs, but nothing is watched (set its WatchMode to "
        "true)\n");
    expect_watched(fixture, "own", "<root>\n");
    expect_watched(fixture, "deno", ""); // it watches its own modules
    expect_watched(fixture, "off", "");
    expect_watched(fixture, "more", "<root>\n<root>/shared\n");
    expect_watched(fixture, "denos", "<root>/shared\n");
    expect_watched(fixture, "forgot", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(watch_mode_names_directories),
        PLAN_TEST(command_lines_are_those_of_deno),
        PLAN_TEST(defaults_of_deno_hold_where_nothing_is_said),
        PLAN_TEST(node_and_command_replace_deno),
        PLAN_TEST(a_service_is_given_all_of_section_4),
        PLAN_TEST(a_plugin_is_given_what_it_requires),
        PLAN_TEST(a_processor_is_given_its_concurrency),
        PLAN_TEST(an_app_is_given_urls_for_its_bundler),
        PLAN_TEST(a_tool_is_given_its_database_as_the_primary_one),
        PLAN_TEST(what_is_generated_wins_over_what_is_configured),
        PLAN_TEST(without_a_collector_nothing_is_exported),
        PLAN_TEST(ports_and_health_are_where_there_is_http),
        PLAN_TEST(restarting_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

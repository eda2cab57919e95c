#include "tests/unit/test.h"

#include "tests/unit/settings_fixture.h"

static void expect_strings(struct setting_strings strings, const char *joined)
{
    AUTO_STRBUF out = STRBUF_INIT;
    for (size_t i = 0; i < strings.count; i++)
        strbuf_addf(&out, "%s|", strings.items[i]);
    assert_string_equal(out.data, joined);
}

static void expect_pairs(struct setting_pairs pairs, const char *joined)
{
    AUTO_STRBUF out = STRBUF_INIT;
    for (size_t i = 0; i < pairs.count; i++)
        strbuf_addf(&out, "%s=%s|", pairs.items[i].name, pairs.items[i].value);
    assert_string_equal(out.data, joined);
}

static void a_name_is_all_it_takes(void **state)
{
    (void)state;
    struct fixture fixture = {.file = "{\"NetScript\": {\"Name\": \"shop\"}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct settings *settings = fixture.settings;
    assert_string_equal(settings->root, "/srv/shop");
    assert_string_equal(settings->file, "/srv/shop/appsettings.json");
    assert_string_equal(settings->environment, "Test");
    assert_string_equal(settings->name, "shop");
    assert_null(settings->version);
    assert_null(settings->primary_database);
    assert_null(settings->primary_cache);
    assert_null(settings->otel_endpoint);
    assert_string_equal(settings->otel_protocol, "http/protobuf");
    assert_false(settings->deno_watch_mode);
    assert_int_equal(settings->database_count + settings->cache_count + settings->process_count +
                         settings->parameters.count + settings->connection_strings.count +
                         settings->dotenv.count + settings->deno_permissions.count,
                     0);
    fixture_release(&fixture);
}

static void databases_have_defaults(void **state)
{
    (void)state;
    struct fixture fixture = {.file =
                                  "{\"NetScript\": {\"Name\": \"@acme/My Shop\", \"Databases\": {"
                                  "\"postgres\": {\"Engine\": \"POSTGRES\"}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct database_settings *database = settings_database(fixture.settings, "postgres");
    assert_string_equal(database->key, "postgres");
    assert_string_equal(database->engine, "Postgres");
    assert_string_equal(database->mode, "Container");
    assert_string_equal(database->database_name, "acme-My-Shop-db");
    assert_string_equal(database->auto_seed, "Once");
    assert_string_equal(database->seed_mode, "bootstrap");
    assert_true(database->enabled && database->auto_migrate);
    assert_false(database->persistent);
    assert_int_equal(database->port, 0);
    assert_int_equal(database->memory_limit_mb, 0);
    assert_null(database->image);
    assert_null(database->image_tag);
    assert_null(database->data_path);
    assert_null(database->schema_path);
    assert_null(database->migrations_path);
    assert_null(database->seed_path);
    assert_null(database->connection_string);
    assert_null(database->description);
    assert_string_equal(fixture.settings->primary_database, "postgres");
    assert_null(settings_database(fixture.settings, "Postgres"));
    fixture_release(&fixture);
}

static void databases_are_read(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"ConnectionStrings\": {\"PG\": \"Host=h\", \"shop-db\": \"Host=i\"},"
                "\"NetScript\": {\"Name\": \"shop\", \"PrimaryDatabase\": \"pg\", \"Databases\": {"
                "\"pg\": {\"Enabled\": true, \"Engine\": \"postgres\", \"Mode\": \"external\","
                " \"Image\": \"i\", \"ImageTag\": \"15\", \"DatabaseName\": \"orders\","
                " \"DataPath\": \".data/pg\", \"Port\": 5433, \"Persistent\": true,"
                " \"Description\": \"d\", \"AutoMigrate\": false, \"AutoSeed\": \"ALWAYS\","
                " \"SeedMode\": \"demo\", \"SchemaPath\": \"s\", \"MigrationsPath\": \"m\","
                " \"SeedPath\": \"e\", \"Env\": {\"A\": \"1\", \"B\": 2, \"C\": true, \"D\": null},"
                " \"Args\": [\"-c\", \"x=1\"], \"MemoryLimitMb\": 512},"
                "\"lite\": {\"Engine\": \"Sqlite\", \"DatabaseName\": \"my_app.db\"},"
                "\"my\": {\"Engine\": \"MySQL\", \"Mode\": \"External\"},"
                "\"ms\": {\"Engine\": \"MSSQL\"}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct database_settings *pg = settings_database(fixture.settings, "pg");
    assert_string_equal(pg->mode, "External");
    assert_string_equal(pg->image, "i");
    assert_string_equal(pg->image_tag, "15");
    assert_string_equal(pg->database_name, "orders");
    assert_string_equal(pg->data_path, ".data/pg");
    assert_int_equal(pg->port, 5433);
    assert_true(pg->persistent);
    assert_string_equal(pg->description, "d");
    assert_false(pg->auto_migrate);
    assert_string_equal(pg->auto_seed, "Always");
    assert_string_equal(pg->seed_mode, "demo");
    assert_string_equal(pg->schema_path, "s");
    assert_string_equal(pg->migrations_path, "m");
    assert_string_equal(pg->seed_path, "e");
    expect_pairs(pg->env, "A=1|B=2|C=true|");
    expect_strings(pg->args, "-c|x=1|");
    assert_int_equal(pg->memory_limit_mb, 512);
    // By key in any letter case, then by the database's name; only of what is External.
    assert_string_equal(pg->connection_string, "Host=h");
    assert_string_equal(settings_database(fixture.settings, "my")->connection_string, "Host=i");
    assert_null(settings_database(fixture.settings, "ms")->connection_string);
    assert_string_equal(settings_database(fixture.settings, "lite")->engine, "Sqlite");
    assert_string_equal(settings_database(fixture.settings, "lite")->database_name, "my_app.db");
    assert_string_equal(settings_database(fixture.settings, "my")->engine, "Mysql");
    assert_string_equal(settings_database(fixture.settings, "ms")->engine, "Mssql");
    assert_string_equal(fixture.settings->primary_database, "pg");
    expect_pairs(fixture.settings->connection_strings, "PG=Host=h|shop-db=Host=i|");
    fixture_release(&fixture);
}

static void caches_are_read(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"ConnectionStrings\": {\"far\": \"redis://h\"},"
                "\"NetScript\": {\"Name\": \"shop\", \"PrimaryCache\": \"kv\", \"Cache\": {"
                "\"redis\": {\"Port\": 6380, \"Persistent\": true, \"DataPath\": \"d\"},"
                "\"kv\": {\"Engine\": \"denokv\", \"Mode\": \"LOCAL\"},"
                "\"far\": {\"Engine\": \"Garnet\", \"Mode\": \"External\", \"Enabled\": false}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct cache_settings *redis = settings_cache(fixture.settings, "redis");
    assert_string_equal(redis->engine, "Redis");
    assert_string_equal(redis->mode, "Container");
    assert_int_equal(redis->port, 6380);
    assert_true(redis->persistent && redis->enabled);
    assert_string_equal(redis->data_path, "d");
    assert_string_equal(settings_cache(fixture.settings, "kv")->engine, "DenoKv");
    assert_string_equal(settings_cache(fixture.settings, "kv")->mode, "Local");
    assert_string_equal(settings_cache(fixture.settings, "far")->connection_string, "redis://h");
    assert_false(settings_cache(fixture.settings, "far")->enabled);
    assert_string_equal(fixture.settings->primary_cache, "kv");
    fixture_release(&fixture);
}

static void processes_have_the_defaults_of_their_kind(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"shop\", \"Apps\": {\"web\": {}},"
                "\"Services\": {\"api\": {}}, \"BackgroundProcessors\": {\"work-er\": {}},"
                "\"Plugins\": {\"auth\": {}}, \"Tools\": {\"seed\": {\"TaskName\": \"t\"}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    static const struct {
        const char *key;
        enum process_kind kind;
        const char *runtime, *entrypoint, *workdir, *health, *task;
    } expected[] = {
        // in the order of the file
        {"web", PROCESS_APP, NULL, NULL, "apps/web", NULL, "dev"},
        {"api", PROCESS_SERVICE, "deno", "src/main.ts", "services/api", "/health", NULL},
        {"work-er", PROCESS_BACKGROUND, "deno", "bin/combined.ts", "work-er", NULL, NULL},
        {"auth", PROCESS_PLUGIN, "deno", "src/main.ts", "plugins/auth", "/health", NULL},
        {"seed", PROCESS_TOOL, NULL, NULL, ".", NULL, "t"},
    };
    assert_int_equal(fixture.settings->process_count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct process_settings *process = &fixture.settings->processes[i];
        const char *got[] = {process->key,     process->runtime,           process->entrypoint,
                             process->workdir, process->health_check_path, process->task_name};
        const char *wanted[] = {expected[i].key,     expected[i].runtime, expected[i].entrypoint,
                                expected[i].workdir, expected[i].health,  expected[i].task};
        for (size_t j = 0; j < sizeof got / sizeof *got; j++) {
            assert_int_equal(got[j] == NULL, wanted[j] == NULL);
            if (got[j])
                assert_string_equal(got[j], wanted[j]);
        }
        assert_int_equal(process->kind, expected[i].kind);
        assert_true(process->enabled && process->telemetry);
        assert_false(process->requires_db || process->requires_kv || process->watch_mode);
        assert_int_equal(process->host_port + process->concurrency, 0);
        assert_string_equal(process->restart, "No");
        assert_ptr_equal(settings_process(fixture.settings, process->key), process);
    }
    assert_string_equal(fixture.settings->processes[0].app_type, "app");
    assert_string_equal(fixture.settings->processes[2].concurrency_env_var, "WORK_ER_CONCURRENCY");
    fixture_release(&fixture);
}

static void processes_are_read(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"shop\", \"Services\": {\"api\": {"
                "\"Enabled\": false, \"Description\": \"d\", \"Runtime\": \"node\","
                "\"Entrypoint\": \"e.js\", \"Workdir\": \"w\", \"HealthCheckPath\": false,"
                "\"HostPort\": 3000, \"Environment\": {\"A\": \"1\", \"B\": 2},"
                "\"Permissions\": [\"-A\"], \"ServiceReferences\": [\"other\"],"
                "\"PluginReferences\": [\"auth\"], \"Command\": [\"node\", \"x\"],"
                "\"WaitFor\": [\"other\", \"auth\"], \"Restart\": \"onfailure\","
                "\"WatchMode\": true, \"Telemetry\": false},"
                "\"other\": {\"HealthCheckPath\": \"/ok\"}},"
                "\"Plugins\": {\"auth\": {\"RequiresDb\": true, \"RequiresKv\": true,"
                "\"Sagas\": {\"Store\": {\"Backend\": \"KV\"}}, \"HealthCheckPath\": \"\"}},"
                "\"BackgroundProcessors\": {\"jobs\": {\"Concurrency\": 4,"
                "\"ConcurrencyEnvVar\": \"N\", \"WatchDirs\": [\"a\", \"b\"]}},"
                "\"Apps\": {\"web\": {\"Type\": \"TAURI\", \"Prebuild\": \"p\"},"
                "\"job\": {\"Type\": \"task\", \"TaskName\": \"t\"}},"
                "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\"}},"
                "\"Tools\": {\"cli\": {\"TaskName\": \"t\", \"Database\": \"db\"}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct process_settings *api = settings_process(fixture.settings, "api");
    assert_false(api->enabled || api->telemetry);
    assert_string_equal(api->description, "d");
    assert_string_equal(api->runtime, "node");
    assert_string_equal(api->entrypoint, "e.js");
    assert_string_equal(api->workdir, "w");
    assert_null(api->health_check_path);
    assert_int_equal(api->host_port, 3000);
    expect_pairs(api->environment, "A=1|B=2|");
    expect_strings(api->permissions, "-A|");
    expect_strings(api->service_references, "other|");
    expect_strings(api->plugin_references, "auth|");
    expect_strings(api->command, "node|x|");
    expect_strings(api->wait_for, "other|auth|");
    assert_string_equal(api->restart, "OnFailure");
    assert_true(api->watch_mode);
    assert_string_equal(settings_process(fixture.settings, "other")->health_check_path, "/ok");
    const struct process_settings *auth = settings_process(fixture.settings, "auth");
    assert_true(auth->requires_db && auth->requires_kv);
    assert_string_equal(auth->saga_store, "kv");
    assert_null(auth->health_check_path);
    const struct process_settings *jobs = settings_process(fixture.settings, "jobs");
    assert_int_equal(jobs->concurrency, 4);
    assert_string_equal(jobs->concurrency_env_var, "N");
    expect_strings(jobs->watch_dirs, "a|b|");
    const struct process_settings *web = settings_process(fixture.settings, "web");
    assert_string_equal(web->app_type, "tauri");
    assert_string_equal(web->prebuild, "p");
    assert_string_equal(web->task_name, "dev");
    assert_string_equal(settings_process(fixture.settings, "job")->task_name, "t");
    assert_string_equal(settings_process(fixture.settings, "cli")->database, "db");
    fixture_release(&fixture);
}

static void what_deno_processes_share_is_inherited(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file =
            "{\"NetScript\": {\"Services\": {\"api\": {},"
            "\"own\": {\"Permissions\": [], \"WatchMode\": false}},"
            "\"Otel\": {\"HttpEndpoint\": \"http://h:4318\", \"Protocol\": \"grpc\"},"
            "\"Defaults\": {\"Deno\": {\"Permissions\": [\"-A\", \"-q\"], \"WatchMode\": true}},"
            "\"Name\": \"shop\", \"Version\": \"1.2\"}, \"Parameters\": {\"p\": \"v\"}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct process_settings *api = settings_process(fixture.settings, "api");
    expect_strings(api->permissions, "-A|-q|");
    assert_true(api->watch_mode);
    assert_int_equal(settings_process(fixture.settings, "own")->permissions.count, 0);
    assert_false(settings_process(fixture.settings, "own")->watch_mode);
    expect_strings(fixture.settings->deno_permissions, "-A|-q|");
    assert_true(fixture.settings->deno_watch_mode);
    assert_string_equal(fixture.settings->otel_endpoint, "http://h:4318");
    assert_string_equal(fixture.settings->otel_protocol, "grpc");
    assert_string_equal(fixture.settings->version, "1.2");
    expect_pairs(fixture.settings->parameters, "p=v|");
    fixture_release(&fixture);
}

static void old_names_are_accepted(void **state)
{
    (void)state;
    struct fixture fixture = {.file = "{\"NetScript\": {\"Name\": \"shop\", \"Services\": {\n"
                                      "\"api\": {\"Port\": 3000, \"Env\": {\"A\": \"1\"}},\n"
                                      "\"web\": {\"Port\": 1, \"HostPort\": 2}}}}",
                              .environment_file =
                                  "{\"NetScript\": {\"Services\": {\"api\": {"
                                  "\"HostPort\": 3001, \"Env\": {\"B\": \"2\"}}}}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data,
                        "3:9: warning: \"Port\" is the old name of \"HostPort\" and is ignored "
                        "(both are given; remove one of them)\n");
    const struct process_settings *api = settings_process(fixture.settings, "api");
    assert_int_equal(api->host_port, 3001);
    expect_pairs(api->environment, "A=1|B=2|");
    assert_int_equal(settings_process(fixture.settings, "web")->host_port, 2);
    fixture_release(&fixture);
}

static void null_is_not_given(void **state)
{
    (void)state;
    expect_said("\"Version\": null, \"Otel\": null, \"Databases\": {\"a\": null,\n"
                "\"b\": {\"Engine\": \"Sqlite\", \"Port\": null, \"Enabled\": null}},\n"
                "\"Cache\": null, \"Services\": {\"c\": {\"Command\": null}}",
                "");
    expect_said("\"Databases\": {\"b\": {\"Engine\": null}}",
                "2:15: error: \"b\" needs \"Engine\" (one of Postgres, Mssql, Mysql, Sqlite)\n");
}

static void wrong_types_are_named(void **state)
{
    (void)state;
    expect_said(
        "\"Version\": 1, \"PrimaryCache\": [], \"Otel\": [], \"Defaults\": {\"Deno\": 5},\n"
        "\"Databases\": [], \"Cache\": {\"r\": 1},\n"
        "\"Services\": {\"api\": {\"Enabled\": \"yes\", \"HostPort\": \"3000\", \"Env\": [],\n"
        "  \"Command\": \"node x\", \"WaitFor\": [1, {}], \"Restart\": true, \"Workdir\": false,\n"
        "  \"HealthCheckPath\": true, \"Permissions\": {}, \"Entrypoint\": {}}},\n"
        "\"Plugins\": {\"p\": {\"HealthCheckPath\": \"health\", \"Sagas\": {\"Store\": \"kv\"},\n"
        "  \"Environment\": {\"A\": [], \"B=C\": \"x\", \"\": \"y\"}}}",
        "2:12: error: \"Version\" expects a string, found a number (write it in double quotes)\n"
        "2:31: error: \"PrimaryCache\" expects a string, found an array\n"
        "2:43: error: \"Otel\" expects an object, found an array\n"
        "2:68: error: \"Deno\" expects an object, found a number\n"
        "3:14: error: \"Databases\" expects an object, found an array\n"
        "3:33: error: \"r\" expects an object, found a number\n"
        "4:33: error: \"Enabled\" expects true or false, found a string (write it without quotes)\n"
        "4:52: error: \"HostPort\" expects an integer from 1 to 65535, found a string "
        "(write it without quotes)\n"
        "4:67: error: \"Environment\" expects an object, found an array\n"
        "5:14: error: \"Command\" expects an array of strings, found a string "
        "(write it as [\"…\", \"…\"], an element for each argument)\n"
        "5:36: error: \"WaitFor\" expects strings, found a number\n"
        "5:39: error: \"WaitFor\" expects strings, found an object\n"
        "5:55: error: \"Restart\" expects No, OnFailure or Always, found a boolean\n"
        "5:72: error: \"Workdir\" expects a string, found a boolean (write it in double quotes)\n"
        "6:22: error: \"HealthCheckPath\" expects a path that begins with /, or false, "
        "found a boolean\n"
        "6:43: error: \"Permissions\" expects an array of strings, found an object\n"
        "6:61: error: \"Entrypoint\" expects a string, found an object\n"
        "7:38: error: \"HealthCheckPath\" expects a path that begins with /\n"
        "7:67: error: \"Store\" expects an object, found a string\n"
        "8:24: error: \"A\" expects a string, found an array\n"
        "8:28: error: \"B=C\" cannot be a name in \"Environment\"\n"
        "8:40: error: \"\" cannot be a name in \"Environment\"\n");
}

static void numbers_have_bounds(void **state)
{
    (void)state;
    expect_said(
        "\"Services\": {\"a\": {\"HostPort\": 0}, \"b\": {\"HostPort\": 65536},\n"
        "\"c\": {\"HostPort\": 1.5}, \"d\": {\"HostPort\": -1}, \"e\": {\"HostPort\": 1e999},\n"
        "\"f\": {\"HostPort\": 65535}, \"g\": {\"HostPort\": 8e1}}",
        "2:32: error: \"HostPort\" expects an integer from 1 to 65535, found 0 "
        "(leave \"HostPort\" out for the default)\n"
        "2:54: error: \"HostPort\" expects an integer from 1 to 65535, found 65536\n"
        "3:19: error: \"HostPort\" expects an integer from 1 to 65535, found 1.5\n"
        "3:43: error: \"HostPort\" expects an integer from 1 to 65535, found -1\n"
        "3:66: error: \"HostPort\" expects an integer from 1 to 65535, found 1e999\n");
}

static void unknown_choices_have_suggestions(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"a\": {\"Engine\": \"PostgreSQL\", \"Mode\": \"Extern\"},\n"
                "\"b\": {\"Engine\": \"Oracle\"}, \"c\": {\"Engine\": \"Redis\"}},\n"
                "\"Cache\": {\"d\": {\"Engine\": \"Postgres\"}}, \"PrimaryDatabase\": \"b\"",
                "2:31: error: unknown Engine \"PostgreSQL\" (did you mean \"Postgres\"?)\n"
                "2:53: error: unknown Mode \"Extern\" (did you mean \"External\"?)\n"
                "3:17: error: unknown Engine \"Oracle\" "
                "(known are Postgres, Mssql, Mysql or Sqlite)\n"
                "3:44: error: unknown Engine \"Redis\" "
                "(known are Postgres, Mssql, Mysql or Sqlite)\n"
                "4:27: error: unknown Engine \"Postgres\" (known are Redis, Garnet or DenoKv)\n");
}

static void near_misses_are_warned_about_and_others_kept(void **state)
{
    (void)state;
    expect_said("\"Database\": {\"x\": 1}, \"name\": \"y\", \"Custom\": {\"Engne\": 1},\n"
                "\"Services\": {\"api\": {\"Hostport\": 1, \"Comand\": [], \"Owner\": \"me\"}}",
                "2:1: warning: \"Database\" is no setting and is ignored "
                "(did you mean \"Databases\"?)\n"
                "2:23: warning: \"name\" is no setting and is ignored (did you mean \"Name\"?)\n"
                "3:22: warning: \"Hostport\" is no setting and is ignored "
                "(did you mean \"HostPort\"?)\n"
                "3:37: warning: \"Comand\" is no setting and is ignored "
                "(did you mean \"Command\"?)\n");
    struct fixture fixture = {.file = "{\"AllowedHosts\": \"*\", \"Netscript\": {}}"};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data,
                        "1:1: error: the file needs \"NetScript\"\n"
                        "1:23: warning: \"Netscript\" is no setting and is ignored "
                        "(did you mean \"NetScript\"?)\n");
    assert_string_equal(fixture.settings->name, "shop"); // the directory's
    fixture_release(&fixture);
}

static void a_file_that_is_no_object_is_one_mistake(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"[]", "1:1: error: the file holds an array; expected an object\n"},
        {"", "1:1: error: the file is empty; expected an object\n"},
        {"{\"NetScript\": 5}", "1:15: error: \"NetScript\" expects an object, found a number\n"},
        {"{\"NetScript\": {}}", "1:2: error: \"NetScript\" needs \"Name\"\n"},
        {"{\"NetScript\": {\"Name\": \"\"}}", "1:2: error: \"NetScript\" needs \"Name\"\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture fixture = {.file = cases[i][0]};
        fixture_load(&fixture);
        assert_string_equal(fixture.shown.data, cases[i][1]);
        assert_non_null(fixture.settings->name);
        fixture_release(&fixture);
    }
}

static void mistakes_of_all_kinds_come_in_one_run(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"pg\": {\"Engine\": \"Postgre\" \"Port\": \"x\"}},\n"
                "\"Services\": {\"api\": {\"Entrypoint\": , \"HostPort\": 99999}}",
                "2:32: error: unknown Engine \"Postgre\" (did you mean \"Postgres\"?)\n"
                "2:41: error: expected ','\n"
                "2:50: error: \"Port\" expects an integer from 1 to 65535, found a string "
                "(write it without quotes)\n"
                "3:36: error: expected a value\n"
                "3:50: error: \"HostPort\" expects an integer from 1 to 65535, found 99999\n");
}

static void unmatched_brackets_silence_what_follows_from_them(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"pg\": {\"Engine\": \"Nonsense\"}, \"Services\": {\"api\": {}}",
                "1:1: error: the object that opens here is not closed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_all_it_takes),
        cmocka_unit_test(databases_have_defaults),
        cmocka_unit_test(databases_are_read),
        cmocka_unit_test(caches_are_read),
        cmocka_unit_test(processes_have_the_defaults_of_their_kind),
        cmocka_unit_test(processes_are_read),
        cmocka_unit_test(what_deno_processes_share_is_inherited),
        cmocka_unit_test(old_names_are_accepted),
        cmocka_unit_test(null_is_not_given),
        cmocka_unit_test(wrong_types_are_named),
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(unknown_choices_have_suggestions),
        cmocka_unit_test(near_misses_are_warned_about_and_others_kept),
        cmocka_unit_test(a_file_that_is_no_object_is_one_mistake),
        cmocka_unit_test(mistakes_of_all_kinds_come_in_one_run),
        cmocka_unit_test(unmatched_brackets_silence_what_follows_from_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

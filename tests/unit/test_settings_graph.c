#include "tests/unit/test.h"

#include "tests/unit/settings_fixture.h"

static void names_are_unique_over_all_records(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"data\": {\"Engine\": \"Sqlite\"}},\n"
                "\"Cache\": {\"my-api\": {}},\n"
                "\"Services\": {\"data\": {}, \"MY_API\": {}},\n"
                "\"Apps\": {\"off\": {\"Enabled\": false}}, \"Plugins\": {\"off\": {}}",
                "4:14: error: two resources have the name \"data\" "
                "(the other is the database at appsettings.json:2:15)\n"
                "4:26: error: the names \"my-api\" and \"MY_API\" are both MY_API in variables "
                "(the other is the cache at appsettings.json:3:11)\n");
    struct fixture fixture = {.file = "{\"NetScript\": {\"Name\": \"shop\", \"Apps\": {\"off\": "
                                      "{\"Enabled\": false}}, \"Plugins\": {\"off\": {}}}}"};
    fixture_load(&fixture);
    assert_int_equal(settings_process(fixture.settings, "off")->kind, PROCESS_PLUGIN);
    fixture_release(&fixture);
}

static void names_are_fit_for_containers_and_directories(void **state)
{
    (void)state;
    expect_said("\"Services\": {\"a/b\": {}, \"..\": {}, \"\": {}, \"-x\": {}, \"a b\": {},\n"
                "\"ok.v1_x-2\": {},\n"
                "\"a234567890123456789012345678901234567890123456789012345678901234\": {}}",
                "2:14: error: \"a/b\" cannot be the name of a service (up to 63 letters, digits, "
                "\"-\", \"_\" and \".\", the first a letter or a digit)\n"
                "2:25: error: \"..\" cannot be the name of a service (up to 63 letters, digits, "
                "\"-\", \"_\" and \".\", the first a letter or a digit)\n"
                "2:35: error: \"\" cannot be the name of a service (up to 63 letters, digits, "
                "\"-\", \"_\" and \".\", the first a letter or a digit)\n"
                "2:43: error: \"-x\" cannot be the name of a service (up to 63 letters, digits, "
                "\"-\", \"_\" and \".\", the first a letter or a digit)\n"
                "2:53: error: \"a b\" cannot be the name of a service (up to 63 letters, digits, "
                "\"-\", \"_\" and \".\", the first a letter or a digit)\n"
                "2:53: error: the names \"a/b\" and \"a b\" are both A_B in variables "
                "(the other is the service at appsettings.json:2:14)\n"
                "4:1: error: \"a234567890123456789012345678901234567890123456789012345678901234\" "
                "cannot be the name of a service (up to 63 letters, digits, \"-\", \"_\" and "
                "\".\", the first a letter or a digit)\n");
}

static void ports_are_used_once(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"db\": {\"Engine\": \"Mysql\", \"Port\": 3306},\n"
                "\"far\": {\"Engine\": \"Mysql\", \"Mode\": \"External\", \"Port\": 3306}},\n"
                "\"PrimaryDatabase\": \"db\", \"Services\": {\"a\": {\"HostPort\": 3000},\n"
                "\"b\": {\"Port\": 3000}, \"c\": {\"HostPort\": 3306},\n"
                "\"d\": {\"HostPort\": 3000, \"Enabled\": false}}",
                "5:15: warning: \"a\" and \"b\" have the same port 3000 "
                "(the other is the service at appsettings.json:4:39)\n"
                "5:40: warning: \"db\" and \"c\" have the same port 3306 "
                "(the other is the database at appsettings.json:2:15)\n");
}

static void references_name_what_is_there(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"postgres\": {\"Engine\": \"Postgres\"}},\n"
                "\"Plugins\": {\"auth\": {}, \"sagas\": {\"Enabled\": false}},\n"
                "\"Tools\": {\"cli\": {\"TaskName\": \"t\", \"Database\": \"postgre\"}},\n"
                "\"Services\": {\"orders\": {}, \"api\": {\n"
                "\"ServiceReferences\": [\"order\", \"auth\", \"nothing\", \"postgres\"],\n"
                "\"PluginReferences\": [\"auht\", \"orders\", \"sagas\", \"auth\"],\n"
                "\"WaitFor\": [\"postgres\", \"postgras\", \"cli\", \"sagas\", \"orders\"]}}",
                "4:48: error: unknown database \"postgre\" (did you mean \"postgres\"?)\n"
                "6:23: error: unknown service \"order\" (did you mean \"orders\"?)\n"
                "6:32: warning: \"auth\" is a plugin, not a service "
                "(name it in \"PluginReferences\")\n"
                "6:40: error: unknown service \"nothing\"\n"
                "6:51: warning: \"postgres\" is a database, not a service\n"
                "7:22: error: unknown plugin \"auht\" (did you mean \"auth\"?)\n"
                "7:30: warning: \"orders\" is a service, not a plugin "
                "(name it in \"ServiceReferences\")\n"
                "7:40: warning: \"sagas\" is not enabled; \"api\" gets on without it\n"
                "8:25: error: unknown resource \"postgras\" (did you mean \"postgres\"?)\n"
                "8:37: error: \"cli\" is a tool, and tools start on demand only\n"
                "8:44: warning: \"sagas\" is not enabled; \"api\" gets on without it\n");
    expect_said("\"Services\": {\"api\": {\"PluginReferences\": [\"auth\"]}}",
                "2:43: error: unknown plugin \"auth\" (no plugin is configured)\n");
}

static void the_primary_database_is_resolved(void **state)
{
    (void)state;
    static const struct {
        const char *primary, *databases, *resolved, *said;
    } cases[] = {
        {"", "\"a\": {\"Engine\": \"Sqlite\"}", "a", ""},
        {"\"PrimaryDatabase\": \"\",", "\"a\": {\"Engine\": \"Sqlite\"}", "a", ""},
        {"", "\"a\": {\"Engine\": \"Sqlite\", \"Enabled\": false}", NULL, ""},
        {"", "\"a\": {\"Engine\": \"Sqlite\", \"Enabled\": false}, \"b\": {\"Engine\": \"Sqlite\"}",
         "b", ""},
        {"", "\"a\": {\"Engine\": \"Sqlite\"}, \"b\": {\"Engine\": \"Sqlite\"}", "a",
         "1:33: warning: of 2 databases \"a\" is taken for the primary one, as it is the first "
         "(say so by \"PrimaryDatabase\": \"a\")\n"},
        {"\"PrimaryDatabase\": \"b\",",
         "\"a\": {\"Engine\": \"Sqlite\"}, \"b\": {\"Engine\": \"Sqlite\"}", "b", ""},
        {"\"PrimaryDatabase\": \"aa\",", "\"aaa\": {\"Engine\": \"Sqlite\"}", NULL,
         "1:51: error: unknown database \"aa\" (did you mean \"aaa\"?)\n"},
        {"\"PrimaryDatabase\": \"a\",", "\"a\": {\"Engine\": \"Sqlite\", \"Enabled\": false}", "a",
         "1:51: error: the primary database \"a\" is not enabled\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO_STRBUF text = STRBUF_INIT;
        strbuf_addf(&text, "{\"NetScript\": {\"Name\": \"shop\", %s \"Databases\": {%s}}}",
                    cases[i].primary, cases[i].databases);
        struct fixture fixture = {.file = text.data};
        fixture_load(&fixture);
        assert_string_equal(fixture.shown.data, cases[i].said);
        if (cases[i].resolved)
            assert_string_equal(fixture.settings->primary_database, cases[i].resolved);
        else
            assert_null(fixture.settings->primary_database);
        fixture_release(&fixture);
    }
    expect_said("\"Cache\": {\"a\": {}, \"b\": {}}, \"Services\": {\"c\": {}}",
                "2:1: warning: of 2 caches \"a\" is taken for the primary one, as it is the first "
                "(say so by \"PrimaryCache\": \"a\")\n");
    expect_said("\"PrimaryCache\": \"c\", \"Cache\": {\"a\": {}}, \"Services\": {\"c\": {}}",
                "2:17: error: unknown cache \"c\"\n");
}

static void port_is_not_declared(void **state)
{
    (void)state;
    expect_said(
        "\"Services\": {\"a\": {\"Environment\": {\"PORT\": \"1\"}},\n"
        "\"b\": {\"Env\": {\"PORT\": 2}}, \"c\": {\"Env\": {\"port\": \"3\", \"PORT\": null}}}",
        "2:44: error: PORT cannot be declared: berth sets it (the port is \"HostPort\")\n"
        "3:23: error: PORT cannot be declared: berth sets it (the port is \"HostPort\")\n");
}

static void database_names_are_safe(void **state)
{
    (void)state;
    expect_said("\"Databases\": {\"a\": {\"Engine\": \"Sqlite\", \"DatabaseName\": \"../x\"},\n"
                "\"b\": {\"Engine\": \"Sqlite\", \"DatabaseName\": \"..\"},\n"
                "\"c\": {\"Engine\": \"Postgres\", \"DatabaseName\": \"a;b\"},\n"
                "\"d\": {\"Engine\": \"Postgres\", \"DatabaseName\": \"caf\xC3\xA9_1.x-$\"},\n"
                "\"e\": {\"Engine\": \"Mysql\", \"SeedMode\": \"../demo\"}},\n"
                "\"PrimaryDatabase\": \"a\"",
                "2:57: error: \"../x\" cannot be the name of a database "
                "(up to 200 letters, digits, \"_\", \"-\", \".\" and \"$\")\n"
                "3:43: error: \"..\" cannot be the name of a database "
                "(up to 200 letters, digits, \"_\", \"-\", \".\" and \"$\")\n"
                "4:45: error: \"a;b\" cannot be the name of a database "
                "(up to 63 letters, digits, \"_\", \"-\", \".\" and \"$\")\n"
                "6:38: error: \"../demo\" cannot be the name of a seed mode "
                "(it is the name of a directory)\n");
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_adds(&text, "{\"NetScript\": {\"Name\": \"");
    for (int i = 0; i < 61; i++)
        strbuf_addch(&text, 'n'); // with "-db" one too long for Postgres, just right for MySQL
    strbuf_adds(&text,
                "\", \"Databases\": {\n\"p\": {\"Engine\": \"Postgres\"}, \"m\": {\"Engine\": "
                "\"Mysql\"}}, \"PrimaryDatabase\": \"p\"}}");
    struct fixture fixture = {.file = text.data};
    fixture_load(&fixture);
    assert_int_equal(fixture.diags.items.len, 1);
    assert_non_null(strstr(fixture.shown.data, "2:1: error: \"nnnn"));
    fixture_release(&fixture);
}

static void there_is_something_to_run(void **state)
{
    (void)state;
    expect_said(
        "\"Services\": {\"py\": {\"Runtime\": \"python\"}, \"js\": {\"Runtime\": \"Node\"},\n"
        "\"rb\": {\"Runtime\": \"ruby\", \"Command\": [\"ruby\"]}, \"no\": {\"Command\": []},\n"
        "\"na\": {\"Command\": [\"\", \"x\"]}},\n"
        "\"Apps\": {\"t\": {\"Type\": \"task\"}, \"u\": {\"Type\": \"task\", \"Enabled\": false},\n"
        "\"v\": {\"Type\": \"desktop\"}, \"w\": {\"Type\": \"task\", \"Command\": [\"x\"]}},\n"
        "\"Tools\": {\"x\": {}}, \"BackgroundProcessors\": {\"y\": {\n"
        "\"ConcurrencyEnvVar\": \"A B\"}}",
        "2:32: error: how \"python\" runs a file is not known "
        "(\"deno\" and \"node\" are known; for others set \"Command\")\n"
        "4:19: error: \"Command\" begins with no program\n"
        "5:10: error: \"t\" has nothing to run (set \"TaskName\" or \"Command\")\n"
        "7:11: error: \"x\" has nothing to run (set \"TaskName\" or \"Command\")\n"
        "8:22: error: \"A B\" cannot be the name of a variable\n");
}

static void only_denokv_is_local(void **state)
{
    (void)state;
    expect_said("\"Cache\": {\"r\": {\"Mode\": \"Local\"}}",
                "2:25: error: Redis cannot be Local; only DenoKv can "
                "(\"Container\" is the usual Mode)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_over_all_records),
        cmocka_unit_test(names_are_fit_for_containers_and_directories),
        cmocka_unit_test(ports_are_used_once),
        cmocka_unit_test(references_name_what_is_there),
        cmocka_unit_test(the_primary_database_is_resolved),
        cmocka_unit_test(port_is_not_declared),
        cmocka_unit_test(database_names_are_safe),
        cmocka_unit_test(there_is_something_to_run),
        cmocka_unit_test(only_denokv_is_local),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

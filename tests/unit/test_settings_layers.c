#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/unit/settings_fixture.h"

static void later_layers_win(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"one\", \"Version\": \"1\", \"Databases\": {\"pg\": {"
                "\"Engine\": \"Postgres\", \"Port\": 1, \"Args\": [\"a\", \"b\"],"
                "\"Env\": {\"A\": \"1\", \"B\": \"1\"}, \"ImageTag\": \"1\"}, \"gone\": {}}}}",
        .environment_file = "{\"NetScript\": {\"Version\": \"2\", \"Databases\": {\"pg\": {"
                            "\"Port\": 2, \"Args\": [\"c\"], \"Env\": {\"B\": \"2\"}},"
                            "\"gone\": null}}}",
        .dotenv = "NetScript__Databases__pg__Port=3\nNetScript__Version=3\nOTHER=x\nMY__OWN=y\n",
        .environ = ENVIRON("NetScript__Databases__pg__Port=4", "PATH=/bin", "A__B=c")};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct settings *settings = fixture.settings;
    const struct database_settings *pg = settings_database(settings, "pg");
    assert_string_equal(settings->name, "one");
    assert_string_equal(settings->version, "3");
    assert_int_equal(pg->port, 4);
    assert_int_equal(pg->args.count, 1); // arrays of files are replaced whole
    assert_string_equal(pg->args.items[0], "c");
    assert_int_equal(pg->env.count, 2);
    assert_string_equal(pg->env.items[0].value, "1");
    assert_string_equal(pg->env.items[1].value, "2");
    assert_string_equal(pg->image_tag, "1");
    assert_int_equal(settings->database_count, 1);
    assert_int_equal(settings->dotenv.count, 2);
    assert_string_equal(settings->dotenv.items[0].name, "OTHER");
    assert_string_equal(settings->dotenv.items[1].name, "MY__OWN");
    assert_string_equal(settings->dotenv.items[1].value, "y");
    fixture_release(&fixture);
}

static void variables_match_in_any_letter_case(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file =
            "{\"NetScript\": {\"Name\": \"shop\", \"Databases\": {\"Main\": {"
            "\"Engine\": \"Postgres\"}}, \"Services\": {\"api\": {\"Env\": {\"Foo\": \"1\"}}}}}",
        .environ = ENVIRON(
            "NETSCRIPT__DATABASES__MAIN__PORT=5433", "netscript__databases__main__persistent=TRUE",
            "NetScript__Databases__new__engine=sqlite", "NetScript__primarydatabase=Main",
            "NetScript__Services__api__port=3000", "netscript__services__api__environment__FOO=2",
            "NetScript__Services__api__env__A__B=c=d",
            "NetScript__Services__api__healthcheckpath=False", "connectionstrings__x=Host=h",
            "Parameters__a__b=1")};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct database_settings *main = settings_database(fixture.settings, "Main");
    assert_int_equal(main->port, 5433);
    assert_true(main->persistent);
    assert_string_equal(settings_database(fixture.settings, "new")->engine, "Sqlite");
    const struct process_settings *api = settings_process(fixture.settings, "api");
    assert_int_equal(api->host_port, 3000);
    assert_null(api->health_check_path);
    assert_int_equal(api->environment.count, 2);
    assert_string_equal(api->environment.items[0].name, "Foo");
    assert_string_equal(api->environment.items[0].value, "2");
    assert_string_equal(api->environment.items[1].name, "A__B");
    assert_string_equal(api->environment.items[1].value, "c=d");
    assert_string_equal(fixture.settings->connection_strings.items[0].value, "Host=h");
    assert_string_equal(fixture.settings->parameters.items[0].name, "a__b");
    fixture_release(&fixture);
}

static void variables_reach_elements_of_arrays(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"shop\", \"Services\": {"
                "\"api\": {\"Command\": [\"a\", \"b\"]}, \"web\": {}}}}",
        .environ = ENVIRON(
            // as the environment is not sorted
            "NetScript__Services__web__Command__10=k", "NetScript__Services__web__Command__9=j",
            "NetScript__Services__web__Command__8=i", "NetScript__Services__web__Command__7=h",
            "NetScript__Services__web__Command__6=g", "NetScript__Services__web__Command__5=f",
            "NetScript__Services__web__Command__4=e", "NetScript__Services__web__Command__3=d",
            "NetScript__Services__web__Command__2=c", "NetScript__Services__web__Command__1=b",
            "NetScript__Services__web__Command__0=a", "NetScript__Services__api__Command__1=B",
            "NetScript__Services__api__Command__2=C")};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, "");
    const struct process_settings *web = settings_process(fixture.settings, "web");
    const struct process_settings *api = settings_process(fixture.settings, "api");
    assert_int_equal(web->command.count, 11);
    for (size_t i = 0; i < web->command.count; i++)
        assert_int_equal(web->command.items[i][0], 'a' + (int)i);
    assert_int_equal(api->command.count, 3);
    assert_string_equal(api->command.items[0], "a");
    assert_string_equal(api->command.items[1], "B");
    assert_string_equal(api->command.items[2], "C");
    fixture_release(&fixture);
}

static void mistakes_in_variables_are_named(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"shop\", \"Services\": {"
                "\"api\": {\"Command\": [\"a\"]}}}}",
        .dotenv = "# settings\nNetScript__Services__api__HostPort=x\n"
                  "NetScript__Services__api__Restart=Allways\n",
        .environ = ENVIRON(
            "NetScript__Services__api__Telemetry=1", "NetScript__Services__api__Command__5=x",
            "NetScript__Services__api__WaitFor=x", "NetScript__Services__api__Comand=x",
            "NetScript__Services__api__HostPort__x=1", "NetScript____api=ignored",
            "NetScript__Services__api__Concurrency=", "NetScript__Services__api__Entrypoint=")};
    fixture_load(&fixture);
    assert_string_equal(
        fixture.shown.data,
        ".env:3:35: error: unknown Restart \"Allways\" (did you mean \"Always\"?)\n"
        "-: warning: NetScript__Services__api__Comand: \"Comand\" is no setting and is ignored "
        "(did you mean \"Command\"?)\n"
        "-: error: NetScript__Services__api__Command__5: \"5\" is no element of an array of 1 "
        "(elements are numbered from 0, without a gap)\n"
        "-: error: NetScript__Services__api__HostPort__x: \"HostPort\" expects an integer from 1 "
        "to "
        "65535, found an object\n"
        "-: error: NetScript__Services__api__Telemetry: \"Telemetry\" expects true or false, "
        "found a string\n"
        "-: error: NetScript__Services__api__WaitFor: \"WaitFor\" expects an array of strings, "
        "found a string (NetScript__Services__api__WaitFor__0 is its first element)\n");
    // An empty variable gives nothing, so the default counts.
    assert_string_equal(settings_process(fixture.settings, "api")->entrypoint, "src/main.ts");
    fixture_release(&fixture);
}

static void mistakes_in_any_file_are_named(void **state)
{
    (void)state;
    struct fixture fixture = {.file = "{\"NetScript\": {\"Name\": \"shop\", \"Version\": 1}}",
                              .environment_file = "{\"NetScript\": {\"PrimaryCache\": 2,}\n x}",
                              .dotenv = "what?\n"};
    fixture_load(&fixture);
    assert_string_equal(
        fixture.shown.data,
        "1:43: error: \"Version\" expects a string, found a number (write it in double quotes)\n"
        "appsettings.Test.json:1:32: error: \"PrimaryCache\" expects a string, found a number "
        "(write it in double quotes)\n"
        "appsettings.Test.json:1:35: error: expected ','\n"
        "appsettings.Test.json:2:2: error: names take double quotes\n"
        ".env:1:1: warning: not a line NAME=value; it is ignored\n");
    fixture_release(&fixture);
}

static void no_diagnostic_quotes_a_secret(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"Parameters\": {\"pw\": \"hunter2\", \"pw\": \"hunter2\", x}, "
                "\"ConnectionStrings\": "
                "{\"a\": [\"hunter2\"]}, \"NetScript\": {\"Name\": 1, \"Services\": {\"api\": "
                "{\"Env\": {"
                "\"API_TOKEN\": \"hunter2\", \"PORT\": 1}}}}}",
        .dotenv = "PASSWORD: hunter2\nConnectionStrings__a=hunter2\nA=\"1\" hunter2\n",
        .environ = ENVIRON("ConnectionStrings__b__0=hunter2")};
    fixture_load(&fixture);
    AUTO_STRBUF rendered = STRBUF_INIT;
    vec_each (diag, &fixture.diags.items)
        diag_render(diag, false, &rendered);
    assert_true(fixture.diags.items.len >= 6);
    assert_null(strstr(rendered.data, "hunter2"));
    assert_non_null(strstr(rendered.data, "\"Name\": 1"));
    fixture_release(&fixture);
}

// A workspace in a directory of its own.
struct workspace {
    char root[64];
};

static void put(const struct workspace *workspace, const char *name, const char *text)
{
    struct err err;
    AUTOFREE char *path = path_join(workspace->root, name);
    AUTOFREE char *directory = mem_strndup(path, (size_t)(strrchr(path, '/') - path));
    assert_int_equal(file_make_directories(directory, 0700, &err), 0);
    assert_int_equal(file_write_atomic(path, text, strlen(text), 0600, &err), 0);
}

static int workspace_setup(void **state)
{
    static struct workspace workspace;
    snprintf(workspace.root, sizeof workspace.root, "/tmp/berth-settings-XXXXXX");
    *state = &workspace;
    return mkdtemp(workspace.root) ? 0 : -1;
}

static int workspace_teardown(void **state)
{
    struct err err;
    const struct workspace *workspace = *state;
    return chdir("/") || file_remove_tree(workspace->root, &err);
}

static void the_file_is_found_upwards(void **state)
{
    const struct workspace *workspace = *state;
    put(workspace, "appsettings.json", "{\"NetScript\": {\"Name\": \"outer\"}}");
    put(workspace, "services/api/main.ts", "");
    put(workspace, "nested/appsettings.json", "{\"NetScript\": {\"Name\": \"inner\"}}");
    put(workspace, "nested/a/b/appsettings.json/x", ""); // a directory of that name is none
    static const char *const cases[][2] = {
        {"", "outer"}, {"services/api", "outer"}, {"nested", "inner"}, {"nested/a/b", "inner"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings_options options = {0};
        struct settings *settings = NULL;
        struct diag_list diags = {0};
        struct err err;
        AUTOFREE char *directory = path_join(workspace->root, cases[i][0]);
        assert_int_equal(chdir(directory), 0);
        assert_int_equal(settings_load(&options, &settings, &diags, &err), 0);
        assert_int_equal(diags.items.len, 0);
        assert_string_equal(settings->name, cases[i][1]);
        AUTOFREE char *file = path_join(settings->root, "appsettings.json");
        assert_string_equal(settings->file, file);
        assert_string_equal(settings->environment, "Development");
        settings_free(settings);
    }
}

static void the_environment_names_the_layer(void **state)
{
    const struct workspace *workspace = *state;
    put(workspace, "appsettings.json", "{\"NetScript\": {\"Name\": \"shop\"}}");
    put(workspace, "appsettings.Development.json", "{\"NetScript\": {\"Version\": \"d\"}}");
    put(workspace, "appsettings.Staging.json", "{\"NetScript\": {\"Version\": \"s\"}}");
    put(workspace, ".env/bin/activate", ""); // a directory is no .env
    static const struct {
        const char *environ[4];
        const char *version;
    } cases[] = {
        {{NULL}, "d"},
        {{"ASPNETCORE_ENVIRONMENT=Staging", NULL}, "s"},
        {{"ASPNETCORE_ENVIRONMENT=Other", "DOTNET_ENVIRONMENT=Staging", NULL}, "s"},
        {{"DOTNET_ENVIRONMENT=Other", "NETSCRIPT_ENVIRONMENT=Staging", NULL}, "s"},
        {{"DOTNET_ENVIRONMENT=", NULL}, "d"},
        {{"DOTNET_ENVIRONMENT=Production", NULL}, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings_options options = {.project_root = workspace->root,
                                           .environ = (char *const *)cases[i].environ};
        struct settings *settings = NULL;
        struct diag_list diags = {0};
        struct err err;
        assert_int_equal(settings_load(&options, &settings, &diags, &err), 0);
        assert_int_equal(diags.items.len, 0);
        if (cases[i].version)
            assert_string_equal(settings->version, cases[i].version);
        else
            assert_null(settings->version);
        settings_free(settings);
    }
    struct settings_options options = {.project_root = workspace->root,
                                       .environ =
                                           (char *const *)ENVIRON("DOTNET_ENVIRONMENT=../x")};
    struct settings *settings = NULL;
    struct diag_list diags = {0};
    struct err err;
    assert_int_equal(settings_load(&options, &settings, &diags, &err), -1);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err.message, "\"../x\" cannot be the name of an environment");
}

static void a_missing_file_is_an_error_unless_optional(void **state)
{
    const struct workspace *workspace = *state;
    AUTOFREE char *empty = path_join(workspace->root, "my-shop");
    put(workspace, "my-shop/.env",
        "DATABASE_URL=postgres://u:p@h/d\n"
        "NetScript__Services__api__Command__0=true\n");
    put(workspace, "my-shop/appsettings.Development.json", "{"); // belongs to a file that is not
    struct settings_options options = {.project_root = empty};
    struct settings *settings = NULL;
    struct diag_list diags = {0};
    struct err err;
    assert_int_equal(settings_load(&options, &settings, &diags, &err), -1);
    assert_null(settings);
    assert_int_equal(err.kind, ERR_INVALID);
    AUTOFREE char *message = mem_printf("no appsettings.json in %s", empty);
    assert_string_equal(err.message, message);
    assert_non_null(strstr(err.hint, "--project-root"));

    options.file_optional = true;
    assert_int_equal(settings_load(&options, &settings, &diags, &err), 0);
    assert_int_equal(diags.items.len, 0);
    assert_null(settings->file);
    assert_string_equal(settings->root, empty);
    assert_string_equal(settings->name, "my-shop");
    assert_int_equal(settings->database_count, 0);
    assert_int_equal(settings->dotenv.count, 1);
    assert_string_equal(settings->dotenv.items[0].value, "postgres://u:p@h/d");
    assert_string_equal(settings_process(settings, "api")->command.items[0], "true");
    settings_free(settings);

    options.project_root = "/nonexistent";
    assert_int_equal(settings_load(&options, &settings, &diags, &err), -1);
    assert_string_equal(err.message, "/nonexistent is not a directory");
}

static void what_cannot_be_read_is_an_error(void **state)
{
    const struct workspace *workspace = *state;
    put(workspace, "appsettings.json", "{\"NetScript\": {\"Name\": \"shop\"}}");
    AUTOFREE char *overlay = path_join(workspace->root, "appsettings.Development.json");
    assert_int_equal(symlink("appsettings.Development.json", overlay), 0); // ELOOP, even for root
    struct settings_options options = {.project_root = workspace->root};
    struct settings *settings = NULL;
    struct diag_list diags = {0};
    struct err err;
    assert_int_equal(settings_load(&options, &settings, &diags, &err), -1);
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.message, "appsettings.Development.json: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_layers_win),
        cmocka_unit_test(variables_match_in_any_letter_case),
        cmocka_unit_test(variables_reach_elements_of_arrays),
        cmocka_unit_test(mistakes_in_variables_are_named),
        cmocka_unit_test(mistakes_in_any_file_are_named),
        cmocka_unit_test(no_diagnostic_quotes_a_secret),
        cmocka_unit_test_setup_teardown(the_file_is_found_upwards, workspace_setup,
                                        workspace_teardown),
        cmocka_unit_test_setup_teardown(the_environment_names_the_layer, workspace_setup,
                                        workspace_teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_an_error_unless_optional, workspace_setup,
                                        workspace_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_an_error, workspace_setup,
                                        workspace_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

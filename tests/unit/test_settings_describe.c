#include "tests/unit/test.h"

#include "appsettings/fields.h"
#include "appsettings/tree.h"
#include "base/json.h"
#include "tests/unit/settings_fixture.h"

static void expect_listing(struct fixture *fixture, const char *expected)
{
    AUTO_STRBUF out = STRBUF_INIT;
    fixture_load(fixture);
    settings_describe(fixture->settings, false, &out);
    assert_string_equal(out.data, expected);
}

static void every_value_has_its_origin(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\n  \"NetScript\": {\n    \"Name\": \"shop\", \"Custom\": {\"Deep\": [1.50]},\n"
                "    \"Databases\": {\n"
                "      \"postgres\": {\"Engine\": \"postgres\", \"Port\": 5432}\n    },\n"
                "    \"Tools\": {\"x\": {\"TaskName\": \"t\", \"Env\": {\"a.b\": \"\xC3\xA9\\n\"},"
                " \"Command\": [\"a\", \"b\"], \"WaitFor\": []}}\n  }\n}\n",
        .environment_file =
            "{\"NetScript\": {\"Databases\": {\"postgres\": {\"ImageTag\": \"15\"}}}}",
        .dotenv = "\nNetScript__Databases__postgres__Persistent=TRUE\n",
        .environ = ENVIRON("NETSCRIPT__Databases__postgres__Port=5433")};
    expect_listing(
        &fixture,
        "NetScript.Name = \"shop\"    appsettings.json:3:13\n"
        "NetScript.Custom.Deep[0] = 1.50    appsettings.json:3:41 (ignored)\n"
        "NetScript.Databases.postgres.Engine = \"Postgres\"    appsettings.json:5:30\n"
        "NetScript.Databases.postgres.Port = 5433    NETSCRIPT__Databases__postgres__Port\n"
        "NetScript.Databases.postgres.ImageTag = \"15\"    appsettings.Test.json:1:55\n"
        "NetScript.Databases.postgres.Persistent = true    .env:2:44\n"
        "NetScript.Databases.postgres.Enabled = true    default\n"
        "NetScript.Databases.postgres.Mode = \"Container\"    default\n"
        "NetScript.Databases.postgres.DatabaseName = \"shop-db\"    default\n"
        "NetScript.Databases.postgres.AutoMigrate = true    default\n"
        "NetScript.Databases.postgres.AutoSeed = \"Once\"    default\n"
        "NetScript.Databases.postgres.SeedMode = \"bootstrap\"    default\n"
        "NetScript.Tools.x.TaskName = \"t\"    appsettings.json:7:33\n"
        "NetScript.Tools.x.Environment[\"a.b\"] = \"\xC3\xA9\\n\"    appsettings.json:7:53\n"
        "NetScript.Tools.x.Command[0] = \"a\"    appsettings.json:7:73\n"
        "NetScript.Tools.x.Command[1] = \"b\"    appsettings.json:7:78\n"
        "NetScript.Tools.x.WaitFor = []    appsettings.json:7:95\n"
        "NetScript.Tools.x.Enabled = true    default\n"
        "NetScript.Tools.x.Restart = \"No\"    default\n"
        "NetScript.Tools.x.Telemetry = true    default\n"
        "NetScript.Tools.x.Workdir = \".\"    default\n"
        "NetScript.Otel.Protocol = \"http/protobuf\"    default\n"
        "NetScript.Defaults.Deno.WatchMode = false    default\n"
        "NetScript.PrimaryDatabase = \"postgres\"    default\n");
    fixture_release(&fixture);
}

static void what_is_inherited_shows_where_from(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file = "{\"NetScript\": {\"Name\": \"shop\",\n\"Defaults\": {\"Deno\": {\"Permissions\": "
                "[\"-A\"]}},\n\"Services\": {\"api\": {}}}}"};
    AUTO_STRBUF out = STRBUF_INIT;
    fixture_load(&fixture);
    settings_describe(fixture.settings, false, &out);
    assert_non_null(strstr(out.data, "NetScript.Services.api.Permissions[0] = \"-A\"    "
                                     "appsettings.json:2:39\n"));
    fixture_release(&fixture);
}

static void secrets_are_masked(void **state)
{
    (void)state;
    struct fixture fixture = {
        .file =
            "{\"Parameters\": {\"a\": \"hunter2\", \"b\": 77777, \"c\": \"\"},\n"
            "\"ConnectionStrings\": {\"pg\": \"Host=hunter2\"},\n"
            "\"NetScript\": {\"Name\": \"shop\", \"Services\": {\"token-api\": {\"HostPort\": 1,\n"
            "\"Environment\": {\"API_TOKEN\": \"hunter2\", \"URL\": \"http://u:hunter2@h/\","
            "\"PLAIN\": \"x\"}}}}}",
        .environ =
            ENVIRON("Parameters__d=hunter2", "ConnectionStrings__x=postgres://u:hunter2@h/d")};
    fixture_load(&fixture);
    for (int json = 0; json < 2; json++) {
        AUTO_STRBUF out = STRBUF_INIT;
        settings_describe(fixture.settings, json, &out);
        assert_null(strstr(out.data, "hunter2"));
        assert_null(strstr(out.data, "77777"));
        if (json)
            continue;
        assert_non_null(strstr(out.data, "Parameters.b = \"****\"    appsettings.json:1:38\n"));
        assert_non_null(strstr(out.data, "Parameters.c = \"\"    "));
        assert_non_null(strstr(out.data, "Parameters.d = \"****\"    Parameters__d\n"));
        assert_non_null(strstr(out.data, ".Environment.URL = \"http://u:****@h/\"    "));
        assert_non_null(strstr(out.data, ".Environment.PLAIN = \"x\"    "));
        assert_non_null(strstr(out.data, "token-api.HostPort = 1    "));
    }
    // The settings themselves keep them.
    assert_string_equal(fixture.settings->parameters.items[0].value, "hunter2");
    fixture_release(&fixture);
}

static void json_says_the_same(void **state)
{
    (void)state;
    struct fixture fixture = {.file = "{\"x\": null, \"NetScript\": {\"Name\": \"s\\\"hop\", "
                                      "\"Version\": \"1\"}}"};
    AUTO_STRBUF out = STRBUF_INIT;
    struct err err;
    AUTO_JSON *json = NULL;
    fixture_load(&fixture);
    settings_describe(fixture.settings, true, &out);
    assert_int_equal(json_parse(out.data, out.len, &json, &err), 0);
    assert_string_equal(json_string_or(json, "root", ""), "/srv/shop");
    assert_string_equal(json_string_or(json, "file", ""), "/srv/shop/appsettings.json");
    assert_string_equal(json_string_or(json, "environment", ""), "Test");
    const cJSON *first = json_get(json, "values")->child, *second = first->next;
    assert_string_equal(json_string_or(first, "path", ""), "x");
    assert_true(cJSON_IsNull(json_get(first, "value")));
    assert_true(json_bool_or(first, "ignored", false));
    assert_string_equal(json_string_or(second, "path", ""), "NetScript.Name");
    assert_string_equal(json_string_or(second, "value", ""), "s\"hop");
    assert_string_equal(json_string_or(second, "origin", ""), "appsettings.json:1:35");
    assert_false(json_bool_or(second, "ignored", false));
    fixture_release(&fixture);
}

static void spans_are_for_later_diagnostics(void **state)
{
    (void)state;
    struct fixture fixture = {.file = "{\"NetScript\": {\"Name\": \"shop\", \"Services\": {\n"
                                      "\"api\": {\"Port\": 3000, \"Entrypoint\": \"x\"}}}}",
                              .environ = ENVIRON("NetScript__Services__api__Entrypoint=y",
                                                 "NetScript__Services__new__HostPort=1")};
    fixture_load(&fixture);
    const struct settings_node *api = settings_process(fixture.settings, "api")->node;
    const char *text = fixture.file;
    assert_int_equal(settings_span(api, "HostPort").start, strstr(text, "3000") - text);
    assert_int_equal(settings_span(api, "HostPort").end, strstr(text, ", \"Entry") - text);
    // of a variable, of a default, of nothing: the record's name
    static const char *const others[] = {"Entrypoint", "Restart", "Nonsense"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(settings_span(api, others[i]).start, strstr(text, "\"api\"") - text);
        assert_int_equal(settings_span(api, others[i]).end, strstr(text, ": {\"Port") - text);
    }
    assert_null(settings_span(settings_process(fixture.settings, "new")->node, "HostPort").source);
    assert_int_equal(settings_span(fixture.settings->tree, "Nonsense").start, 0);
    assert_null(settings_span(NULL, "Port").source);
    fixture_release(&fixture);
}

// Every field of the tables, and what it refers to, is in the schema.
static void expect_described(const cJSON *schema, const cJSON *table_schema,
                             const struct field_table *table)
{
    for (const struct field *field = table->items; field < table->items + table->count; field++) {
        const cJSON *property = json_path(table_schema, "properties", field->name, NULL);
        assert_non_null(property);
        assert_string_not_equal(json_string_or(property, "description", ""), "");
        if (field->old_name)
            assert_true(json_bool_or(json_path(table_schema, "properties", field->old_name, NULL),
                                     "deprecated", false));
        if (field->type == FIELD_OBJECT)
            expect_described(schema, property, field->fields);
        if (field->type != FIELD_RECORDS)
            continue;
        const char *reference =
            json_string_or(json_get(property, "additionalProperties"), "$ref", "");
        assert_memory_equal(reference, "#/$defs/", 8);
        const cJSON *record = json_path(schema, "$defs", reference + 8, NULL);
        assert_non_null(record);
        expect_described(schema, record, field->fields);
    }
}

static void the_schema_is_of_the_tables(void **state)
{
    (void)state;
    AUTO_STRBUF out = STRBUF_INIT;
    struct err err;
    AUTO_JSON *schema = NULL;
    settings_schema(&out);
    assert_int_equal(json_parse(out.data, out.len, &schema, &err), 0);
    assert_string_equal(json_string_or(schema, "$schema", ""),
                        "https://json-schema.org/draft/2020-12/schema");
    expect_described(schema, schema, fields_root()->fields);

    const cJSON *database = json_path(schema, "$defs", "Database", NULL);
    assert_string_equal(json_get(database, "required")->child->valuestring, "Engine");
    const cJSON *engine = json_path(database, "properties", "Engine", "anyOf", NULL);
    assert_string_equal(json_get(engine->child, "enum")->child->valuestring, "Postgres");
    assert_memory_equal(json_string_or(engine->child->next, "pattern", ""), "^[Pp][Oo][Ss][Tt]",
                        17);
    const cJSON *port = json_path(database, "properties", "Port", NULL);
    assert_int_equal(json_int_or(port, "maximum", 0), 65535);
    assert_string_equal(
        json_string_or(json_path(database, "properties", "Mode", NULL), "default", ""),
        "Container");
    const cJSON *workdir = json_path(schema, "$defs", "Service", "properties", "Workdir", NULL);
    assert_non_null(strstr(json_string_or(workdir, "description", ""), "services/<key>"));
    assert_null(json_get(workdir, "default"));
    assert_string_equal(json_get(schema, "required")->child->valuestring, "NetScript");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_its_origin),
        cmocka_unit_test(what_is_inherited_shows_where_from),
        cmocka_unit_test(secrets_are_masked),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(spans_are_for_later_diagnostics),
        cmocka_unit_test(the_schema_is_of_the_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// The graph: what there is, what depends on what, what is asked for.
#include "tests/unit/plan_fixture.h"

#include "base/strbuf.h"

static void expect_dependencies(struct plan_fixture *fixture, const char *name,
                                const char *expected)
{
    const struct plan_resource *resource = planned(fixture, name);
    AUTO_STRBUF names = STRBUF_INIT;
    vec_each (index, &resource->dependencies)
        strbuf_addf(&names, "%s%s", names.len ? " " : "",
                    fixture->plan->resources.items[*index].name);
    assert_string_equal(names.data, expected);
}

static void expect_said(struct plan_fixture *fixture, const char *expected)
{
    AUTO_STRBUF shown = STRBUF_INIT;
    plan_fixture_show(fixture, fixture->shown.data, &shown);
    assert_string_equal(shown.data, expected);
}

static void expect_all(struct plan_fixture *fixture, const char *expected)
{
    AUTO_STRBUF names = STRBUF_INIT;
    vec_each (resource, &fixture->plan->resources)
        strbuf_addf(&names, "%s%s", names.len ? " " : "", resource->name);
    assert_string_equal(names.data, expected);
}

#define HERE "\"Workdir\": \".\""
#define DATABASES                                                                              \
    "\"PrimaryDatabase\": \"main\", \"PrimaryCache\": \"redis\",\n"                            \
    "\"Databases\": {\"main\": {\"Engine\": \"Sqlite\"}, \"other\": {\"Engine\": \"Sqlite\"}}" \
    ",\n\"Cache\": {\"redis\": {}, \"more\": {}}"

static void make_databases(struct plan_fixture *fixture)
{
    plan_fixture_mkdir(fixture, "database/main/migrations");
    plan_fixture_mkdir(fixture, "database/main/seeds/bootstrap");
    plan_fixture_mkdir(fixture, "database/other/migrations");
}

static void each_kind_waits_for_what_it_needs(void **state)
{
    struct plan_fixture *fixture = *state;
    make_databases(fixture);
    plan_fixture_plan(
        fixture,
        DATABASES ",\n"
                  "\"Services\": {\"api\": {" HERE "},\n"
                  "  \"front\": {" HERE ", \"ServiceReferences\": [\"api\"],\n"
                  "    \"PluginReferences\": [\"auth\"]}},\n"
                  "\"Plugins\": {\"auth\": {" HERE "}, \"sagas\": {" HERE
                  ", \"RequiresDb\": true, \"RequiresKv\": true}},\n"
                  "\"BackgroundProcessors\": {\"jobs\": {" HERE ", \"RequiresKv\": true},\n"
                  "  \"mail\": {" HERE ", \"RequiresDb\": true, \"WaitFor\": [\"other\", \"more\","
                  " \"api\"]}},\n"
                  "\"Apps\": {\"web\": {" HERE ", \"ServiceReferences\": [\"front\"]},\n"
                  "  \"kiosk\": {" HERE ", \"RequiresKv\": true}},\n"
                  "\"Tools\": {\"shell\": {" HERE ", \"TaskName\": \"sh\"}, \"report\": {" HERE
                  ", \"TaskName\": \"report\", \"Database\": \"other\"}}",
        NULL);
    expect_said(fixture, "");
    expect_dependencies(fixture, "main", "");
    expect_dependencies(fixture, "redis", "");
    expect_dependencies(fixture, "main-migrations", "main");
    expect_dependencies(fixture, "main-seed", "main main-migrations");
    expect_dependencies(fixture, "other-migrations", "other");
    // A database is ready with its migrations and its seed; services wait for the primary one.
    expect_dependencies(fixture, "api", "main main-migrations main-seed");
    expect_dependencies(fixture, "front", "main main-migrations main-seed api auth");
    expect_dependencies(fixture, "auth", "");
    expect_dependencies(fixture, "sagas", "main main-migrations main-seed redis");
    expect_dependencies(fixture, "jobs", "redis");
    expect_dependencies(fixture, "mail",
                        "main main-migrations main-seed other other-migrations more api");
    expect_dependencies(fixture, "web", "front");
    expect_dependencies(fixture, "kiosk", "redis");
    expect_dependencies(fixture, "shell", "main main-migrations main-seed");
    expect_dependencies(fixture, "report", "other other-migrations");
    assert_true(planned(fixture, "shell")->on_demand);
    assert_false(planned(fixture, "web")->on_demand);
}

static void what_is_not_enabled_is_not_there(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\", \"Enabled\": false}},\n"
                      "\"Cache\": {\"redis\": {\"Enabled\": false}},\n"
                      "\"Services\": {\"off\": {\"Enabled\": false}, \"on\": {" HERE "}}",
                      NULL);
    expect_said(fixture, "");
    expect_all(fixture, "on");
    expect_dependencies(fixture, "on", "");
}

static void jobs_come_from_what_lies_there(void **state)
{
    struct plan_fixture *fixture = *state;
    static const char settings[] = "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\"}}";
    plan_fixture_plan(fixture, settings, NULL);
    expect_all(fixture, "db");
    plan_fixture_mkdir(fixture, "database/sqlite/migrations");
    plan_fixture_mkdir(fixture, "database/sqlite/seeds/demo");
    plan_fixture_plan(fixture, settings, NULL);
    expect_all(fixture, "db db-migrations"); // a seed of another mode is not sown by itself
    plan_fixture_plan(
        fixture, "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\", \"SeedMode\": \"demo\"}}", NULL);
    expect_all(fixture, "db db-migrations db-seed");
    const struct plan_resource *seed = planned(fixture, "db-seed");
    assert_string_equal(seed->seed_mode, "demo");
    assert_true(seed->seed_once);
    AUTO_STRBUF paths = STRBUF_INIT;
    plan_fixture_show(fixture, planned(fixture, "db-migrations")->migrations_path, &paths);
    strbuf_adds(&paths, " ");
    plan_fixture_show(fixture, seed->seeds_path, &paths);
    strbuf_adds(&paths, " ");
    plan_fixture_show(fixture, seed->workdir, &paths);
    assert_string_equal(
        paths.data,
        "<root>/database/sqlite/migrations <root>/database/sqlite/seeds <root>/database/sqlite");

    // A script seeds every mode. A directory of the database's own name goes first.
    plan_fixture_mkdir(fixture, "database/db");
    workspace_fixture_write(fixture->files, "database/db/scripts/seed.ts", "");
    plan_fixture_plan(fixture, settings, NULL);
    expect_all(fixture, "db db-seed");
    strbuf_clear(&paths);
    plan_fixture_show(fixture, planned(fixture, "db-seed")->seed_script, &paths);
    assert_string_equal(paths.data, "<root>/database/db/scripts/seed.ts");
}

static void paths_of_migrations_and_seeds_are_settings(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_mkdir(fixture, "packages/database/prisma/migrations");
    plan_fixture_mkdir(fixture, "sown/bootstrap");
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"db\": {\"Engine\": \"Sqlite\", \"AutoSeed\": \"Always\",\n"
                      "\"MigrationsPath\": \"packages/database/prisma/migrations\",\n"
                      "\"SeedPath\": \"./sown/\"}}",
                      NULL);
    expect_all(fixture, "db db-migrations db-seed");
    AUTO_STRBUF paths = STRBUF_INIT;
    plan_fixture_show(fixture, planned(fixture, "db")->migrations_path, &paths);
    strbuf_adds(&paths, " ");
    plan_fixture_show(fixture, planned(fixture, "db-seed")->seeds_path, &paths);
    assert_string_equal(paths.data, "<root>/packages/database/prisma/migrations <root>/sown");
    assert_false(planned(fixture, "db-seed")->seed_once);
}

static void jobs_can_be_left_out(void **state)
{
    struct plan_fixture *fixture = *state;
    make_databases(fixture);
    static const char settings[] = "\"Databases\": {\"main\": {\"Engine\": \"Sqlite\"}},\n"
                                   "\"Services\": {\"api\": {" HERE "}}";
    plan_fixture_plan(fixture, settings, &(struct plan_options){.no_migrate = true});
    expect_all(fixture, "main main-seed api");
    expect_dependencies(fixture, "main-seed", "main");
    plan_fixture_plan(fixture, settings, &(struct plan_options){.no_seed = true});
    expect_all(fixture, "main main-migrations api");
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"main\": {\"Engine\": \"Sqlite\", \"AutoMigrate\": false,\n"
                      "\"AutoSeed\": \"Off\"}}",
                      NULL);
    expect_all(fixture, "main");
    // `db` commands still know where they are.
    assert_non_null(planned(fixture, "main")->migrations_path);
    assert_non_null(planned(fixture, "main")->seeds_path);
}

static void one_database_can_be_planned_alone(void **state)
{
    struct plan_fixture *fixture = *state;
    make_databases(fixture);
    plan_fixture_plan(fixture, DATABASES ",\n\"Services\": {\"api\": {\"Workdir\": \"missing\"}}",
                      &(struct plan_options){.only_database = "other"});
    expect_said(fixture, "");
    expect_all(fixture, "other other-migrations");
    plan_fixture_plan(
        fixture, DATABASES,
        &(struct plan_options){.only_database = "main", .database_url = "file:/data/elsewhere.db"});
    expect_all(fixture, "main main-migrations main-seed");
    assert_string_equal(planned(fixture, "main")->connection.database, "/data/elsewhere.db");
}

static void a_cycle_is_printed(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_plan(fixture,
                      "\"Services\": {\"a\": {" HERE ", \"ServiceReferences\": [\"b\"]},\n"
                      "\"b\": {" HERE ", \"WaitFor\": [\"c\"]}, \"c\": {" HERE
                      ", \"WaitFor\": [\"d\", \"b\"]}, \"d\": {" HERE "}}",
                      NULL);
    AUTO_STRBUF cycle = STRBUF_INIT;
    assert_true(plan_find_cycle(fixture->plan, &cycle));
    assert_string_equal(cycle.data, "b -> c -> b");
    expect_said(fixture, "error: these resources wait for each other: b -> c -> b "
                         "(remove one of the references or WaitFor entries between them)\n");
    const struct span span = fixture->diags.items.items[0].span;
    assert_non_null(span.source);
    assert_int_equal(source_position(span.source, span.start).line, 3);
    // The same, two ways to it, is none.
    plan_fixture_plan(fixture,
                      "\"Services\": {\"a\": {" HERE ", \"WaitFor\": [\"b\", \"c\"]},\n"
                      "\"b\": {" HERE ", \"WaitFor\": [\"c\"]}, \"c\": {" HERE "}}",
                      NULL);
    strbuf_clear(&cycle);
    assert_false(plan_find_cycle(fixture->plan, &cycle));
    expect_said(fixture, "");
}

static void a_name_of_a_job_is_taken(void **state)
{
    struct plan_fixture *fixture = *state;
    make_databases(fixture);
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"main\": {\"Engine\": \"Sqlite\"}},\n"
                      "\"Services\": {\"main-seed\": {" HERE "}}",
                      NULL);
    expect_said(fixture,
                "error: \"main-seed\" is the name of the seed of \"main\" (choose another name)\n");
    plan_fixture_plan(fixture,
                      "\"Databases\": {\"main-migrations\": {\"Engine\": \"Sqlite\"},\n"
                      "\"main\": {\"Engine\": \"Sqlite\"}}, \"PrimaryDatabase\": \"main\"",
                      NULL);
    expect_said(fixture, "error: \"main-migrations\" is the name of the migrations of \"main\" "
                         "(choose another name)\n");
}

static void missing_directories_are_told(void **state)
{
    struct plan_fixture *fixture = *state;
    plan_fixture_mkdir(fixture, "services/there");
    plan_fixture_plan(fixture,
                      "\"Services\": {\"there\": {}, \"gone\": {},\n"
                      "\"else\": {\"Workdir\": \"some/where\"}}",
                      NULL);
    expect_said(fixture, "error: the working directory of \"gone\" does not exist: services/gone "
                         "(make it, or set Workdir)\n"
                         "error: the working directory of \"else\" does not exist: some/where "
                         "(make it, or set Workdir)\n");
    AUTO_STRBUF workdir = STRBUF_INIT;
    plan_fixture_show(fixture, planned(fixture, "there")->workdir, &workdir);
    assert_string_equal(workdir.data, "<root>/services/there");
}

static void expect_selected(struct plan_fixture *fixture, const char *const *names, size_t count,
                            const char *expected)
{
    const struct plan *plan = fixture->plan;
    AUTOFREE bool *wanted = mem_alloc(plan->resources.len * sizeof *wanted);
    AUTO_STRBUF selected = STRBUF_INIT;
    struct err err;
    assert_int_equal(plan_select(plan, names, count, wanted, &err), 0);
    for (size_t i = 0; i < plan->resources.len; i++)
        if (wanted[i])
            strbuf_addf(&selected, "%s%s", selected.len ? " " : "", plan->resources.items[i].name);
    assert_string_equal(selected.data, expected);
}

#define SELECT(fixture, expected, ...)                             \
    expect_selected((fixture), (const char *const[]){__VA_ARGS__}, \
                    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (expected))

static void expect_unknown(const struct plan *plan, const char *name, const char *hint)
{
    AUTOFREE bool *wanted = mem_alloc(plan->resources.len * sizeof *wanted);
    AUTOFREE char *message = mem_printf("no resource is named \"%s\"", name);
    struct err err;
    assert_int_equal(plan_select(plan, &name, 1, wanted, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_string_equal(err.hint, hint);
}

static void names_bring_their_dependencies_along(void **state)
{
    struct plan_fixture *fixture = *state;
    make_databases(fixture);
    plan_fixture_plan(fixture,
                      DATABASES ",\n\"Services\": {\"api\": {" HERE "}},\n"
                                "\"Plugins\": {\"auth\": {" HERE "}},\n"
                                "\"Apps\": {\"web\": {" HERE
                                ", \"PluginReferences\": [\"auth\"]}},\n"
                                "\"Tools\": {\"shell\": {" HERE ", \"WaitFor\": [\"web\"]}}",
                      NULL);
    expect_selected(fixture, NULL, 0,
                    "main other redis more main-migrations main-seed other-migrations "
                    "api auth web");
    SELECT(fixture, "main main-migrations main-seed api", "api");
    SELECT(fixture, "auth web", "web");
    SELECT(fixture, "redis auth", "redis", "auth");
    SELECT(fixture, "other other-migrations", "other"); // ready is with its jobs
    SELECT(fixture, "main main-migrations", "main-migrations");
    SELECT(fixture, "main main-migrations main-seed auth web shell", "shell");

    expect_unknown(fixture->plan, "wbe", "did you mean \"web\"?");
    expect_unknown(fixture->plan, "nothing-like-it", "`berth config` shows what the settings name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAN_TEST(each_kind_waits_for_what_it_needs),
        PLAN_TEST(what_is_not_enabled_is_not_there),
        PLAN_TEST(jobs_come_from_what_lies_there),
        PLAN_TEST(paths_of_migrations_and_seeds_are_settings),
        PLAN_TEST(jobs_can_be_left_out),
        PLAN_TEST(one_database_can_be_planned_alone),
        PLAN_TEST(a_cycle_is_printed),
        PLAN_TEST(a_name_of_a_job_is_taken),
        PLAN_TEST(missing_directories_are_told),
        PLAN_TEST(names_bring_their_dependencies_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

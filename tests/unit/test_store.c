#include "tests/unit/workspace_fixture.h"

#include <sys/stat.h>

#include "orchestrator/state/store.h"

static struct store *open_store(struct workspace_fixture *fixture)
{
    struct store *store = NULL;
    struct err err;
    if (store_open(&fixture->workspace, &store, &err))
        fail_msg("%s", err.message);
    return store;
}

static void ports_outlive_the_run(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct err err;
    struct store *store = open_store(fixture);
    assert_int_equal(store_port(store, "postgres"), 0);
    assert_null(store_port_owner(store, 20001));
    assert_int_equal(store_port_set(store, "postgres", 20001, &err), 0);
    assert_int_equal(store_port_set(store, "redis", 20002, &err), 0);
    assert_int_equal(store_port_set(store, "postgres", 20003, &err), 0); // moved
    store_close(store);

    store = open_store(fixture);
    assert_int_equal(store_port(store, "postgres"), 20003);
    assert_int_equal(store_port(store, "redis"), 20002);
    assert_string_equal(store_port_owner(store, 20003), "postgres");
    assert_string_equal(store_port_owner(store, 20002), "redis");
    assert_null(store_port_owner(store, 20001));
    store_close(store);
    store_close(NULL);

    AUTOFREE char *path = workspace_path(&fixture->workspace, "state.db");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void names_are_data(void **state)
{
    struct store *store = open_store(*state);
    struct err err;
    static const char name[] = "o'brien'); DROP TABLE port; --";
    assert_int_equal(store_port_set(store, name, 20001, &err), 0);
    assert_int_equal(store_port(store, name), 20001);
    store_close(store);
}

static void what_was_not_committed_did_not_happen(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct err err;
    struct store *store = open_store(fixture);
    assert_int_equal(store_begin(store, &err), 0);
    assert_int_equal(store_port_set(store, "half", 20001, &err), 0);
    store_close(store);
    store = open_store(fixture);
    assert_int_equal(store_port(store, "half"), 0);
    assert_int_equal(store_begin(store, &err), 0);
    assert_int_equal(store_port_set(store, "whole", 20001, &err), 0);
    assert_int_equal(store_commit(store, &err), 0);
    store_close(store);
    store = open_store(fixture);
    assert_int_equal(store_port(store, "whole"), 20001);
    store_close(store);
}

// `berth env` reads while `berth start` writes.
static void two_may_have_it_open(void **state)
{
    struct store *writer = open_store(*state);
    struct store *reader = open_store(*state);
    struct err err;
    assert_int_equal(store_port_set(writer, "api", 20001, &err), 0);
    assert_int_equal(store_port(reader, "api"), 20001);
    store_close(writer);
    store_close(reader);
}

static void a_broken_store_is_named(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct store *store = NULL;
    struct err err;
    workspace_fixture_write(fixture, ".berth/state.db",
                            "this has never been a database, not at all\n");
    assert_int_equal(store_open(&fixture->workspace, &store, &err), -1);
    assert_null(store);
    assert_string_equal(err.message, "the state store .berth/state.db: file is not a database");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(ports_outlive_the_run),
        FIXTURE_TEST(names_are_data),
        FIXTURE_TEST(what_was_not_committed_did_not_happen),
        FIXTURE_TEST(two_may_have_it_open),
        FIXTURE_TEST(a_broken_store_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/loop/tree_watch.h"
#include "tests/unit/workspace_fixture.h"

enum { PATIENCE_MS = 10000, NOTHING_MS = 4 * TREE_WATCH_QUIET_MS };

struct watching {
    struct workspace_fixture *files;
    char *root;
    const char *roots[2];
    struct loop *loop;
    struct loop_timer *patience;
    struct tree_watch *watch;
    VEC_OF(char *) changes;
    size_t wanted;
};

static void on_change(void *context, const char *path)
{
    struct watching *watching = context;
    vec_push(&watching->changes, mem_strdup(path_below(watching->root, path)));
    if (watching->changes.len == watching->wanted)
        loop_stop(watching->loop);
}

static void out_of_patience(void *context)
{
    struct watching *watching = context;
    loop_stop(watching->loop);
}

static void make(struct watching *watching, const char *path, const char *text)
{
    struct err err;
    AUTOFREE char *whole = path_join(watching->root, path);
    AUTOFREE char *parent = mem_strndup(whole, (size_t)(strrchr(whole, '/') - whole));
    assert_int_equal(file_make_directories(parent, 0755, &err), 0);
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int setup(void **state)
{
    struct watching *watching = mem_alloc(sizeof *watching);
    void *files = NULL;
    if (workspace_fixture_setup(&files))
        return -1;
    watching->files = files;
    watching->root = path_join(watching->files->workspace.root, "src");
    watching->roots[0] = watching->root;
    watching->loop = loop_new();
    watching->patience = loop_timer_new(watching->loop, out_of_patience, watching);
    make(watching, "main.ts", "1");
    make(watching, "deep/er/mod.ts", "1");
    make(watching, "node_modules/a/index.js", "1");
    const struct tree_watch_spec spec = {
        .directories = watching->roots, .context = watching, .on_change = on_change};
    struct err err;
    assert_int_equal(tree_watch_new(watching->loop, &spec, &watching->watch, &err), 0);
    *state = watching;
    return 0;
}

static int teardown(void **state)
{
    struct watching *watching = *state;
    tree_watch_free(watching->watch);
    loop_timer_free(watching->patience);
    loop_free(watching->loop);
    vec_each (change, &watching->changes)
        free(*change);
    vec_release(&watching->changes);
    free(watching->root);
    void *files = watching->files;
    const int status = workspace_fixture_teardown(&files);
    free(watching);
    return status;
}

// Until one more change is told, and it is that one.
static void expect_change(struct watching *watching, const char *path)
{
    watching->wanted = watching->changes.len + 1;
    loop_timer_set(watching->patience, PATIENCE_MS);
    loop_run(watching->loop);
    assert_int_equal(watching->changes.len, watching->wanted);
    assert_string_equal(watching->changes.items[watching->wanted - 1], path);
}

static void expect_nothing(struct watching *watching)
{
    const size_t before = watching->changes.len;
    watching->wanted = before + 1;
    loop_timer_set(watching->patience, NOTHING_MS);
    loop_run(watching->loop);
    if (watching->changes.len != before)
        fail_msg("%s is no change", watching->changes.items[before]);
}

static void changes_are_told_however_deep(void **state)
{
    struct watching *watching = *state;
    make(watching, "main.ts", "2");
    expect_change(watching, "main.ts");
    make(watching, "deep/er/mod.ts", "2");
    expect_change(watching, "deep/er/mod.ts");
    make(watching, ".env", "A=1");
    expect_change(watching, ".env");
    AUTOFREE char *path = path_join(watching->root, "main.ts");
    assert_int_equal(unlink(path), 0);
    expect_change(watching, "main.ts");
}

static void many_writes_are_one_change(void **state)
{
    struct watching *watching = *state;
    for (int i = 0; i < 500; i++) {
        AUTOFREE char *name = mem_printf("file%d.ts", i);
        make(watching, name, "x");
    }
    expect_change(watching, "file0.ts");
    expect_nothing(watching);
}

static void rewrite(void *context)
{
    make(context, "main.ts", "again");
}

// Who writes without a pause is told of all the same.
static void no_pause_is_needed(void **state)
{
    struct watching *watching = *state;
    const int64_t begun = clock_monotonic_ms();
    while (watching->changes.len == 0 && clock_monotonic_ms() - begun < PATIENCE_MS) {
        rewrite(watching);
        watching->wanted = 1;
        loop_timer_set(watching->patience, TREE_WATCH_QUIET_MS / 5);
        loop_run(watching->loop);
    }
    assert_int_equal(watching->changes.len, 1);
    assert_true(clock_monotonic_ms() - begun >= TREE_WATCH_QUIET_MS);
}

static void what_tools_write_is_left_out(void **state)
{
    struct watching *watching = *state;
    static const char *const names[] = {"node_modules/a/index.js",
                                        "node_modules/b/c.js",
                                        ".git/index",
                                        "dist/main.js",
                                        ".main.ts.swp",
                                        "main.ts~",
                                        "app.log",
                                        "data.db",
                                        "data.db-wal",
                                        "4913",
                                        ".berth/lock",
                                        "deep/__pycache__/m.pyc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        make(watching, names[i], "x");
    expect_nothing(watching);
}

static void new_directories_are_watched(void **state)
{
    struct watching *watching = *state;
    make(watching, "new/one/a.ts", "x"); // made before anybody can watch: found by looking
    expect_change(watching, "new/one/a.ts");
    make(watching, "new/one/b.ts", "x");
    expect_change(watching, "new/one/b.ts");
    AUTOFREE char *from = path_join(watching->root, "new");
    AUTOFREE char *to = path_join(watching->root, "moved");
    assert_int_equal(rename(from, to), 0);
    expect_change(watching, "new");
    make(watching, "moved/one/b.ts", "y");
    expect_change(watching, "moved/one/b.ts");
}

static void what_moved_away_is_no_longer_watched(void **state)
{
    struct watching *watching = *state;
    AUTOFREE char *from = path_join(watching->root, "deep");
    AUTOFREE char *to = path_join(watching->root, "../elsewhere");
    assert_int_equal(rename(from, to), 0);
    expect_change(watching, "deep");
    make(watching, "../elsewhere/er/mod.ts", "2");
    expect_nothing(watching);
    assert_int_equal(rename(to, from), 0);
    expect_change(watching, "deep/er/mod.ts");
}

static void no_more_instances_is_said_with_the_remedy(void **state)
{
    struct watching *watching = *state;
    struct rlimit limit, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    const struct tree_watch_spec spec = {.directories = watching->roots, .on_change = on_change};
    struct tree_watch *other = NULL;
    struct err err;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    const int status = tree_watch_new(watching->loop, &spec, &other, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(status, -1);
    assert_null(other);
    assert_non_null(strstr(err.message, "cannot watch"));
    assert_non_null(strstr(err.hint, "fs.inotify.max_user_instances"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(changes_are_told_however_deep),
        TEST(many_writes_are_one_change),
        TEST(no_pause_is_needed),
        TEST(what_tools_write_is_left_out),
        TEST(new_directories_are_watched),
        TEST(what_moved_away_is_no_longer_watched),
        TEST(no_more_instances_is_said_with_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

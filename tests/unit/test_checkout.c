#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/git/checkout.h"
#include "orchestrator/git/origin.h"

// Repositories that git itself makes, in a directory of their own.
struct fixture {
    char *root; // links resolved
    struct checkout checkout;
};

static int setup(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    char path[] = "/tmp/berth-test-XXXXXX";
    if (!mkdtemp(path) || !(f->root = realpath(path, NULL)))
        return -1;
    // Nothing of the user's or the machine's settings counts.
    setenv("HOME", f->root, 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    setenv("GIT_CEILING_DIRECTORIES", "/tmp", 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    struct err err;
    const int failed = file_remove_tree(f->root, &err);
    checkout_release(&f->checkout);
    free(f->root);
    free(f);
    return failed;
}

// A command of the shell in the fixture's directory; its first line.
static char *shell(const struct fixture *f, const char *command)
{
    AUTOFREE char *line = mem_printf("cd %s && { %s; } 2>&1", f->root, command);
    char text[4096] = "";
    FILE *output = popen(line, "re");
    assert_non_null(output);
    size_t got = fread(text, 1, sizeof text - 1, output);
    text[got] = '\0';
    if (pclose(output) != 0)
        fail_msg("%s:\n%s", command, text);
    text[strcspn(text, "\n")] = '\0';
    return mem_strdup(text);
}

static void sh(const struct fixture *f, const char *command)
{
    free(shell(f, command));
}

#define COMMIT "git -c user.name=t -c user.email=t@example.com commit -q --allow-empty -m "

static const struct checkout *read_at(struct fixture *f, const char *below)
{
    AUTOFREE char *path = path_join(f->root, below);
    checkout_release(&f->checkout);
    checkout_read(path, &f->checkout);
    return &f->checkout;
}

static void assert_path(const struct fixture *f, const char *path, const char *below)
{
    AUTOFREE char *wanted = path_join(f->root, below);
    assert_string_equal(path, wanted);
}

static void test_no_repository(void **state)
{
    struct fixture *f = *state;
    const struct checkout *checkout = read_at(f, "");
    assert_null(checkout->directory);
    assert_null(checkout->branch);
    assert_null(checkout->commit);
    assert_null(checkout->worktree);
    assert_null(checkout_json(checkout));
    assert_null(read_at(f, "nowhere/at/all")->directory);
    struct migrator_origin origin;
    origin_read(f->root, &origin);
    assert_null(origin.branch);
    assert_null(origin.commit);
    assert_null(origin.worktree);
}

static void test_a_branch_and_its_commit_from_below(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q -b main shop && cd shop && " COMMIT "one && git checkout -q -b feature/x && "
          "mkdir -p apps/web");
    AUTOFREE char *commit = shell(f, "git -C shop rev-parse --short HEAD");
    const struct checkout *checkout = read_at(f, "shop/apps/web");
    assert_string_equal(checkout->branch, "feature/x");
    assert_string_equal(checkout->commit, commit);
    assert_path(f, checkout->worktree, "shop");
    assert_path(f, checkout->directory, "shop/.git");
    assert_false(checkout->is_linked);
    AUTO_STRBUF text = STRBUF_INIT;
    AUTO_JSON *json = checkout_json(checkout);
    json_print(json, false, &text);
    AUTOFREE char *wanted =
        mem_printf("{\"branch\":\"feature/x\",\"commit\":\"%s\",\"worktree\":\"%s/shop\","
                   "\"linked\":false}",
                   commit, f->root);
    assert_string_equal(text.data, wanted);
}

static void test_a_branch_without_a_commit(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q -b trunk fresh");
    const struct checkout *checkout = read_at(f, "fresh");
    assert_string_equal(checkout->branch, "trunk");
    assert_null(checkout->commit);
}

static void test_a_commit_without_a_branch(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q shop && cd shop && " COMMIT "one && " COMMIT "two && "
          "git checkout -q --detach HEAD~1 && git pack-refs --all && git gc -q");
    AUTOFREE char *commit = shell(f, "git -C shop rev-parse --short HEAD");
    const struct checkout *checkout = read_at(f, "shop");
    assert_null(checkout->branch);
    assert_string_equal(checkout->commit, commit);
}

static void test_a_linked_working_tree(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q -b main shop && cd shop && " COMMIT "one && "
          "git worktree add -q -b fix ../shop-fix && git -C ../shop-fix "
          "-c user.name=t "
          "-c user.email=t@example.com commit -q --allow-empty -m two");
    AUTOFREE char *commit = shell(f, "git -C shop-fix rev-parse --short HEAD");
    const struct checkout *checkout = read_at(f, "shop-fix");
    assert_string_equal(checkout->branch, "fix");
    assert_string_equal(checkout->commit, commit);
    assert_path(f, checkout->worktree, "shop-fix");
    assert_path(f, checkout->directory, "shop/.git/worktrees/shop-fix");
    assert_true(checkout->is_linked);
    assert_string_equal(read_at(f, "shop")->branch, "main");
    struct migrator_origin origin;
    AUTOFREE char *path = path_join(f->root, "shop-fix");
    origin_read(path, &origin);
    assert_string_equal(origin.branch, "fix");
    assert_string_equal(origin.commit, commit);
    assert_string_equal(origin.worktree, "shop-fix");
    migrator_origin_release(&origin);
}

static void test_a_bare_repository(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q --bare -b main shop.git");
    const struct checkout *checkout = read_at(f, "shop.git");
    assert_string_equal(checkout->branch, "main");
    assert_null(checkout->worktree);
    assert_path(f, checkout->directory, "shop.git");
}

// What git allows in a name and a terminal or JSON must not get.
static void test_a_name_in_another_encoding(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q -b \"$(printf 'caf\\351')\" shop");
    assert_string_equal(read_at(f, "shop")->branch, "caf\xEF\xBF\xBD");
}

static void test_damaged_repositories(void **state)
{
    struct fixture *f = *state;
    sh(f, "git init -q -b main shop && cd shop && " COMMIT "one && echo nonsense > .git/HEAD && "
          "cd .. && mkdir linked && echo 'gitdir: /nowhere' > linked/.git && "
          "git init -q -b main lost && cd lost && " COMMIT "one && rm -r .git/objects/*");
    assert_null(read_at(f, "shop")->branch);
    assert_null(read_at(f, "linked")->directory);
    const struct checkout *checkout = read_at(f, "lost");
    assert_string_equal(checkout->branch, "main");
    assert_null(checkout->commit);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_repository, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_branch_and_its_commit_from_below, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_branch_without_a_commit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_commit_without_a_branch, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_linked_working_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_bare_repository, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_name_in_another_encoding, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_repositories, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

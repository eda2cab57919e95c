#pragma once
// A workspace in a directory of its own, for tests of what lies in .berth/.

#include "tests/unit/test.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/state/workspace.h"

struct workspace_fixture {
    char root[32];
    struct workspace workspace;
};

static inline int workspace_fixture_setup(void **state)
{
    struct workspace_fixture *fixture = mem_alloc(sizeof *fixture);
    *fixture = (struct workspace_fixture){.root = "/tmp/berth-test-XXXXXX"};
    struct err err;
    if (!mkdtemp(fixture->root) || workspace_open(fixture->root, &fixture->workspace, &err))
        return -1;
    *state = fixture;
    return 0;
}

static inline int workspace_fixture_teardown(void **state)
{
    struct workspace_fixture *fixture = *state;
    struct err err;
    workspace_release(&fixture->workspace);
    const int failed = file_remove_tree(fixture->root, &err);
    free(fixture);
    return failed;
}

// A file below the root, made with its directories.
static inline void workspace_fixture_write(struct workspace_fixture *fixture, const char *name,
                                           const char *text)
{
    struct err err;
    AUTOFREE char *path = path_join(fixture->root, name);
    AUTOFREE char *directory = mem_strndup(path, (size_t)(path_basename(path) - path));
    if (file_make_directories(directory, 0700, &err) ||
        file_write_atomic(path, text, strlen(text), 0600, &err))
        fail_msg("%s", err.message);
}

#define FIXTURE_TEST(f) \
    cmocka_unit_test_setup_teardown(f, workspace_fixture_setup, workspace_fixture_teardown)

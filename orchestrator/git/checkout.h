#pragma once
// What git says of a directory: branch, commit and working tree. Read through libgit2, without
// writing anything and without running hooks, filters or git itself.
//
// Blocks for some milliseconds and takes memory that is never given back: for workers and short
// commands. The supervisor has its picture from a worker (orchestrator/run/checkout_watch.h).

#include <cjson/cJSON.h>
#include <stdbool.h>

// Texts for people: UTF-8 on one line. All NULL where no repository is found, or none that libgit2
// can read: to know it is a help, no condition.
struct checkout {
    char *branch;    // "feature/x"; NULL: a commit is checked out without one
    char *commit;    // as `git rev-parse --short`; NULL: there is none yet
    char *worktree;  // the working tree's root, absolute; NULL: bare
    char *directory; // where its HEAD is: ".git", or that of a linked working tree; as it is named
    bool is_linked;  // made by `git worktree add`
};

void checkout_read(const char *path, struct checkout *out);
void checkout_release(struct checkout *checkout);

// {"branch", "commit", "worktree", "linked"}; NULL where there is no repository. Owned by the
// caller.
cJSON *checkout_json(const struct checkout *checkout);

#pragma once
// The git checkout that the workspace lies in, as the supervisor shows it: read by a worker, as
// libgit2 would never leave this process again, and read anew when git moves its HEAD (a commit, a
// switch of branches). Without git or a repository there is nothing to show, and no error.

#include <cjson/cJSON.h>

#include "orchestrator/loop/loop.h"

struct checkout_watch;

// Begins a moment later, when the start's first work is under way. `changed`: what is shown is
// another. path and marker (worker.h) are borrowed. Owned by the caller.
struct checkout_watch *checkout_watch_new(struct loop *loop, const char *path, const char *marker,
                                          loop_fn *changed, void *context);
void checkout_watch_free(struct checkout_watch *watch); // NULL is fine
// {"branch", "commit", "worktree", "linked"} (orchestrator/git/checkout.h); NULL: none, or not yet
// known. Borrowed until the next change.
const cJSON *checkout_watch_shown(const struct checkout_watch *watch);

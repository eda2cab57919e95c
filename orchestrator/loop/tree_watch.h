#pragma once
// Watches the files of directories and of all directories below them, by inotify(7), and tells once
// things have been quiet for a moment: a save, a checkout or a build is one change.
//
// New directories are watched as they appear. Left out: names that begin with a dot (but ".env"),
// node_modules and other directories that tools fill, and files that programs write as they run or
// edit: logs, databases, backups (tree_watch_ignores). Links to directories are not followed.

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "orchestrator/loop/loop.h"

struct tree_watch;

struct tree_watch_spec {
    const char *const *directories; // absolute; ended by NULL; not copied
    void *context;
    // After TREE_WATCH_QUIET_MS without another one, at the latest TREE_WATCH_LATEST_MS after the
    // first. `path` is the first file of it; borrowed.
    void (*on_change)(void *context, const char *path);
    // Once, where a part can't be watched, with the remedy; the rest is. NULL: nobody asks.
    void (*on_trouble)(void *context, const struct err *err);
};
enum { TREE_WATCH_QUIET_MS = 150, TREE_WATCH_LATEST_MS = 2000 };

// on_trouble may come from inside the call. *out is owned by the caller, and may not be freed from
// inside a callback.
int tree_watch_new(struct loop *loop, const struct tree_watch_spec *spec, struct tree_watch **out,
                   struct err *err) MUST_CHECK;
void tree_watch_free(struct tree_watch *watch); // NULL is fine

// Is an entry of that name left out?
bool tree_watch_ignores(const char *name, bool is_directory);

#pragma once
// A workspace on disk: its identity, and .berth/, where berth keeps what must outlive a run.
//
//     .berth/lock           held by the one supervisor; names it
//     .berth/control.sock   the supervisor's control socket (0600)
//     .berth/state.db       remembered ports
//     .berth/secrets/NAME/  generated passwords (0700, files 0600)
//     .berth/logs/          the output of resources

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "orchestrator/state/identity.h"

struct workspace {
    char *root;        // absolute, links resolved: one id for one directory
    char *directory;   // root/.berth
    char *engine_host; // where the containers' ports are reached; NULL: this machine
    char id[9];  // 8 hex of the SHA-256 of root, and of this machine where the engine is elsewhere
    int lock_fd; // -1: not held
    bool was_unclean; // after workspace_lock: the former supervisor did not end by itself
};

// Names only; touches nothing on disk.
int workspace_open(const char *root, struct workspace *out, struct err *err) MUST_CHECK;
// Lets the lock go, marked clean.
void workspace_release(struct workspace *workspace);

// Makes .berth/ (0700) with a .gitignore, so that nothing in it is ever committed.
int workspace_make_directory(const struct workspace *workspace, struct err *err) MUST_CHECK;
// Becomes the one supervisor. ERR_FAILED naming the holder when there is one already.
int workspace_lock(struct workspace *workspace, struct err *err) MUST_CHECK;
// Lets the lock go, marked clean; workspace_release does it too.
void workspace_unlock(struct workspace *workspace);
// The pid that holds the lock; 0: nobody does.
pid_t workspace_holder(const struct workspace *workspace);
// The pid of a holder that did not end by itself, while nobody has the lock; 0: there is none.
pid_t workspace_dead_holder(const struct workspace *workspace);

// .berth/<name>; owned by the caller.
char *workspace_path(const struct workspace *workspace, const char *name);

// The password of a resource: read, or made once (32 characters, 190 bit; capitals, small
// letters and digits) and kept. *path is the
// file. Both are owned by the caller.
int workspace_secret(const struct workspace *workspace, const char *resource, char **secret,
                     char **path, struct err *err) MUST_CHECK;

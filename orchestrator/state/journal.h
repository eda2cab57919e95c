#pragma once
// The journal, in .berth/state.db: what the running owner has to undo at its end. A line is written
// before the thing is made and removed after it is gone; so what a killed owner left is what still
// has a line, and its successor adopts or ends exactly that.
//
// Labels and markers say whose a thing is; they stay the truth for everything that carries them.
// The journal knows what they can't: what is to end although its container stays, what belongs to a
// resource that the settings no longer have, and processes that threw their environment away.

#include "base/err.h"
#include "base/process.h"
#include "orchestrator/state/store.h"

#define JOURNAL_KINDS(X)                                                                     \
    X(JOURNAL_CONTAINER, "container") /* to be stopped and removed */                        \
    X(JOURNAL_RUN, "run")             /* the run of a container that stays: to be stopped */ \
    X(JOURNAL_PROCESS, "process")     /* the leader of a process group */

enum journal_kind {
#define X(name, text) name,
    JOURNAL_KINDS(X)
#undef X
};

struct journal_entry {
    enum journal_kind kind;
    const char *name;     // of the container; of a process its pid
    const char *resource; // the resource that it is for
    const char *owner;    // its owner's marker (identity.h)
    uint64_t start_ticks; // of a process; else 0
};

// Again with the same kind and name: replaces it.
int journal_add(struct store *store, const struct journal_entry *entry, struct err *err) MUST_CHECK;
// One that can't be removed is looked at again by the next owner, which finds nothing there.
void journal_remove(struct store *store, enum journal_kind kind, const char *name);
bool journal_has(struct store *store, enum journal_kind kind, const char *name);

int journal_add_process(struct store *store, struct process_identity process, const char *resource,
                        const char *owner, struct err *err) MUST_CHECK;
void journal_remove_process(struct store *store, pid_t pid);

typedef void journal_fn(void *context, const struct journal_entry *entry);
// The lines of a kind, of one owner or of all (NULL). The journal may be changed from inside fn.
void journal_each(struct store *store, enum journal_kind kind, const char *owner, journal_fn *fn,
                  void *context);

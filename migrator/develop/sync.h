#pragma once
// Is a database what its schema says? Asked by looking only: nothing is replayed. What was
// remembered of the history (migrator/develop/memory.h) tells whose doing a difference is.

#include "migrator/diff/steps.h"
#include "migrator/migrator.h"
#include "migrator/schema/datamodel.h"

#define SYNC_STATES(X)                                                                  \
    X(SYNC_SAME, "in sync")                                                             \
    X(SYNC_UNMIGRATED, "unmigrated") /* the schema has what no migration makes yet */   \
    X(SYNC_DRIFT, "drift")           /* by other hands: not what the migrations make */ \
    X(SYNC_DIFFERENT, "different")   /* one of the two, it is not known which */        \
    X(SYNC_UNKNOWN, "unknown")       /* not compared: migrations come first */
enum sync_state {
#define X(state, name) state,
    SYNC_STATES(X)
#undef X
};
const char *sync_state_name(enum sync_state state);

struct sync {
    enum sync_state state;
    struct steps steps; // from the database to the schema; none where it is not compared
    struct model *actual, *wanted;
};
void sync_release(struct sync *sync);

// The status of the migrations, and whether the database is what the datamodel says, over one
// connection. Not compared where a migration is pending, failed or missing. The datamodel is
// borrowed; `memory` is the file of what was seen before, or NULL. Release both.
int sync_read(const struct migrator_target *target, const struct datamodel *datamodel,
              const char *memory, struct migrator_status *status, struct sync *out,
              struct err *err) MUST_CHECK;

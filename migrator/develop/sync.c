#include "migrator/develop/sync.h"

#include "migrator/develop/memory.h"
#include "migrator/introspect/introspect.h"
#include "migrator/status.h"
#include "migrator/target.h"

const char *sync_state_name(enum sync_state state)
{
    static const char *const names[] = {
#define X(id, name) [id] = name,
        SYNC_STATES(X)
#undef X
    };
    return names[state];
}

void sync_release(struct sync *sync)
{
    steps_release(&sync->steps);
    model_free(sync->actual);
    model_free(sync->wanted);
    *sync = (struct sync){0};
}

static enum sync_state judge(const struct sync *sync, const struct history *history,
                             const struct introspect_scope *scope, const char *memory)
{
    if (sync->steps.items.len == 0)
        return SYNC_SAME;
    switch (memory_of(memory, history, scope, sync->actual)) {
    case MEMORY_SAME: return SYNC_UNMIGRATED;
    case MEMORY_OTHER_SHAPE: return SYNC_DRIFT;
    case MEMORY_NONE: break;
    }
    return SYNC_DIFFERENT;
}

// Without a driver there is no such database yet, which is as good as an empty one.
static int compare(struct driver *driver, const struct history *history,
                   const struct datamodel *datamodel, const char *memory, struct sync *out,
                   struct err *err)
{
    const struct introspect_scope scope = introspect_scope_of(datamodel);
    if (driver && introspect(driver, &scope, &out->actual, err))
        return -1;
    if (!driver)
        out->actual = model_new(datamodel->provider);
    out->wanted = model_build(datamodel);
    model_diff(out->actual, out->wanted, &out->steps);
    out->state = judge(out, history, &scope, memory);
    return 0;
}

int sync_read(const struct migrator_target *target, const struct datamodel *datamodel,
              const char *memory, struct migrator_status *status, struct sync *out, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    struct history history = {0};
    struct migrator_status read = {0};
    struct sync sync = {.state = SYNC_UNKNOWN};
    int failed = target_read_history(target, &history, err) ||
                 status_open(target, &driver, &read, err) ||
                 status_fill(driver, &history, &read, err);
    if (!failed && !read.pending && !read.failed && !read.missing)
        failed = compare(driver, &history, datamodel, memory, &sync, err);
    history_release(&history);
    if (failed) {
        sync_release(&sync);
        migrator_status_release(&read);
        return -1;
    }
    *status = read;
    *out = sync;
    return 0;
}

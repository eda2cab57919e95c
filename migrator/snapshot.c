#include "migrator/snapshot.h"

#include "migrator/develop/scratch.h"
#include "migrator/target.h"

int migrator_describe(const struct migrator_target *target, const struct introspect_scope *scope,
                      struct model **out, struct err *err)
{
    AUTO_DRIVER *driver = NULL;
    if (driver_open(target, NULL, DRIVER_READ, &driver, NULL, err))
        return -1;
    return introspect(driver, scope, out, err);
}

int migrator_replay(const struct migrator_target *target, const struct introspect_scope *scope,
                    const struct migrator_callbacks *callbacks, struct model **out, struct err *err)
{
    AUTO_SCRATCH *scratch = NULL;
    struct history history = {0};
    if (target_read_history(target, &history, err))
        return -1;
    int status = scratch_open(target, &history, &scratch, NULL, err) ||
                 scratch_replay(scratch, &history, callbacks, err) ||
                 introspect(scratch_driver(scratch), scope, out, err);
    history_release(&history);
    return status ? -1 : 0;
}

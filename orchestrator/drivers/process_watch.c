#include "orchestrator/drivers/process_watch.h"

#include "base/file.h"
#include "orchestrator/run/requests.h"
#include "orchestrator/run/supervisor.h"

static void on_change(void *context, const char *path)
{
    struct resource *resource = context;
    const struct plan *plan = supervisor_plan(resource->supervisor);
    struct err ignored; // the supervisor ends, and the process with it
    if (resource->halted)
        return;
    resource_notice(resource, "%s changed: starting it again",
                    path_below(plan->settings->root, path));
    (void)!resource_request(resource, REQUEST_RESTART, &ignored);
}

static void on_trouble(void *context, const struct err *err)
{
    resource_notice(context, "%s%s%s", err->message, err->hint[0] ? "; hint: " : "", err->hint);
}

struct tree_watch *process_watch(struct resource *resource)
{
    if (!resource->plan->watch_dirs)
        return NULL;
    const struct tree_watch_spec spec = {.directories = resource->plan->watch_dirs,
                                         .context = resource,
                                         .on_change = on_change,
                                         .on_trouble = on_trouble};
    struct tree_watch *watch = NULL;
    struct err err;
    if (tree_watch_new(supervisor_loop(resource->supervisor), &spec, &watch, &err))
        on_trouble(resource, &err);
    return watch;
}

// What the journal has of a resource's container.
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/state/journal.h"

static bool has_line(const struct resource *resource, enum journal_kind kind)
{
    return journal_has(supervisor_store(resource->supervisor), kind,
                       resource->plan->container_name);
}

bool container_is_owed(const struct resource *resource)
{
    return has_line(resource, JOURNAL_CONTAINER) || has_line(resource, JOURNAL_RUN);
}

void container_forget(struct resource *resource)
{
    struct store *store = supervisor_store(resource->supervisor);
    journal_remove(store, JOURNAL_CONTAINER, resource->plan->container_name);
    journal_remove(store, JOURNAL_RUN, resource->plan->container_name);
}

int container_owe(struct resource *resource, struct err *err)
{
    const struct journal_entry entry = {.kind = resource->plan->persistent ? JOURNAL_RUN
                                                                           : JOURNAL_CONTAINER,
                                        .name = resource->plan->container_name,
                                        .resource = resource->plan->name,
                                        .owner = supervisor_marker(resource->supervisor)};
    if (!supervisor_keeps(resource, container_of(resource)->ran_before))
        return journal_add(supervisor_store(resource->supervisor), &entry, err);
    container_forget(resource);
    return 0;
}

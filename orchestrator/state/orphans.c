#include "orchestrator/state/orphans.h"

#include <stdlib.h>

#include "base/vec.h"
#include "orchestrator/state/identity.h"

struct leaders {
    VEC_OF(struct process_identity) list;
};

static void take_leader(void *context, const struct journal_entry *entry)
{
    struct leaders *leaders = context;
    const struct process_identity leader = {(pid_t)strtol(entry->name, NULL, 10),
                                            entry->start_ticks};
    vec_push(&leaders->list, leader);
}

void orphans_end(struct store *store, const char *prefix, const char *owner, int grace_ms)
{
    struct leaders leaders = {0};
    if (store)
        journal_each(store, JOURNAL_PROCESS, owner, take_leader, &leaders);
    const struct owned_processes owned = {prefix, leaders.list.items, leaders.list.len};
    owned_processes_end(&owned, grace_ms);
    vec_release(&leaders.list);
}

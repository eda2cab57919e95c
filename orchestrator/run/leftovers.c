#include "orchestrator/run/leftovers.h"

#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/run/supervisor_parts.h"
#include "orchestrator/state/journal.h"

enum { STOP_TIMEOUT_S = 30 };

struct leftover {
    struct leftovers *all;
    enum journal_kind kind;
    char *name;
    struct docker_call *call; // NULL: not begun, or done
};

struct leftovers {
    struct supervisor *supervisor;
    VEC_OF(struct leftover *) list;
    size_t ending; // how many of them
};

static bool is_wanted(const struct supervisor *supervisor, const char *container_name)
{
    vec_each (item, &supervisor->resources) {
        const struct resource *resource = *item;
        if (resource->wanted && resource->plan->container_name &&
            strcmp(resource->plan->container_name, container_name) == 0)
            return true;
    }
    return false;
}

static void take(void *context, const struct journal_entry *entry)
{
    struct leftovers *leftovers = context;
    if (is_wanted(leftovers->supervisor, entry->name))
        return;
    struct leftover *leftover = mem_alloc(sizeof *leftover);
    *leftover = (struct leftover){leftovers, entry->kind, mem_strdup(entry->name), NULL};
    vec_push(&leftovers->list, leftover);
}

static void finish(struct leftover *leftover, bool is_gone)
{
    struct leftovers *leftovers = leftover->all;
    leftover->call = NULL;
    if (is_gone)
        journal_remove(supervisor_store(leftovers->supervisor), leftover->kind, leftover->name);
    leftovers->ending--;
    supervisor_queue_check(leftovers->supervisor);
}

static void on_removed(void *context, const struct docker_result *result)
{
    finish(context, !result->err || result->status == 404);
}

static void on_stopped(void *context, const struct docker_result *result)
{
    struct leftover *leftover = context;
    if (leftover->kind == JOURNAL_RUN || (result->err && result->status != 404))
        finish(leftover, !result->err || result->status == 404);
    else
        leftover->call =
            docker_container_remove(engine_link_docker(leftover->all->supervisor->engine),
                                    leftover->name, true, on_removed, leftover);
}

static void on_engine_ready(void *context)
{
    struct leftovers *leftovers = context;
    const struct engine_link *engine = leftovers->supervisor->engine;
    const bool failed = engine_link_error(engine) != NULL;
    vec_each (item, &leftovers->list) {
        struct leftover *leftover = *item;
        // The list has this workspace's own only: what is not in it is gone, or is not its own.
        if (failed || !engine_link_listed(engine, leftover->name))
            finish(leftover, !failed);
        else
            leftover->call = docker_container_stop(engine_link_docker(engine), leftover->name,
                                                   STOP_TIMEOUT_S, on_stopped, leftover);
    }
}

struct leftovers *leftovers_end(struct supervisor *supervisor)
{
    struct leftovers *leftovers = mem_alloc(sizeof *leftovers);
    *leftovers = (struct leftovers){.supervisor = supervisor};
    if (supervisor_store(supervisor)) {
        journal_each(supervisor_store(supervisor), JOURNAL_CONTAINER, NULL, take, leftovers);
        journal_each(supervisor_store(supervisor), JOURNAL_RUN, NULL, take, leftovers);
    }
    if (leftovers->list.len == 0) {
        leftovers_free(leftovers);
        return NULL;
    }
    leftovers->ending = leftovers->list.len;
    if (!supervisor->engine)
        supervisor->engine = engine_link_new(supervisor);
    engine_link_when_ready(supervisor->engine, on_engine_ready, leftovers);
    return leftovers;
}

bool leftovers_are_ending(const struct leftovers *leftovers)
{
    return leftovers && leftovers->ending > 0;
}

void leftovers_free(struct leftovers *leftovers)
{
    if (!leftovers)
        return;
    vec_each (leftover, &leftovers->list) {
        if ((*leftover)->call)
            docker_cancel((*leftover)->call);
        free((*leftover)->name);
        free(*leftover);
    }
    vec_release(&leftovers->list);
    free(leftovers);
}

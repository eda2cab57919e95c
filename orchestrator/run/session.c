#include "orchestrator/run/session.h"

#include <stdio.h>

#include "base/mem.h"
#include "orchestrator/state/orphans.h"

enum { ORPHAN_GRACE_MS = 2000 };

static void forget_process(void *context, const struct journal_entry *entry)
{
    journal_remove(context, entry->kind, entry->name);
}

// A killed supervisor's processes; its guard has usually ended them already.
static void end_orphans(const struct workspace *workspace, struct store *store)
{
    char prefix[OWNER_MARKER_SIZE];
    snprintf(prefix, sizeof prefix, "BERTH_OWNER=%s:", workspace->id);
    orphans_end(store, prefix, NULL, ORPHAN_GRACE_MS);
    journal_each(store, JOURNAL_PROCESS, NULL, forget_process, store);
}

static int select_resources(const struct session_options *options, struct session *session,
                            struct err *err)
{
    session->wanted = mem_alloc(session->plan->resources.len * sizeof *session->wanted);
    if (!options->database_alone)
        return plan_select(session->plan, options->names, options->name_count, session->wanted,
                           err);
    const struct plan_resource *resource = plan_find(session->plan, options->names[0]);
    if (!resource)
        return err_set(err, ERR_USAGE, "no database is named \"%s\"", options->names[0]);
    session->wanted[plan_index(session->plan, resource)] = true;
    return 0;
}

int session_open(const struct settings *settings, const struct session_options *options,
                 const struct supervisor_observer *observer, struct session *out,
                 struct diag_list *diags, struct err *err)
{
    *out = (struct session){.workspace = {.lock_fd = -1}};
    if (workspace_open(settings->root, &out->workspace, err) ||
        workspace_lock(&out->workspace, err))
        return -1;
    if (store_open(&out->workspace, &out->store, err))
        return -1;
    if (out->workspace.was_unclean)
        end_orphans(&out->workspace, out->store);
    if (plan_build(settings, &out->workspace, out->store, &options->plan, &out->plan, diags, err))
        return -1;
    if (diags->error_count)
        return err_set(err, ERR_INVALID, "%zu mistake%s in the settings", diags->error_count,
                       diags->error_count == 1 ? "" : "s");
    if (select_resources(options, out, err))
        return -1;
    struct supervisor_options supervisor = options->supervisor;
    supervisor.store = out->store;
    out->loop = loop_new();
    return supervisor_new(out->loop, out->plan, out->wanted, &supervisor, observer,
                          &out->supervisor, err);
}

void session_close(struct session *session)
{
    supervisor_free(session->supervisor);
    if (session->loop)
        loop_free(session->loop);
    free(session->wanted);
    plan_free(session->plan);
    store_close(session->store);
    workspace_release(&session->workspace);
    *session = (struct session){.workspace = {.lock_fd = -1}};
}

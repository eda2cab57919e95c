#include "orchestrator/run/session.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/run/reload.h"
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
    *out = (struct session){.workspace = {.lock_fd = -1}, .options = *options};
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

static void reading_release(struct session_reading *reading)
{
    plan_free(reading->plan);
    settings_free(reading->settings);
}

static int read_again(const struct session *session, struct session_reading *out,
                      struct diag_list *diags, struct err *err)
{
    const struct settings_options options = {.project_root = session->workspace.root,
                                             .environ = session->options.plan.environ,
                                             .file_optional = session->options.plan.no_aspire};
    if (settings_load(&options, &out->settings, diags, err))
        return -1;
    if (diags->error_count)
        return 0;
    return plan_build(out->settings, &session->workspace, session->store, &session->options.plan,
                      &out->plan, diags, err);
}

// What the start named, or all; and whatever has been asked for since. Of each what is still there.
static bool *select_again(const struct session *session, const struct plan *plan)
{
    bool *wanted = mem_alloc(plan->resources.len * sizeof *wanted);
    VEC_OF(const char *) names = {0};
    struct err impossible; // every name is one of the plan
    for (size_t i = 0; i < session->options.name_count; i++)
        if (plan_find(plan, session->options.names[i]))
            vec_push(&names, session->options.names[i]);
    for (size_t i = 0; i < supervisor_count(session->supervisor); i++) {
        const struct resource *resource = supervisor_resource(session->supervisor, i);
        if (resource->wanted && plan_find(plan, resource->plan->name))
            vec_push(&names, resource->plan->name);
    }
    if ((!session->options.name_count && plan_select(plan, NULL, 0, wanted, &impossible)) ||
        (names.len && plan_select(plan, names.items, names.len, wanted, &impossible)))
        memset(wanted, 0, plan->resources.len * sizeof *wanted);
    vec_release(&names);
    return wanted;
}

static cJSON *answer_of(const struct diag_list *diags, cJSON *difference)
{
    AUTO_STRBUF text = STRBUF_INIT;
    cJSON *answer = difference ? difference : cJSON_CreateObject();
    diag_render_all(diags, false, &text);
    cJSON_AddNumberToObject(answer, "mistakes", (double)diags->error_count);
    cJSON_AddStringToObject(answer, "diagnostics", text.data ? text.data : "");
    return answer;
}

static int begin_reload(struct session *session, struct session_reading *reading, cJSON *difference,
                        struct err *err)
{
    AUTOFREE bool *wanted = select_again(session, reading->plan);
    cJSON *touched = NULL;
    if (reload_begin(session->supervisor, reading->plan, wanted, difference, &touched, err))
        return -1;
    cJSON_AddItemToObject(difference, "touched", touched);
    vec_push(&session->readings, *reading);
    *reading = (struct session_reading){0};
    return 0;
}

int session_reload(struct session *session, bool dry, cJSON **answer, struct err *err)
{
    struct session_reading reading = {0};
    struct diag_list diags = {0};
    AUTO_JSON *difference = NULL;
    int status = read_again(session, &reading, &diags, err);
    if (status == 0 && !diags.error_count)
        difference = reload_difference(session->supervisor, reading.plan);
    if (difference && !dry && reload_is_needed(difference))
        status = begin_reload(session, &reading, difference, err);
    if (status == 0)
        *answer = answer_of(&diags, TAKE(difference));
    diag_list_release(&diags);
    reading_release(&reading);
    return status;
}

void session_close(struct session *session)
{
    supervisor_free(session->supervisor);
    if (session->loop)
        loop_free(session->loop);
    free(session->wanted);
    plan_free(session->plan);
    vec_each (reading, &session->readings)
        reading_release(reading);
    vec_release(&session->readings);
    store_close(session->store);
    workspace_release(&session->workspace);
    *session = (struct session){.workspace = {.lock_fd = -1}};
}

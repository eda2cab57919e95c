#include "orchestrator/worker/migration_json.h"

#include "base/clock.h"
#include "base/json.h"

const char *migration_state_name(enum migration_state state)
{
    static const char *const names[] = {[MIGRATION_APPLIED] = "applied",
                                        [MIGRATION_PENDING] = "pending",
                                        [MIGRATION_FAILED] = "failed",
                                        [MIGRATION_ROLLED_BACK] = "rolled back"};
    return names[state];
}

static void add_origin(cJSON *json, const struct migrator_origin *origin)
{
    if (!origin->branch && !origin->commit) {
        cJSON_AddNullToObject(json, "origin");
        return;
    }
    cJSON *object = cJSON_AddObjectToObject(json, "origin");
    json_add_or_null(object, "branch", origin->branch);
    json_add_or_null(object, "commit", origin->commit);
    json_add_or_null(object, "worktree", origin->worktree);
}

cJSON *migration_json(const struct migration_status *migration)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", migration->name);
    cJSON_AddStringToObject(json, "state", migration_state_name(migration->state));
    if (migration->finished_at_ms) {
        char time[CLOCK_RFC3339_SIZE];
        clock_format_rfc3339(migration->finished_at_ms, time);
        cJSON_AddStringToObject(json, "finishedAt", time);
    } else {
        cJSON_AddNullToObject(json, "finishedAt");
    }
    cJSON_AddBoolToObject(json, "edited", migration->edited);
    cJSON_AddBoolToObject(json, "missing", migration->missing);
    if (migration->state == MIGRATION_FAILED && migration->logs)
        cJSON_AddStringToObject(json, "error", migration->logs);
    else
        cJSON_AddNullToObject(json, "error");
    add_origin(json, &migration->origin);
    return json;
}

void migration_missing_text(const struct migration_status *migration, struct strbuf *out)
{
    const struct migrator_origin *origin = &migration->origin;
    const char *commit = origin->commit ? origin->commit : "before its first commit";
    if (origin->branch)
        strbuf_addf(out, "applied on branch %s (%s", origin->branch, commit);
    else if (origin->commit)
        strbuf_addf(out, "applied without a branch (%s", commit);
    else {
        strbuf_adds(out, "applied, but not in the migrations directory");
        return;
    }
    if (origin->worktree)
        strbuf_addf(out, " in %s", origin->worktree);
    strbuf_adds(out, "), not in this checkout");
}

#include "orchestrator/worker/migration_json.h"

#include "base/clock.h"

const char *migration_state_name(enum migration_state state)
{
    static const char *const names[] = {[MIGRATION_APPLIED] = "applied",
                                        [MIGRATION_PENDING] = "pending",
                                        [MIGRATION_FAILED] = "failed",
                                        [MIGRATION_ROLLED_BACK] = "rolled back"};
    return names[state];
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
    return json;
}

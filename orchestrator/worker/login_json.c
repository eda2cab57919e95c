#include "orchestrator/worker/login_json.h"

#include <stdio.h>

#include "base/json.h"

void login_json_add(cJSON *answer, enum login_result result, const struct login_facts *facts,
                    const struct err *err)
{
    cJSON_AddNumberToObject(answer, "outcome", result);
    if (result != LOGIN_READY) {
        cJSON_AddStringToObject(answer, "message", err->message);
        cJSON_AddStringToObject(answer, "hint", err->hint);
        return;
    }
    cJSON_AddStringToObject(answer, "address", facts->server_address);
    cJSON_AddStringToObject(answer, "name", facts->server_name);
    cJSON_AddStringToObject(answer, "version", facts->server_version);
    cJSON_AddStringToObject(answer, "instance", facts->instance);
    cJSON_AddBoolToObject(answer, "isFinal", facts->is_final_instance);
    cJSON_AddBoolToObject(answer, "created", facts->database_created);
}

enum login_result login_json_read(const cJSON *answer, struct login_facts *facts, struct err *err)
{
    const enum login_result result =
        (enum login_result)json_int_or(answer, "outcome", LOGIN_FAILED);
    if (result != LOGIN_READY) {
        err_set(err, ERR_RESOURCE, "%s", json_string_or(answer, "message", "no answer"));
        err_hint(err, "%s", json_string_or(answer, "hint", ""));
        return result;
    }
    *facts = (struct login_facts){.is_final_instance = json_bool_or(answer, "isFinal", true),
                                  .database_created = json_bool_or(answer, "created", false)};
    snprintf(facts->server_address, sizeof facts->server_address, "%s",
             json_string_or(answer, "address", ""));
    snprintf(facts->server_name, sizeof facts->server_name, "%s",
             json_string_or(answer, "name", ""));
    snprintf(facts->server_version, sizeof facts->server_version, "%s",
             json_string_or(answer, "version", ""));
    snprintf(facts->instance, sizeof facts->instance, "%s", json_string_or(answer, "instance", ""));
    return result;
}

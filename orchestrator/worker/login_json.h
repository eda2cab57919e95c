#pragma once
// How a login ended, as JSON: what a worker that logs in answers.
//
//     {"outcome", "message", "hint", "address", "name", "version", "instance", "isFinal",
//     "created"}

#include <cjson/cJSON.h>

#include "provisioners/login.h"

// Adds to the answer. `err`: of every result but LOGIN_READY.
void login_json_add(cJSON *answer, enum login_result result, const struct login_facts *facts,
                    const struct err *err);
enum login_result login_json_read(const cJSON *answer, struct login_facts *facts, struct err *err);

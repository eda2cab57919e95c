#pragma once
// `berth start NAME`, `stop NAME` and `restart NAME` of a workspace that runs.

#include <cjson/cJSON.h>
#include <stddef.h>

#include "orchestrator/cli/cli.h"

// Asks the supervisor for "start", "stop" or "restart" and waits until it is done; says what
// depends on what was stopped. -1 without a word where no supervisor runs (ERR_NOT_RUNNING in
// err), else the exit code.
int resource_action(struct cli *cli, const char *action, char **names, size_t count, int timeout_s,
                    struct err *err) MUST_CHECK;
// "redis  Running  redis://127.0.0.1:6379": a resource of an answer, without the columns of `ps`.
void resource_action_print(const cJSON *resource);

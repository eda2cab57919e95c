#pragma once
// Asking the running supervisor: one request, one answer.

#include <cjson/cJSON.h>

#include "orchestrator/cli/cli.h"

// A request, taken over, to the supervisor of the workspace at hand. *answer is owned by the
// caller.
int cli_request(struct cli *cli, cJSON *request, cJSON **answer, struct err *err) MUST_CHECK;
// The same with {"command": command, "name": name}.
int cli_ask(struct cli *cli, const char *command, const char *name, cJSON **answer,
            struct err *err) MUST_CHECK;
// Prints a document as JSON on stdout.
void cli_print_json(const cJSON *json);
// Prints the "git" of an answer as a line, "git: main at 1a2b3c4 in /home/me/shop"; nothing where
// there is none.
void cli_print_checkout(const cJSON *git);

#pragma once
// When no supervisor runs: what containers of the workspace there still are, by their labels.

#include "orchestrator/cli/cli.h"

// Shows them, if there are any, as `ps` would, and then the error (ERR_NOT_RUNNING), with the way
// to end them as its hint. Returns the exit code.
int absent_show(struct cli *cli, struct err *err);
// Stops those that run. Returns the exit code: of the error, where none did.
int absent_stop(struct cli *cli, struct err *err);

#pragma once
// `berth reload`, and what a second `berth start` does: what runs is made what its settings say.

#include "orchestrator/cli/cli.h"

// Asks the supervisor, prints what differs as soon as it is known, and, unless `dry`, waits until
// that is done and prints what became of it. -1 without a word where nobody could be
// asked (why is in err), else the exit code. timeout_s 0: the supervisor's own.
int reload_running(struct cli *cli, bool dry, int timeout_s, struct err *err) MUST_CHECK;

#pragma once
// `berth start --detach`: the supervisor in a session of its own, and a launcher that shows what it
// says until everything is up, or it has ended, and then ends with the exit code it would have had.

#include <stdbool.h>

#include "orchestrator/state/workspace.h"

// Forks. In the supervisor it is true, with the descriptor for start_detached_release; it has no
// terminal any more, its input and standard output are /dev/null. In the launcher it is false when
// all is over, with the exit code; a signal to it in between is passed on.
bool start_detached(int *launcher_fd, int *exit_code);
// Everything is up: the launcher may end, and what is said from now on goes to .berth/start.log.
// A descriptor of -1 is fine.
void start_detached_release(int *launcher_fd, const struct workspace *workspace);

#pragma once
// The marker that every process berth starts carries in its environment, so that exactly its own
// can be found after a crash.

#include <stddef.h>

#include "base/process.h"

// "BERTH_OWNER=<workspace id>:<pid>:<start ticks>"
enum { OWNER_MARKER_SIZE = 64 };
void owner_marker(const char *workspace_id, struct process_identity owner,
                  char out[OWNER_MARKER_SIZE]);

// The processes of an owner that is over.
struct owned_processes {
    const char *prefix; // of the marker in their environments
    // of process groups, where the environment may not tell; one that has ended counts no more
    const struct process_identity *leaders;
    size_t leader_count;
};
// Sends a signal to each of them (0: to none). Returns how many there were. Reads /proc; only
// processes of the same user.
int owned_processes_signal(const struct owned_processes *owned, int signal);
// TERM, up to grace_ms for them to go, then KILL. Blocks; for crash recovery, never on the loop.
void owned_processes_end(const struct owned_processes *owned, int grace_ms);

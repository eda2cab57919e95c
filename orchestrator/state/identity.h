#pragma once
// Who a process is, beyond a reused number: pid and start time, and the marker that every process
// berth starts carries in its environment, so that exactly its own can be found after a crash.

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_identity {
    pid_t pid;
    uint64_t start_ticks; // field 22 of /proc/PID/stat (proc(5)): clock ticks after boot
};

struct process_identity process_identity_self(void);
// 0 for `start_ticks` when there is no such process.
struct process_identity process_identity_of(pid_t pid);
bool process_identity_alive(struct process_identity identity);
// Is there a process in the group that has not ended? One that has counts no more, even where
// nobody reaps it, as under the first process of many a container.
bool process_group_alive(pid_t group);

// "BERTH_OWNER=<workspace id>:<pid>:<start ticks>"
enum { OWNER_MARKER_SIZE = 64 };
void owner_marker(const char *workspace_id, struct process_identity owner,
                  char out[OWNER_MARKER_SIZE]);

// Sends a signal to every process whose environment holds a marker that begins with `prefix`, but
// to no process named in `except`. Returns how many there were. Reads /proc; only processes of the
// same user.
int owned_processes_signal(const char *prefix, int signal, pid_t except);
// TERM, up to grace_ms for them to go, then KILL. Blocks; for crash recovery, never on the loop.
void owned_processes_end(const char *prefix, int grace_ms, pid_t except);

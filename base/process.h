#pragma once
// Who a process is, beyond a number that may be used again: pid and start time (proc(5)).

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_identity {
    pid_t pid;
    uint64_t start_ticks; // field 22 of /proc/PID/stat: clock ticks after boot
};

struct process_identity process_identity_self(void);
// 0 for `start_ticks` when there is no such process.
struct process_identity process_identity_of(pid_t pid);
bool process_identity_alive(struct process_identity identity);
// Where that means something: 8 hex digits of this run of the machine and of the pid namespace.
enum { PROCESS_PLACE_SIZE = 9 };
void process_place(char out[PROCESS_PLACE_SIZE]);
// Is there a process in the group that has not ended? One that has counts no more, even where
// nobody reaps it, as under the first process of many a container.
bool process_group_alive(pid_t group);

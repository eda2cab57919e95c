#pragma once
// The guard: a small process beside the supervisor that outlives it when it is killed, and then
// ends every process the supervisor had started. It waits on a pipe whose other end only the
// supervisor holds. Where that drew on a terminal, the guard also puts the terminal right.

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

// Starts the guard (this binary, `__guard MARKER ROOT [GROUP]`, for the workspace at ROOT). GROUP
// is the process group that draws on the terminal. *fd is the end to hold; guard_release ends the
// guard.
int guard_start(const char *marker, const char *root, bool on_terminal, int *fd,
                struct err *err) MUST_CHECK;
// The supervisor ends by itself: the guard has nothing to do any more.
void guard_release(int fd);
// The guard's own main: blocks until the pipe on standard input ends. terminal_group 0: no
// terminal. Returns the exit code.
int guard_main(const char *marker, const char *root, pid_t terminal_group);

#pragma once
// Child processes on the loop, each in a process group of its own, watched by pidfd.
//
// A child is done when it was reaped and its output hit end of file. What is left of its group when
// the child itself ends is ended too: TERM, and KILL after a grace time. Standard input is given
// text or empty.

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "orchestrator/loop/loop.h"

struct child;

struct child_exit {
    int code;   // exit code; 128 + signal when a signal ended it
    int signal; // 0: none
};

struct child_spec {
    const char *const *argv; // argv[0] is looked up in PATH of `environment`'s caller
    char *const *environment;
    const char *workdir; // NULL: inherited
    const char *input;   // written to its standard input, copied; NULL: empty
    size_t input_length;

    void *context;
    // Takes note of the process before its program begins; on -1 it never does. NULL: nothing.
    int (*on_forked)(void *context, pid_t pid, struct err *err);
    void (*on_output)(void *context, int stream, const char *bytes,
                      size_t length);                       // 1 stdout, 2 stderr
    void (*on_exit)(void *context, struct child_exit exit); // last, once
};

// ERR_FAILED naming the program when it cannot be run. *out is owned by the caller and is freed by
// child_free, at the earliest from on_exit on.
int child_spawn(struct loop *loop, const struct child_spec *spec, struct child **out,
                struct err *err) MUST_CHECK;
pid_t child_pid(const struct child *child);
// TERM to the group now, KILL after grace_ms when it is not gone by then.
void child_terminate(struct child *child, int64_t grace_ms);
// NULL is fine. A child that still runs is killed with its group; on_exit does not come any more.
void child_free(struct child *child);

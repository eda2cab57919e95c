#pragma once
// One process from nothing to its program: in a group of its own, signals as by default, three
// descriptors. Not posix_spawn, because the program begins only after the caller has taken note of
// the process: killed in between, it leaves nothing that nobody knows of.

#include <sys/types.h>

#include "base/err.h"

struct spawn_request {
    const char *const *argv; // argv[0] is looked up in the caller's PATH
    char *const *environment;
    const char *workdir;    // NULL: inherited
    const int *descriptors; // its standard input, output, error
    void *context;
    int (*on_forked)(void *context, pid_t pid, struct err *err); // 0: it may begin; NULL: it may
};

// ERR_FAILED naming the program when it cannot be run. The caller reaps the process.
int spawn_process(const struct spawn_request *request, pid_t *out, struct err *err) MUST_CHECK;

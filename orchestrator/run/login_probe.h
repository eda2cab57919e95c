#pragma once
// One login of provisioners/login.h, with a time limit: driven by the loop, or, where something of
// it may block, in a worker.

#include <stdint.h>

#include "orchestrator/loop/loop.h"
#include "provisioners/login.h"

struct login_probe;

// facts: with LOGIN_READY. err: for every other result; a login that took too long is
// LOGIN_NOT_YET.
typedef void login_probe_fn(void *context, enum login_result result,
                            const struct login_facts *facts, const struct err *err);

// All of it borrowed until login_probe_free.
struct login_probe_options {
    struct login_request request;
    int64_t timeout_ms;
    // Whatever engine it is: the lookup of a host's name, say, may block. One that login_blocks is
    // in a worker anyway.
    bool in_worker;
    const char *marker; // of the worker's process (orchestrator/state/identity.h)
};

// Answers once, never from inside the call; owned by the caller, to be freed from fn on, or before
// (then fn does not come).
struct login_probe *login_probe_start(struct loop *loop, const struct login_probe_options *options,
                                      login_probe_fn *fn, void *context);
void login_probe_free(struct login_probe *probe); // NULL is fine

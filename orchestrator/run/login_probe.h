#pragma once
// One login of provisioners/login.h, driven by the loop, with a time limit.

#include <stdint.h>

#include "orchestrator/loop/loop.h"
#include "provisioners/login.h"

struct login_probe;

// facts: with LOGIN_READY. err: for every other result; a login that took too long is
// LOGIN_NOT_YET.
typedef void login_probe_fn(void *context, enum login_result result,
                            const struct login_facts *facts, const struct err *err);

// Answers once, never from inside the call; owned by the caller, to be freed from fn on, or before
// (then fn does not come).
struct login_probe *login_probe_start(struct loop *loop, const struct login_request *request,
                                      int64_t timeout_ms, login_probe_fn *fn, void *context);
void login_probe_free(struct login_probe *probe); // NULL is fine

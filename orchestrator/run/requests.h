#pragma once
// What users ask of single resources while the supervisor runs: start, stop, restart. The command
// line, the keys of the terminal and the dashboard all come here. A request is taken at once; what
// follows from it comes over the loop.

#include "orchestrator/run/supervisor.h"

#define RESOURCE_REQUESTS(X)  \
    X(REQUEST_START, "start") \
    X(REQUEST_STOP, "stop")   \
    X(REQUEST_RESTART, "restart")

enum resource_request {
#define X(name, text) name,
    RESOURCE_REQUESTS(X)
#undef X
        RESOURCE_REQUEST_COUNT
};
const char *resource_request_name(enum resource_request request);

// Makes it part of the run: its log, and the engine or the guard where it needs one.
int resource_want(struct resource *resource, struct err *err) MUST_CHECK;

// start: with all that it waits for; a database also with its migrations and its seed. What runs,
// or is done, is left alone. stop: this one alone, its dependents go on without it; a persistent
// container is stopped, too. restart: it ends and begins again; a job is done once more.
// ERR_NOT_RUNNING while the supervisor is about to end.
int resource_request(struct resource *resource, enum resource_request request,
                     struct err *err) MUST_CHECK;

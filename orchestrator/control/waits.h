#pragma once
// Clients of the control socket that wait for resources to come to a state.

#include "orchestrator/control/control.h"
#include "orchestrator/run/supervisor.h"

// up: ready, whatever its health. healthy: also its health. down: nothing of it runs, and nothing
// is under way. finished: it ended by itself, and well.
#define WAIT_STATUSES(X)       \
    X(WAIT_HEALTHY, "healthy") \
    X(WAIT_UP, "up")           \
    X(WAIT_DOWN, "down")       \
    X(WAIT_FINISHED, "finished")

enum wait_status {
#define X(name, text) name,
    WAIT_STATUSES(X)
#undef X
        WAIT_STATUS_COUNT,
    WAIT_HALTED = WAIT_STATUS_COUNT // down as it was told to, and not told otherwise since
};
// False where no status has the name.
bool wait_status_find(const char *name, enum wait_status *out);

struct waits;

struct waits *waits_new(struct supervisor *supervisor);
// Who still waits gets no answer, but the end of the connection.
void waits_free(struct waits *waits); // NULL is fine

// Answers the client once every named resource is there, with `answer` (taken over) and
// "resources", as `ps` tells them, in it; or with ERR_RESOURCE as soon as one will not get there,
// or with ERR_TIMEOUT. Never from inside the call.
void waits_add(struct waits *waits, struct control_client *client, const cJSON *names,
               enum wait_status status, int64_t timeout_ms, cJSON *answer);
// Something has changed: to be called on every change of a resource.
void waits_look(struct waits *waits);

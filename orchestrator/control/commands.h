#pragma once
// What the running supervisor answers on its control socket.

#include "orchestrator/control/control.h"
#include "orchestrator/control/waits.h"
#include "orchestrator/run/session.h"

struct control_commands {
    struct session *session; // of the supervisor
    struct supervisor *supervisor;
    struct waits *waits;
    void *context;
    void (*on_stop)(void *context, bool all); // `berth stop` was asked for
    const char *dashboard_url;                // NULL: no dashboard
};

// A control_fn; context is a struct control_commands.
void control_commands_handle(void *context, struct control_client *client, const cJSON *request);

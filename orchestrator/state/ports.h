#pragma once
// Host ports: picked once and remembered, tested by binding, and named when somebody else holds
// one.

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "orchestrator/state/store.h"

// The port of a resource: `wanted` when > 0, else the remembered one, else a free one that is
// remembered from now on. It is picked below the kernel's ephemeral range, so that no outgoing
// connection takes it.
int port_of_resource(struct store *store, const char *workspace_id, const char *resource,
                     int wanted, int *out, struct err *err) MUST_CHECK;
// Can 127.0.0.1:port be bound right now?
bool port_is_free(int port);
// Appends who listens on a local TCP port: "node (process 4711)"; "another process" when /proc
// hides it.
void port_holder(int port, struct strbuf *out);

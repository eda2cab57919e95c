#pragma once
// The state store, .berth/state.db (SQLite): what must be the same in the next run.

#include "base/err.h"
#include "orchestrator/state/workspace.h"

struct store;

int store_open(const struct workspace *workspace, struct store **out, struct err *err) MUST_CHECK;
void store_close(struct store *store); // NULL is fine

// The host port remembered for a resource; 0: none yet.
int store_port(struct store *store, const char *resource);
int store_port_set(struct store *store, const char *resource, int port, struct err *err) MUST_CHECK;
// The resource that a port is remembered for; borrowed until the next call; NULL: none.
const char *store_port_owner(struct store *store, int port);

// All or nothing between the two; saves a disk flush for every call in between.
int store_begin(struct store *store, struct err *err) MUST_CHECK;
int store_commit(struct store *store, struct err *err) MUST_CHECK;
void store_rollback(struct store *store); // after a failure in between, or of the commit

#pragma once
// The workspace as it looks from inside the network of a Compose project: a resource's host is its
// name, its port the one inside its container, and passwords are variables.

#include "base/err.h"
#include "orchestrator/compose/variables.h"
#include "orchestrator/plan/plan.h"

// Where a database that is a file lies in every container that uses it: a volume below this.
#define COMPOSE_FILES "/var/lib/berth"
// This machine, which a container knows by an entry of extra_hosts.
#define COMPOSE_HOST "host.docker.internal"

// Changes connections, hosts, environments and dependencies of the plan. `root` is for what is said
// about a password. ERR_INVALID for an address that holds a secret beside its password.
int compose_network_enter(struct plan *plan, const char *root, struct compose_variables *variables,
                          struct err *err) MUST_CHECK;

#pragma once
// The model of a live database, and of what a migration history makes.

#include "migrator/introspect/introspect.h"
#include "migrator/migrator.h"

// Reads only. ERR_FAILED where there is no such database. *out is owned by the caller.
int migrator_describe(const struct migrator_target *target, const struct introspect_scope *scope,
                      struct model **out, struct err *err) MUST_CHECK;

// Applies the target's migrations to a scratch database on its server and describes that; the
// target's own database need not exist. *out is owned by the caller.
int migrator_replay(const struct migrator_target *target, const struct introspect_scope *scope,
                    const struct migrator_callbacks *callbacks, struct model **out,
                    struct err *err) MUST_CHECK;

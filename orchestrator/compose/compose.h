#pragma once
// The workspace as a Compose file: the production recipe. The same databases and caches as the
// container specs, a migrator for each database that berth migrates, and the services, plugins and
// processors; apps and tools are a developer's and left out. docs/export.md tells its shape.
//
// It never holds a secret: passwords are files of `secrets:`, and variables where a process needs
// them. The same workspace always gives the same text.
//
// Source of the format: https://github.com/compose-spec/compose-spec/blob/main/spec.md, of which
// only what Compose 1.29 reads, too, is used.

#include "base/err.h"
#include "base/strbuf.h"
#include "orchestrator/plan/plan.h"

// `root`: the workspace's root as seen from the directory that the file will be in: "." or "../..".
// The plan is changed to what things look like from inside the containers, and of no other use
// afterwards. ERR_INVALID for a workspace that has no such form.
int compose_write(struct plan *plan, const char *root, struct strbuf *out,
                  struct err *err) MUST_CHECK;

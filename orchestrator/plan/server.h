#pragma once
// What planning a database and planning a cache have in common: a container of berth's own, or the
// address of a server that somebody else runs.

#include "orchestrator/plan/private.h"

// What databases and caches have in common in the settings.
struct server_settings {
    const char *key, *image, *image_tag, *data_path;
    int port, memory_limit_mb;
    bool persistent;
    struct setting_pairs env;
    struct setting_strings args;
    const struct settings_node *node;
};

// A container of berth's own: its port, data and spec. The connection's password is already there.
int plan_container(struct planning *planning, struct plan_resource *resource,
                   const struct engine *engine, const struct server_settings *settings,
                   struct err *err) MUST_CHECK;

// An address that somebody else answers for; `origin` names where it was found, `span` who asked
// for it. A malformed one is a diagnostic.
void plan_external(struct planning *planning, struct plan_resource *resource,
                   const struct engine *engine, const char *text, const char *origin,
                   struct span span);

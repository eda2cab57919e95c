#pragma once
// What the supervisor knows, as JSON: for the dashboard, `ps`, `why` and everything else that asks.
// Shapes: docs/dashboard.md. Secrets never appear in it.

#include <cjson/cJSON.h>

#include "orchestrator/run/supervisor.h"

// Adds "git": the checkout of the workspace, or null (checkout_watch.h).
void report_checkout(const struct supervisor *supervisor, cJSON *out);
// {"workspace": …, "git": …, "resources": [ … ]}; owned by the caller.
cJSON *report_resources(const struct supervisor *supervisor);
// [{"database", "provider", "applied": [{"name","finishedAt"}], "pending": [names], "failed":
// [{"name","error"}]}] as the last migrations job found it. Owned by the caller.
cJSON *report_migrations(const struct supervisor *supervisor);
// Names of what runs and depends on one of `names`, without these. Owned by the caller.
cJSON *report_dependents(const struct supervisor *supervisor, const cJSON *names);
// One of the resources.
cJSON *report_resource(const struct resource *resource);
// "http://127.0.0.1:3000", "postgresql://127.0.0.1:5433/app"; without user and password. Appends
// nothing where there is no endpoint.
void report_endpoint(const struct plan_resource *resource, struct strbuf *out);
// {"lines": [ {"name", "state", "reason", "hint"} ], "timeline": […], "wallMs"}: one line for each
// thing that is not green (reason.h); what the start took longest for, once it has settled
// (timeline.h).
cJSON *report_why(const struct supervisor *supervisor);

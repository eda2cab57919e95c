#pragma once
// The dashboard: a web page over loopback HTTP, live through server-sent events.
//
// It knows nothing of the supervisor but the struct of functions below. It binds 127.0.0.1 only,
// checks Host and Origin, and wants its token: /login?t=TOKEN sets an HttpOnly SameSite=Strict
// cookie and redirects to /.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

struct event_base;
struct dashboard;

// Each function appends one JSON value to `json`. The shapes, and every member: docs/dashboard.md.
struct dashboard_backend {
    void *context;
    // {"workspace": …, "resources": [{"name","kind","state","health","endpoints":[{"name","url"}],
    //  "waitingFor":[names],"dependsOn":[names],"startedAt","finishedAt","message","exitCode",
    //  "restarts","progress":{"done","total","unit"},"image","pid","containerId"}]}
    void (*resources)(void *context, struct strbuf *json);
    // [{"database","provider","applied":[{"name","finishedAt"}],"pending":[names],
    //   "failed":[{"name","error"}]}]
    void (*migrations)(void *context, struct strbuf *json);
    // {"lines":[{"id","time","stream","text"}],"next":id}: at most `limit` lines of the resource
    // after id `after` (0: the last `limit` ones). Returns false, appending nothing, when there is
    // no such resource.
    bool (*logs)(void *context, const char *resource, int64_t after, size_t limit,
                 struct strbuf *json);
};

struct dashboard_options {
    int port;          // the first to try; the next free one of the 100 above it is taken
    const char *token; // borrowed; at least 128 bit
};

int dashboard_start(struct event_base *base, const struct dashboard_options *options,
                    const struct dashboard_backend *backend, struct dashboard **out,
                    struct err *err) MUST_CHECK;
// To be called when the loop does not turn any more; NULL is fine.
void dashboard_free(struct dashboard *dashboard);
int dashboard_port(const struct dashboard *dashboard);
// Appends the address to print and to open, the token included: a secret.
void dashboard_login_url(const struct dashboard *dashboard, struct strbuf *out);

// Tells every connected page, coalesced to at most one event in 50 ms; nothing runs while no page
// is there.
void dashboard_resources_changed(struct dashboard *dashboard);
void dashboard_migrations_changed(struct dashboard *dashboard);
void dashboard_logs_appended(struct dashboard *dashboard, const char *resource);

#pragma once
// Blocking work in a process of its own: this binary again, as `berth __worker`. The job comes as
// one JSON document on standard input (so no secret is in argv), the answers as JSON lines on
// standard output.
//
//     job      {"job":"deploy"|"seed"|"login"|"checkout", "url", "provider", …}
//     answers  {"type":"progress", "name","index","total","finished","rows"}
//              {"type":"line", "text"}, {"type":"excerpt", "text"}
//              {"type":"status", "migrations":
//              [{"name","state","finishedAt","edited","missing","error"}]}
//              {"type":"result", …} or {"type":"error", "kind","message","hint"}, last

#include <cjson/cJSON.h>

#include "base/err.h"
#include "orchestrator/loop/child.h"
#include "orchestrator/loop/loop.h"
#include "orchestrator/plan/plan.h"
#include "provisioners/login.h"

struct worker;

struct worker_callbacks {
    void *context;
    void (*on_progress)(void *context, const cJSON *progress);
    void (*on_line)(void *context, const char *text);
    void (*on_excerpt)(void *context, const char *text); // a place in a file, several lines
    void (*on_status)(void *context, const cJSON *migrations);
    // Last, once. result: the answer, or NULL with err. A worker that dies without an answer is an
    // error that says how it died.
    void (*on_done)(void *context, const cJSON *result, const struct err *err);
};

// The job of a plan's migrations or seed. Owned by the caller.
cJSON *worker_job_deploy(const struct plan *plan, const struct plan_resource *job);
cJSON *worker_job_seed(const struct plan *plan, const struct plan_resource *job);
// The git checkout that a path lies in; the result has "checkout" (orchestrator/git/checkout.h) and
// the "directory" of its HEAD, each null where there is none.
cJSON *worker_job_checkout(const char *path);
// The result is that of orchestrator/worker/login_json.h, whatever became of the login.
cJSON *worker_job_login(const struct login_request *request);

// `marker` goes into its environment, and so into what it starts (identity.h).
// *out is owned by the caller; worker_free at the earliest from on_done on (before it: the worker
// is killed).
int worker_start(struct loop *loop, const cJSON *job, const char *marker,
                 const struct worker_callbacks *callbacks, struct worker **out,
                 struct err *err) MUST_CHECK;
void worker_terminate(struct worker *worker);
void worker_free(struct worker *worker); // NULL is fine

// The worker's own main: reads the job, does it, answers. Returns the exit code.
int worker_main(void);

// Migrations and seeds: one worker process, run to its end.
#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/worker/worker.h"

struct job {
    struct worker *worker; // NULL: not running
    bool stopping;
};

static void on_progress(void *context, const cJSON *progress)
{
    struct resource *resource = context;
    const int64_t index = json_int_or(progress, "index", 0),
                  total = json_int_or(progress, "total", 0);
    const bool finished = json_bool_or(progress, "finished", false);
    const char *name = json_string_or(progress, "name", "");
    const bool seeds = resource->plan->kind == RESOURCE_SEED;
    resource_set_progress(resource, finished ? index : index - 1, total,
                          seeds ? "files" : "migrations");
    if (!finished)
        return;
    if (seeds)
        resource_say(resource, "%s: %" PRId64 " rows", name, json_int_or(progress, "rows", 0));
    else
        resource_say(resource, "applied %s (%" PRId64 " of %" PRId64 ", %" PRId64 " ms)", name,
                     index, total, json_int_or(progress, "durationMs", 0));
}

static void on_line(void *context, const char *text)
{
    resource_say(context, "%s", text);
}

static void on_excerpt(void *context, const char *text)
{
    struct resource *resource = context;
    free(resource->excerpt);
    resource->excerpt = mem_strdup(text);
    log_append(resource->log, LOG_SYSTEM, text, strlen(text));
}

static void on_status(void *context, const cJSON *migrations)
{
    struct resource *resource = context;
    cJSON_Delete(resource->migrations);
    resource->migrations = cJSON_Duplicate(migrations, true);
}

static void say_result(struct resource *resource, const cJSON *result)
{
    const int64_t applied = json_int_or(result, "applied", 0);
    if (resource->plan->kind == RESOURCE_MIGRATIONS && applied == 0)
        resource_raise(resource, EVENT_COMPLETED, "nothing pending");
    else if (resource->plan->kind == RESOURCE_MIGRATIONS)
        resource_raise(resource, EVENT_COMPLETED, "%" PRId64 " applied", applied);
    else if (json_bool_or(result, "skipped", false))
        resource_raise(resource, EVENT_COMPLETED, "already sown");
    else
        resource_raise(resource, EVENT_COMPLETED, "%" PRId64 " rows",
                       json_int_or(result, "rows", 0));
}

static void on_done(void *context, const cJSON *result, const struct err *err)
{
    struct resource *resource = context;
    struct job *job = resource->driver_state;
    worker_free(TAKE(job->worker));
    resource->exit_code = err ? 1 : 0;
    if (job->stopping)
        resource_raise(resource, EVENT_STOPPED, NULL);
    else if (err)
        resource_fail(resource, err);
    else
        say_result(resource, result);
}

static void launch(struct resource *resource)
{
    struct supervisor *supervisor = resource->supervisor;
    const struct plan *plan = supervisor_plan(supervisor);
    if (!resource->driver_state)
        resource->driver_state = mem_alloc(sizeof(struct job));
    struct job *job = resource->driver_state;
    job->stopping = false;
    const struct worker_callbacks callbacks = {resource,   on_progress, on_line,
                                               on_excerpt, on_status,   on_done};
    AUTO_JSON *request = resource->plan->kind == RESOURCE_SEED
                             ? worker_job_seed(plan, resource->plan)
                             : worker_job_deploy(plan, resource->plan);
    struct err err;
    if (worker_start(supervisor_loop(supervisor), request, supervisor_marker(supervisor),
                     &callbacks, &job->worker, &err))
        resource_fail(resource, &err);
    else
        resource_raise(resource, EVENT_LAUNCHED, NULL);
}

static void stop(struct resource *resource)
{
    struct job *job = resource->driver_state;
    if (job && job->worker) {
        job->stopping = true;
        worker_terminate(job->worker);
    } else {
        resource_raise(resource, EVENT_STOPPED, NULL);
    }
}

static void release(struct resource *resource)
{
    struct job *job = resource->driver_state;
    worker_free(job->worker);
    free(job);
}

const struct resource_driver driver_job = {.launch = launch, .stop = stop, .release = release};

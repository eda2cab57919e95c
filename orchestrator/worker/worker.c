#include "orchestrator/worker/worker.h"

#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/database_url.h"

enum { STOP_GRACE_MS = 5000, LAST_WORDS_BYTES = 400 };

extern char **environ;

struct worker {
    struct child *child;
    struct worker_callbacks callbacks;
    struct strbuf output; // an unfinished line
    struct strbuf errors; // the last words on standard error, should it die
    cJSON *answer;        // result or error
};

static cJSON *new_job(const char *kind, const struct connection *connection)
{
    AUTO_STRBUF url = STRBUF_INIT;
    connection_url(connection, &url);
    cJSON *job = cJSON_CreateObject();
    cJSON_AddStringToObject(job, "job", kind);
    cJSON_AddStringToObject(job, "url", url.data);
    cJSON_AddStringToObject(job, "provider", database_provider(connection->engine));
    return job;
}

cJSON *worker_job_deploy(const struct plan *plan, const struct plan_resource *job)
{
    cJSON *json = new_job("deploy", &plan->resources.items[job->target].direct);
    cJSON_AddStringToObject(json, "migrations", job->migrations_path);
    cJSON_AddStringToObject(json, "root", plan->settings->root);
    return json;
}

cJSON *worker_job_seed(const struct plan *plan, const struct plan_resource *job)
{
    cJSON *json = new_job("seed", &plan->resources.items[job->target].direct);
    cJSON_AddStringToObject(json, "root", plan->settings->root);
    cJSON_AddStringToObject(json, "seeds", job->seeds_path);
    if (job->seed_script)
        cJSON_AddStringToObject(json, "script", job->seed_script);
    cJSON_AddStringToObject(json, "mode", job->seed_mode);
    cJSON_AddBoolToObject(json, "once", job->seed_once);
    cJSON_AddStringToObject(json, "workdir", job->workdir);
    cJSON *environment = cJSON_AddArrayToObject(json, "environment");
    vec_each (variable, &job->environment) {
        AUTOFREE char *entry = mem_printf("%s=%s", variable->name, variable->value);
        cJSON_AddItemToArray(environment, cJSON_CreateString(entry));
    }
    return json;
}

cJSON *worker_job_login(const struct login_request *request)
{
    cJSON *json = new_job("login", request->connection);
    cJSON_AddStringToObject(json, "engine", request->connection->engine->name);
    cJSON_AddBoolToObject(json, "createDatabase", request->create_database);
    return json;
}

cJSON *worker_job_checkout(const char *path)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "job", "checkout");
    cJSON_AddStringToObject(json, "root", path);
    return json;
}

static void take_answer(struct worker *worker, const char *line, size_t length)
{
    struct err err;
    cJSON *json = NULL;
    if (json_parse(line, length, &json, &err))
        return; // a library's stray output: not ours to judge
    const char *type = json_string_or(json, "type", "");
    if (strcmp(type, "progress") == 0 && worker->callbacks.on_progress)
        worker->callbacks.on_progress(worker->callbacks.context, json);
    else if (strcmp(type, "line") == 0 && worker->callbacks.on_line)
        worker->callbacks.on_line(worker->callbacks.context, json_string_or(json, "text", ""));
    else if (strcmp(type, "excerpt") == 0 && worker->callbacks.on_excerpt)
        worker->callbacks.on_excerpt(worker->callbacks.context, json_string_or(json, "text", ""));
    else if (strcmp(type, "status") == 0 && worker->callbacks.on_status)
        worker->callbacks.on_status(worker->callbacks.context, json_get(json, "migrations"));
    else if (strcmp(type, "result") == 0 || strcmp(type, "error") == 0) {
        cJSON_Delete(worker->answer);
        worker->answer = json;
        return;
    }
    cJSON_Delete(json);
}

static void on_output(void *context, int stream, const char *bytes, size_t length)
{
    struct worker *worker = context;
    if (stream == 2) {
        strbuf_add(&worker->errors, bytes, length);
        if (worker->errors.len > LAST_WORDS_BYTES)
            strbuf_consume(&worker->errors, worker->errors.len - LAST_WORDS_BYTES);
        return;
    }
    strbuf_add(&worker->output, bytes, length);
    const char *newline;
    while ((newline = memchr(worker->output.data, '\n', worker->output.len))) {
        size_t line = (size_t)(newline - worker->output.data);
        take_answer(worker, worker->output.data, line);
        strbuf_consume(&worker->output, line + 1);
    }
}

static void on_exit_of_worker(void *context, struct child_exit exit)
{
    struct worker *worker = context;
    AUTO_JSON *answer = TAKE(worker->answer);
    const bool failed = !answer || strcmp(json_string_or(answer, "type", ""), "error") == 0;
    struct err err = {0};
    if (!answer && exit.signal)
        err_set(&err, ERR_FAILED, "the worker was ended by signal %d%s%s", exit.signal,
                worker->errors.len ? ": " : "", worker->errors.data);
    else if (!answer)
        err_set(&err, ERR_FAILED, "the worker ended with exit code %d and no answer%s%s", exit.code,
                worker->errors.len ? ": " : "", worker->errors.data);
    else if (failed) {
        err_set(&err, (enum err_kind)json_int_or(answer, "kind", ERR_FAILED), "%s",
                json_string_or(answer, "message", "failed"));
        err_hint(&err, "%s", json_string_or(answer, "hint", ""));
    }
    worker->callbacks.on_done(worker->callbacks.context, failed ? NULL : answer,
                              failed ? &err : NULL);
}

int worker_start(struct loop *loop, const cJSON *job, const char *marker,
                 const struct worker_callbacks *callbacks, struct worker **out, struct err *err)
{
    struct worker *worker = mem_alloc(sizeof *worker);
    *worker =
        (struct worker){.callbacks = *callbacks, .output = STRBUF_INIT, .errors = STRBUF_INIT};
    AUTO_STRBUF input = STRBUF_INIT;
    json_print(job, false, &input);
    static const char *const argv[] = {"/proc/self/exe", "__worker", NULL};
    VEC_OF(char *) environment = {0};
    for (char **inherited = environ; *inherited; inherited++)
        vec_push(&environment, *inherited);
    vec_push(&environment, (char *)marker);
    vec_push(&environment, NULL);
    struct child_spec spec = {.argv = argv,
                              .environment = environment.items,
                              .input = input.data,
                              .input_length = input.len,
                              .context = worker,
                              .on_output = on_output,
                              .on_exit = on_exit_of_worker};
    int status = child_spawn(loop, &spec, &worker->child, err);
    vec_release(&environment);
    if (status) {
        worker_free(worker);
        return -1;
    }
    *out = worker;
    return 0;
}

void worker_terminate(struct worker *worker)
{
    child_terminate(worker->child, STOP_GRACE_MS);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    child_free(worker->child);
    cJSON_Delete(worker->answer);
    strbuf_release(&worker->output);
    strbuf_release(&worker->errors);
    free(worker);
}

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"
#include "migrator/migrator.h"
#include "orchestrator/git/checkout.h"
#include "orchestrator/git/origin.h"
#include "orchestrator/worker/login_json.h"
#include "orchestrator/worker/migration_json.h"
#include "orchestrator/worker/worker.h"
#include "provisioners/login.h"

enum { LOGIN_TIMEOUT_MS = 10000 };

extern char **environ;

// One JSON line, flushed: the supervisor shows progress as it happens.
static void answer(cJSON *json)
{
    AUTO_STRBUF line = STRBUF_INIT;
    json_print(json, false, &line);
    strbuf_addch(&line, '\n');
    fwrite(line.data, 1, line.len, stdout);
    fflush(stdout);
    cJSON_Delete(json);
}

static cJSON *answer_of(const char *type)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "type", type);
    return json;
}

static void on_progress(void *context, const struct migrator_progress *progress)
{
    (void)context;
    cJSON *json = answer_of("progress");
    cJSON_AddStringToObject(json, "name", progress->migration);
    cJSON_AddNumberToObject(json, "index", (double)progress->index);
    cJSON_AddNumberToObject(json, "total", (double)progress->total);
    cJSON_AddBoolToObject(json, "finished", progress->finished);
    cJSON_AddNumberToObject(json, "durationMs", (double)progress->duration_ms);
    cJSON_AddNumberToObject(json, "rows", (double)progress->rows);
    answer(json);
}

static void on_line(void *context, const char *text)
{
    (void)context;
    cJSON *json = answer_of("line");
    cJSON_AddStringToObject(json, "text", text);
    answer(json);
}

static void on_excerpt(void *context, const char *text)
{
    (void)context;
    cJSON *json = answer_of("excerpt");
    cJSON_AddStringToObject(json, "text", text);
    answer(json);
}

static void read_origin(void *context, struct migrator_origin *out)
{
    origin_read(json_string_or(context, "root", "/"), out);
}

static struct migrator_callbacks callbacks_of(const cJSON *job)
{
    return (struct migrator_callbacks){.context = (void *)job,
                                       .progress = on_progress,
                                       .line = on_line,
                                       .excerpt = on_excerpt,
                                       .origin = read_origin};
}

static struct migrator_target target_of(const cJSON *job)
{
    return (struct migrator_target){.url = json_string_or(job, "url", ""),
                                    .provider = json_string_or(job, "provider", ""),
                                    .migrations_path = json_string_or(job, "migrations", NULL),
                                    .root = json_string_or(job, "root", NULL)};
}

// What the ledger says now; the supervisor shows it. That it cannot be read is told by the job
// itself.
static void answer_status(const struct migrator_target *target)
{
    struct migrator_status status = {0};
    struct err ignored;
    if (migrator_status_read(target, &status, &ignored))
        return;
    cJSON *json = answer_of("status");
    cJSON *list = cJSON_AddArrayToObject(json, "migrations");
    vec_each (migration, &status.migrations)
        cJSON_AddItemToArray(list, migration_json(migration));
    migrator_status_release(&status);
    answer(json);
}

static int run_deploy(const cJSON *job, cJSON *result, struct err *err)
{
    struct migrator_target target = target_of(job);
    const struct migrator_callbacks callbacks = callbacks_of(job);
    struct migrator_deploy_result deployed = {0};
    const int failed = migrator_deploy(&target, &callbacks, &deployed, err);
    answer_status(&target);
    if (failed)
        return -1;
    cJSON_AddNumberToObject(result, "applied", (double)deployed.applied);
    return 0;
}

static int run_seed(const cJSON *job, cJSON *result, struct err *err)
{
    struct migrator_target target = target_of(job);
    const struct migrator_callbacks callbacks = callbacks_of(job);
    VEC_OF(char *) environment = {0};
    const cJSON *entry;
    for (char **inherited = environ; *inherited; inherited++)
        vec_push(&environment, *inherited);
    json_each (entry, json_get(job, "environment"))
        vec_push(&environment, entry->valuestring);
    vec_push(&environment, NULL);
    struct migrator_seed seed = {.seeds_path = json_string_or(job, "seeds", NULL),
                                 .script_path = json_string_or(job, "script", NULL),
                                 .mode = json_string_or(job, "mode", "bootstrap"),
                                 .once = json_bool_or(job, "once", false),
                                 .environment = environment.items,
                                 .workdir = json_string_or(job, "workdir", NULL)};
    struct migrator_seed_result sown = {0};
    int status = migrator_seed(&target, &seed, &callbacks, &sown, err);
    vec_release(&environment);
    if (status)
        return -1;
    cJSON_AddNumberToObject(result, "files", (double)sown.files);
    cJSON_AddNumberToObject(result, "rows", (double)sown.rows);
    cJSON_AddBoolToObject(result, "skipped", sown.skipped);
    return 0;
}

// One that is not over by the deadline may be tried again.
static enum login_result log_in(const struct login_request *request, struct login_facts *facts,
                                struct err *err)
{
    struct login *login = login_start(request);
    const int64_t deadline = clock_monotonic_ms() + LOGIN_TIMEOUT_MS;
    enum login_result outcome;
    while ((outcome = login_step(login, err)) == LOGIN_PENDING) {
        struct pollfd fd = {.fd = login_fd(login),
                            .events = login_wants_write(login) ? POLLOUT : POLLIN};
        const int64_t left = deadline - clock_monotonic_ms();
        if (left <= 0 || (fd.fd >= 0 && poll(&fd, 1, (int)left) == 0)) {
            err_set(err, ERR_TIMEOUT, "no answer within %d s", LOGIN_TIMEOUT_MS / 1000);
            outcome = LOGIN_NOT_YET;
            break;
        }
    }
    *facts = *login_facts(login);
    login_free(login);
    return outcome;
}

static int run_login(const cJSON *job, cJSON *result, struct err *err)
{
    struct arena *arena = arena_new();
    struct connection connection;
    struct login_facts facts;
    const int failed = connection_parse(json_string_or(job, "url", ""),
                                        engine_find(json_string_or(job, "engine", "")), "/", arena,
                                        &connection, err);
    if (!failed) {
        const struct login_request request = {.connection = &connection,
                                              .create_database =
                                                  json_bool_or(job, "createDatabase", false)};
        const enum login_result outcome = log_in(&request, &facts, err);
        login_json_add(result, outcome, &facts, err);
    }
    arena_free(arena);
    return failed;
}

static void run_checkout(const cJSON *job, cJSON *result)
{
    struct checkout checkout;
    checkout_read(json_string_or(job, "root", "/"), &checkout);
    cJSON *json = checkout_json(&checkout);
    cJSON_AddItemToObject(result, "checkout", json ? json : cJSON_CreateNull());
    json_add_or_null(result, "directory", checkout.directory);
    checkout_release(&checkout);
}

static int run(const cJSON *job, cJSON *result, struct err *err)
{
    const char *kind = json_string_or(job, "job", "");
    if (strcmp(kind, "deploy") == 0)
        return run_deploy(job, result, err);
    if (strcmp(kind, "seed") == 0)
        return run_seed(job, result, err);
    if (strcmp(kind, "login") == 0)
        return run_login(job, result, err);
    if (strcmp(kind, "checkout") == 0) {
        run_checkout(job, result);
        return 0;
    }
    return err_set(err, ERR_USAGE, "no such job: \"%s\"", kind);
}

static int read_job(cJSON **job, struct err *err)
{
    AUTO_STRBUF input = STRBUF_INIT;
    char bytes[4096];
    ssize_t got;
    while ((got = read(STDIN_FILENO, bytes, sizeof bytes)) != 0) {
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, "cannot read the job");
        if (got > 0)
            strbuf_add(&input, bytes, (size_t)got);
    }
    return json_parse(input.data, input.len, job, err);
}

int worker_main(void)
{
    struct err err = {0};
    AUTO_JSON *job = NULL;
    cJSON *result = answer_of("result");
    if (read_job(&job, &err) == 0 && run(job, result, &err) == 0) {
        answer(result);
        return 0;
    }
    cJSON_Delete(result);
    cJSON *error = answer_of("error");
    cJSON_AddNumberToObject(error, "kind", err.kind);
    cJSON_AddStringToObject(error, "message", err.message);
    cJSON_AddStringToObject(error, "hint", err.hint);
    answer(error);
    return err_exit_code(err.kind);
}

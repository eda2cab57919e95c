#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/cli/db.h"
#include "orchestrator/cli/start_output.h"
#include "orchestrator/control/control.h"
#include "orchestrator/plan/database_url.h"

extern char **environ;

static void on_settled(void *context)
{
    struct db_target *target = context;
    target->came_up = supervisor_first_failure(target->session.supervisor) == NULL;
    loop_stop(target->session.loop);
}

static void on_stopped(void *context)
{
    struct db_target *target = context;
    target->ended = true;
    loop_stop(target->session.loop);
}

// While the container comes up or goes down. A second one does not wait for that.
static void on_interrupt(void *context)
{
    struct db_target *target = context;
    if (target->interrupted)
        _exit(err_exit_code(ERR_INTERRUPTED));
    target->interrupted = true;
    loop_stop(target->session.loop);
}

// Nothing of the workspace runs: the database's container comes up for this command, by the rules
// of `start`.
static int bring_up(struct db_target *target, const char *key, struct err *err)
{
    static struct supervisor_observer observer; // lives as long as the command
    observer = (struct supervisor_observer){.context = target,
                                            .on_settled = on_settled,
                                            .on_stopped = on_stopped,
                                            .on_notice = start_output_notice};
    const struct session_options options = {.plan = {.environ = environ, .only_database = key},
                                            .supervisor = {.leave_as_found = true},
                                            .names = &key,
                                            .name_count = 1,
                                            .database_alone = true};
    struct diag_list diags = {0};
    target->has_session = true;
    int status = session_open(target->settings, &options, &observer, &target->session, &diags, err);
    cli_print_diagnostics(target->cli, &diags);
    diag_list_release(&diags);
    if (status)
        return -1;
    fprintf(stderr, "bringing %s up for this command\n", key);
    loop_on_signal(target->session.loop, SIGINT, on_interrupt, target);
    loop_on_signal(target->session.loop, SIGTERM, on_interrupt, target);
    supervisor_start(target->session.supervisor);
    loop_run(target->session.loop);
    if (target->interrupted)
        return err_set(err, ERR_INTERRUPTED, "interrupted");
    if (target->came_up)
        return 0;
    const struct err *engine = supervisor_engine_error(target->session.supervisor);
    const struct resource *resource = supervisor_find(target->session.supervisor, key);
    return err_set(err, engine ? ERR_NO_ENGINE : ERR_RESOURCE, "%s: %s", key,
                   resource->message ? resource->message : "did not come up");
}

// The address that the running supervisor knows; key NULL: of its primary database. 1: nothing runs
// here.
static int ask_supervisor(struct db_target *target, const char *key, char **url, struct err *err)
{
    struct workspace workspace;
    AUTO_JSON *answer = NULL;
    AUTO_JSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "database");
    if (key)
        cJSON_AddStringToObject(request, "name", key);
    if (workspace_open(target->settings->root, &workspace, err))
        return -1;
    int status = control_request(&workspace, request, &answer, err);
    workspace_release(&workspace);
    if (status)
        return err->kind == ERR_NOT_RUNNING ? 1 : -1;
    *url = mem_strdup(json_string_or(answer, "url", ""));
    target->is_external = json_bool_or(answer, "external", false);
    return 0;
}

static int plan_alone(struct db_target *target, const char *key, const char *url, struct err *err)
{
    const struct plan_options options = {
        .environ = environ, .only_database = key ? key : "", .database_url = url};
    struct diag_list diags = {0};
    int status = workspace_open(target->settings->root, &target->workspace, err);
    if (status == 0)
        status = plan_build(target->settings, &target->workspace, NULL, &options, &target->plan,
                            &diags, err);
    cli_print_diagnostics(target->cli, &diags);
    if (status == 0 && diags.error_count)
        status = err_set(err, ERR_INVALID, "the address of the database is not usable");
    diag_list_release(&diags);
    return status;
}

// Where the database is: --url, the running supervisor, a variable, the settings; else its own
// container.
static int locate(struct db_target *target, const struct db_options *options,
                  const struct database_settings *settings, struct err *err)
{
    const char *key = settings ? settings->key : NULL;
    AUTOFREE char *url = options->url ? mem_strdup(options->url) : NULL;
    if (!url && ask_supervisor(target, key, &url, err) < 0)
        return -1;
    struct arena *arena = arena_new();
    if (!url && key && strcmp(settings->engine, "Sqlite") != 0) {
        const char *origin = NULL;
        const char *primary = target->settings->primary_database;
        const char *found =
            database_url_find(target->settings, key, settings->engine,
                              primary && strcmp(primary, key) == 0, environ, arena, &origin);
        url = found ? mem_strdup(found) : NULL;
        target->is_external = found != NULL;
    }
    arena_free(arena);
    const bool is_container =
        key && strcmp(settings->mode, "Container") == 0 && strcmp(settings->engine, "Sqlite") != 0;
    if (!url && is_container)
        return bring_up(target, key, err);
    return plan_alone(target, key, url, err);
}

static bool is_named(const struct plan_resource *database, const char *name)
{
    return strcmp(database->name, name) == 0 ||
           strcmp(database->database->database_name, name) == 0;
}

static int fill_in(struct db_target *target, const char *name, struct err *err)
{
    const struct plan *plan = target->has_session ? target->session.plan : target->plan;
    vec_each (resource, &plan->resources)
        if (resource->kind == RESOURCE_DATABASE)
            target->database = resource;
    if (!target->database) {
        err_set(err, ERR_INVALID, "there is no database here");
        return err_hint(err, "set DATABASE_URL, or name one with --url");
    }
    if (name && !is_named(target->database, name)) { // one that an address alone made
        err_set(err, ERR_USAGE, "no database is named \"%s\"", name);
        return err_hint(err, "there is %s", target->database->name);
    }
    if (strcmp(target->database->database->mode, "External") == 0)
        target->is_external = true;
    struct strbuf url = STRBUF_INIT;
    connection_url(&target->database->direct, &url);
    target->url = strbuf_detach(&url);
    target->migrator =
        (struct migrator_target){.url = target->url,
                                 .provider = database_provider(target->database->connection.engine),
                                 .migrations_path = target->database->migrations_path,
                                 .root = target->settings->root};
    return 0;
}

static void target_close(struct db_target *target)
{
    if (target->has_session && target->session.supervisor) {
        supervisor_stop(target->session.supervisor, false);
        while (!target->ended)
            loop_run(target->session.loop);
    }
    if (target->has_session)
        session_close(&target->session);
    else
        workspace_release(&target->workspace);
    plan_free(target->plan);
    free(target->url);
}

static int exit_code_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : err_exit_code(ERR_INTERRUPTED);
}

// The parent of the command: passes signals on until it has ended.
static int wait_for(struct db_target *target, pid_t pid, const sigset_t *signals)
{
    int status;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        const int number = sigwaitinfo(signals, NULL);
        if (number == SIGINT || number == SIGTERM) {
            target->interrupted = true;
            kill(pid, number);
        }
    }
    return exit_code_of(status);
}

// A command that made the container come up runs in a process of its own, which a signal may end at
// any place, and this one takes the container down again.
static int run_apart(struct db_target *target, const struct db_options *options, db_target_fn *fn)
{
    sigset_t signals, former;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGCHLD);
    fflush(NULL);
    sigprocmask(SIG_BLOCK, &signals, &former);
    const pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        sigprocmask(SIG_SETMASK, &former, NULL);
        const int exit_code = fn(target, options);
        fflush(NULL);
        _exit(exit_code);
    }
    const int exit_code = pid < 0 ? fn(target, options) : wait_for(target, pid, &signals);
    target->interrupted = false;
    sigprocmask(SIG_SETMASK, &former, NULL);
    return exit_code;
}

static int run_for(struct cli *cli, const struct settings *settings,
                   const struct database_settings *database, const struct db_options *options,
                   db_target_fn *fn)
{
    const bool is_all = options->database && strcmp(options->database, "all") == 0;
    const char *name = is_all ? NULL : options->database;
    struct db_target target = {.cli = cli,
                               .settings = settings,
                               .workspace = {.lock_fd = -1},
                               .was_named = options->url || name};
    struct err err;
    int exit_code;
    if (locate(&target, options, database, &err) || fill_in(&target, name, &err))
        exit_code = cli_fail(cli, &err);
    else
        exit_code = target.has_session ? run_apart(&target, options, fn) : fn(&target, options);
    target_close(&target);
    return exit_code;
}

int db_choose(const struct settings *settings, const char *name,
              const struct database_settings **out, struct err *err)
{
    const char *wanted = name ? name : settings->primary_database;
    *out = NULL;
    for (size_t i = 0; wanted && i < settings->database_count; i++)
        if (strcmp(settings->databases[i].key, wanted) == 0 ||
            (!*out && name && strcmp(settings->databases[i].database_name, wanted) == 0))
            *out = &settings->databases[i];
    if (*out || settings->database_count == 0)
        return 0;
    if (!name && settings->database_count == 1) {
        *out = &settings->databases[0];
        return 0;
    }
    AUTO_STRBUF keys = STRBUF_INIT;
    for (size_t i = 0; i < settings->database_count; i++)
        strbuf_addf(&keys, "%s%s", i ? ", " : "", settings->databases[i].key);
    if (name)
        err_set(err, ERR_USAGE, "no database is named \"%s\"", name);
    else
        err_set(err, ERR_USAGE, "there are several databases: say which with --db");
    return err_hint(err, "there is %s", keys.len ? keys.data : "none in the settings");
}

int db_for_each(struct cli *cli, const struct db_options *options, db_target_fn *fn)
{
    struct settings *settings = NULL;
    int exit_code = cli_load_settings(cli, true, &settings);
    if (exit_code)
        return exit_code;
    if (options->database && strcmp(options->database, "all") == 0 && settings->database_count) {
        for (size_t i = 0; i < settings->database_count; i++) {
            int one = settings->databases[i].enabled
                          ? run_for(cli, settings, &settings->databases[i], options, fn)
                          : 0;
            exit_code = one > exit_code ? one : exit_code;
        }
    } else {
        const struct database_settings *database = NULL;
        struct err err;
        if (db_choose(settings, options->database, &database, &err))
            exit_code = cli_fail(cli, &err);
        else
            exit_code = run_for(cli, settings, database, options, fn);
    }
    settings_free(settings);
    return exit_code;
}

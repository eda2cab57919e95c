#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/plan/private.h"
#include "orchestrator/plan/process_environment.h"
#include "orchestrator/state/ports.h"

typedef VEC_OF(const char *) argument_list;

static void add_strings(argument_list *arguments, const struct setting_strings *strings)
{
    for (size_t i = 0; i < strings->count; i++)
        vec_push(arguments, strings->items[i]);
}

// deno run --node-modules-dir=none <permissions> [--unstable-worker-options]
// [--watch-hmr | --watch] <entrypoint>
static void deno_command(const struct process_settings *process, argument_list *arguments)
{
    const bool is_background = process->kind == PROCESS_BACKGROUND;
    vec_push(arguments, "deno");
    if (process->kind == PROCESS_APP || process->kind == PROCESS_TOOL) {
        vec_push(arguments, "task");
        vec_push(arguments, process->task_name ? process->task_name : "dev");
        return;
    }
    vec_push(arguments, "run");
    vec_push(arguments, "--node-modules-dir=none");
    add_strings(arguments, &process->permissions);
    if (is_background)
        vec_push(arguments, "--unstable-worker-options");
    if (process->watch_mode)
        vec_push(arguments, is_background ? "--watch" : "--watch-hmr");
    vec_push(arguments, process->entrypoint ? process->entrypoint : "src/main.ts");
}

static const char *const *command_line(const struct plan *plan,
                                       const struct process_settings *process)
{
    argument_list arguments = {0};
    if (process->command.count) {
        add_strings(&arguments, &process->command);
    } else if (process->runtime && strcasecmp(process->runtime, "node") == 0) {
        vec_push(&arguments, "node");
        vec_push(&arguments, process->entrypoint ? process->entrypoint : "src/main.js");
    } else {
        deno_command(process, &arguments);
    }
    const char **argv = ARENA_ARRAY(plan->arena, const char *, arguments.len + 1);
    memcpy(argv, arguments.items, arguments.len * sizeof *argv);
    vec_release(&arguments);
    return argv;
}

// deno task <Prebuild>
static const char *const *prebuild_command(const struct plan *plan,
                                           const struct process_settings *process)
{
    if (!process->prebuild)
        return NULL;
    const char **argv = ARENA_ARRAY(plan->arena, const char *, 4);
    argv[0] = "deno";
    argv[1] = "task";
    argv[2] = process->prebuild;
    return argv;
}

// Does its command look at its own files?
static bool watches_itself(const struct process_settings *process)
{
    return process->command.count == 0 &&
           !(process->runtime && strcasecmp(process->runtime, "node") == 0);
}

static void refuse_directory(struct planning *planning, const struct process_settings *process,
                             const char *path)
{
    diag_warning(planning->diags, settings_span(process->node, "WatchDirs"),
                 "WatchDirs of \"%s\" names what is no directory: %s", process->key, path);
    diag_hint(planning->diags, "paths begin at the directory of appsettings.json");
}

// With WatchMode: WatchDirs, and its own directory where the command does not watch that itself.
static void plan_watch(struct planning *planning, const struct process_settings *process,
                       struct plan_resource *resource)
{
    struct plan *plan = planning->plan;
    const size_t count = process->watch_dirs.count;
    if (!process->watch_mode) {
        if (count) {
            diag_warning(planning->diags, settings_span(process->node, "WatchDirs"),
                         "\"%s\" has WatchDirs, but nothing is watched", process->key);
            diag_hint(planning->diags, "set its WatchMode to true");
        }
        return;
    }
    const char **directories = ARENA_ARRAY(plan->arena, const char *, count + 2);
    size_t used = 0;
    if (!watches_itself(process))
        directories[used++] = resource->workdir;
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *joined = path_join(plan->settings->root, process->watch_dirs.items[i]);
        AUTOFREE char *path = path_normalize(joined);
        if (file_is_directory(path))
            directories[used++] = arena_strdup(plan->arena, path);
        else
            refuse_directory(planning, process, process->watch_dirs.items[i]);
    }
    directories[used] = NULL;
    resource->watch_dirs = used ? directories : NULL;
}

static enum resource_kind kind_of(enum process_kind kind)
{
    static const enum resource_kind kinds[] = {[PROCESS_SERVICE] = RESOURCE_SERVICE,
                                               [PROCESS_PLUGIN] = RESOURCE_PLUGIN,
                                               [PROCESS_BACKGROUND] = RESOURCE_PROCESSOR,
                                               [PROCESS_APP] = RESOURCE_APP,
                                               [PROCESS_TOOL] = RESOURCE_TOOL};
    return kinds[kind];
}

static enum restart_policy restart_of(const char *name)
{
    if (name && strcmp(name, "Always") == 0)
        return RESTART_ALWAYS;
    return name && strcmp(name, "OnFailure") == 0 ? RESTART_ON_FAILURE : RESTART_NO;
}

// Whoever serves HTTP has a port; a processor or a tool only where the settings give it one.
static bool has_port(const struct process_settings *process)
{
    return process->host_port > 0 ||
           (process->kind != PROCESS_BACKGROUND && process->kind != PROCESS_TOOL &&
            !(process->app_type && strcmp(process->app_type, "app") != 0));
}

static int plan_process(struct planning *planning, const struct process_settings *process,
                        struct err *err)
{
    struct plan *plan = planning->plan;
    struct plan_resource *resource = plan_add(plan, process->key, kind_of(process->kind));
    resource->backing = BACKING_PROCESS;
    resource->process = process;
    resource->on_demand = process->kind == PROCESS_TOOL;
    resource->argv = command_line(plan, process);
    resource->prebuild = prebuild_command(plan, process);
    AUTOFREE char *joined =
        path_join(plan->settings->root, process->workdir ? process->workdir : ".");
    AUTOFREE char *workdir = path_normalize(joined);
    resource->workdir = arena_strdup(plan->arena, workdir);
    resource->restart = restart_of(process->restart);
    resource->host = "127.0.0.1";
    if (!file_is_directory(workdir)) {
        diag_error(planning->diags, settings_span(process->node, "Workdir"),
                   "the working directory of \"%s\" does not exist: %s", process->key,
                   path_below(plan->settings->root, workdir));
        diag_hint(planning->diags, "make it, or set Workdir");
    }
    plan_watch(planning, process, resource);
    if (has_port(process) && port_of_resource(planning->store, plan->workspace->id, process->key,
                                              process->host_port, &resource->port, err))
        return -1;
    if (resource->port && process->health_check_path)
        resource->health_url = arena_printf(plan->arena, "http://127.0.0.1:%d%s%s", resource->port,
                                            process->health_check_path[0] == '/' ? "" : "/",
                                            process->health_check_path);
    return 0;
}

static void depend_on_names(struct plan *plan, struct plan_resource *resource,
                            const struct setting_strings *names)
{
    for (size_t i = 0; i < names->count; i++) {
        struct plan_resource *other = plan_find(plan, names->items[i]);
        if (other && other->kind == RESOURCE_DATABASE)
            plan_depend_on_database(plan, resource, other->name);
        else if (other)
            plan_depend(resource, plan_index(plan, other));
    }
}

static void plan_dependencies(struct plan *plan, struct plan_resource *resource)
{
    const struct settings *settings = plan->settings;
    const struct process_settings *process = resource->process;
    const char *database = process->database ? process->database : plan->primary_database;
    const bool waits = process->kind == PROCESS_SERVICE || process->kind == PROCESS_TOOL ||
                       (process->kind != PROCESS_APP && process->requires_db);
    if (database && waits)
        plan_depend_on_database(plan, resource, database);
    const struct plan_resource *cache =
        settings->primary_cache ? plan_find(plan, settings->primary_cache) : NULL;
    if (cache && process->requires_kv)
        plan_depend(resource, plan_index(plan, cache));
    depend_on_names(plan, resource, &process->service_references);
    depend_on_names(plan, resource, &process->plugin_references);
    depend_on_names(plan, resource, &process->wait_for);
}

int plan_processes(struct planning *planning, struct err *err)
{
    struct plan *plan = planning->plan;
    const struct settings *settings = plan->settings;
    for (size_t i = 0; !planning->options->only_database && i < settings->process_count; i++)
        if (settings->processes[i].enabled && plan_process(planning, &settings->processes[i], err))
            return -1;
    vec_each (resource, &plan->resources) {
        if (resource->backing != BACKING_PROCESS)
            continue;
        plan_dependencies(plan, resource);
        process_environment(plan, resource);
    }
    return 0;
}

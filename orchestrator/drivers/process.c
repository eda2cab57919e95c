// Services, plugins, processors, apps, tools: a process group, and an HTTP health check where there
// is one.
#include <string.h>

#include "base/mem.h"
#include "orchestrator/drivers/process_watch.h"
#include "orchestrator/loop/child.h"
#include "orchestrator/run/exit_code.h"
#include "orchestrator/run/last_words.h"
#include "orchestrator/run/supervisor.h"
#include "orchestrator/state/journal.h"
#include "orchestrator/state/ports.h"

enum { STOP_GRACE_MS = 10000, HEALTH_TIMEOUT_MS = 5000 };

extern char **environ;

struct process {
    struct child *child;
    struct http_call *health;
    struct tree_watch *watch; // NULL: none
    bool stopping;
    bool is_building; // the child is the task that runs before it
};

static void on_output(void *context, int stream, const char *bytes, size_t length)
{
    struct resource *resource = context;
    log_append(resource->log, stream == 1 ? LOG_STDOUT : LOG_STDERR, bytes, length);
}

static void cancel_health(struct process *process)
{
    if (process->health)
        http_cancel(TAKE(process->health));
}

// "exit code 127, command not found"
static void describe_exit(struct child_exit exit, struct strbuf *out)
{
    const char *meaning = exit_code_meaning(exit.code);
    if (exit.signal)
        strbuf_addf(out, "ended by signal %d (%s)", exit.signal, strsignal(exit.signal));
    else
        strbuf_addf(out, "exit code %d%s%s", exit.code, meaning ? ", " : "",
                    meaning ? meaning : "");
}

// A process may throw the marker in its environment away: the journal knows it, too.
static int on_forked(void *context, pid_t pid, struct err *err)
{
    const struct resource *resource = context;
    const struct supervisor *supervisor = resource->supervisor;
    return journal_add_process(supervisor_store(supervisor), process_identity_of(pid),
                               resource->plan->name, supervisor_marker(supervisor), err);
}

static void run_itself(struct resource *resource);

static void build_ended(struct resource *resource, struct child_exit exit, const char *what)
{
    struct process *process = resource->driver_state;
    AUTO_STRBUF words = STRBUF_INIT;
    process->is_building = false;
    if (exit.code == 0) {
        resource_raise(resource, EVENT_PULLED, "built");
        run_itself(resource);
        return;
    }
    last_words(resource, &words);
    resource_raise(resource, EVENT_FAILED, "its Prebuild failed: %s%s%s", what,
                   words.len ? ": " : "", words.data);
}

static void on_exit_of_child(void *context, struct child_exit exit)
{
    struct resource *resource = context;
    struct process *process = resource->driver_state;
    child_free(TAKE(process->child));
    journal_remove_process(supervisor_store(resource->supervisor), resource->pid);
    cancel_health(process);
    log_flush(resource->log);
    resource->pid = 0;
    AUTO_STRBUF what = STRBUF_INIT;
    describe_exit(exit, &what);
    resource_over(resource, FACT_PROCESS, what.data);
    if (process->stopping) {
        resource->exit_code = exit.code;
        resource_raise(resource, EVENT_STOPPED, NULL);
    } else if (process->is_building) {
        build_ended(resource, exit, what.data);
    } else {
        AUTO_STRBUF words = STRBUF_INIT;
        if (exit.code)
            last_words(resource, &words);
        resource_exited(resource, exit.code, "%s%s%s", what.data, words.len ? ": " : "",
                        words.data);
    }
}

// berth's own environment without what the resource sets, then the resource's, then the owner's
// marker.
static char **environment_of(const struct resource *resource)
{
    const variable_list *own = &resource->plan->environment;
    VEC_OF(char *) list = {0};
    for (char **inherited = environ; *inherited; inherited++) {
        const size_t name = strcspn(*inherited, "=");
        bool replaced = strncmp(*inherited, "BERTH_OWNER=", 12) == 0;
        vec_each (variable, own)
            replaced = replaced || (strlen(variable->name) == name &&
                                    strncmp(variable->name, *inherited, name) == 0);
        if (!replaced)
            vec_push(&list, mem_strdup(*inherited));
    }
    for (size_t i = 0; i < own->len; i++) {
        bool overridden = false; // a later one of the same name wins
        for (size_t j = i + 1; j < own->len; j++)
            overridden = overridden || strcmp(own->items[i].name, own->items[j].name) == 0;
        if (!overridden)
            vec_push(&list, mem_printf("%s=%s", own->items[i].name, own->items[i].value));
    }
    vec_push(&list, mem_strdup(supervisor_marker(resource->supervisor)));
    vec_push(&list, NULL);
    return list.items;
}

static void environment_free(char **environment)
{
    for (char **entry = environment; *entry; entry++)
        free(*entry);
    free(environment);
}

static int spawn(struct resource *resource, const char *const *argv, struct err *err)
{
    struct process *process = resource->driver_state;
    char **environment = environment_of(resource);
    const struct child_spec spec = {.argv = argv,
                                    .environment = environment,
                                    .workdir = resource->plan->workdir,
                                    .context = resource,
                                    .on_forked = on_forked,
                                    .on_output = on_output,
                                    .on_exit = on_exit_of_child};
    const int status =
        child_spawn(supervisor_loop(resource->supervisor), &spec, &process->child, err);
    environment_free(environment);
    if (status)
        return -1;
    resource->pid = child_pid(process->child);
    facts_clear(&resource->facts);
    resource_note(resource, FACT_PROCESS, true, process->is_building ? "building" : "running");
    return 0;
}

static void run_itself(struct resource *resource)
{
    struct err err;
    if (spawn(resource, resource->plan->argv, &err))
        resource_fail(resource, &err);
    else
        resource_raise(resource, EVENT_LAUNCHED, NULL);
}

static void build(struct resource *resource)
{
    const char *const *argv = resource->plan->prebuild;
    struct process *process = resource->driver_state;
    struct err err;
    process->is_building = true;
    resource_raise(resource, EVENT_PULLING, "building: %s %s %s", argv[0], argv[1], argv[2]);
    if (spawn(resource, argv, &err)) {
        process->is_building = false;
        resource_fail(resource, &err);
    }
}

static struct process *state_of(struct resource *resource)
{
    if (resource->driver_state)
        return resource->driver_state;
    struct process *process = mem_alloc(sizeof *process);
    process->watch = process_watch(resource);
    return resource->driver_state = process;
}

static void launch(struct resource *resource)
{
    const struct plan_resource *plan = resource->plan;
    struct process *process = state_of(resource);
    if (plan->port && !port_is_free(plan->port)) {
        AUTO_STRBUF holder = STRBUF_INIT;
        port_holder(plan->port, &holder);
        struct err taken;
        err_set(&taken, ERR_RESOURCE, "port %d is taken by %s", plan->port, holder.data);
        err_hint(&taken, "end it, or set another HostPort for \"%s\"", plan->name);
        resource_fail(resource, &taken);
        return;
    }
    process->stopping = process->is_building = false;
    if (plan->prebuild && resource->machine.restarts == 0)
        build(resource);
    else
        run_itself(resource);
}

static void on_health(void *context, const struct http_reply *reply)
{
    struct resource *resource = context;
    struct process *process = resource->driver_state;
    process->health = NULL;
    const bool is_well = !reply->err && reply->status >= 200 && reply->status < 400;
    if (reply->err)
        resource_note(resource, FACT_HTTP, false, "%s", reply->err->message);
    else
        resource_note(resource, FACT_HTTP, is_well, "status %ld", reply->status);
    if (reply->err)
        resource_probed(resource, false, "health check: %s", reply->err->message);
    else if (is_well)
        resource_probed(resource, true, NULL);
    else
        resource_probed(resource, false, "health check: HTTP %ld", reply->status);
}

static void probe(struct resource *resource)
{
    struct process *process = resource->driver_state;
    if (!resource->plan->health_url) {
        resource_raise(resource, EVENT_HEALTHY, NULL);
        return;
    }
    if (process->health)
        return;
    const struct http_request request = {.url = resource->plan->health_url,
                                         .timeout_ms = HEALTH_TIMEOUT_MS,
                                         .one_shot = true,
                                         .on_done = on_health,
                                         .context = resource};
    process->health = http_start(supervisor_http(resource->supervisor), &request);
}

// A second call does not wait for the grace time any more.
static void stop(struct resource *resource)
{
    struct process *process = resource->driver_state;
    if (!process || !process->child) {
        resource_raise(resource, EVENT_STOPPED, NULL);
        return;
    }
    cancel_health(process);
    child_terminate(process->child, process->stopping ? 0 : STOP_GRACE_MS);
    process->stopping = true;
}

static void release(struct resource *resource)
{
    struct process *process = resource->driver_state;
    cancel_health(process);
    tree_watch_free(process->watch);
    child_free(process->child);
    free(process);
}

const struct resource_driver driver_process = {launch, probe, stop, release};

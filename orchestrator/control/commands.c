#include "orchestrator/control/commands.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/environment_report.h"
#include "orchestrator/run/description.h"
#include "orchestrator/run/report.h"
#include "orchestrator/run/requests.h"

enum { DEFAULT_WAIT_MS = 600000 }; // above what any resource takes before it fails

static void answer_ps(struct control_commands *commands, struct control_client *client,
                      const cJSON *request)
{
    (void)request;
    cJSON *answer = report_resources(commands->supervisor);
    if (commands->dashboard_url)
        cJSON_AddStringToObject(answer, "dashboard", commands->dashboard_url);
    control_answer(client, answer);
}

// The resource that a request names, or else the one of the name `otherwise`; NULL after an error
// was answered.
static const struct resource *named_resource(struct control_commands *commands,
                                             struct control_client *client, const cJSON *request,
                                             const char *otherwise)
{
    const char *name = json_string_or(request, "name", otherwise ? otherwise : "");
    const struct resource *resource = supervisor_find(commands->supervisor, name);
    struct err err;
    if (!resource) {
        err_set(&err, ERR_USAGE, "no resource is named \"%s\"", name);
        err_hint(&err, "`berth ps` lists them");
        control_answer_error(client, &err);
    }
    return resource;
}

static void answer_why(struct control_commands *commands, struct control_client *client,
                       const cJSON *request)
{
    if (!json_get(request, "name") || named_resource(commands, client, request, NULL))
        control_answer(client, report_why(commands->supervisor));
}

static void answer_url(struct control_commands *commands, struct control_client *client,
                       const cJSON *request)
{
    const struct resource *resource = named_resource(commands, client, request, NULL);
    if (!resource)
        return;
    AUTO_STRBUF url = STRBUF_INIT;
    if (resource->plan->backing != BACKING_PROCESS && json_bool_or(request, "reveal", false) &&
        resource->plan->connection.engine)
        connection_url(&resource->plan->connection, &url);
    else
        report_endpoint(resource->plan, &url);
    if (!url.len) {
        struct err err;
        err_set(&err, ERR_FAILED, "\"%s\" has no address", resource->plan->name);
        control_answer_error(client, &err);
        return;
    }
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "url", url.data);
    control_answer(client, answer);
}

static void answer_stop(struct control_commands *commands, struct control_client *client,
                        const cJSON *request)
{
    // The answer is the end of the connection: it comes when the supervisor has ended.
    (void)client;
    commands->on_stop(commands->context, json_bool_or(request, "all", false));
}

// Where a database can be reached, for `berth db` in another terminal: the socket is its user's
// own.
static void answer_database(struct control_commands *commands, struct control_client *client,
                            const cJSON *request)
{
    const char *primary = supervisor_plan(commands->supervisor)->primary_database;
    struct err err;
    if (!json_get(request, "name") && !primary) {
        err_set(&err, ERR_INVALID, "there is no database here");
        control_answer_error(client, &err);
        return;
    }
    const struct resource *resource = named_resource(commands, client, request, primary);
    if (!resource)
        return;
    if (resource->plan->kind != RESOURCE_DATABASE || !resource->wanted ||
        !machine_is_ready(&resource->machine)) {
        err_set(&err, ERR_RESOURCE, "the database \"%s\" is not up: %s", resource->plan->name,
                machine_state_name(resource->machine.state));
        err_hint(&err, "`berth why` says more");
        control_answer_error(client, &err);
        return;
    }
    AUTO_STRBUF url = STRBUF_INIT;
    connection_url(&resource->plan->connection, &url);
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "url", url.data);
    cJSON_AddBoolToObject(answer, "external", resource->plan->backing == BACKING_EXTERNAL);
    control_answer(client, answer);
}

static void answer_env(struct control_commands *commands, struct control_client *client,
                       const cJSON *request)
{
    cJSON *variables = NULL;
    struct err err;
    if (environment_report(supervisor_plan(commands->supervisor),
                           json_string_or(request, "name", NULL), &variables, &err)) {
        control_answer_error(client, &err);
        return;
    }
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "variables", variables);
    control_answer(client, answer);
}

// True when every name is one of a resource; else an error was answered. No names: an error, too.
static bool check_names(struct control_commands *commands, struct control_client *client,
                        const cJSON *names)
{
    const cJSON *name;
    struct err err;
    if (cJSON_GetArraySize(names) == 0) {
        err_set(&err, ERR_USAGE, "name a resource");
        control_answer_error(client, &err);
        return false;
    }
    json_each (name, names) {
        AUTO_JSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", cJSON_IsString(name) ? name->valuestring : "");
        if (!named_resource(commands, client, one, NULL))
            return false;
    }
    return true;
}

static int64_t timeout_of(const cJSON *request)
{
    return json_int_or(request, "timeoutMs", DEFAULT_WAIT_MS);
}

static void answer_wait(struct control_commands *commands, struct control_client *client,
                        const cJSON *request)
{
    const cJSON *names = json_get(request, "names");
    enum wait_status status;
    if (!check_names(commands, client, names))
        return;
    if (!wait_status_find(json_string_or(request, "status", ""), &status)) {
        struct err err;
        err_set(&err, ERR_USAGE, "the status is healthy, up, down or finished");
        control_answer_error(client, &err);
        return;
    }
    waits_add(commands->waits, client, names, status, timeout_of(request), cJSON_CreateObject());
}

static bool find_request(const char *name, enum resource_request *out)
{
    for (int i = 0; i < RESOURCE_REQUEST_COUNT; i++)
        if (strcmp(resource_request_name((enum resource_request)i), name) == 0) {
            *out = (enum resource_request)i;
            return true;
        }
    return false;
}

// Start, stop or restart of single resources; answered when it is done.
static void answer_resource(struct control_commands *commands, struct control_client *client,
                            const cJSON *request)
{
    const cJSON *name, *names = json_get(request, "names");
    enum resource_request what;
    struct err err;
    if (!check_names(commands, client, names))
        return;
    if (!find_request(json_string_or(request, "action", ""), &what)) {
        err_set(&err, ERR_USAGE, "the action is start, stop or restart");
        control_answer_error(client, &err);
        return;
    }
    json_each (name, names) {
        struct resource *resource = supervisor_find(commands->supervisor, name->valuestring);
        if (resource_request(resource, what, &err)) {
            control_answer_error(client, &err);
            return;
        }
    }
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "dependents", report_dependents(commands->supervisor, names));
    waits_add(commands->waits, client, names, what == REQUEST_STOP ? WAIT_HALTED : WAIT_UP,
              timeout_of(request), answer);
}

static void answer_describe(struct control_commands *commands, struct control_client *client,
                            const cJSON *request)
{
    cJSON *list, *answer;
    if (json_get(request, "name") && !named_resource(commands, client, request, NULL))
        return;
    const char *name = json_string_or(request, "name", NULL);
    answer = cJSON_CreateObject();
    report_checkout(commands->supervisor, answer);
    list = cJSON_AddArrayToObject(answer, "resources");
    for (size_t i = 0; i < supervisor_count(commands->supervisor); i++) {
        const struct resource *resource = supervisor_resource(commands->supervisor, i);
        if (name ? strcmp(name, resource->plan->name) == 0 : resource->wanted)
            cJSON_AddItemToArray(list, describe_resource(resource));
    }
    control_answer(client, answer);
}

// The settings once more: what they change at once, and, where that is anything, what became of it.
static void answer_reload(struct control_commands *commands, struct control_client *client,
                          const cJSON *request)
{
    cJSON *answer = NULL;
    struct err err;
    if (session_reload(commands->session, json_bool_or(request, "dryRun", false), &answer, &err)) {
        control_answer_error(client, &err);
        return;
    }
    AUTO_JSON *touched = cJSON_DetachItemFromObjectCaseSensitive(answer, "touched");
    if (cJSON_GetArraySize(touched) == 0) {
        cJSON_AddArrayToObject(answer, "resources");
        control_answer(client, answer);
        return;
    }
    control_send(client, answer);
    waits_add(commands->waits, client, touched, WAIT_UP, timeout_of(request), cJSON_CreateObject());
}

static const struct {
    const char *name;
    void (*answer)(struct control_commands *commands, struct control_client *client,
                   const cJSON *request);
} table[] = {
    {"ps", answer_ps},         {"why", answer_why},           {"url", answer_url},
    {"stop", answer_stop},     {"database", answer_database}, {"env", answer_env},
    {"wait", answer_wait},     {"resource", answer_resource}, {"describe", answer_describe},
    {"reload", answer_reload},
};

void control_commands_handle(void *context, struct control_client *client, const cJSON *request)
{
    const char *name = json_string_or(request, "command", "");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, name) == 0) {
            table[i].answer(context, client, request);
            return;
        }
    struct err err;
    err_set(&err, ERR_USAGE, "the running berth knows no command \"%s\"", name);
    err_hint(&err, "it may be an older version: `berth stop`, then `berth start`");
    control_answer_error(client, &err);
}

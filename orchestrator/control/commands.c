#include "orchestrator/control/commands.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/environment_report.h"
#include "orchestrator/run/report.h"

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

static const struct {
    const char *name;
    void (*answer)(struct control_commands *commands, struct control_client *client,
                   const cJSON *request);
} table[] = {
    {"ps", answer_ps},     {"why", answer_why},           {"url", answer_url},
    {"stop", answer_stop}, {"database", answer_database}, {"env", answer_env},
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

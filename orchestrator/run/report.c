#include "orchestrator/run/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/database_url.h"
#include "orchestrator/run/reason.h"

void report_endpoint(const struct plan_resource *resource, struct strbuf *out)
{
    if (resource->backing == BACKING_PROCESS) {
        if (resource->port)
            strbuf_addf(out, "http://127.0.0.1:%d", resource->port);
        return;
    }
    if (resource->kind != RESOURCE_DATABASE && resource->kind != RESOURCE_CACHE)
        return;
    struct connection bare = resource->connection;
    bare.user = bare.password = bare.query = NULL;
    if (bare.engine)
        connection_url(&bare, out);
}

static void add_or_null(cJSON *object, const char *key, const char *value)
{
    if (value && value[0])
        cJSON_AddStringToObject(object, key, value);
    else
        cJSON_AddNullToObject(object, key);
}

static void add_names(cJSON *object, const struct resource *resource)
{
    cJSON *waiting = cJSON_AddArrayToObject(object, "waitingFor");
    cJSON *depends = cJSON_AddArrayToObject(object, "dependsOn");
    vec_each (item, &resource->dependencies) {
        const struct resource *other = *item;
        cJSON_AddItemToArray(depends, cJSON_CreateString(other->plan->name));
        if (resource->machine.state == STATE_WAITING && !machine_is_ready(&other->machine))
            cJSON_AddItemToArray(waiting, cJSON_CreateString(other->plan->name));
    }
}

static void add_endpoint(cJSON *object, const struct resource *resource)
{
    AUTO_STRBUF url = STRBUF_INIT;
    cJSON *endpoints = cJSON_AddArrayToObject(object, "endpoints");
    report_endpoint(resource->plan, &url);
    if (!url.len)
        return;
    cJSON *endpoint = cJSON_CreateObject();
    cJSON_AddStringToObject(endpoint, "name",
                            resource->plan->backing == BACKING_PROCESS ? "http" : "tcp");
    cJSON_AddStringToObject(endpoint, "url", url.data);
    cJSON_AddItemToArray(endpoints, endpoint);
}

static void add_progress(cJSON *object, const struct resource_progress *progress)
{
    if (progress->total <= 0) {
        cJSON_AddNullToObject(object, "progress");
        return;
    }
    cJSON *json = cJSON_AddObjectToObject(object, "progress");
    cJSON_AddNumberToObject(json, "done", (double)progress->done);
    cJSON_AddNumberToObject(json, "total", (double)progress->total);
    cJSON_AddStringToObject(json, "unit", progress->unit);
}

static void add_time(cJSON *object, const char *key, int64_t wall_ms)
{
    char time[CLOCK_RFC3339_SIZE] = "";
    if (wall_ms)
        clock_format_rfc3339(wall_ms, time);
    add_or_null(object, key, time);
}

cJSON *report_resource(const struct resource *resource)
{
    const struct machine *machine = &resource->machine;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", resource->plan->name);
    cJSON_AddStringToObject(json, "kind", resource_kind_name(resource->plan->kind));
    cJSON_AddStringToObject(json, "state", machine_state_name(machine->state));
    add_or_null(json, "health", machine_health_name(machine->health));
    add_endpoint(json, resource);
    add_names(json, resource);
    add_time(json, "startedAt", resource->started_wall_ms);
    add_time(json, "finishedAt", resource->finished_wall_ms);
    add_or_null(json, "message", resource->message);
    AUTO_STRBUF reason = STRBUF_INIT;
    reason_of(resource, &reason);
    add_or_null(json, "why", reason.data);
    add_or_null(json, "hint", resource->hint);
    cJSON_AddItemToObject(json, "facts", facts_json(&resource->facts));
    cJSON_AddItemToObject(json, "phases", phases_json(&resource->phases, clock_monotonic_ms()));
    if (resource->exit_code >= 0 && machine_is_at_rest(machine))
        cJSON_AddNumberToObject(json, "exitCode", resource->exit_code);
    else
        cJSON_AddNullToObject(json, "exitCode");
    cJSON_AddNumberToObject(json, "restarts", machine->restarts);
    add_progress(json, &resource->progress);
    add_or_null(json, "image",
                resource->image                                ? resource->image
                : resource->plan->backing == BACKING_CONTAINER ? resource->plan->spec.image
                                                               : NULL);
    add_or_null(json, "containerId", resource->container_id);
    if (resource->pid)
        cJSON_AddNumberToObject(json, "pid", resource->pid);
    else
        cJSON_AddNullToObject(json, "pid");
    return json;
}

void report_checkout(const struct supervisor *supervisor, cJSON *out)
{
    const cJSON *checkout = supervisor_checkout(supervisor);
    cJSON_AddItemToObject(out, "git",
                          checkout ? cJSON_Duplicate(checkout, true) : cJSON_CreateNull());
}

cJSON *report_resources(const struct supervisor *supervisor)
{
    const struct settings *settings = supervisor_plan(supervisor)->settings;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "workspace", settings->name ? settings->name : "");
    report_checkout(supervisor, json);
    cJSON *list = cJSON_AddArrayToObject(json, "resources");
    for (size_t i = 0; i < supervisor_count(supervisor); i++)
        if (supervisor_resource(supervisor, i)->wanted)
            cJSON_AddItemToArray(list, report_resource(supervisor_resource(supervisor, i)));
    return json;
}

static bool is_named(const cJSON *names, const struct resource *resource)
{
    const cJSON *name;
    json_each (name, names)
        if (strcmp(name->valuestring, resource->plan->name) == 0)
            return true;
    return false;
}

cJSON *report_dependents(const struct supervisor *supervisor, const cJSON *names)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        bool depends = false;
        vec_each (other, &resource->dependencies)
            depends = depends || is_named(names, *other);
        if (depends && !machine_is_at_rest(&resource->machine) && !is_named(names, resource))
            cJSON_AddItemToArray(list, cJSON_CreateString(resource->plan->name));
    }
    return list;
}

static cJSON *migrations_of(const struct resource *job)
{
    const struct plan_resource *database = job->target->plan;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "database", database->name);
    cJSON_AddStringToObject(json, "provider", database_provider(database->connection.engine));
    cJSON *applied = cJSON_AddArrayToObject(json, "applied");
    cJSON *pending = cJSON_AddArrayToObject(json, "pending");
    cJSON *failed = cJSON_AddArrayToObject(json, "failed");
    const cJSON *migration;
    json_each (migration, job->migrations) {
        const char *state = json_string_or(migration, "state", "");
        const char *name = json_string_or(migration, "name", "");
        if (strcmp(state, "applied") == 0)
            cJSON_AddItemToArray(applied, cJSON_Duplicate(migration, true));
        else if (strcmp(state, "failed") == 0)
            cJSON_AddItemToArray(failed, cJSON_Duplicate(migration, true));
        else
            cJSON_AddItemToArray(pending, cJSON_CreateString(name));
    }
    return json;
}

cJSON *report_migrations(const struct supervisor *supervisor)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        if (resource->wanted && resource->plan->kind == RESOURCE_MIGRATIONS)
            cJSON_AddItemToArray(list, migrations_of(resource));
    }
    return list;
}

cJSON *report_why(const struct supervisor *supervisor)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(json, "lines");
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        if (!resource->wanted || !reason_is_needed(resource))
            continue;
        AUTO_STRBUF reason = STRBUF_INIT;
        reason_of(resource, &reason);
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "name", resource->plan->name);
        cJSON_AddStringToObject(line, "state", machine_state_name(resource->machine.state));
        cJSON_AddStringToObject(line, "reason", reason.data);
        add_or_null(line, "hint", resource->hint);
        cJSON_AddItemToArray(lines, line);
    }
    const cJSON *timeline = supervisor_start_timeline(supervisor);
    const cJSON *steps = json_get(timeline, "steps");
    cJSON_AddItemToObject(json, "timeline",
                          steps ? cJSON_Duplicate(steps, true) : cJSON_CreateArray());
    cJSON_AddNumberToObject(json, "wallMs", (double)json_int_or(timeline, "wallMs", 0));
    return json;
}

#include "orchestrator/run/description.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/difference.h"
#include "orchestrator/run/report.h"

// "NetScript.Databases.postgres": where in the settings it is.
static void add_section(cJSON *object, const struct plan *plan,
                        const struct plan_resource *resource)
{
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, "NetScript.");
    plan_settings_path(plan, resource, &path);
    cJSON_AddStringToObject(object, "settings", path.data);
}

static void add_container(cJSON *object, const struct plan_resource *resource)
{
    cJSON_AddStringToObject(object, "containerName", resource->container_name);
    if (resource->volume_name)
        cJSON_AddStringToObject(object, "volume", resource->volume_name);
    else
        cJSON_AddStringToObject(object, "dataPath", resource->provision.data_source);
    cJSON_AddBoolToObject(object, "persistent", resource->persistent);
}

static void add_command(cJSON *object, const struct plan *plan,
                        const struct plan_resource *resource)
{
    static const char *const policies[] = {
        [RESTART_NO] = "No", [RESTART_ON_FAILURE] = "OnFailure", [RESTART_ALWAYS] = "Always"};
    cJSON *command = cJSON_AddArrayToObject(object, "command");
    for (const char *const *word = resource->argv; *word; word++) {
        AUTO_STRBUF clean = STRBUF_INIT;
        redactor_apply(plan->redactor, *word, strlen(*word), &clean);
        cJSON_AddItemToArray(command, cJSON_CreateString(clean.data ? clean.data : ""));
    }
    cJSON_AddStringToObject(object, "workdir", resource->workdir);
    cJSON_AddStringToObject(object, "restart", policies[resource->restart]);
    if (resource->health_url)
        cJSON_AddStringToObject(object, "healthCheck", resource->health_url);
}

void describe_plan(cJSON *object, const struct plan *plan, const struct plan_resource *resource)
{
    add_section(object, plan, resource);
    if (resource->backing == BACKING_CONTAINER)
        add_container(object, resource);
    else if (resource->backing == BACKING_PROCESS)
        add_command(object, plan, resource);
    else if (resource->kind == RESOURCE_MIGRATIONS && resource->migrations_path)
        cJSON_AddStringToObject(object, "migrationsPath", resource->migrations_path);
}

cJSON *describe_resource(const struct resource *resource)
{
    cJSON *json = report_resource(resource);
    AUTO_JSON *names = cJSON_CreateArray();
    cJSON_AddItemToArray(names, cJSON_CreateString(resource->plan->name));
    cJSON_AddItemToObject(json, "dependents", report_dependents(resource->supervisor, names));
    describe_plan(json, supervisor_plan(resource->supervisor), resource->plan);
    return json;
}

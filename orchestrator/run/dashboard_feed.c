#include "orchestrator/run/dashboard_feed.h"

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/plan/database_url.h"
#include "orchestrator/run/report.h"

static void resources(void *context, struct strbuf *json)
{
    AUTO_JSON *report = report_resources(context);
    json_print(report, false, json);
}

static void migrations(void *context, struct strbuf *json)
{
    AUTO_JSON *list = report_migrations(context);
    json_print(list, false, json);
}

static bool add_line(void *context, const struct log_line *line)
{
    static const char *const streams[] = {"system", "stdout", "stderr"};
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "id", (double)line->id);
    cJSON_AddStringToObject(json, "time", line->time);
    cJSON_AddStringToObject(json, "stream", streams[line->stream]);
    cJSON_AddStringToObject(json, "text", line->text);
    cJSON_AddItemToArray(context, json);
    return true;
}

static bool logs(void *context, const char *name, int64_t after, size_t limit, struct strbuf *json)
{
    struct supervisor *supervisor = context;
    const struct resource *resource = supervisor_find(supervisor, name);
    if (!resource)
        return false;
    AUTOFREE char *directory = workspace_path(supervisor_plan(supervisor)->workspace, "logs");
    AUTO_JSON *answer = cJSON_CreateObject();
    cJSON *lines = cJSON_AddArrayToObject(answer, "lines");
    int64_t next = after;
    log_read(directory, name, after, limit, add_line, lines, &next);
    cJSON_AddNumberToObject(answer, "next", (double)next);
    json_print(answer, false, json);
    return true;
}

struct dashboard_backend dashboard_feed(struct supervisor *supervisor)
{
    return (struct dashboard_backend){supervisor, resources, migrations, logs};
}

#include "orchestrator/run/inventory.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/docker/filters.h"
#include "orchestrator/run/engine_link.h"

static int list(struct inquiry *inquiry, const char *path, const char *label, cJSON **out,
                struct err *err)
{
    AUTO_STRBUF request = STRBUF_INIT;
    const struct filter filters[] = {{"label", label}, {0}};
    strbuf_adds(&request, path);
    filters_add(filters, &request);
    return inquiry_ask(inquiry, "GET", request.data, NULL, out, err);
}

int inventory_read(struct inquiry *inquiry, const struct workspace *workspace,
                   struct inventory *out, struct err *err)
{
    AUTOFREE char *label = mem_printf("%s=%s", LABEL_WORKSPACE, workspace->id);
    AUTO_JSON *containers = NULL;
    AUTO_JSON *volumes = NULL;
    if (list(inquiry, "/containers/json?all=1&filters=", label, &containers, err) ||
        list(inquiry, "/volumes?filters=", label, &volumes, err))
        return -1;
    *out =
        (struct inventory){.containers = TAKE(containers),
                           .volumes = cJSON_DetachItemFromObjectCaseSensitive(volumes, "Volumes")};
    return 0;
}

void inventory_release(struct inventory *inventory)
{
    cJSON_Delete(inventory->containers);
    cJSON_Delete(inventory->volumes);
    *inventory = (struct inventory){0};
}

const char *inventory_name(const cJSON *container)
{
    const cJSON *name = cJSON_GetArrayItem(json_get(container, "Names"), 0);
    return cJSON_IsString(name) ? name->valuestring + (name->valuestring[0] == '/') : "";
}

bool inventory_runs(const cJSON *container)
{
    const char *state = json_string_or(container, "State", "");
    return strcmp(state, "running") == 0 || strcmp(state, "paused") == 0 ||
           strcmp(state, "restarting") == 0;
}

#include "orchestrator/cli/absent.h"

#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/url.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/run/engine_link.h"
#include "orchestrator/run/inventory.h"

// False where nothing was ever started, no engine answers, or it has nothing of this workspace.
static bool find(struct cli *cli, struct inquiry **inquiry, struct inventory *inventory)
{
    struct workspace workspace;
    struct err ignored;
    if (cli_open_workspace(cli, &workspace, &ignored))
        return false;
    bool found = file_is_directory(workspace.directory) &&
                 inquiry_open(INQUIRY_CHANGE_TIMEOUT_MS, inquiry, &ignored) == 0 &&
                 inventory_read(*inquiry, &workspace, inventory, &ignored) == 0;
    workspace_release(&workspace);
    return found && inventory->containers && inventory->containers->child;
}

static const char *resource_of(const cJSON *container)
{
    return json_string_or(json_get(container, "Labels"), LABEL_RESOURCE, "");
}

static void print(const struct cli *cli, const cJSON *containers)
{
    AUTO_JSON *document = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(document, "resources");
    const cJSON *container;
    json_each (container, containers) {
        const char *state = inventory_runs(container) ? "Running" : "Exited";
        const char *status = json_string_or(container, "Status", "");
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "name", resource_of(container));
        cJSON_AddStringToObject(entry, "state", state);
        cJSON_AddStringToObject(entry, "containerName", inventory_name(container));
        cJSON_AddStringToObject(entry, "containerId", json_string_or(container, "Id", ""));
        cJSON_AddStringToObject(entry, "message", status);
        cJSON_AddItemToArray(list, entry);
        if (!cli->json)
            printf("%s  %s  the container %s: %s\n", resource_of(container), state,
                   inventory_name(container), status);
    }
    if (cli->json)
        cli_print_json(document);
}

int absent_show(struct cli *cli, struct err *err)
{
    struct inquiry *inquiry = NULL;
    struct inventory inventory = {0};
    if (find(cli, &inquiry, &inventory)) {
        print(cli, inventory.containers);
        err_hint(err,
                 "its containers are still there: `berth start` goes on with them, `berth stop "
                 "--all` stops and `berth down` removes them");
    }
    inventory_release(&inventory);
    inquiry_close(inquiry);
    return cli_fail(cli, err);
}

static int stop_one(struct inquiry *inquiry, const cJSON *container, struct err *err)
{
    AUTO_STRBUF path = STRBUF_INIT;
    strbuf_adds(&path, "/containers/");
    url_encode(json_string_or(container, "Id", ""), &path);
    strbuf_adds(&path, "/stop?t=30");
    return inquiry_ask(inquiry, "POST", path.data, NULL, NULL, err);
}

int absent_stop(struct cli *cli, struct err *err)
{
    struct inquiry *inquiry = NULL;
    struct inventory inventory = {0};
    const cJSON *container;
    bool any = false;
    int exit_code = 0;
    if (find(cli, &inquiry, &inventory))
        json_each (container, inventory.containers) {
            struct err failure;
            if (!inventory_runs(container))
                continue;
            any = true;
            if (stop_one(inquiry, container, &failure))
                exit_code = cli_fail(cli, &failure);
            else
                fprintf(stderr, "stopped %s\n", inventory_name(container));
        }
    inventory_release(&inventory);
    inquiry_close(inquiry);
    return any ? exit_code : cli_fail(cli, err);
}

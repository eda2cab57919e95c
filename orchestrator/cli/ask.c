#include "orchestrator/cli/ask.h"

#include <stdio.h>

#include "base/json.h"
#include "orchestrator/control/control.h"

int cli_request(struct cli *cli, cJSON *request, cJSON **answer, struct err *err)
{
    AUTO_JSON *owned = request;
    struct workspace workspace;
    if (cli_open_workspace(cli, &workspace, err))
        return -1;
    int status = control_request(&workspace, owned, answer, err);
    workspace_release(&workspace);
    return status;
}

int cli_ask(struct cli *cli, const char *command, const char *name, cJSON **answer, struct err *err)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", command);
    if (name)
        cJSON_AddStringToObject(request, "name", name);
    return cli_request(cli, request, answer, err);
}

void cli_print_json(const cJSON *json)
{
    AUTO_STRBUF text = STRBUF_INIT;
    json_print(json, true, &text);
    puts(text.data);
}

void cli_print_checkout(const cJSON *git)
{
    const char *branch = json_string_or(git, "branch", NULL);
    const char *commit = json_string_or(git, "commit", NULL);
    const char *worktree = json_string_or(git, "worktree", NULL);
    if (!cJSON_IsObject(git))
        return;
    printf("git: %s%s%s", branch ? branch : "no branch", commit ? " at " : ", no commit yet",
           commit ? commit : "");
    if (worktree)
        printf(" in %s", worktree);
    printf("\n");
}

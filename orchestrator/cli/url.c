#include <stdio.h>

#include "base/json.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/control/control.h"

enum { REVEAL = CLI_OPTION };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {
        CLI_COMMON_OPTIONS, {"reveal", no_argument, NULL, REVEAL}, {0}};
    bool reveal = false;
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0)
        reveal = reveal || option == REVEAL;
    if (cli_ends(option, &exit_code))
        return exit_code;
    if (argc - optind != 1)
        return cli_usage(cli, "url wants the name of one resource");
    struct workspace workspace;
    struct err err;
    if (cli_open_workspace(cli, &workspace, &err))
        return cli_fail(cli, &err);
    AUTO_JSON *answer = NULL;
    AUTO_JSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "url");
    cJSON_AddStringToObject(request, "name", argv[optind]);
    cJSON_AddBoolToObject(request, "reveal", reveal);
    int status = control_request(&workspace, request, &answer, &err);
    workspace_release(&workspace);
    if (status)
        return cli_fail(cli, &err);
    if (cli->json)
        cli_print_json(answer);
    else
        puts(json_string_or(answer, "url", ""));
    return 0;
}

const struct command command_url = {
    "url", "the address of a resource",
    "Usage: berth url NAME [--reveal] [--json] [--project-root DIR]\n\n"
    "Prints where a resource of the running workspace can be reached. --reveal adds user and "
    "password.\n\n"
    "Example: psql \"$(berth url postgres --reveal)\"\n",
    run};

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/cli/ask.h"

enum { STATUS = CLI_OPTION, TIMEOUT };
enum { DEFAULT_TIMEOUT_S = 300 };

static bool is_status(const char *text)
{
    static const char *const known[] = {"healthy", "up", "down", "finished"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], text) == 0)
            return true;
    return false;
}

static int wait_for(struct cli *cli, char **names, size_t count, const char *status, int timeout_s)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "wait");
    cJSON_AddItemToObject(request, "names",
                          cJSON_CreateStringArray((const char *const *)names, (int)count));
    cJSON_AddStringToObject(request, "status", status);
    cJSON_AddNumberToObject(request, "timeoutMs", timeout_s * 1000.0);
    AUTO_JSON *answer = NULL;
    struct err err;
    if (cli_request(cli, request, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->json)
        cli_print_json(answer);
    return 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                          {"status", required_argument, NULL, STATUS},
                                          {"timeout", required_argument, NULL, TIMEOUT},
                                          {0}};
    const char *status = "healthy";
    int option, exit_code = 0, timeout_s = DEFAULT_TIMEOUT_S;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0) {
        if (option == STATUS)
            status = optarg;
        else if (cli_integer(cli, "--timeout", optarg, 1, 86400, &timeout_s))
            return err_exit_code(ERR_USAGE);
    }
    if (cli_ends(option, &exit_code))
        return exit_code;
    if (!is_status(status))
        return cli_usage(cli, "--status is healthy, up, down or finished, not \"%s\"", status);
    if (argc == optind)
        return cli_usage(cli, "wait wants the name of a resource");
    return wait_for(cli, argv + optind, (size_t)(argc - optind), status, timeout_s);
}

const struct command command_wait = {
    "wait", "until resources are healthy, up, down or finished",
    "Usage: berth wait NAME... [--status healthy|up|down|finished] [--timeout S] [--json]\n"
    "                  [--project-root DIR]\n\n"
    "  --status S    healthy (the default): ready, and its last health check was good;\n"
    "                up: ready; down: nothing of it runs; finished: it ended by itself, and well\n"
    "  --timeout S   give up after S seconds (300), with exit code 6\n\n"
    "Ends with exit code 5 as soon as one can't get there any more, as it failed or was "
    "stopped.\n\n"
    "Example: berth start --detach && berth wait api --timeout 60\n",
    run};

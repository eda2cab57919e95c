#include "orchestrator/cli/resource_action.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/terminal/text.h"

void resource_action_print(const cJSON *resource)
{
    AUTO_STRBUF line = STRBUF_INIT;
    const cJSON *endpoint = cJSON_GetArrayItem(json_get(resource, "endpoints"), 0);
    const char *state = json_string_or(resource, "state", "");
    const bool is_up = strcmp(state, "Running") == 0 || strcmp(state, "RuntimeUnhealthy") == 0;
    const char *detail =
        is_up ? json_string_or(endpoint, "url", "") : json_string_or(resource, "message", "");
    strbuf_addf(&line, "%s  %s", json_string_or(resource, "name", ""), state);
    if (detail[0])
        strbuf_addf(&line, "  %s", detail);
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(line.data, &safe);
    puts(safe.data);
}

static void print_dependents(const cJSON *dependents, const char *action)
{
    AUTO_STRBUF names = STRBUF_INIT;
    const cJSON *name;
    json_each (name, dependents)
        strbuf_addf(&names, "%s%s", names.len ? ", " : "", name->valuestring);
    if (!names.len)
        return;
    const bool many = cJSON_GetArraySize(dependents) > 1;
    fprintf(stderr, "note: %s depend%s on it and %s on%s\n", names.data, many ? "" : "s",
            many ? "go" : "goes", strcmp(action, "stop") == 0 ? " without it" : "");
}

int resource_action(struct cli *cli, const char *action, char **names, size_t count, int timeout_s,
                    struct err *err)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "resource");
    cJSON_AddStringToObject(request, "action", action);
    cJSON_AddItemToObject(request, "names",
                          cJSON_CreateStringArray((const char *const *)names, (int)count));
    if (timeout_s)
        cJSON_AddNumberToObject(request, "timeoutMs", timeout_s * 1000.0);
    AUTO_JSON *answer = NULL;
    if (cli_request(cli, request, &answer, err))
        return err->kind == ERR_NOT_RUNNING ? -1 : cli_fail(cli, err);
    const cJSON *resource;
    if (cli->json) {
        cli_print_json(answer);
        return 0;
    }
    json_each (resource, json_get(answer, "resources"))
        resource_action_print(resource);
    if (strcmp(action, "start") != 0)
        print_dependents(json_get(answer, "dependents"), action);
    return 0;
}

enum { TIMEOUT = CLI_OPTION };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {
        CLI_COMMON_OPTIONS, {"timeout", required_argument, NULL, TIMEOUT}, {0}};
    int option, exit_code = 0, timeout_s = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0)
        if (cli_integer(cli, "--timeout", optarg, 1, 86400, &timeout_s))
            return err_exit_code(ERR_USAGE);
    if (cli_ends(option, &exit_code))
        return exit_code;
    if (argc == optind)
        return cli_usage(cli, "restart wants the name of a resource");
    struct err err;
    exit_code =
        resource_action(cli, "restart", argv + optind, (size_t)(argc - optind), timeout_s, &err);
    return exit_code < 0 ? cli_fail(cli, &err) : exit_code;
}

const struct command command_restart = {
    "restart", "end resources of the running workspace, and start them again",
    "Usage: berth restart NAME... [--timeout S] [--json] [--project-root DIR]\n\n"
    "Returns when they are up, with exit code 5 where one failed to start. What depends on them\n"
    "goes on. Migrations and seeds are run once more.\n\n"
    "Example: berth restart api\n",
    run};

#include <stdio.h>

#include "base/json.h"
#include "orchestrator/cli/absent.h"
#include "orchestrator/cli/resource_action.h"
#include "orchestrator/control/control.h"

static bool ignore_line(void *context, const cJSON *line)
{
    (void)context;
    (void)line;
    return true;
}

static int stop_all(struct cli *cli, bool all)
{
    struct workspace workspace;
    struct err err;
    if (cli_open_workspace(cli, &workspace, &err))
        return cli_fail(cli, &err);
    AUTO_JSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "stop");
    cJSON_AddBoolToObject(request, "all", all);
    // The supervisor closes the connection when it has ended.
    int status = control_follow(&workspace, request, ignore_line, NULL, &err);
    workspace_release(&workspace);
    if (status && err.kind == ERR_NOT_RUNNING)
        return all ? absent_stop(cli, &err) : absent_show(cli, &err);
    if (status)
        return cli_fail(cli, &err);
    fprintf(stderr, "stopped\n");
    return 0;
}

enum { ALL = CLI_OPTION };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {"all", no_argument, NULL, ALL}, {0}};
    bool all = false;
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0)
        all = all || option == ALL;
    if (cli_ends(option, &exit_code))
        return exit_code;
    const size_t count = (size_t)(argc - optind);
    if (all && count)
        return cli_usage(cli, "--all is for the whole workspace: leave \"%s\" out", argv[optind]);
    if (!count)
        return stop_all(cli, all);
    struct err err;
    exit_code = resource_action(cli, "stop", argv + optind, count, 0, &err);
    return exit_code < 0 ? cli_fail(cli, &err) : exit_code;
}

const struct command command_stop = {
    "stop", "end the running workspace, or single resources of it",
    "Usage: berth stop [NAME... | --all] [--json] [--project-root DIR]\n\n"
    "Stops processes and containers in reverse order of their dependencies and returns when it is "
    "done.\n"
    "Persistent containers stay; --all stops them too. Data always stays.\n\n"
    "With names: only those, while the rest goes on, also what depends on them. `berth start "
    "NAME`\n"
    "brings them back.\n\n"
    "Example: berth stop --all\n",
    run};

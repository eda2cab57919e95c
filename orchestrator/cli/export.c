#include "orchestrator/cli/cli.h"

static int run(struct cli *cli, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return cli_usage(cli, "not yet");
}

const struct command command_export = {"export", "a compose file of the workspace", "", run};

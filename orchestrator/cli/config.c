#include <stdio.h>
#include <string.h>

#include "orchestrator/cli/cli.h"

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code))
        return exit_code;
    AUTO_STRBUF text = STRBUF_INIT;
    if (optind < argc && strcmp(argv[optind], "schema") == 0) {
        settings_schema(&text);
    } else if (optind < argc) {
        return cli_usage(cli, "config takes nothing or \"schema\", not \"%s\"", argv[optind]);
    } else {
        struct settings *settings = NULL;
        exit_code = cli_load_settings(cli, false, &settings);
        if (exit_code)
            return exit_code;
        settings_describe(settings, cli->json, &text);
        settings_free(settings);
    }
    fwrite(text.data, 1, text.len, stdout);
    return 0;
}

const struct command command_config = {
    "config", "the effective settings, and where each value came from",
    "Usage: berth config [schema] [--json] [--project-root DIR]\n\n"
    "Shows every effective setting with its origin: file:line:col, a variable, or the default.\n"
    "`berth config schema` prints the JSON Schema of appsettings.json for editors.\n\n"
    "Example: berth config schema > appsettings.schema.json\n",
    run};

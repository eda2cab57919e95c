#pragma once
// What the commands share: options, output, errors, and the workspace they work in.
//
// Results go to stdout, everything else to stderr. A command returns its exit code (base/err.h).

#include <getopt.h>
#include <stdbool.h>

#include "appsettings/settings.h"
#include "base/err.h"
#include "orchestrator/state/workspace.h"

struct cli {
    const struct command *command;
    const char *project_root; // --project-root; NULL: look upwards from here
    bool json, colour;
};

struct command {
    const char *name;
    const char *summary; // one line of `berth --help`
    const char *help;    // the whole of `berth NAME --help`, with an example
    // argv[0] is the command's name.
    int (*run)(struct cli *cli, int argc, char **argv);
};

extern const struct command command_start, command_stop, command_down, command_restart,
    command_reload, command_wait, command_ps, command_describe, command_logs, command_env,
    command_url, command_connect, command_doctor, command_why, command_config, command_db,
    command_export;

// The options that every command takes. A command's own are numbered from CLI_OPTION on.
enum { CLI_PROJECT_ROOT = 256, CLI_JSON, CLI_NO_COLOR, CLI_HELP, CLI_OPTION };
#define CLI_COMMON_OPTIONS                                                                    \
    {"project-root", required_argument, NULL, CLI_PROJECT_ROOT},                              \
        {"json", no_argument, NULL, CLI_JSON}, {"no-color", no_argument, NULL, CLI_NO_COLOR}, \
    {                                                                                         \
        "help", no_argument, NULL, CLI_HELP                                                   \
    }

// getopt_long with the common options taken care of. Returns a command's own option, or one of:
enum { CLI_DONE = -1, CLI_EXIT_OK = -2, CLI_EXIT_USAGE = -3 };
int cli_option(struct cli *cli, int argc, char **argv, const char *shorts,
               const struct option *longs);
// For what cli_option ended with: true when the command is to return *exit_code now.
bool cli_ends(int option, int *exit_code);
// True after a usage error: there are more than `most` arguments after the options.
bool cli_is_left(const struct cli *cli, int argc, char **argv, int most, int *exit_code);

// "error: …" and the hint, on stderr. Returns the exit code of its kind.
int cli_fail(const struct cli *cli, const struct err *err);
int cli_usage(const struct cli *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_print_diagnostics(const struct cli *cli, const struct diag_list *diags);

// The value of an option ("--timeout") as an integer within bounds, or a usage error (-1).
int cli_integer(const struct cli *cli, const char *name, const char *text, int low, int high,
                int *out);

// Loads the settings and prints every mistake. Returns 0, or the exit code to end with.
int cli_load_settings(struct cli *cli, bool file_optional, struct settings **out);
// Finds the workspace without reading its settings: for commands that only ask the supervisor.
int cli_open_workspace(struct cli *cli, struct workspace *out, struct err *err) MUST_CHECK;

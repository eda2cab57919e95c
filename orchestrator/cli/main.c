#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/worker/guard.h"
#include "orchestrator/worker/worker.h"

#define VERSION "0.1.0"

static const struct command *const commands[] = {
    &command_start, &command_stop,   &command_down,     &command_restart, &command_reload,
    &command_wait,  &command_ps,     &command_describe, &command_why,     &command_logs,
    &command_env,   &command_url,    &command_connect,  &command_doctor,  &command_config,
    &command_db,    &command_export,
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_help(void)
{
    puts("berth brings a workspace up: databases, migrations, services, dashboard.\n\n"
         "Usage: berth COMMAND [OPTIONS]\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
    puts("\nEvery command has --help. Common options: --project-root DIR, --json, --no-color.\n"
         "Example: berth start");
}

static int unknown_command(const struct cli *cli, const char *name)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i]->name;
    const char *nearest = suggest_nearest(name, names, COMMAND_COUNT);
    struct err err;
    err_set(&err, ERR_USAGE, "no such command: %s", name);
    if (nearest)
        err_hint(&err, "did you mean \"berth %s\"?", nearest);
    else
        err_hint(&err, "berth --help lists the commands");
    return cli_fail(cli, &err);
}

// Results that were not written are not there: a full disk must not look like success. Who closed
// the pipe has seen enough.
static int check_output(const struct cli *cli)
{
    struct err err;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    if (errno == EPIPE)
        return err_exit_code(ERR_FAILED);
    err_set(&err, ERR_FAILED, "cannot write the results%s%s", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return cli_fail(cli, &err);
}

// Not where NO_COLOR is set and not empty, by its convention, nor on a terminal without colours.
static bool shows_colours(void)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_colour && *no_colour) &&
           !(terminal && strcmp(terminal, "dumb") == 0);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    if (strcmp(name, "--version") == 0) {
        puts("berth " VERSION);
        return 0;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help();
        return argc > 1 ? 0 : err_exit_code(ERR_USAGE);
    }
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(name, "__worker") == 0)
        return worker_main();
    if (strcmp(name, "__guard") == 0 && argc >= 4)
        return guard_main(argv[2], argv[3], argc > 4 ? (pid_t)strtol(argv[4], NULL, 10) : 0);
    struct cli cli = {.colour = shows_colours()};
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(name, commands[i]->name) != 0)
            continue;
        cli.command = commands[i];
        const int exit_code = commands[i]->run(&cli, argc - 1, argv + 1);
        const int unwritten = check_output(&cli);
        return exit_code ? exit_code : unwritten;
    }
    return unknown_command(&cli, name);
}

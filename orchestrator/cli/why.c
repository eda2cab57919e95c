#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"
#include "orchestrator/cli/ask.h"

// Prints the lines that are not green; returns how many there were.
static int print_lines(const cJSON *lines, const char *only)
{
    const cJSON *line;
    int count = 0;
    json_each (line, lines) {
        const char *name = json_string_or(line, "name", "");
        if (only && strcmp(name, only) != 0)
            continue;
        AUTO_STRBUF reason = STRBUF_INIT;
        const char *said = json_string_or(line, "reason", "");
        utf8_add_safe(&reason, said, strlen(said));
        count++;
        printf("%s  %s  %s\n", name, json_string_or(line, "state", ""), reason.data);
        if (json_string_or(line, "hint", NULL))
            printf("  hint: %s\n", json_string_or(line, "hint", ""));
    }
    return count;
}

static void print_timeline(const cJSON *timeline)
{
    const cJSON *entry;
    puts("everything is green; the longest way there was:");
    json_each (entry, timeline) {
        char waited[CLOCK_DURATION_SIZE], took[CLOCK_DURATION_SIZE];
        clock_format_duration(json_int_or(entry, "waitedMs", 0), waited);
        clock_format_duration(json_int_or(entry, "startMs", 0), took);
        printf("  %s  waited %s, took %s\n", json_string_or(entry, "name", ""), waited, took);
    }
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code) ||
        cli_is_left(cli, argc, argv, 1, &exit_code))
        return exit_code;
    const char *only = optind < argc ? argv[optind] : NULL;
    AUTO_JSON *answer = NULL;
    struct err err;
    if (cli_ask(cli, "why", only, &answer, &err))
        return cli_fail(cli, &err);
    if (cli->json)
        cli_print_json(answer);
    else if (print_lines(json_get(answer, "lines"), only) == 0 && only)
        printf("%s is green\n", only);
    else if (!json_get(answer, "lines")->child)
        print_timeline(json_get(answer, "timeline"));
    return 0;
}

const struct command command_why = {"why",
                                    "one line for each thing that is not green, with its reason",
                                    "Usage: berth why [NAME] [--json] [--project-root DIR]\n\n"
                                    "What is not green waits for something or has said why; once "
                                    "everything is up, the chain of resources\n"
                                    "that the start took longest for, with times.\n\n"
                                    "Example: berth why api\n",
                                    run};

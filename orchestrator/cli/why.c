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

// "preparing 8 ms, login 1.1 s"
static void print_phases(const cJSON *phases)
{
    const cJSON *phase;
    json_each (phase, phases) {
        char took[CLOCK_DURATION_SIZE];
        clock_format_duration(json_int_or(phase, "ms", 0), took);
        printf("%s%s %s", phase == phases->child ? "  " : ", ", json_string_or(phase, "phase", ""),
               took);
    }
    putchar('\n');
}

static void print_timeline(const cJSON *answer)
{
    const cJSON *entry, *timeline = json_get(answer, "timeline");
    char wall[CLOCK_DURATION_SIZE];
    int width = 0;
    clock_format_duration(json_int_or(answer, "wallMs", 0), wall);
    printf("everything is green; the start took %s, the longest way being:\n", wall);
    json_each (entry, timeline) {
        const int length = (int)strlen(json_string_or(entry, "name", ""));
        width = length > width ? length : width;
    }
    json_each (entry, timeline) {
        char took[CLOCK_DURATION_SIZE];
        clock_format_duration(json_int_or(entry, "startMs", 0), took);
        printf("  %-*s %8s", width, json_string_or(entry, "name", ""), took);
        print_phases(json_get(entry, "phases"));
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
        print_timeline(answer);
    return 0;
}

const struct command command_why = {"why",
                                    "one line for each thing that is not green, with its reason",
                                    "Usage: berth why [NAME] [--json] [--project-root DIR]\n\n"
                                    "What is not green waits for something or has said why; once "
                                    "everything is up, the chain of resources\n"
                                    "that the start took longest for, and what each did with its "
                                    "time.\n\n"
                                    "Example: berth why api\n",
                                    run};

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "orchestrator/cli/absent.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/terminal/text.h"

enum { KEY_WIDTH = 14 };

// An endpoint by its URL, a phase with its time, a fact with what it says.
static void add_part(const cJSON *part, struct strbuf *out)
{
    char duration[CLOCK_DURATION_SIZE];
    if (json_get(part, "phase")) {
        clock_format_duration(json_int_or(part, "ms", 0), duration);
        strbuf_addf(out, "%s %s", json_string_or(part, "phase", ""), duration);
    } else if (json_get(part, "text")) {
        strbuf_addf(out, "%s %s", json_string_or(part, "name", ""),
                    json_string_or(part, "text", ""));
    } else {
        strbuf_adds(out, json_string_or(part, "url", ""));
    }
}

// A value as a line says it: words of a command with spaces, all else with commas.
static void add_value(const cJSON *value, struct strbuf *out)
{
    const cJSON *item;
    if (cJSON_IsString(value)) {
        strbuf_adds(out, value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        strbuf_addf(out, "%.15g", value->valuedouble);
    } else if (cJSON_IsBool(value)) {
        strbuf_adds(out, cJSON_IsTrue(value) ? "yes" : "no");
    } else if (cJSON_IsObject(value)) {
        add_part(value, out);
    } else {
        const char *separator = strcmp(value->string, "command") == 0 ? " " : ", ";
        json_each (item, value) {
            strbuf_adds(out, out->len ? separator : "");
            add_value(item, out);
        }
    }
}

static void print_member(const cJSON *member)
{
    AUTO_STRBUF text = STRBUF_INIT;
    AUTO_STRBUF safe = STRBUF_INIT;
    if (cJSON_IsNull(member) || strcmp(member->string, "name") == 0)
        return;
    add_value(member, &text);
    if (!text.len)
        return;
    terminal_safe(text.data, &safe);
    printf("  %-*s %s\n", KEY_WIDTH, member->string, safe.data);
}

static void print_resource(const cJSON *resource)
{
    const cJSON *member;
    puts(json_string_or(resource, "name", ""));
    json_each (member, resource)
        print_member(member);
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code) ||
        cli_is_left(cli, argc, argv, 1, &exit_code))
        return exit_code;
    AUTO_JSON *answer = NULL;
    struct err err;
    if (cli_ask(cli, "describe", optind < argc ? argv[optind] : NULL, &answer, &err))
        return err.kind == ERR_NOT_RUNNING ? absent_show(cli, &err) : cli_fail(cli, &err);
    if (cli->json) {
        cli_print_json(answer);
        return 0;
    }
    const cJSON *resource;
    if (optind == argc)
        cli_print_checkout(json_get(answer, "git"));
    json_each (resource, json_get(answer, "resources"))
        print_resource(resource);
    return 0;
}

const struct command command_describe = {
    "describe", "all there is to know of a resource",
    "Usage: berth describe [NAME] [--json] [--project-root DIR]\n\n"
    "State, endpoint, times, what it depends on and what depends on it, its container or command,\n"
    "its data, and where in the settings it is. Without a name: every resource.\n\n"
    "Example: berth describe postgres\n",
    run};

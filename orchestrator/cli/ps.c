#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "base/utf8.h"
#include "orchestrator/cli/absent.h"
#include "orchestrator/cli/ask.h"

static int widest(const cJSON *resources, const char *key, int least)
{
    const cJSON *resource;
    json_each (resource, resources) {
        const int width = (int)strlen(json_string_or(resource, key, ""));
        least = width > least ? width : least;
    }
    return least;
}

// "container, login", "container, no login": which facts of its readiness hold.
static void add_checks(const cJSON *resource, struct strbuf *out)
{
    const cJSON *fact, *facts = json_get(resource, "facts");
    json_each (fact, facts)
        strbuf_addf(out, "%s%s%s", fact == facts->child ? "" : ", ",
                    json_bool_or(fact, "good", false) ? "" : "no ",
                    json_string_or(fact, "name", ""));
    if (!out->len)
        strbuf_addch(out, '-');
}

static int widest_checks(const cJSON *resources)
{
    const cJSON *resource;
    int least = (int)strlen("CHECKS");
    json_each (resource, resources) {
        AUTO_STRBUF checks = STRBUF_INIT;
        add_checks(resource, &checks);
        least = (int)checks.len > least ? (int)checks.len : least;
    }
    return least;
}

static void print_row(const cJSON *resource, int name_width, int checks_width)
{
    AUTO_STRBUF checks = STRBUF_INIT;
    add_checks(resource, &checks);
    AUTO_STRBUF detail = STRBUF_INIT;
    const cJSON *endpoint = cJSON_GetArrayItem(json_get(resource, "endpoints"), 0);
    const cJSON *waiting;
    if (endpoint)
        strbuf_adds(&detail, json_string_or(endpoint, "url", ""));
    const cJSON *names = json_get(resource, "waitingFor");
    json_each (waiting, names)
        strbuf_addf(&detail, "%s%s",
                    waiting != names->child ? ", "
                    : detail.len            ? "  waits for "
                                            : "waits for ",
                    waiting->valuestring);
    const char *state = json_string_or(resource, "state", "");
    const bool is_green = strcmp(state, "Running") == 0;
    const char *message = json_string_or(resource, "message", NULL);
    if (!is_green && message && !cJSON_GetArraySize(json_get(resource, "waitingFor"))) {
        strbuf_adds(&detail, detail.len ? "  " : "");
        utf8_add_safe(&detail, message, strlen(message));
    }
    printf("%-*s  %-11s %-17s %-9s %-*s %s\n", name_width, json_string_or(resource, "name", ""),
           json_string_or(resource, "kind", ""), state, json_string_or(resource, "health", "-"),
           checks_width, checks.data, detail.data);
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code) ||
        cli_is_left(cli, argc, argv, 0, &exit_code))
        return exit_code;
    AUTO_JSON *answer = NULL;
    struct err err;
    if (cli_ask(cli, "ps", NULL, &answer, &err))
        return err.kind == ERR_NOT_RUNNING ? absent_show(cli, &err) : cli_fail(cli, &err);
    if (cli->json) {
        cli_print_json(answer);
        return 0;
    }
    cli_print_checkout(json_get(answer, "git"));
    const cJSON *resource, *resources = json_get(answer, "resources");
    const int width = widest(resources, "name", 4);
    const int checks = widest_checks(resources);
    printf("%-*s  %-11s %-17s %-9s %-*s %s\n", width, "NAME", "KIND", "STATE", "HEALTH", checks,
           "CHECKS", "ENDPOINT");
    json_each (resource, resources)
        print_row(resource, width, checks);
    return 0;
}

const struct command command_ps = {
    "ps", "the resources: state, health, endpoint, what each waits for",
    "Usage: berth ps [--json] [--project-root DIR]\n\n"
    "Lists the resources of the running workspace. CHECKS has what is known of each for itself: "
    "its\n"
    "container runs, its process is alive, its HTTP check is content, a real login worked.\n\n"
    "Example: berth ps --json | jq '.resources[] | select(.health != \"Healthy\")'\n",
    run};

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/control/control.h"
#include "orchestrator/plan/environment_report.h"

enum { REVEAL = CLI_OPTION, FORMAT, NO_ASPIRE };

extern char **environ;

// Without a supervisor, the plan alone knows: ports and secrets are remembered.
static int plan_environment(struct cli *cli, bool no_aspire, const char *name, cJSON **out,
                            int *exit_code)
{
    struct settings *settings = NULL;
    *exit_code = cli_load_settings(cli, no_aspire, &settings);
    if (*exit_code)
        return -1;
    struct workspace workspace;
    struct store *store = NULL;
    struct plan *plan = NULL;
    struct diag_list diags = {0};
    struct err err;
    const struct plan_options options = {.no_aspire = no_aspire, .environ = environ};
    int status = workspace_open(settings->root, &workspace, &err);
    if (status == 0) {
        status = store_open(&workspace, &store, &err) ||
                 plan_build(settings, &workspace, store, &options, &plan, &diags, &err);
        cli_print_diagnostics(cli, &diags);
        if (status == 0 && diags.error_count)
            status = err_set(&err, ERR_INVALID, "the settings have mistakes");
        if (status == 0)
            status = environment_report(plan, name, out, &err);
        plan_free(plan);
        store_close(store);
        workspace_release(&workspace);
    }
    diag_list_release(&diags);
    if (status)
        *exit_code = cli_fail(cli, &err);
    settings_free(settings);
    return status ? -1 : 0;
}

// 'it'\''s': safe for every POSIX shell, and for dotenv readers that know single quotes.
static void print_quoted(const char *value)
{
    putchar('\'');
    for (; *value; value++) {
        if (*value == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*value);
    }
    putchar('\'');
}

static void mask(cJSON *variables)
{
    cJSON *variable;
    json_each (variable, variables)
        if (json_bool_or(variable, "secret", false))
            cJSON_ReplaceItemInObject(variable, "value", cJSON_CreateString("****"));
}

// Letters, digits and '_' only, and no digit first: what a shell takes as a variable.
static bool is_shell_name(const char *name)
{
    return !isdigit((unsigned char)name[0]) &&
           name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")] ==
               '\0';
}

static void print_variables(const cJSON *variables, const char *format)
{
    const cJSON *variable;
    if (strcmp(format, "json") == 0) {
        AUTO_JSON *object = cJSON_CreateObject();
        json_each (variable, variables)
            cJSON_AddStringToObject(object, json_string_or(variable, "name", ""),
                                    json_string_or(variable, "value", ""));
        cli_print_json(object);
        return;
    }
    json_each (variable, variables) {
        const char *name = json_string_or(variable, "name", "");
        if (strcmp(format, "shell") == 0 && !is_shell_name(name)) {
            printf("# %s is no name for a shell: see --format dotenv\n", name);
            continue;
        }
        printf("%s%s=", strcmp(format, "shell") == 0 ? "export " : "",
               json_string_or(variable, "name", ""));
        print_quoted(json_string_or(variable, "value", ""));
        putchar('\n');
    }
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                          {"reveal", no_argument, NULL, REVEAL},
                                          {"format", required_argument, NULL, FORMAT},
                                          {"no-aspire", no_argument, NULL, NO_ASPIRE},
                                          {0}};
    bool reveal = false, no_aspire = false;
    const char *format = "shell";
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0) {
        reveal = reveal || option == REVEAL;
        no_aspire = no_aspire || option == NO_ASPIRE;
        format = option == FORMAT ? optarg : format;
    }
    if (cli_ends(option, &exit_code) || cli_is_left(cli, argc, argv, 1, &exit_code))
        return exit_code;
    if (strcmp(format, "shell") && strcmp(format, "dotenv") && strcmp(format, "json"))
        return cli_usage(cli, "--format is shell, dotenv or json, not \"%s\"", format);
    if (cli->json)
        format = "json";
    const char *name = optind < argc ? argv[optind] : NULL;
    AUTO_JSON *answer = NULL;
    AUTO_JSON *planned = NULL;
    struct err err;
    if (cli_ask(cli, "env", name, &answer, &err)) {
        if (err.kind != ERR_NOT_RUNNING)
            return cli_fail(cli, &err);
        if (plan_environment(cli, no_aspire, name, &planned, &exit_code))
            return exit_code;
    }
    cJSON *variables = answer ? json_get(answer, "variables") : planned;
    if (!reveal)
        mask(variables);
    print_variables(variables, format);
    return 0;
}

const struct command command_env = {
    "env", "the variables that a resource is given",
    "Usage: berth env [NAME] [--reveal] [--format shell|dotenv|json] [--project-root DIR]\n\n"
    "Without a name: those of every database and cache. Secrets are masked unless --reveal is "
    "given.\n\n"
    "Example: eval \"$(berth env --reveal)\" && psql \"$DATABASE_URL\"\n",
    run};

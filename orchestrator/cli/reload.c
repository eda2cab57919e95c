#include "orchestrator/cli/reload.h"

#include <stdio.h>

#include "base/json.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/resource_action.h"
#include "orchestrator/control/control.h"
#include "orchestrator/terminal/text.h"

struct reload {
    const struct cli *cli;
    cJSON *difference; // the first line of the answer; NULL: not there yet
    cJSON *resources;  // of the last one
};

static void print_safe(const char *text)
{
    AUTO_STRBUF safe = STRBUF_INIT;
    terminal_safe(text, &safe);
    puts(safe.data ? safe.data : "");
}

static void print_names(const cJSON *names, const char *what)
{
    const cJSON *name;
    json_each (name, names) {
        AUTO_STRBUF line = STRBUF_INIT;
        strbuf_addf(&line, "%s  %s", name->valuestring, what);
        print_safe(line.data);
    }
}

// "redis  changed  Cache.redis.ImageTag: 7 -> 8"
static void print_setting(const char *name, const cJSON *setting)
{
    AUTO_STRBUF line = STRBUF_INIT;
    const char *from = json_string_or(setting, "from", NULL);
    const char *to = json_string_or(setting, "to", NULL);
    strbuf_addf(&line, "%s  changed  %s", name, json_string_or(setting, "path", ""));
    if (from || to)
        strbuf_addf(&line, ": %s -> %s", from ? from : "(none)", to ? to : "(none)");
    print_safe(line.data);
}

static void print_changed(const cJSON *changed)
{
    const cJSON *change, *setting;
    json_each (change, changed) {
        const char *name = json_string_or(change, "name", "");
        const char *after = json_string_or(change, "after", NULL);
        json_each (setting, json_get(change, "settings"))
            print_setting(name, setting);
        if (after)
            printf("%s  starts again, with %s\n", name, after);
    }
}

static void print_difference(const cJSON *difference)
{
    const cJSON *added = json_get(difference, "added"), *removed = json_get(difference, "removed"),
                *changed = json_get(difference, "changed");
    print_names(removed, "removed");
    print_changed(changed);
    print_names(added, "added");
    if (cJSON_GetArraySize(removed) + cJSON_GetArraySize(changed) + cJSON_GetArraySize(added) == 0)
        puts("nothing has changed");
    fflush(stdout); // what follows may take its time
}

static bool take_line(void *context, const cJSON *line)
{
    struct reload *reload = context;
    const cJSON *resources = json_get(line, "resources");
    if (!reload->difference) {
        reload->difference = cJSON_Duplicate(line, true);
        fputs(json_string_or(line, "diagnostics", ""), stderr);
        if (!reload->cli->json && !json_int_or(line, "mistakes", 0))
            print_difference(line);
    }
    if (resources)
        reload->resources = cJSON_Duplicate(resources, true);
    return resources == NULL;
}

static void print_result(struct reload *reload)
{
    const cJSON *resource;
    if (!reload->cli->json) {
        json_each (resource, reload->resources)
            resource_action_print(resource);
        return;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(reload->difference, "resources");
    cJSON_DeleteItemFromObjectCaseSensitive(reload->difference, "mistakes");
    cJSON_DeleteItemFromObjectCaseSensitive(reload->difference, "diagnostics");
    cJSON_AddItemToObject(reload->difference, "resources",
                          reload->resources ? reload->resources : cJSON_CreateArray());
    reload->resources = NULL;
    cli_print_json(reload->difference);
}

static int finish(struct reload *reload, int status, struct err *err)
{
    const int mistakes = (int)json_int_or(reload->difference, "mistakes", 0);
    if (!reload->difference)
        return err->kind == ERR_NOT_RUNNING ? -1 : cli_fail(reload->cli, err);
    if (mistakes) {
        fprintf(stderr, "%d mistake%s in the settings; what runs was left as it is\n", mistakes,
                mistakes == 1 ? "" : "s");
        return err_exit_code(ERR_INVALID);
    }
    if (!status && !reload->resources)
        status = err_set(err, ERR_NOT_RUNNING, "berth ended before it was done");
    print_result(reload);
    return status ? cli_fail(reload->cli, err) : 0;
}

int reload_running(struct cli *cli, bool dry, int timeout_s, struct err *err)
{
    struct reload reload = {.cli = cli};
    struct workspace workspace;
    AUTO_JSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "reload");
    cJSON_AddBoolToObject(request, "dryRun", dry);
    if (timeout_s)
        cJSON_AddNumberToObject(request, "timeoutMs", timeout_s * 1000.0);
    if (cli_open_workspace(cli, &workspace, err))
        return -1;
    err_set(err, ERR_NOT_RUNNING, "berth ended before it answered");
    const int status = control_follow(&workspace, request, take_line, &reload, err);
    workspace_release(&workspace);
    const int exit_code = finish(&reload, status, err);
    cJSON_Delete(reload.difference);
    cJSON_Delete(reload.resources);
    return exit_code;
}

enum { DRY_RUN = CLI_OPTION, TIMEOUT };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                          {"dry-run", no_argument, NULL, DRY_RUN},
                                          {"timeout", required_argument, NULL, TIMEOUT},
                                          {0}};
    bool dry = false;
    int option, exit_code = 0, timeout_s = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0) {
        if (option == DRY_RUN)
            dry = true;
        else if (cli_integer(cli, "--timeout", optarg, 1, 86400, &timeout_s))
            return err_exit_code(ERR_USAGE);
    }
    if (cli_ends(option, &exit_code) || cli_is_left(cli, argc, argv, 0, &exit_code))
        return exit_code;
    struct err err;
    exit_code = reload_running(cli, dry, timeout_s, &err);
    return exit_code < 0 ? cli_fail(cli, &err) : exit_code;
}

const struct command command_reload = {
    "reload", "make what runs what its settings say now, and touch nothing else",
    "Usage: berth reload [--dry-run] [--timeout S] [--json] [--project-root DIR]\n\n"
    "Reads appsettings.json again, and says what is added, removed and changed, by which setting.\n"
    "That is ended and started, in the order of dependencies; all else goes on. Returns when it "
    "is\n"
    "up, with exit code 5 where a resource failed to start. Mistakes in the settings: exit code "
    "3,\n"
    "and nothing is touched. `berth start` in a running workspace does the same.\n\n"
    "  --dry-run    only say it\n"
    "  --timeout S  give up waiting, with exit code 6, after S seconds (600)\n\n"
    "Example: berth reload --dry-run\n",
    run};

#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/cli/ask.h"
#include "orchestrator/cli/removal.h"
#include "orchestrator/control/control.h"
#include "orchestrator/state/orphans.h"

extern char **environ;

enum { ORPHAN_GRACE_MS = 2000 };

struct down {
    struct cli *cli;
    bool volumes, yes;
    struct workspace workspace;
    struct store *store;
    struct plan *plan;
    struct inquiry *inquiry; // NULL: no engine, and none is needed
    struct removal removal;
};

static int open_plan(struct down *down, const struct settings *settings, struct err *err)
{
    struct diag_list diags = {0};
    const struct plan_options options = {.environ = environ};
    int status = workspace_open(settings->root, &down->workspace, err);
    if (status == 0)
        status = store_open(&down->workspace, &down->store, err);
    if (status == 0)
        status =
            plan_build(settings, &down->workspace, down->store, &options, &down->plan, &diags, err);
    cli_print_diagnostics(down->cli, &diags);
    if (status == 0 && diags.error_count)
        status = err_set(err, ERR_INVALID, "the settings have mistakes");
    diag_list_release(&diags);
    if (status == 0 && inquiry_open(INQUIRY_CHANGE_TIMEOUT_MS, &down->inquiry, err) &&
        down->plan->uses_docker)
        status = -1;
    return status;
}

static void print_plan(const struct down *down)
{
    const pid_t holder = workspace_holder(&down->workspace);
    fprintf(stderr, "This will, in %s:\n", down->workspace.root);
    if (holder)
        fprintf(stderr, "  stop what berth runs here (process %d)\n", (int)holder);
    vec_each (item, &down->removal.items)
        fprintf(stderr, "  %s the %s %s%s\n", item->runs ? "stop and remove" : "remove",
                removal_kind_name(item->kind), item->name,
                item->kind == REMOVAL_CONTAINER ? "" : ", with its data");
    vec_each (text, &down->removal.left)
        fprintf(stderr, "  leave %s\n", *text);
    if (!down->volumes)
        fprintf(stderr, "  leave all data (--volumes removes it)\n");
}

static int confirm(const struct down *down, struct err *err)
{
    char answer[8] = "";
    if (down->yes)
        return 0;
    if (!isatty(STDIN_FILENO)) {
        err_set(err, ERR_USAGE, "without a terminal, down wants --yes");
        return err_hint(err, "berth down%s --yes", down->volumes ? " --volumes" : "");
    }
    fprintf(stderr, "Go on? [y/N] ");
    if (fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return 0;
    return err_set(err, ERR_FAILED, "nothing was changed");
}

static bool ignore_line(void *context, const cJSON *line)
{
    (void)context;
    (void)line;
    return true;
}

static void forget(void *context, const struct journal_entry *entry)
{
    journal_remove(context, entry->kind, entry->name);
}

// From here on the workspace is ours: nobody starts anything in between.
static int take_over(struct down *down, struct err *err)
{
    AUTO_JSON *stop = cJSON_CreateObject();
    cJSON_AddStringToObject(stop, "command", "stop");
    cJSON_AddBoolToObject(stop, "all", true);
    if (control_follow(&down->workspace, stop, ignore_line, NULL, err) &&
        err->kind != ERR_NOT_RUNNING)
        return -1;
    if (workspace_lock(&down->workspace, err))
        return -1;
    if (down->workspace.was_unclean) {
        char prefix[OWNER_MARKER_SIZE];
        snprintf(prefix, sizeof prefix, "BERTH_OWNER=%s:", down->workspace.id);
        orphans_end(down->store, prefix, NULL, ORPHAN_GRACE_MS);
        journal_each(down->store, JOURNAL_PROCESS, NULL, forget, down->store);
    }
    return removal_plan(down->inquiry, down->plan, down->volumes, &down->removal, err);
}

// Goes on after what could not be removed. Returns the exit code.
static int remove_all(struct down *down)
{
    AUTO_JSON *report = cJSON_CreateObject();
    cJSON *removed = cJSON_AddArrayToObject(report, "removed");
    cJSON *left = cJSON_AddArrayToObject(report, "left");
    int exit_code = 0;
    vec_each (item, &down->removal.items) {
        struct err err;
        const bool gone = removal_carry_out(down->inquiry, &down->workspace, item, &err) == 0;
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddStringToObject(entry, "kind", removal_kind_name(item->kind));
        cJSON_AddStringToObject(entry, "name", item->name);
        cJSON_AddItemToArray(gone ? removed : left, entry);
        if (gone && !down->cli->json)
            printf("removed the %s %s\n", removal_kind_name(item->kind), item->name);
        if (gone)
            continue;
        err_wrap(&err, "the %s %s", removal_kind_name(item->kind), item->name);
        exit_code = cli_fail(down->cli, &err);
    }
    if (exit_code == 0) {
        journal_each(down->store, JOURNAL_CONTAINER, NULL, forget, down->store);
        journal_each(down->store, JOURNAL_RUN, NULL, forget, down->store);
    }
    if (down->cli->json)
        cli_print_json(report);
    return exit_code;
}

static int bring_down(struct down *down, const struct settings *settings)
{
    struct err err;
    if (open_plan(down, settings, &err) ||
        removal_plan(down->inquiry, down->plan, down->volumes, &down->removal, &err))
        return cli_fail(down->cli, &err);
    if (!down->removal.items.len && !workspace_holder(&down->workspace)) {
        fprintf(stderr, "there is nothing to remove\n");
        return 0;
    }
    print_plan(down);
    if (confirm(down, &err) || take_over(down, &err))
        return cli_fail(down->cli, &err);
    return remove_all(down);
}

enum { VOLUMES = CLI_OPTION, YES };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS,
                                          {"volumes", no_argument, NULL, VOLUMES},
                                          {"yes", no_argument, NULL, YES},
                                          {0}};
    struct down down = {.cli = cli, .workspace = {.lock_fd = -1}};
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0) {
        down.volumes = down.volumes || option == VOLUMES;
        down.yes = down.yes || option == YES;
    }
    if (cli_ends(option, &exit_code) || cli_is_left(cli, argc, argv, 0, &exit_code))
        return exit_code;
    struct settings *settings = NULL;
    exit_code = cli_load_settings(cli, true, &settings);
    if (exit_code)
        return exit_code;
    exit_code = bring_down(&down, settings);
    removal_release(&down.removal);
    inquiry_close(down.inquiry);
    plan_free(down.plan);
    store_close(down.store);
    workspace_release(&down.workspace);
    settings_free(settings);
    return exit_code;
}

const struct command command_down = {
    "down", "remove the containers of the workspace and, asked for, its data",
    "Usage: berth down [--volumes] [--yes] [--json] [--project-root DIR]\n\n"
    "Stops what runs, shows what it will remove, and asks. Works without a running berth, too:\n"
    "what carries this workspace's label is its own, and nothing else is touched.\n\n"
    "  --volumes   also volumes, and the directories named by DataPath that lie in the workspace,\n"
    "              whoever owns the files in them\n"
    "  --yes       do not ask; needed without a terminal\n\n"
    "Example: berth down --volumes\n",
    run};

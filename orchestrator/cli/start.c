#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/footprint.h"
#include "base/mem.h"
#include "dashboard/dashboard.h"
#include "orchestrator/cli/reload.h"
#include "orchestrator/cli/resource_action.h"
#include "orchestrator/cli/start_detached.h"
#include "orchestrator/cli/start_output.h"
#include "orchestrator/control/commands.h"
#include "orchestrator/run/dashboard_feed.h"
#include "orchestrator/run/patience.h"
#include "orchestrator/run/session.h"
#include "orchestrator/state/ports.h"
#include "orchestrator/terminal/text.h"

enum { DEFAULT_DASHBOARD_PORT = 18888 };

extern char **environ;

struct start_options {
    bool no_aspire, no_migrate, no_seed, no_dashboard, detach;
    int dashboard_port, timeout_s;
};

struct start {
    struct cli *cli;
    struct start_options options;
    struct session session;
    struct supervisor_observer observer;
    struct start_output *output;
    struct dashboard *dashboard;
    struct control_server *control;
    struct control_commands commands;
    char *dashboard_url;
    int launcher_fd; // -1: nobody waits for it to be up
    int64_t begun_ms;
    bool stay_after_failure; // somebody watches: keep what works running
    bool live;               // the terminal is drawn on
    bool interrupted, timed_out, failed, settled_once, ended;
    enum err_kind failure;
    struct patience *timeout; // NULL: none
};

static void begin_stop(struct start *start, bool all)
{
    supervisor_stop(start->session.supervisor, all);
}

static void on_change(void *context, const struct resource *resource)
{
    struct start *start = context;
    patience_look(start->timeout);
    if (start->commands.waits)
        waits_look(start->commands.waits);
    if (start->output)
        start_output_change(start->output, resource);
    if (start->dashboard) {
        dashboard_resources_changed(start->dashboard);
        if (resource->plan->kind == RESOURCE_MIGRATIONS)
            dashboard_migrations_changed(start->dashboard);
    }
}

static void on_line(void *context, const struct resource *resource, const struct log_line *line)
{
    struct start *start = context;
    if (start->output)
        start_output_line(start->output, resource, line);
    if (start->dashboard)
        dashboard_logs_appended(start->dashboard, resource->plan->name);
}

static void on_checkout(void *context)
{
    struct start *start = context;
    if (start->dashboard)
        dashboard_resources_changed(start->dashboard);
}

static void note_failure(struct start *start, const struct resource *resource)
{
    start->failed = true;
    start->failure =
        supervisor_engine_error(start->session.supervisor) ? ERR_NO_ENGINE : ERR_RESOURCE;
    if (start->stay_after_failure)
        start_output_say(start->output,
                         "%s is not up; the rest goes on, and `berth why` says more\n",
                         resource->plan->name);
    else
        start_output_say(start->output,
                         "%s is not up: stopping; `berth logs %s` shows what it said\n",
                         resource->plan->name, resource->plan->name);
}

static void on_settled(void *context)
{
    struct start *start = context;
    const struct resource *failure = supervisor_first_failure(start->session.supervisor);
    patience_clear(start->timeout);
    // A failure after the start is told where it happens, and ends nothing.
    if (failure && !start->settled_once) {
        note_failure(start, failure);
        if (!start->stay_after_failure)
            begin_stop(start, false);
    } else if (!start->settled_once) {
        char took[CLOCK_DURATION_SIZE];
        clock_format_duration(clock_monotonic_ms() - start->begun_ms, took);
        start_output_say(start->output, "up after %s\n", took);
        start_detached_release(&start->launcher_fd, &start->session.workspace);
    }
    start->settled_once = true;
    footprint_shrink();
}

static void on_stopped(void *context)
{
    struct start *start = context;
    start->ended = true;
    loop_stop(start->session.loop);
}

static void on_interrupt(void *context)
{
    struct start *start = context;
    if (!start->interrupted)
        start_output_say(start->output, "stopping; once more to hurry\n");
    start->interrupted = true;
    begin_stop(start, false);
}

static void on_quit_key(void *context)
{
    struct start *start = context;
    start_output_say(start->output, "stopping; once more to hurry\n");
    begin_stop(start, false);
}

static void on_notice(void *context, const struct resource *resource, const char *text)
{
    struct start *start = context;
    start_output_note(start->output, resource, text);
}

static void on_stop_command(void *context, bool all)
{
    begin_stop(context, all);
}

static void say_late(const struct start *start)
{
    const struct supervisor *supervisor = start->session.supervisor;
    for (size_t i = 0; i < supervisor_count(supervisor); i++) {
        const struct resource *resource = supervisor_resource(supervisor, i);
        if (!resource->wanted || machine_is_ready(&resource->machine))
            continue;
        AUTO_STRBUF message = STRBUF_INIT;
        terminal_safe(resource->message ? resource->message : "", &message);
        start_output_say(start->output, "  %s  %s  %s\n", resource->plan->name,
                         machine_state_name(resource->machine.state), message.data);
    }
}

static void on_timeout(void *context)
{
    struct start *start = context;
    start->timed_out = true;
    start_output_say(start->output, "not everything is up after %d s:\n", start->options.timeout_s);
    say_late(start);
    begin_stop(start, false);
}

static int open_dashboard(struct start *start, struct err *err)
{
    if (start->options.no_dashboard)
        return 0;
    // Kept with the workspace: a page that is open stays logged in when berth is started again.
    AUTOFREE char *token = NULL;
    AUTOFREE char *token_path = NULL;
    if (workspace_secret(&start->session.workspace, ".dashboard", &token, &token_path, err))
        return -1;
    const struct dashboard_options options = {.port = start->options.dashboard_port,
                                              .token = token};
    const struct dashboard_backend backend = dashboard_feed(start->session.supervisor);
    if (dashboard_start(loop_event_base(start->session.loop), &options, &backend, &start->dashboard,
                        err))
        return -1;
    const int port = dashboard_port(start->dashboard);
    if (port != options.port) {
        AUTO_STRBUF holder = STRBUF_INIT;
        port_holder(options.port, &holder);
        fprintf(stderr, "port %d is taken by %s; the dashboard is at %d\n", options.port,
                holder.data, port);
    }
    AUTO_STRBUF url = STRBUF_INIT;
    dashboard_login_url(start->dashboard, &url);
    start->dashboard_url = strbuf_detach(&url);
    fprintf(stderr, "dashboard  %s\n", start->dashboard_url);
    return 0;
}

static bool wants_anything(const struct start *start)
{
    for (size_t i = 0; i < start->session.plan->resources.len; i++)
        if (start->session.wanted[i])
            return true;
    return false;
}

static int open_all(struct start *start, const struct settings *settings, const char *const *names,
                    size_t count, struct diag_list *diags, struct err *err)
{
    const struct session_options options = {
        .plan = {.no_aspire = start->options.no_aspire,
                 .no_migrate = start->options.no_migrate,
                 .no_seed = start->options.no_seed,
                 .environ = environ},
        .supervisor = {.begun_ms = start->begun_ms, .on_terminal = start->live},
        .names = names,
        .name_count = count,
    };
    start->observer = (struct supervisor_observer){.context = start,
                                                   .on_change = on_change,
                                                   .on_line = on_line,
                                                   .on_settled = on_settled,
                                                   .on_stopped = on_stopped,
                                                   .on_notice = on_notice,
                                                   .on_checkout = on_checkout};
    if (session_open(settings, &options, &start->observer, &start->session, diags, err))
        return -1;
    if (!wants_anything(start)) {
        err_set(err, ERR_INVALID, "there is nothing to start");
        return err_hint(err,
                        start->options.no_aspire
                            ? "name a database: POSTGRES_URI or DATABASE_URL"
                            : "`berth config schema` describes what appsettings.json can name");
    }
    fprintf(stderr, "berth  %s\n", settings->name ? settings->name : start->session.workspace.root);
    start->output = start_output_new(start->session.supervisor, start->cli->colour);
    if (open_dashboard(start, err))
        return -1;
    start->commands = (struct control_commands){.session = &start->session,
                                                .supervisor = start->session.supervisor,
                                                .waits = waits_new(start->session.supervisor),
                                                .context = start,
                                                .on_stop = on_stop_command,
                                                .dashboard_url = start->dashboard_url};
    return control_serve(start->session.loop, &start->session.workspace, control_commands_handle,
                         &start->commands, &start->control, err);
}

static int exit_code_of(const struct start *start)
{
    if (start->timed_out)
        return err_exit_code(ERR_TIMEOUT);
    if (start->failed)
        return err_exit_code(start->failure);
    return start->interrupted ? err_exit_code(ERR_INTERRUPTED) : 0;
}

static void run_loop(struct start *start)
{
    struct loop *loop = start->session.loop;
    loop_on_signal(loop, SIGINT, on_interrupt, start);
    loop_on_signal(loop, SIGTERM, on_interrupt, start);
    loop_on_signal(loop, SIGHUP, on_interrupt, start);
    if (start->options.timeout_s)
        start->timeout = patience_new(start->session.supervisor,
                                      (int64_t)start->options.timeout_s * 1000, on_timeout, start);
    if (start->live)
        start_output_go_live(
            start->output, &(struct start_live_actions){start, on_quit_key, start->dashboard_url});
    supervisor_start(start->session.supervisor);
    loop_run(loop);
}

static void close_all(struct start *start)
{
    patience_free(start->timeout);
    // `berth stop` waits for its connection to close: whoever it returns to may start again.
    workspace_unlock(&start->session.workspace);
    control_free(start->control);
    waits_free(TAKE(start->commands.waits));
    dashboard_free(start->dashboard);
    start->dashboard = NULL;
    start_output_free(TAKE(start->output));
    session_close(&start->session);
    free(start->dashboard_url);
}

static int start_workspace(struct cli *cli, const struct start_options *options,
                           const char *const *names, size_t count)
{
    int exit_code = 0, launcher_fd = -1;
    if (options->detach && !start_detached(&launcher_fd, &exit_code))
        return exit_code;
    struct start start = {.cli = cli,
                          .launcher_fd = launcher_fd,
                          .options = *options,
                          .begun_ms = clock_monotonic_ms(),
                          .stay_after_failure = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
                          .live = start_live_is_possible(cli->colour)};
    struct settings *settings = NULL;
    exit_code = cli_load_settings(cli, options->no_aspire, &settings);
    if (exit_code)
        return exit_code;
    struct diag_list diags = {0};
    struct err err;
    int status = open_all(&start, settings, names, count, &diags, &err);
    cli_print_diagnostics(cli, &diags);
    diag_list_release(&diags);
    if (status) {
        exit_code = cli_fail(cli, &err);
    } else {
        run_loop(&start);
        exit_code = exit_code_of(&start);
    }
    close_all(&start);
    settings_free(settings);
    return exit_code;
}

enum { NO_ASPIRE = CLI_OPTION, NO_MIGRATE, NO_SEED, NO_DASHBOARD, DASHBOARD_PORT, TIMEOUT, DETACH };

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {
        CLI_COMMON_OPTIONS,
        {"no-aspire", no_argument, NULL, NO_ASPIRE},
        {"no-migrate", no_argument, NULL, NO_MIGRATE},
        {"no-seed", no_argument, NULL, NO_SEED},
        {"no-dashboard", no_argument, NULL, NO_DASHBOARD},
        {"dashboard-port", required_argument, NULL, DASHBOARD_PORT},
        {"timeout", required_argument, NULL, TIMEOUT},
        {"detach", no_argument, NULL, DETACH},
        {0}};
    struct start_options options = {.dashboard_port = DEFAULT_DASHBOARD_PORT};
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "", longs)) >= 0) {
        switch (option) {
        case NO_ASPIRE: options.no_aspire = true; break;
        case NO_MIGRATE: options.no_migrate = true; break;
        case NO_SEED: options.no_seed = true; break;
        case NO_DASHBOARD: options.no_dashboard = true; break;
        case DETACH: options.detach = true; break;
        case DASHBOARD_PORT:
            if (cli_integer(cli, "--dashboard-port", optarg, 1, 65535, &options.dashboard_port))
                return err_exit_code(ERR_USAGE);
            break;
        case TIMEOUT:
            if (cli_integer(cli, "--timeout", optarg, 1, 86400, &options.timeout_s))
                return err_exit_code(ERR_USAGE);
            break;
        default: break;
        }
    }
    if (cli_ends(option, &exit_code))
        return exit_code;
    const size_t count = (size_t)(argc - optind);
    struct err err;
    // Of a workspace that runs: these resources, or what its settings changed.
    if (count) {
        exit_code = resource_action(cli, "start", argv + optind, count, options.timeout_s, &err);
    } else {
        exit_code = reload_running(cli, false, options.timeout_s, &err);
        if (exit_code >= 0)
            fprintf(stderr, "note: berth runs here already: its settings were read again\n");
    }
    if (exit_code >= 0)
        return exit_code;
    return start_workspace(cli, &options, (const char *const *)argv + optind, count);
}

const struct command command_start = {
    "start", "bring the workspace up, and keep it up until Ctrl-C",
    "Usage: berth start [NAME...] [OPTIONS]\n\n"
    "Reads appsettings.json, starts databases and caches, waits until each can be logged into, "
    "applies\n"
    "migrations and seeds, starts the processes in the order of their dependencies, and serves "
    "the\n"
    "dashboard. With names: only those resources and what they depend on; where the workspace runs "
    "already,\n"
    "they are started in it. Without names, where it runs already: as berth reload. Ctrl-C stops "
    "in\n"
    "reverse order; persistent containers stay.\n\n"
    "  --detach              return when everything is up, or has failed; `berth stop` ends it\n"
    "  --no-aspire           no containers, ever: databases come from POSTGRES_URI, DATABASE_URL, "
    "...\n"
    "  --no-migrate          leave pending migrations\n"
    "  --no-seed             do not seed\n"
    "  --no-dashboard        do not serve the dashboard\n"
    "  --dashboard-port N    the first port to try (18888)\n"
    "  --timeout S           give up, with exit code 6, when not everything is up after S "
    "seconds;\n"
    "                        the pull of an image does not count\n"
    "  --project-root DIR    the workspace (default: here, or the nearest directory above)\n\n"
    "Without a terminal, a resource that fails to start ends the run with exit code 5.\n\n"
    "Example: berth start api --timeout 60\n",
    run};

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/cli/cli.h"
#include "orchestrator/compose/compose.h"

enum { OUTPUT = CLI_OPTION };

extern char **environ;

// The way from one absolute directory to another: "../..", "../app", ".".
static void relative_path(const char *from, const char *to, struct strbuf *out)
{
    size_t common = 0; // the length up to the end of the last component that both have
    for (size_t i = 0;; i++) {
        const bool ends = (from[i] == '/' || !from[i]) && (to[i] == '/' || !to[i]);
        if (ends)
            common = i;
        if (from[i] != to[i] || !from[i])
            break;
    }
    for (const char *rest = from + common; *rest; rest++)
        if (*rest == '/' && rest[1])
            strbuf_adds(out, out->len ? "/.." : "..");
    const char *down = to + common + (to[common] == '/');
    if (*down)
        strbuf_addf(out, "%s%s", out->len ? "/" : "./", down);
    if (!out->len)
        strbuf_addch(out, '.');
}

// The workspace's root as the file will see it.
static int find_root(const struct workspace *workspace, const char *output, struct strbuf *out,
                     struct err *err)
{
    if (!output) {
        strbuf_addch(out, '.');
        return 0;
    }
    AUTOFREE char *path = path_normalize(output);
    *strrchr(path, '/') = '\0';
    AUTOFREE char *directory = realpath(path[0] ? path : "/", NULL);
    if (!directory)
        return err_set_errno(err, "cannot write to %s", path);
    relative_path(directory, workspace->root, out);
    return 0;
}

static int write_file(struct plan *plan, const char *output, struct err *err)
{
    AUTO_STRBUF root = STRBUF_INIT;
    AUTO_STRBUF text = STRBUF_INIT;
    if (find_root(plan->workspace, output, &root, err) ||
        compose_write(plan, root.data, &text, err))
        return -1;
    if (output)
        return file_write_atomic(output, text.data, text.len, 0644, err);
    fwrite(text.data, 1, text.len, stdout);
    return 0;
}

// Ports and secrets are those that `start` uses; they are made where there are none yet.
static int export_compose(struct cli *cli, const struct settings *settings, const char *output,
                          struct err *err)
{
    struct workspace workspace;
    struct store *store = NULL;
    struct plan *plan = NULL;
    struct diag_list diags = {0};
    const struct plan_options options = {.environ = environ};
    if (workspace_open(settings->root, &workspace, err))
        return -1;
    int status = store_open(&workspace, &store, err) ||
                 plan_build(settings, &workspace, store, &options, &plan, &diags, err);
    cli_print_diagnostics(cli, &diags);
    if (status == 0 && diags.error_count)
        status = err_set(err, ERR_INVALID, "the settings have mistakes");
    if (status == 0)
        status = write_file(plan, output, err);
    diag_list_release(&diags);
    plan_free(plan);
    store_close(store);
    workspace_release(&workspace);
    return status ? -1 : 0;
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {
        CLI_COMMON_OPTIONS, {"output", required_argument, NULL, OUTPUT}, {0}};
    const char *output = NULL;
    int option, exit_code = 0;
    while ((option = cli_option(cli, argc, argv, "o:", longs)) >= 0)
        output = optarg;
    if (cli_ends(option, &exit_code))
        return exit_code;
    if (optind != argc - 1 || strcmp(argv[optind], "compose") != 0)
        return cli_usage(cli, "export wants a format, and \"compose\" is the one there is");
    if (output && (!path_basename(output)[0] || file_is_directory(output)))
        return cli_usage(cli, "--output wants a file, and %s is a directory", output);
    struct settings *settings = NULL;
    exit_code = cli_load_settings(cli, false, &settings);
    if (exit_code)
        return exit_code;
    struct err err;
    if (export_compose(cli, settings, output, &err))
        exit_code = cli_fail(cli, &err);
    settings_free(settings);
    return exit_code;
}

const struct command command_export = {
    "export", "a compose file of the workspace",
    "Usage: berth export compose [--output FILE] [--project-root DIR]\n\n"
    "Writes the databases and caches, a migrator, and the services, plugins and processors as a\n"
    "Compose file, to the terminal or to a file. Passwords are not in it: it reads them from the\n"
    "files below .berth/secrets and from variables, which its first lines name.\n\n"
    "Example: berth export compose --output compose.yaml\n",
    run};

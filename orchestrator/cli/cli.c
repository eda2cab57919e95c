#include "orchestrator/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "base/vec.h"

extern char **environ;

// What getopt_long ended with: ':' for a missing value, '?' for all else; optopt is 0 where no long
// option has the name, and an option's own number or letter otherwise.
static int refuse_option(const struct cli *cli, int result, char **argv, const struct option *longs)
{
    const bool is_long = optopt == 0 || optopt >= CLI_PROJECT_ROOT;
    AUTOFREE char *option = is_long ? mem_strndup(argv[optind - 1], strcspn(argv[optind - 1], "="))
                                    : mem_printf("-%c", optopt);
    if (result == ':' || (is_long && optopt)) {
        cli_usage(cli, result == ':' ? "\"%s\" wants a value" : "\"%s\" takes no value", option);
        return CLI_EXIT_USAGE;
    }
    VEC_OF(const char *) names = {0};
    for (const struct option *known = longs; known->name; known++)
        vec_push(&names, known->name);
    const char *nearest = is_long ? suggest_nearest(option + 2, names.items, names.len) : NULL;
    vec_release(&names);
    struct err err;
    err_set(&err, ERR_USAGE, "unknown option \"%s\"", option);
    if (nearest)
        err_hint(&err, "did you mean \"--%s\"?", nearest);
    else
        err_hint(&err, "berth %s --help", cli->command->name);
    cli_fail(cli, &err);
    return CLI_EXIT_USAGE;
}

int cli_option(struct cli *cli, int argc, char **argv, const char *shorts,
               const struct option *longs)
{
    AUTOFREE char *own_words = mem_printf(":%s", shorts); // getopt is to leave the words to us
    opterr = 0;
    for (;;) {
        int option = getopt_long(argc, argv, own_words, longs, NULL);
        switch (option) {
        case -1: return CLI_DONE;
        case CLI_PROJECT_ROOT: cli->project_root = optarg; break;
        case CLI_JSON: cli->json = true; break;
        case CLI_NO_COLOR: cli->colour = false; break;
        case CLI_HELP: fputs(cli->command->help, stdout); return CLI_EXIT_OK;
        case ':':
        case '?': return refuse_option(cli, option, argv, longs);
        default: return option;
        }
    }
}

bool cli_ends(int option, int *exit_code)
{
    if (option != CLI_EXIT_OK && option != CLI_EXIT_USAGE)
        return false;
    *exit_code = option == CLI_EXIT_OK ? 0 : err_exit_code(ERR_USAGE);
    return true;
}

bool cli_is_left(const struct cli *cli, int argc, char **argv, int most, int *exit_code)
{
    if (argc - optind <= most)
        return false;
    *exit_code = cli_usage(cli, "%s does not take \"%s\"", cli->command->name, argv[optind + most]);
    return true;
}

int cli_fail(const struct cli *cli, const struct err *err)
{
    AUTO_STRBUF message = STRBUF_INIT,
                hint = STRBUF_INIT; // servers and users have their words here
    utf8_add_safe(&message, err->message, strlen(err->message));
    utf8_add_safe(&hint, err->hint, strlen(err->hint));
    fprintf(stderr, "%serror%s: %s\n", cli->colour ? "\033[1;31m" : "",
            cli->colour ? "\033[0m" : "", message.data);
    if (hint.len)
        fprintf(stderr, "  hint: %s\n", hint.data);
    return err_exit_code(err->kind);
}

int cli_usage(const struct cli *cli, const char *format, ...)
{
    struct err err;
    va_list args;
    va_start(args, format);
    AUTOFREE char *text = mem_vprintf(format, args);
    va_end(args);
    err_set(&err, ERR_USAGE, "%s", text);
    err_hint(&err, "berth %s --help", cli->command->name);
    return cli_fail(cli, &err);
}

void cli_print_diagnostics(const struct cli *cli, const struct diag_list *diags)
{
    AUTO_STRBUF text = STRBUF_INIT;
    diag_render_all(diags, cli->colour, &text);
    fputs(text.data, stderr);
}

int cli_integer(const struct cli *cli, const char *name, const char *text, int low, int high,
                int *out)
{
    char *end = NULL;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < low || value > high) {
        cli_usage(cli, "%s wants a number from %d to %d, not \"%s\"", name, low, high, text);
        return -1;
    }
    *out = (int)value;
    return 0;
}

int cli_load_settings(struct cli *cli, bool file_optional, struct settings **out)
{
    struct settings_options options = {
        .project_root = cli->project_root, .environ = environ, .file_optional = file_optional};
    struct diag_list diags = {0};
    struct err err;
    struct settings *settings = NULL;
    if (settings_load(&options, &settings, &diags, &err)) {
        diag_list_release(&diags);
        return cli_fail(cli, &err);
    }
    cli_print_diagnostics(cli, &diags);
    const size_t errors = diags.error_count;
    diag_list_release(&diags);
    if (errors) {
        fprintf(stderr, "%zu mistake%s in the settings\n", errors, errors == 1 ? "" : "s");
        settings_free(settings);
        return err_exit_code(ERR_INVALID);
    }
    *out = settings;
    return 0;
}

// The nearest directory upwards that has settings or a .berth of its own.
static char *find_root(const char *project_root)
{
    if (project_root)
        return mem_strdup(project_root);
    AUTOFREE char *directory = path_normalize(".");
    for (;;) {
        AUTOFREE char *file = path_join(directory, "appsettings.json");
        AUTOFREE char *state = path_join(directory, ".berth");
        if (file_exists(file) || file_is_directory(state))
            return TAKE(directory);
        char *slash = strrchr(directory, '/');
        if (!slash || slash == directory)
            return mem_strdup(".");
        *slash = '\0';
    }
}

int cli_open_workspace(struct cli *cli, struct workspace *out, struct err *err)
{
    AUTOFREE char *root = find_root(cli->project_root);
    return workspace_open(root, out, err);
}

#include "migrator/seeds/program.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "migrator/program.h"

enum { PREFIX_MAX = 3, ARGUMENTS_MAX = PREFIX_MAX + 3 };

// Node's exit code for an option that it does not know.
enum { NODE_BAD_OPTION = 9 };

// Who runs which ending; of several the first one that is installed.
static const struct interpreter {
    const char *ending;
    const char *arguments[PREFIX_MAX]; // the program and what comes before the script
} interpreters[] = {
    {".ts", {"deno", "run", "--allow-all"}},
    {".ts", {"node", "--experimental-strip-types"}},
    {".mts", {"deno", "run", "--allow-all"}},
    {".mts", {"node", "--experimental-strip-types"}},
    {".js", {"node"}},
    {".js", {"deno", "run", "--allow-all"}},
    {".mjs", {"node"}},
    {".mjs", {"deno", "run", "--allow-all"}},
    {".cjs", {"node"}},
    {".sh", {"sh"}},
    {".py", {"python3"}},
};

static bool ends_with(const char *text, const char *ending)
{
    const size_t length = strlen(text), ending_length = strlen(ending);
    return length > ending_length && strcmp(text + length - ending_length, ending) == 0;
}

// A program and its arguments, NULL at their end; these are borrowed.
struct command {
    char *path; // owned
    const char *arguments[ARGUMENTS_MAX];
};

static int choose_command(const struct migrator_seed *seed, char *const *environment,
                          struct command *out, struct err *err)
{
    const char *wanted = NULL;
    size_t count = 0;
    for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters && !out->path; i++) {
        if (!ends_with(seed->script_path, interpreters[i].ending))
            continue;
        wanted = wanted ? wanted : interpreters[i].arguments[0];
        out->path = program_find(interpreters[i].arguments[0], environment);
        for (size_t k = 0; out->path && k < PREFIX_MAX && interpreters[i].arguments[k]; k++)
            out->arguments[count++] = interpreters[i].arguments[k];
    }
    if (!out->path && wanted) {
        err_set(err, ERR_FAILED, "%s needs %s, which is not on the PATH", seed->script_path,
                wanted);
        return err_hint(err, "install it, or seed with .sql or .csv files");
    }
    if (!out->path && access(seed->script_path, X_OK))
        return err_set(err, ERR_FAILED, "%s is not executable, and its ending says nothing",
                       seed->script_path);
    if (!out->path)
        out->path = mem_strdup(seed->script_path);
    out->arguments[count++] = seed->script_path;
    out->arguments[count++] = seed->mode;
    return 0;
}

static int check_end(const struct migrator_seed *seed, int status, struct err *err)
{
    if (WIFSIGNALED(status))
        return err_set(err, ERR_FAILED, "the seed %s was ended by signal %d (%s)",
                       seed->script_path, WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) == 0)
        return 0;
    err_set(err, ERR_FAILED, "the seed %s failed with exit code %d", seed->script_path,
            WEXITSTATUS(status));
    if (WEXITSTATUS(status) == NODE_BAD_OPTION && ends_with(seed->script_path, "ts"))
        err_hint(err, "TypeScript needs deno, or node 22.6 or newer");
    return -1;
}

static int run_with(const struct migrator_seed *seed, char *const *environment,
                    const struct migrator_callbacks *callbacks, struct err *err)
{
    struct command command = {0};
    int status;
    if (choose_command(seed, environment, &command, err))
        return -1;
    AUTOFREE char *path = command.path;
    const struct program program = {path, command.arguments, environment, seed->workdir};
    return program_run(&program, callbacks, &status, err) ? -1 : check_end(seed, status, err);
}

int seed_program_run(const struct migrator_seed *seed, const struct migrator_callbacks *callbacks,
                     struct err *err)
{
    program_variables environment = {0};
    program_environment(seed->environment ? seed->environment : environ, &environment);
    const int failed = run_with(seed, environment.items, callbacks, err);
    vec_release(&environment);
    return failed;
}

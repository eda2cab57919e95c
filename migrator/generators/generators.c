#include "migrator/generators/generators.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "migrator/generators/protocol.h"

enum { ARGUMENTS_MAX = 8 };

// A directory and those above it, up to the workspace's root: true to end the search.
typedef bool visit_fn(void *context, const char *directory);

static bool visit_upwards(const struct generators_job *job, visit_fn *visit, void *context)
{
    AUTOFREE char *at = mem_strdup(job->schema_path);
    const size_t root_length = strlen(job->root);
    for (char *slash; (slash = strrchr(at, '/')) && slash != at && strlen(at) >= root_length;
         *slash = '\0')
        if (file_is_directory(at) && visit(context, at))
            return true;
    return visit(context, job->root);
}

static bool find_prisma(void *context, const char *directory)
{
    char **out = context;
    AUTOFREE char *path = path_join(directory, "node_modules/.bin/prisma");
    if (access(path, X_OK))
        return false;
    *out = TAKE(path);
    return true;
}

static bool has_deno_config(void *context, const char *directory)
{
    AUTOFREE char *plain = path_join(directory, "deno.json");
    AUTOFREE char *commented = path_join(directory, "deno.jsonc");
    (void)context;
    return file_exists(plain) || file_exists(commented);
}

static bool add_bin(void *context, const char *directory)
{
    AUTOFREE char *path = path_join(directory, "node_modules/.bin");
    if (file_is_directory(path))
        strbuf_addf(context, "%s:", path);
    return false;
}

// The community's own command line with its arguments. false: there is none here.
static bool find_command_line(const struct generators_job *job, char **path,
                              const char *arguments[ARGUMENTS_MAX])
{
    size_t count = 0;
    if (visit_upwards(job, find_prisma, path)) {
        arguments[count++] = "prisma";
    } else if (visit_upwards(job, has_deno_config, NULL) &&
               (*path = program_find("deno", job->environment))) {
        static const char *const words[] = {"deno", "run", "--allow-all", "npm:prisma"};
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            arguments[count++] = words[i];
    } else {
        return false;
    }
    arguments[count++] = "generate";
    arguments[count++] = "--schema";
    arguments[count++] = job->schema_path;
    arguments[count] = NULL;
    return true;
}

static int run_command_line(const struct generators_job *job, char *const *environment,
                            const char *path, const char *const *arguments,
                            const struct migrator_callbacks *callbacks, struct err *err)
{
    const struct program program = {path, arguments, environment, job->root};
    int status;
    if (program_run(&program, callbacks, &status, err))
        return -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    return err_set(err, ERR_FAILED, "%s generate failed (%s %d)", path,
                   WIFSIGNALED(status) ? "signal" : "exit code",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

// Made by a program that comes with the command line itself.
static bool is_own_client(const char *provider)
{
    return strcmp(provider, "prisma-client-js") == 0 || strcmp(provider, "prisma-client") == 0 ||
           strcmp(provider, "prisma-client-ts") == 0;
}

static int run_one(const struct generators_job *job, char *const *environment,
                   const generator_list *all, const struct generator *generator,
                   const struct migrator_callbacks *callbacks, struct err *err)
{
    if (is_own_client(generator->provider)) {
        err_set(err, ERR_FAILED,
                "the generator %s (%s) comes with Prisma's command line, which "
                "is not in this project",
                generator->name, generator->provider);
        return err_hint(err, "npm install --save-dev prisma; or, with a deno.json, install deno");
    }
    AUTOFREE char *source = path_join(job->root, generator->source_path);
    char *slash = strrchr(source, '/');
    if (slash)
        *slash = '\0';
    AUTOFREE char *file = path_join(source, generator->provider);
    const bool is_file = file_exists(file) && !file_is_directory(file);
    // A file that is no program of its own is one for node, as the community's tool has it.
    const char *const own[] = {file, NULL};
    const char *const node[] = {"sh", "-c", "exec node \"$1\"", "sh", file, NULL};
    const char *const command[] = {"sh", "-c", generator->provider, NULL};
    const bool is_program = is_file && access(file, X_OK) == 0;
    const struct program program = {is_program ? file : "/bin/sh",
                                    is_program ? own
                                    : is_file  ? node
                                               : command,
                                    environment, job->root};
    return protocol_run(job, all, generator, &program, callbacks, err);
}

static void say_done(const struct generator *generator, const struct migrator_callbacks *callbacks)
{
    AUTO_STRBUF line = STRBUF_INIT;
    strbuf_addf(&line, "generated %s (%s)\n", generator->name, generator->provider);
    program_say_lines(callbacks, &line, true);
}

static int run_each(const struct generators_job *job, char *const *environment,
                    const generator_list *generators, const struct migrator_callbacks *callbacks,
                    struct err *err)
{
    int failed = 0;
    vec_each (generator, generators) {
        struct err one;
        if (run_one(job, environment, generators, generator, callbacks, &one) == 0) {
            say_done(generator, callbacks);
            continue;
        }
        if (!failed)
            *err = one;
        failed = -1;
    }
    return failed;
}

// The job's own, with the project's programs on the PATH before others.
static char *make_path(const struct generators_job *job)
{
    struct strbuf path = STRBUF_INIT;
    const char *former = "";
    strbuf_adds(&path, "PATH=");
    visit_upwards(job, add_bin, &path);
    for (char *const *variable = job->environment; *variable; variable++)
        if (strncmp(*variable, "PATH=", 5) == 0)
            former = *variable + 5;
    strbuf_adds(&path, former);
    return strbuf_detach(&path);
}

int generators_run(const struct generators_job *job, const struct migrator_callbacks *callbacks,
                   struct err *err)
{
    generator_list generators = {0};
    program_variables all = {0}, environment = {0};
    const char *arguments[ARGUMENTS_MAX];
    char invoked[] = "PRISMA_GENERATOR_INVOCATION=true"; // as the community's tool sets it
    AUTOFREE char *path = make_path(job);
    AUTOFREE char *command_line = NULL;
    for (char *const *variable = job->environment; *variable; variable++)
        vec_push(&all, *variable);
    vec_push(&all, path);
    vec_push(&all, invoked);
    vec_push(&all, NULL);
    program_environment(all.items, &environment);
    int failed = generators_read(job, &generators, err);
    if (!failed && generators.len > 0)
        failed =
            find_command_line(job, &command_line, arguments)
                ? run_command_line(job, environment.items, command_line, arguments, callbacks, err)
                : run_each(job, environment.items, &generators, callbacks, err);
    generators_release(&generators);
    vec_release(&environment);
    vec_release(&all);
    return failed;
}

bool generators_exist(const struct generators_job *job)
{
    generator_list generators = {0};
    struct err ignored;
    (void)!generators_read(job, &generators, &ignored);
    const bool exist = generators.len > 0;
    generators_release(&generators);
    return exist;
}

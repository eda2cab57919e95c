#include "migrator/seeds/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "base/vec.h"

enum { PREFIX_MAX = 3, ARGUMENTS_MAX = PREFIX_MAX + 3, LINE_MAX_BYTES = 16 * 1024 };

// Node's exit code for an option that it does not know.
enum { NODE_BAD_OPTION = 9 };

typedef VEC_OF(char *) variables;

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

// Each variable once, the last one of its name: what a program finds of two is its own choice. The
// list is the caller's (vec_release), the strings are borrowed.
static void unique_variables(char *const *environment, variables *out)
{
    for (; *environment; environment++) {
        const size_t length = strcspn(*environment, "=") + 1;
        bool is_last = true;
        for (char *const *later = environment + 1; *later && is_last; later++)
            is_last = strncmp(*environment, *later, length) != 0;
        if (is_last)
            vec_push(out, *environment);
    }
    vec_push(out, NULL);
}

// Where the program is on the PATH of the environment that it will have. Owned by the caller, NULL
// when it is nowhere.
static char *find_program(const char *program, char *const *environment)
{
    const char *path = NULL;
    for (; *environment; environment++)
        if (strncmp(*environment, "PATH=", 5) == 0)
            path = *environment + 5;
    while (path && *path) {
        const size_t length = strcspn(path, ":");
        AUTOFREE char *directory = mem_strndup(path, length);
        AUTOFREE char *candidate = path_join(directory, program);
        if (access(candidate, X_OK) == 0)
            return TAKE(candidate);
        path += length + (path[length] == ':');
    }
    return NULL;
}

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
        out->path = find_program(interpreters[i].arguments[0], environment);
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

static int spawn(const struct migrator_seed *seed, const struct command *command,
                 char *const *environment, int output, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    if (seed->workdir)
        posix_spawn_file_actions_addchdir_np(&actions, seed->workdir);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    // It stays in this process's group: whoever stops that stops the program too.
    const int code = posix_spawn(pid, command->path, &actions, &attributes,
                                 (char *const *)command->arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static void say_lines(const struct migrator_callbacks *callbacks, struct strbuf *text, bool all)
{
    size_t length;
    while (text->len && ((length = strcspn(text->data, "\n")) < text->len || all ||
                         text->len > LINE_MAX_BYTES)) {
        AUTOFREE char *line = mem_strndup(text->data, length);
        if (length && line[length - 1] == '\r')
            line[length - 1] = '\0';
        if (callbacks && callbacks->line)
            callbacks->line(callbacks->context, line);
        strbuf_consume(text, length + 1);
    }
}

// Until the program has ended: what it started may hold the pipe open for longer.
static void follow(int output, int process, const struct migrator_callbacks *callbacks)
{
    AUTO_STRBUF text = STRBUF_INIT;
    struct pollfd ready[] = {{.fd = output, .events = POLLIN}, {.fd = process, .events = POLLIN}};
    bool ended = false;
    for (;;) {
        char bytes[4096];
        if (poll(ready, 2, ended ? 0 : -1) < 0 && errno == EINTR)
            continue;
        if (ready[0].revents) {
            const ssize_t got = read(output, bytes, sizeof bytes);
            if (got < 0 && errno == EINTR)
                continue;
            if (got > 0) {
                strbuf_add(&text, bytes, (size_t)got);
                say_lines(callbacks, &text, false);
                continue;
            }
            ready[0].fd = -1;
        }
        if (ended)
            break;
        ended = ready[1].revents != 0;
    }
    say_lines(callbacks, &text, true);
}

static int check_end(const struct migrator_seed *seed, pid_t pid, struct err *err)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
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
    int ends[2];
    pid_t pid;
    if (choose_command(seed, environment, &command, err))
        return -1;
    AUTOFREE char *path = command.path;
    if (pipe2(ends, O_CLOEXEC))
        return err_set_errno(err, "cannot make a pipe");
    AUTOCLOSE int output = ends[0];
    const int code = spawn(seed, &command, environment, ends[1], &pid);
    close(ends[1]);
    if (code) {
        errno = code;
        return err_set_errno(err, "cannot run %s", path);
    }
    AUTOCLOSE int process = (int)syscall(SYS_pidfd_open, pid, 0);
    follow(output, process, callbacks);
    return check_end(seed, pid, err);
}

int seed_program_run(const struct migrator_seed *seed, const struct migrator_callbacks *callbacks,
                     struct err *err)
{
    variables environment = {0};
    unique_variables(seed->environment ? seed->environment : environ, &environment);
    const int failed = run_with(seed, environment.items, callbacks, err);
    vec_release(&environment);
    return failed;
}

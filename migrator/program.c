#include "migrator/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { LINE_MAX_BYTES = 16 * 1024 };

void program_environment(char *const *environment, program_variables *out)
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

char *program_find(const char *program, char *const *environment)
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

int program_spawn(const struct program *program, const int ends[3], pid_t *out, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE); // berth ignores it
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
        if (ends[i] >= 0)
            posix_spawn_file_actions_adddup2(&actions, ends[i], i);
        else
            posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0);
    if (program->workdir)
        posix_spawn_file_actions_addchdir_np(&actions, program->workdir);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    // It stays in this process's group: whoever stops that stops the program too.
    const int code = posix_spawn(out, program->path, &actions, &attributes,
                                 (char *const *)program->arguments, program->environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = code;
    return code ? err_set_errno(err, "cannot run %s", program->path) : 0;
}

int program_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

void program_say_lines(const struct migrator_callbacks *callbacks, struct strbuf *text, bool all)
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
                program_say_lines(callbacks, &text, false);
                continue;
            }
            ready[0].fd = -1;
        }
        if (ended)
            break;
        ended = ready[1].revents != 0;
    }
    program_say_lines(callbacks, &text, true);
}

int program_run(const struct program *program, const struct migrator_callbacks *callbacks,
                int *status, struct err *err)
{
    int ends[2];
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC))
        return err_set_errno(err, "cannot make a pipe");
    AUTOCLOSE int output = ends[0];
    const int failed = program_spawn(program, (const int[]){-1, ends[1], ends[1]}, &pid, err);
    close(ends[1]);
    if (failed)
        return -1;
    AUTOCLOSE int process = (int)syscall(SYS_pidfd_open, pid, 0);
    follow(output, process, callbacks);
    *status = program_wait(pid);
    return 0;
}

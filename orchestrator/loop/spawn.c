#include "orchestrator/loop/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { EXIT_NOT_RUN = 127 };

// Two pipes to the process before it is its program: a byte through the gate lets it begin, and
// what it could not do comes back as its errno.
struct pipes {
    int gate[2], failure[2]; // [0] is read, [1] written
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void pipes_close(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_fd(&pipes->gate[i]);
        close_fd(&pipes->failure[i]);
    }
}

static void set_signals(void)
{
    sigset_t none;
    for (int signal_number = 1; signal_number < NSIG; signal_number++)
        (void)signal(signal_number, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

// The wanted ones may lie among 0, 1 and 2 themselves, where berth's own were closed.
static bool set_descriptors(const int *wanted)
{
    int high[3];
    for (int i = 0; i < 3; i++)
        high[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, 3);
    for (int i = 0; i < 3; i++)
        if (high[i] < 0 || dup2(high[i], i) < 0)
            return false;
    return true;
}

// In the new process: nothing but system calls.
static _Noreturn void become(const struct spawn_request *request, const struct pipes *pipes)
{
    char byte;
    (void)setpgid(0, 0);
    const bool is_set = set_descriptors(request->descriptors) &&
                        (!request->workdir || chdir(request->workdir) == 0);
    int failure = errno;
    set_signals();
    if (read(pipes->gate[0], &byte, 1) != 1)
        _exit(EXIT_NOT_RUN); // whoever made this process has gone, or does not want it
    if (is_set) {
        (void)execvpe(request->argv[0], (char *const *)request->argv, request->environment);
        failure = errno;
    }
    (void)!write(pipes->failure[1], &failure, sizeof failure);
    _exit(EXIT_NOT_RUN);
}

static int fail(const struct spawn_request *request, int code, struct err *err)
{
    const bool no_workdir = request->workdir && (access(request->workdir, X_OK) ||
                                                 !file_is_directory(request->workdir));
    errno = code;
    if (no_workdir)
        return err_set_errno(err, "cannot run %s in %s", request->argv[0], request->workdir);
    return err_set_errno(err, "cannot run %s", request->argv[0]);
}

static ssize_t read_whole(int fd, void *out, size_t length)
{
    ssize_t got;
    do {
        got = read(fd, out, length);
    } while (got < 0 && errno == EINTR);
    return got;
}

int spawn_process(const struct spawn_request *request, pid_t *out, struct err *err)
{
    struct pipes pipes = {{-1, -1}, {-1, -1}};
    pid_t pid = -1;
    if (pipe2(pipes.gate, O_CLOEXEC) || pipe2(pipes.failure, O_CLOEXEC) || (pid = fork()) < 0) {
        const int code = errno;
        pipes_close(&pipes);
        return fail(request, code, err);
    }
    if (pid == 0) {
        close_fd(&pipes.gate[1]);
        become(request, &pipes);
    }
    (void)setpgid(pid, pid); // whoever is first
    close_fd(&pipes.gate[0]);
    close_fd(&pipes.failure[1]);
    const bool is_noted =
        !request->on_forked || request->on_forked(request->context, pid, err) == 0;
    int code = 0;
    if (is_noted && write(pipes.gate[1], ".", 1) == 1 &&
        read_whole(pipes.failure[0], &code, sizeof code) == 0) {
        pipes_close(&pipes);
        *out = pid;
        return 0;
    }
    pipes_close(&pipes);
    (void)waitpid(pid, NULL, 0);
    return is_noted ? fail(request, code, err) : -1;
}

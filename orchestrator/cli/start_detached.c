#include "orchestrator/cli/start_detached.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

// The launcher's ends: what the supervisor says, and the byte that lets the launcher go.
struct launch {
    pid_t supervisor;
    int words, release, signals;
};

static void become_supervisor(const int words[2], const int release[2], int *launcher_fd)
{
    AUTOCLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setsid();
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(words[1], STDERR_FILENO);
    close(words[0]);
    close(words[1]);
    close(release[0]);
    *launcher_fd = release[1];
}

static void show_words(int fd)
{
    char bytes[4096];
    for (ssize_t got; (got = read(fd, bytes, sizeof bytes)) > 0;)
        fwrite(bytes, 1, (size_t)got, stderr);
}

static void pass_on(const struct launch *launch)
{
    struct signalfd_siginfo info;
    if (read(launch->signals, &info, sizeof info) == sizeof info)
        kill(launch->supervisor, SIGTERM);
}

static int exit_code_of(pid_t supervisor)
{
    int status = 0;
    while (waitpid(supervisor, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int watch(const struct launch *launch)
{
    enum { WORDS, RELEASE, SIGNALS, COUNT };
    struct pollfd fds[COUNT] = {[WORDS] = {.fd = launch->words, .events = POLLIN},
                                [RELEASE] = {.fd = launch->release, .events = POLLIN},
                                [SIGNALS] = {.fd = launch->signals, .events = POLLIN}};
    for (;;) {
        if (poll(fds, COUNT, -1) < 0 && errno != EINTR)
            return err_exit_code(ERR_FAILED);
        show_words(launch->words);
        if (fds[WORDS].revents & (POLLHUP | POLLERR))
            fds[WORDS].fd = -1;
        if (fds[SIGNALS].revents & POLLIN)
            pass_on(launch);
        if (!fds[RELEASE].revents)
            continue;
        char byte;
        const bool is_up = read(launch->release, &byte, 1) == 1;
        const int exit_code = is_up ? 0 : exit_code_of(launch->supervisor);
        show_words(launch->words); // its last ones
        // Ended well before it was up: by `berth stop`.
        return is_up || exit_code ? exit_code : err_exit_code(ERR_NOT_RUNNING);
    }
}

bool start_detached(int *launcher_fd, int *exit_code)
{
    int words[2], release[2];
    sigset_t ends, before;
    *exit_code = err_exit_code(ERR_FAILED);
    if (pipe2(words, O_CLOEXEC) || pipe2(release, O_CLOEXEC))
        return false;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, &before); // none is lost before somebody waits for it
    fflush(NULL);
    const pid_t supervisor = fork();
    if (supervisor == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        become_supervisor(words, release, launcher_fd);
        return true;
    }
    close(words[1]);
    close(release[1]);
    if (supervisor < 0)
        return false;
    const struct launch launch = {.supervisor = supervisor,
                                  .words = words[0],
                                  .release = release[0],
                                  .signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK)};
    (void)fcntl(launch.words, F_SETFL, O_NONBLOCK);
    *exit_code = watch(&launch);
    return false;
}

void start_detached_release(int *launcher_fd, const struct workspace *workspace)
{
    if (*launcher_fd < 0)
        return;
    AUTOFREE char *path = workspace_path(workspace, "start.log");
    AUTOCLOSE int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    (void)!write(*launcher_fd, "", 1);
    fflush(stderr);
    if (log >= 0)
        dup2(log, STDERR_FILENO);
    close(TAKE_FD(*launcher_fd));
}

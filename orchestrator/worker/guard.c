#include "orchestrator/worker/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include "base/mem.h"
#include "orchestrator/state/identity.h"

enum { GRACE_MS = 1000 };

extern char **environ;

int guard_start(const char *marker, int *fd, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_set_errno(err, "cannot start the guard");
    const char *const argv[] = {"berth", "__guard", marker, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    // A session of its own: a Ctrl-C in the terminal, or its end, is not meant for the guard.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t pid;
    int result =
        posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    if (result != 0) {
        close(ends[1]);
        errno = result;
        return err_set_errno(err, "cannot start the guard");
    }
    *fd = ends[1];
    return 0;
}

void guard_release(int fd)
{
    if (fd < 0)
        return;
    (void)!write(fd, ".", 1);
    close(fd);
}

int guard_main(const char *marker)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    char byte;
    ssize_t got;
    do {
        got = read(STDIN_FILENO, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 0)
        owned_processes_end(marker, GRACE_MS, 0);
    return 0;
}

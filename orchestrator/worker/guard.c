#include "orchestrator/worker/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/state/orphans.h"

enum { GRACE_MS = 1000 };

extern char **environ;

int guard_start(const char *marker, const char *root, bool on_terminal, int *fd, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return err_set_errno(err, "cannot start the guard");
    AUTOFREE char *group = on_terminal ? mem_printf("%d", (int)getpgrp()) : NULL;
    const char *const argv[] = {"berth", "__guard", marker, root, group, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0);
    // A group of its own: a Ctrl-C in the terminal is not meant for the guard. In the same session,
    // or it could not put the terminal right.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
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

// The journal is only read, and not made where it is gone.
static void end_orphans(const char *marker, const char *root)
{
    struct workspace workspace;
    struct store *store = NULL;
    struct err ignored;
    if (workspace_open(root, &workspace, &ignored) == 0) {
        AUTOFREE char *path = workspace_path(&workspace, "state.db");
        if (file_exists(path) && store_open(&workspace, &store, &ignored))
            store = NULL;
        workspace_release(&workspace);
    }
    orphans_end(store, marker, marker, GRACE_MS);
    store_close(store);
}

// Modes as they are for most programs (termios(3)), the cursor, and wrapping. Where the shell has
// the foreground back, the modes are its own again.
static void restore_terminal(pid_t supervisor_group)
{
    static const char cursor_and_wrap[] = "\033[?25h\033[?7h\r\n";
    struct termios modes;
    (void)!write(STDERR_FILENO, cursor_and_wrap, sizeof cursor_and_wrap - 1);
    if (tcgetpgrp(STDERR_FILENO) != supervisor_group || tcgetattr(STDERR_FILENO, &modes))
        return;
    modes.c_lflag |= ICANON | ECHO;
    (void)tcsetattr(STDERR_FILENO, TCSANOW, &modes);
}

int guard_main(const char *marker, const char *root, pid_t terminal_group)
{
    // TTOU: who is not in the foreground may change the terminal only while it ignores that.
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGTTOU, SIGTSTP};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    char byte;
    ssize_t got;
    do {
        got = read(STDIN_FILENO, &byte, 1);
    } while (got < 0 && errno == EINTR);
    if (got == 0 && terminal_group)
        restore_terminal(terminal_group);
    if (got == 0)
        end_orphans(marker, root);
    return 0;
}

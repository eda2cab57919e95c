#include "orchestrator/cli/db_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

enum { WAIT_MS = 10 * 1000, STEP_MS = 20 };

// 0: it is just being taken, or let go.
static long holder_of(int fd)
{
    char text[32];
    const ssize_t length = pread(fd, text, sizeof text - 1, 0);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    return strtol(text, NULL, 10);
}

static int wait_for(int fd, const char *key, struct err *err)
{
    const int64_t deadline = clock_monotonic_ms() + WAIT_MS;
    long told = 0;
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_set_errno(err, "cannot lock the migrations of %s", key);
        const long holder = holder_of(fd);
        if (clock_monotonic_ms() >= deadline) {
            err_set(err, ERR_TIMEOUT, "another berth (pid %ld) is making migrations of %s", holder,
                    key);
            return err_hint(err, "wait until it has ended, or end it: kill %ld", holder);
        }
        if (holder && holder != told)
            fprintf(stderr,
                    "waiting for another berth (pid %ld), which is making migrations of %s\n",
                    holder, key);
        told = holder;
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
    return 0;
}

int db_lock_take(const struct workspace *workspace, const char *key, int *fd, struct err *err)
{
    AUTOFREE char *name = mem_printf("migrate-%s", key);
    AUTOFREE char *path = workspace_path(workspace, name);
    if (workspace_make_directory(workspace, err))
        return -1;
    AUTOCLOSE int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0)
        return err_set_errno(err, "cannot open %s", path);
    if (wait_for(lock, key, err))
        return -1;
    AUTOFREE char *pid = mem_printf("%ld\n", (long)getpid());
    (void)!ftruncate(lock, 0);
    (void)!pwrite(lock, pid, strlen(pid), 0);
    *fd = TAKE_FD(lock);
    return 0;
}

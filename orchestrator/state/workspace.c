#include "orchestrator/state/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/docker/endpoint.h"

enum { SECRET_LENGTH = 32 };

// Machines that share an engine may have the same paths.
static void add_machine(struct strbuf *out)
{
    struct err ignored;
    char name[HOST_NAME_MAX + 1] = "";
    strbuf_addch(out, '\n');
    if (file_read("/etc/machine-id", out, &ignored) && gethostname(name, sizeof name - 1) == 0)
        strbuf_adds(out, name);
}

int workspace_open(const char *root, struct workspace *out, struct err *err)
{
    char *resolved = realpath(root, NULL);
    if (!resolved)
        return err_set_errno(err, "cannot open the workspace %s", root);
    char *engine_host = endpoint_remote_host();
    char hex[SHA256_HEX_SIZE];
    AUTO_STRBUF identity = STRBUF_INIT;
    strbuf_adds(&identity, resolved);
    if (engine_host)
        add_machine(&identity);
    sha256_hex(identity.data, identity.len, hex);
    *out = (struct workspace){.root = resolved,
                              .directory = path_join(resolved, ".berth"),
                              .engine_host = engine_host,
                              .lock_fd = -1};
    memcpy(out->id, hex, sizeof out->id - 1);
    return 0;
}

void workspace_unlock(struct workspace *workspace)
{
    if (workspace->lock_fd < 0)
        return;
    (void)!ftruncate(workspace->lock_fd, 0);
    close(TAKE_FD(workspace->lock_fd));
}

void workspace_release(struct workspace *workspace)
{
    workspace_unlock(workspace);
    free(workspace->root);
    free(workspace->engine_host);
    free(workspace->directory);
    *workspace = (struct workspace){.lock_fd = -1};
}

char *workspace_path(const struct workspace *workspace, const char *name)
{
    return path_join(workspace->directory, name);
}

int workspace_make_directory(const struct workspace *workspace, struct err *err)
{
    if (file_make_directories(workspace->directory, 0700, err))
        return -1;
    AUTOFREE char *ignore = workspace_path(workspace, ".gitignore");
    if (file_exists(ignore))
        return 0;
    return file_write_atomic(ignore, "*\n", 2, 0600, err);
}

// The lock file says "<pid> <start ticks>\n" while it is held, and nothing after a clean end.
static struct process_identity read_holder(int fd)
{
    char text[64] = "";
    struct process_identity holder = {0};
    if (pread(fd, text, sizeof text - 1, 0) > 0) {
        char *rest = text;
        holder.pid = (pid_t)strtol(text, &rest, 10);
        holder.start_ticks = strtoull(rest, NULL, 10);
    }
    return holder;
}

// Who only looks at who holds the lock (workspace_holder) has it for an instant: no reason to
// refuse a start.
static int take_lock(int fd)
{
    enum { TRIES = 200, PAUSE_MS = 5 };
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++) {
        if (errno != EWOULDBLOCK)
            return -1;
        if (tries == TRIES || process_identity_alive(read_holder(fd))) {
            errno = EWOULDBLOCK;
            return -1;
        }
        nanosleep(&pause, NULL);
    }
    return 0;
}

int workspace_lock(struct workspace *workspace, struct err *err)
{
    if (workspace_make_directory(workspace, err))
        return -1;
    AUTOFREE char *path = workspace_path(workspace, "lock");
    AUTOCLOSE int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, "cannot open %s", path);
    if (take_lock(fd)) {
        if (errno != EWOULDBLOCK)
            return err_set_errno(err, "cannot lock %s", path);
        err_set(err, ERR_FAILED, "this workspace is already running, under process %d",
                (int)read_holder(fd).pid);
        return err_hint(err, "look at it with `berth ps`, or end it with `berth stop`");
    }
    workspace->was_unclean = read_holder(fd).pid != 0;
    struct process_identity self = process_identity_self();
    char text[64];
    int length = snprintf(text, sizeof text, "%d %" PRIu64 "\n", (int)self.pid, self.start_ticks);
    if (ftruncate(fd, 0) || pwrite(fd, text, (size_t)length, 0) != length)
        return err_set_errno(err, "cannot write %s", path);
    workspace->lock_fd = TAKE_FD(fd);
    return 0;
}

pid_t workspace_holder(const struct workspace *workspace)
{
    AUTOFREE char *path = workspace_path(workspace, "lock");
    AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0)
        return 0;
    return read_holder(fd).pid;
}

pid_t workspace_dead_holder(const struct workspace *workspace)
{
    AUTOFREE char *path = workspace_path(workspace, "lock");
    AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0 ? read_holder(fd).pid : 0;
}

static int read_secret(const char *path, char **secret, struct err *err)
{
    struct strbuf text = STRBUF_INIT;
    if (file_read(path, &text, err)) {
        strbuf_release(&text);
        return -1;
    }
    *secret = strbuf_detach(&text);
    return 0;
}

// Of three kinds of characters, as SQL Server wants; one in 270 would lack one.
static char *new_secret(void)
{
    for (;;) {
        char *fresh = random_token(SECRET_LENGTH);
        if (strpbrk(fresh, "0123456789") && strpbrk(fresh, "abcdefghijklmnopqrstuvwxyz") &&
            strpbrk(fresh, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
            return fresh;
        free(fresh);
    }
}

int workspace_secret(const struct workspace *workspace, const char *resource, char **secret,
                     char **path, struct err *err)
{
    AUTOFREE char *name = mem_printf("secrets/%s", resource);
    AUTOFREE char *directory = workspace_path(workspace, name);
    AUTOFREE char *file = path_join(directory, "password");
    if (!file_exists(file)) {
        AUTOFREE char *fresh = new_secret();
        if (file_make_directories(directory, 0700, err) ||
            file_create_atomic(file, fresh, SECRET_LENGTH, 0600, err))
            return -1;
    }
    if (read_secret(file, secret, err))
        return -1;
    *path = TAKE(file);
    return 0;
}

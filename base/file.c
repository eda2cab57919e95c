#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/vec.h"

int file_read(const char *path, struct strbuf *out, struct err *err)
{
    AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, "cannot read %s", path);
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set_errno(err, "cannot read %s", path);
    if (S_ISDIR(st.st_mode))
        return err_set(err, ERR_FAILED, "cannot read %s: it is a directory", path);
    if (S_ISREG(st.st_mode) && st.st_size > 0) // grows once
        strbuf_reserve(out, (size_t)st.st_size);
    char bytes[16384];
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) != 0) {
        if (got > 0)
            strbuf_add(out, bytes, (size_t)got);
        else if (errno != EINTR)
            return err_set_errno(err, "cannot read %s", path);
    }
    return 0;
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        bytes += put;
        length -= (size_t)put;
    }
    return 0;
}

static void sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTOFREE char *directory =
        slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
    AUTOCLOSE int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0)
        (void)fsync(fd);
}

// publish: rename(), or link(), which does not replace a file.
static int write_and_publish(const char *path, const void *bytes, size_t length, mode_t mode,
                             int (*publish)(const char *, const char *), struct err *err)
{
    AUTOFREE char *temporary = mem_printf("%s.%d.tmp", path, (int)getpid());
    AUTOCLOSE int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0)
        return err_set_errno(err, "cannot write %s", temporary);
    if (write_all(fd, bytes, length) || fsync(fd) || publish(temporary, path)) {
        err_set_errno(err, "cannot write %s", path);
        (void)unlink(temporary);
        return -1;
    }
    sync_directory_of(path);
    return 0;
}

int file_write_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                      struct err *err)
{
    return write_and_publish(path, bytes, length, mode, rename, err);
}

int file_create_atomic(const char *path, const void *bytes, size_t length, mode_t mode,
                       struct err *err)
{
    if (write_and_publish(path, bytes, length, mode, link, err) && !file_exists(path))
        return -1;
    AUTOFREE char *temporary = mem_printf("%s.%d.tmp", path, (int)getpid());
    (void)unlink(temporary);
    return 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_make_directories(const char *path, mode_t mode, struct err *err)
{
    AUTOFREE char *partial = mem_strdup(path);
    for (char *slash = partial + 1;; slash++) {
        slash = strchr(slash, '/');
        if (slash)
            *slash = '\0';
        if (mkdir(partial, mode) && errno != EEXIST)
            return err_set_errno(err, "cannot make directory %s", partial);
        if (!slash)
            break;
        *slash = '/';
    }
    if (!file_is_directory(path))
        return err_set(err, ERR_FAILED, "%s is not a directory", path);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int file_remove_tree(const char *path, struct err *err)
{
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) && errno != ENOENT)
        return err_set_errno(err, "cannot remove %s", path);
    return 0;
}

char *path_join(const char *base, const char *name)
{
    if (name[0] == '/')
        return mem_strdup(name);
    size_t length = strlen(base);
    return mem_printf("%s%s%s", base, length && base[length - 1] == '/' ? "" : "/", name);
}

char *path_normalize(const char *path)
{
    AUTO_STRBUF whole = STRBUF_INIT;
    if (path[0] != '/') {
        AUTOFREE char *cwd = getcwd(NULL, 0);
        strbuf_addf(&whole, "%s/", cwd ? cwd : "");
    }
    strbuf_adds(&whole, path);

    struct strbuf out = STRBUF_INIT;
    for (const char *part = whole.data; *part;) {
        size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.') {
            char *slash = out.len ? strrchr(out.data, '/') : NULL;
            if (slash) {
                out.len = (size_t)(slash - out.data);
                *slash = '\0';
            }
        } else if (length > 0 && !(length == 1 && part[0] == '.')) {
            strbuf_addch(&out, '/');
            strbuf_add(&out, part, length);
        }
        part += length + (part[length] == '/');
    }
    if (out.len == 0)
        strbuf_addch(&out, '/');
    return strbuf_detach(&out);
}

const char *path_basename(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_below(const char *base, const char *path)
{
    size_t length = strlen(base);
    if (strncmp(base, path, length) == 0 && path[length] == '/')
        return path + length + 1;
    return path;
}

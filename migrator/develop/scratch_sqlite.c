#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/url.h"
#include "migrator/develop/scratch_place.h"

static const char *temporary_directory(void)
{
    const char *named = getenv("TMPDIR");
    return named && named[0] == '/' ? named : "/tmp";
}

static void close_directory(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

// The lock of a directory that still exists, or -1: somebody has it, or it is not ours to take. A
// lock ends with its process, however that ended.
static int take_directory(int parent, const char *name)
{
    struct stat st;
    AUTOCLOSE int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) || fstat(fd, &st) || st.st_nlink == 0 ||
        st.st_uid != geteuid())
        return -1;
    return TAKE_FD(fd);
}

// What runs that crashed have left.
static void remove_leftovers(const char *parent)
{
    CLEANUP(close_directory) DIR *directory = opendir(parent);
    const struct dirent *entry;
    while (directory && (entry = readdir(directory))) {
        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) != 0)
            continue;
        AUTOCLOSE int lock = take_directory(dirfd(directory), entry->d_name);
        AUTOFREE char *path = path_join(parent, entry->d_name);
        struct err ignored;
        if (lock >= 0)
            (void)!file_remove_tree(path, &ignored);
    }
}

int scratch_sqlite_make(const struct migrator_target *target, const char *hash,
                        struct scratch_place *out, bool *denied, struct err *err)
{
    (void)target; // any machine's files will do
    (void)denied;
    enum { ATTEMPTS = 10 }; // another run may take a new directory for a leftover
    const char *parent = temporary_directory();
    remove_leftovers(parent);
    for (int i = 0; i < ATTEMPTS; i++) {
        AUTOFREE char *path = mem_printf("%s/" SCRATCH_PREFIX "%s_XXXXXX", parent, hash);
        if (!mkdtemp(path))
            return err_set_errno(err, "cannot make a scratch database in %s", parent);
        AUTOCLOSE int lock = take_directory(AT_FDCWD, path);
        if (lock < 0)
            continue;
        AUTO_STRBUF url = STRBUF_INIT, encoded = STRBUF_INIT;
        url_encode(path, &encoded);
        strbuf_addf(&url, "file:%s%%2Fscratch.db", encoded.data);
        out->url = strbuf_detach(&url);
        out->name = TAKE(path);
        out->lock = TAKE_FD(lock);
        return 0;
    }
    return err_set(err, ERR_FAILED, "cannot make a scratch database in %s: others remove it",
                   parent);
}

int scratch_sqlite_drop(const struct migrator_target *target, const struct scratch_place *place,
                        struct err *err)
{
    (void)target;
    return file_remove_tree(place->name, err);
}

void scratch_sqlite_clear(struct driver *driver)
{
    (void)driver;
    remove_leftovers(temporary_directory());
}

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "migrator/driver/sqlite.h"

// A POSIX lock as /proc/locks lists it: "1: POSIX  ADVISORY  WRITE 4711 fe:01:131090 0 EOF".
struct file_lock {
    long pid;
    unsigned int major, minor;
    unsigned long inode;
};

static bool parse_lock(const char *line, struct file_lock *out)
{
    return sscanf(line, "%*d: %*s %*s %*s %ld %x:%x:%lu", &out->pid, &out->major, &out->minor,
                  &out->inode) == 4;
}

// An overlay's st_dev is not the device of the lock, so the inode decides.
static bool is_lock_of(const struct file_lock *lock, const struct stat *st)
{
    return lock->inode == st->st_ino;
}

static long find_holder(const char *locks, const char *path)
{
    struct stat st;
    long found = 0;
    if (stat(path, &st))
        return 0;
    for (const char *line = locks; *line;) {
        struct file_lock lock;
        if (parse_lock(line, &lock) && is_lock_of(&lock, &st) && lock.pid > 0 &&
            lock.pid != (long)getpid()) {
            found = lock.pid;
            if (lock.major == major(st.st_dev) && lock.minor == minor(st.st_dev))
                break;
        }
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return found;
}

// The process's name and the start of its command line are its own business: the name is enough.
static char *describe_process(long pid)
{
    struct err ignored;
    AUTO_STRBUF name = STRBUF_INIT;
    AUTOFREE char *path = mem_printf("/proc/%ld/comm", pid);
    if (file_read(path, &name, &ignored))
        return mem_printf("pid %ld", pid);
    return mem_printf("pid %ld (%.*s)", pid, (int)strcspn(name.data, "\n"), name.data);
}

// Stat and /proc only: opening and closing the file would drop the locks that this process has on
// it (POSIX locks belong to the process).
char *sqlite_describe_holder(const char *path)
{
    struct err ignored;
    AUTO_STRBUF locks = STRBUF_INIT;
    AUTOFREE char *shared = mem_printf("%s-shm", path); // the locks of a database in WAL mode
    if (file_read("/proc/locks", &locks, &ignored))
        return NULL;
    long pid = find_holder(locks.data, path);
    if (!pid)
        pid = find_holder(locks.data, shared);
    return pid ? describe_process(pid) : NULL;
}
